"""What waits for a decision before an assembly."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.enums import AssemblyState
from governance.models import Assembly
from hubs import french
from hubs.parts import Todo

# So many days before the last one for the notice, the draft comes up; and before the assembly itself.
AHEAD = 10
COMING = 14


def todos_before(now: dt.datetime) -> list[Todo]:
    """Drafts to convene, contests to answer, and how many voters of the next assembly gave no proxy. One query."""
    waiting = Q(contests__granted=None, contests__isnull=False)
    live_proxy = Q(roll__given__isnull=False, roll__given__revoked_at=None)
    coming = (
        Assembly.objects.filter(
            state__in=(AssemblyState.DRAFT, AssemblyState.CONVENED, AssemblyState.FROZEN), starts_at__gt=now
        )
        .annotate(
            contested=Count("contests", filter=waiting, distinct=True),
            voters=Count("roll", filter=Q(roll__votes=True), distinct=True),
            givers=Count("roll", filter=live_proxy, distinct=True),
        )
        .order_by("starts_at", "pk")
    )
    today = timezone.localdate(now)
    return [todo for each in coming for todo in _of(each, today)]


def _of(assembly: Assembly, today: dt.date) -> Iterable[Todo]:
    if assembly.state == AssemblyState.DRAFT:
        if (assembly.last_notice_day - today).days <= AHEAD:
            yield _to_convene(assembly, today)
        return
    if assembly.contested:
        yield Todo(
            f"governance.contests:{assembly.pk}",
            _("Assemblées"),
            assembly.title,
            ngettext(
                "%(count)s contestation de la liste électorale attend une réponse.",
                "%(count)s contestations de la liste électorale attendent une réponse.",
                assembly.contested,
            )
            % {"count": assembly.contested},
            reverse("governance:contests", args=[assembly.public_id]),
            today,
            verb=_("Répondre"),
        )
    if (assembly.day - today).days <= COMING:
        yield _coming(assembly, today)


def _to_convene(assembly: Assembly, today: dt.date) -> Todo:
    last = assembly.last_notice_day
    words = _("À convoquer au plus tard le %s.") if last >= today else _("Il fallait convoquer le %s au plus tard.")
    return Todo(
        f"governance.convene:{assembly.pk}",
        _("Assemblées"),
        assembly.title,
        words % french.day(last),
        reverse("governance:convene", args=[assembly.public_id]),
        today,
        verb=_("Convoquer les membres"),
    )


def _coming(assembly: Assembly, today: dt.date) -> Todo:
    days, silent = (assembly.day - today).days, assembly.voters - assembly.givers
    when = ngettext("Dans %(count)s jour.", "Dans %(count)s jours.", days) % {"count": days}
    what = ngettext("%(count)s votant n’a pas donné pouvoir.", "%(count)s votants n’ont pas donné pouvoir.", silent) % {
        "count": silent
    }
    return Todo(
        f"governance.coming:{assembly.pk}",
        _("Assemblées"),
        assembly.title,
        f"{_('Aujourd’hui.') if not days else when} {what}",
        reverse("governance:assembly", args=[assembly.public_id]),
        today,
        verb=_("Préparer la séance"),
    )
