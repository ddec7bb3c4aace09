"""What waits for a decision about structures and people."""

import datetime as dt

from django.db.models import Exists, Max, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubs import french
from hubs.actors import Actor
from hubs.parts import HANDFUL, Todo
from parties.enums import LinkRole
from parties.merging.queries import on_sheet
from parties.models import Link, Organisation, Paper
from parties.papers import queries as papers
from parties.queries import invitations_about_to_expire

# Told so long before the last administrator leaves, and so long after.
AHEAD = dt.timedelta(days=14)
BEHIND = dt.timedelta(days=60)


def orphans(today: dt.date) -> list[Todo]:
    """Structures whose last administrator leaves soon, or has just left: nobody will act for them on the portal."""
    administrators = Link.objects.filter(on_sheet("organisation", OuterRef("pk")), role=LinkRole.ADMINISTRATOR)
    staying = administrators.filter(Q(ends_on=None) | Q(ends_on__gt=today + AHEAD))
    left = list(
        Organisation.objects.live(today)
        .filter(~Exists(staying))
        .annotate(last=Max("links__ends_on", filter=Q(links__role=LinkRole.ADMINISTRATOR)))
        .filter(last__gte=today - BEHIND)
        .order_by("last", "pk")
    )
    if len(left) > HANDFUL:
        words = ngettext(
            "%(n)s structure n’a bientôt plus personne pour l’administrer",
            "%(n)s structures n’ont bientôt plus personne pour les administrer",
            len(left),
        ) % {"n": len(left)}
        names = ", ".join(each.name for each in left)
        return [_todo("parties.orphans", words, names, reverse("parties:structures"), left[0].last, _("Voir"))]
    return [
        _todo(
            f"parties.orphan:{each.pk}",
            each.name,
            _("Plus personne n’administre son compte à partir du %(day)s.")
            % {"day": french.day(each.last, weekday=False)},
            reverse("parties:person_add", args=[each.public_id]),
            each.last,
            _("Ajouter une personne"),
        )
        for each in left
    ]


def _todo(key: str, label: str, reason: str, url: str, ends_on: dt.date, verb: str) -> Todo:
    kind = _("Structures")
    return Todo(key=key, kind=kind, label=label, reason=reason, url=url, since=ends_on - AHEAD, verb=verb)


def silent_invitations(actor: Actor, now: dt.datetime) -> list[Todo]:
    """Invitations that nobody has answered, and that will soon be too late: sent again at a click."""
    from parties.actions import may_handle
    from parties.views.invitations import listed_at

    return [
        Todo(
            key=f"parties.invitation:{invitation.pk}",
            kind=_("Invitations"),
            label=_("%(person)s n’a pas répondu") % {"person": invitation.name},
            reason=_("%(what)s, envoyée à %(email)s. Renvoyez-la, ou retirez-la.")
            % {"what": invitation.what.capitalize(), "email": invitation.email},
            url=listed_at(invitation, actor),
            since=timezone.localdate(invitation.sent_at),
            verb=_("Voir l’invitation"),
        )
        for invitation in invitations_about_to_expire(now)
        if may_handle(actor, invitation)
    ]


def ending_papers(today: dt.date) -> list[Todo]:
    """Documents that are over or soon will be, until the next version comes."""
    found = papers.ending_papers(today)
    if len(found) > HANDFUL:
        words = ngettext(
            "%(n)s document finit ou est expiré", "%(n)s documents finissent ou sont expirés", len(found)
        ) % {"n": len(found)}
        since = found[0].expires_on - Paper.NOTICE
        url = reverse("parties:papers")
        names = ", ".join(sorted({str(paper.about) for paper in found}))
        return [Todo("parties.papers", _("Documents"), words, names, url, since, verb=_("Voir les documents"))]
    return [_ending(paper, today) for paper in found]


def _ending(paper: Paper, today: dt.date) -> Todo:
    last: dt.date = paper.expires_on  # type: ignore[assignment]
    over = _("Expiré depuis le %(day)s. ") if last < today else _("Valable jusqu’au %(day)s inclus. ")
    told = (
        _("Fin annoncée par courriel.")
        if paper.announced_at
        else _("Personne n’a été prévenu\u00a0: écrivez, ou téléphonez.")
    )
    day = last + dt.timedelta(days=1) if last < today else last
    kind = "structure" if paper.organisation else "person"
    return Todo(
        key=f"parties.paper:{paper.pk}",
        kind=_("Documents"),
        label=_("%(paper)s, %(who)s") % {"paper": paper.kind.name, "who": paper.about},
        reason=over % {"day": french.day(day, year=True, weekday=False)} + told,
        url=reverse(f"parties:{kind}_deposit", args=[paper.about.public_id, paper.kind_id]),
        since=last - Paper.NOTICE,
        verb=_("Déposer le suivant"),
    )
