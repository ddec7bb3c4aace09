"""What waits for a decision about the ground itself: mail that did not leave, work that did not come to its end."""

from collections.abc import Sequence

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubs.actors import Actor
from hubs.enums import ItemState, MailState
from hubs.models import Mail, Run
from hubs.parts import HANDFUL, Todo, things_named
from hubs.scope import current_hub


def failed_mails(actor: Actor) -> list[Todo]:
    """Each with its reason and the button that sends it again; beyond a handful, the list of those that failed."""
    failed = list(Mail.objects.unanswered().order_by("pk"))
    if len(failed) > HANDFUL:
        words = ngettext("%(n)s courriel n’est pas parti", "%(n)s courriels ne sont pas partis", len(failed))
        return [
            Todo(
                key="hubs.mails",
                kind=_("Courriels"),
                label=words % {"n": len(failed)},
                reason=_("Le premier\u00a0: %(reason)s.") % {"reason": why(failed[0])},
                url=f"{reverse('hubs:mails')}?etat={MailState.FAILED}",
                since=timezone.localdate(failed[0].queued_at),
                verb=_("Voir les courriels"),
            )
        ]
    things = things_named({mail.about for mail in failed}, current_hub(), actor)
    return [_of_mail(mail, things[mail.about].addresses if mail.about in things else ()) for mail in failed]


def _of_mail(mail: Mail, addresses: Sequence[str]) -> Todo:
    to, now_at = ", ".join(mail.to), ", ".join(addresses)
    reason = _("Pour %(to)s\u00a0: %(reason)s.") % {"to": to, "reason": why(mail)}
    if now_at and now_at != to:
        reason += " " + _("L’adresse est maintenant %(to)s.") % {"to": now_at}
    return Todo(
        key=f"hubs.mail:{mail.pk}",
        kind=_("Courriels"),
        label=mail.shown_subject,
        reason=reason,
        url=reverse("hubs:mail", args=[mail.pk]),
        since=timezone.localdate(mail.queued_at),
        verb=_("Renvoyer"),
        post_url=reverse("hubs:mail_resend", args=[mail.pk]),
    )


def why(mail: Mail) -> str:
    return mail.get_failure_display() or str(_("le serveur de courriel ne l’a pas pris"))


def failed_runs() -> list[Todo]:
    """The runs with items that failed, each with the button that hands them over again."""
    failed = Q(items__state=ItemState.FAILED)
    runs = (
        Run.objects.filter(pk__in=Run.objects.filter(failed).values("pk"))
        .annotate(failed=Count("items", filter=failed), since=Min("items__handed_at", filter=failed))
        .order_by("pk")
    )
    return [
        Todo(
            key=f"hubs.run:{run.pk}",
            kind=_("Travaux"),
            label=run.title,
            reason=ngettext("%(n)s élément n’a pas abouti.", "%(n)s éléments n’ont pas abouti.", run.failed)
            % {"n": run.failed},
            url=reverse("hubs:run", args=[run.pk]),
            since=timezone.localdate(run.since),
            verb=_("Relancer"),
            post_url=reverse("hubs:run_retry", args=[run.pk]),
        )
        for run in runs
    ]
