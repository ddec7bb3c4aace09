"""Reminders of renewal: one mail for each step before and after the end of a membership, computed when it is sent."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.calendar import is_sending_day
from billing.models import Invoice
from hubs import french, languages
from hubs.actions import add_items, record, send_mail, start_run
from hubs.actors import Actor
from hubs.models import Mail, Run
from hubs.queries import absolute
from hubs.refusals import Refusal
from hubs.scope import current_hub
from members.actions.colleges import check_keeps
from members.models import Membership, RenewalPolicy, RenewalReminder
from members.queries.renewals import Renewal, renewal_plan, renewal_policy


class NobodyToRenew(Refusal):
    message = gettext_lazy("Aucun rappel n’est à envoyer aujourd’hui.")


class NoSendingDay(Refusal):
    message = gettext_lazy("Rien ne part un dimanche ni un jour férié.")


@transaction.atomic
def set_renewal_policy(
    *, is_on: bool, days_before: Sequence[int], days_after: Sequence[int], by: Actor
) -> RenewalPolicy:
    """Whether reminders leave by themselves, and how many days before and after the end."""
    check_keeps(by)
    known = renewal_policy()
    before = {"days_before": known.days_before, "days_after": known.days_after, "is_on": known.is_on}
    after = {
        "days_before": sorted(set(days_before), reverse=True),
        "days_after": sorted(set(days_after)),
        "is_on": is_on,
    }
    policy, _is_new = RenewalPolicy.objects.update_or_create(defaults=after)
    record(by=by, verb="members.renewal_policy_set", thing=policy, before=before, after=after)
    return policy


@transaction.atomic
def start_renewals(*, by: Actor, today: dt.date) -> Run:
    """Open the run that tells each member of today's plan. Raises NoSendingDay, NobodyToRenew."""
    check_keeps(by)
    if not is_sending_day(today):
        raise NoSendingDay
    policy, _is_new = RenewalPolicy.objects.get_or_create()
    plan = renewal_plan(today, policy)
    if not plan:
        raise NobodyToRenew
    with languages.of_hub():
        title = _("Rappels de renouvellement du %(day)s") % {"day": french.day(today, year=True, weekday=False)}
    run = start_run(title=title, by=by, about=policy)
    items = [(str(each.membership.member), {"membership_id": each.membership.pk}) for each in plan]
    add_items(run=run, job="members.remind_renewal", items=items)
    record(by=by, verb="members.renewals_started", thing=policy, after={"memberships": len(plan)})
    return run


@transaction.atomic
def remind_renewal(*, membership: Membership, by: Actor, today: dt.date) -> Mail | None:
    """Tell a member what is still to be told now: paid, resigned or told meanwhile, nothing leaves."""
    Membership.objects.select_for_update(of=("self",), no_key=True).get(pk=membership.pk)
    plan = renewal_plan(today, renewal_policy(), [membership.pk]) if is_sending_day(today) else []
    if not plan:
        return None
    (renewal,) = plan
    with languages.of_hub():
        mail = _mail(renewal)
    RenewalReminder.objects.create(
        membership=membership, days=renewal.days, ended_on=renewal.ended_on, sent_on=today, mail=mail
    )
    after = {"fiscal_year": renewal.membership.fiscal_year.label, "days": renewal.days, "to": mail.to}
    record(by=by, verb="members.renewal_reminded", thing=renewal.membership.member, after=after)
    return mail


def _mail(renewal: Renewal) -> Mail:
    hub = current_hub()
    call = getattr(renewal.next_membership, "dues_call", None)
    invoice = Invoice.objects.with_due().filter(pk=call.invoice_id, due__gt=0).first() if call else None
    context = {"renewal": renewal, "invoice": invoice, "hub": hub, "url": absolute(reverse("members:my_dues"))}
    year = renewal.membership.fiscal_year
    subject = _("Votre adhésion %s s’est terminée") if renewal.is_over else _("Votre adhésion %s se termine bientôt")
    return send_mail(
        to=renewal.to,
        subject=f"{subject % year} – {hub.name}",
        text=render_to_string("members/mail/renewal.txt", context),
        about=renewal.membership.member,
    )
