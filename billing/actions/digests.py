"""What the team reads once a week: who was reminded, who is not and why, whom to call."""

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from billing.models import Dispute, Reminder, ReminderPolicy
from billing.queries.ageing import ageing
from billing.queries.reminders import reminder_plan
from hubs import french, languages
from hubs.actions import send_mail
from hubs.enums import Role
from hubs.leaves import calendar, with_colleagues
from hubs.models import Mail, StaffRole
from hubs.queries import absolute
from hubs.scope import current_hub

WEEK = dt.timedelta(days=7)


@transaction.atomic
def send_digest(*, today: dt.date) -> Mail | None:
    """Once a week, on Monday or on the first day after it that the portal runs and the hub is open; nothing where
    nobody is late.
    """
    policy = ReminderPolicy.objects.select_for_update(of=("self",)).first()
    monday = today - dt.timedelta(days=today.weekday())
    if policy is None:
        policy = ReminderPolicy.objects.create()
    if calendar().is_closed(today) or not policy.digest or (policy.digest_sent_on and policy.digest_sent_on >= monday):
        return None
    policy.digest_sent_on = today
    policy.save(update_fields=["digest_sent_on"])
    told = ageing(today)
    to = _keepers(today)
    if not told.late or not to:
        return None
    sent = Reminder.objects.filter(sent_on__gte=monday - WEEK, sent_on__lt=monday)
    amount: Decimal | None = sent.aggregate(sum=Sum("amount"))["sum"]
    context = {
        "ageing": told,
        "reminded": sent.values("account").distinct().count(),
        "amount": amount,
        "plan": reminder_plan(today),
        "disputes": Dispute.objects.pending().select_related("invoice").order_by("opened_at", "pk"),
        "url": absolute(reverse("billing:reminders")),
        "settings_url": absolute(reverse("billing:reminder_settings")),
        "hub": current_hub(),
    }
    with languages.of_hub():
        subject = _("Relances\u00a0: le point du %(day)s") % {"day": french.day(today, weekday=False)}
        text = render_to_string("billing/mail/digest.txt", context)
    return send_mail(to=to, subject=subject, text=text, about=policy)


def _keepers(today: dt.date) -> list[str]:
    """Those who keep the accounts, and who stands in for them."""
    roles = StaffRole.objects.live(today).filter(role__in=[Role.COORDINATOR, Role.ACCOUNTANT])
    return with_colleagues(roles.values_list("user__email", flat=True), today)
