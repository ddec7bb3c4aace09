"""Chasing what is late: one mail for each account, computed when it is sent; who is left in peace, and why."""

import datetime as dt

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from billing.actions.payments import lock_account
from billing.calendar import is_sending_day, next_sending_day
from billing.models import Account, Issuer, Reminder, ReminderException, ReminderPolicy
from billing.queries.reminders import AccountReminder, reminder_plan
from billing.reminders import filled
from billing.rules import require_accounts
from billing.statements import statement_pdf
from documents.actions import store_file
from hubs import french, languages
from hubs.actions import add_item, record, send_mail, start_run
from hubs.actors import Actor
from hubs.leaves import calendar
from hubs.models import Mail, Run
from hubs.queries import absolute
from hubs.refusals import Refusal, refusing
from hubs.scope import current_hub


class NotASendingDay(Refusal):
    message = _("Rien ne part un dimanche, un jour férié ni quand le pôle est fermé.")


class NobodyToRemind(Refusal):
    message = _("Personne n’est à relancer aujourd’hui.")


class NoCallDue(Refusal):
    message = _("Aucun appel n’est à passer à ce compte aujourd’hui.")


class AlreadyExcepted(Refusal):
    message = _("Ce compte est déjà sans relance\u00a0: mettez-y fin d’abord.")


class ExceptionInPast(Refusal):
    message = _("Ce jour est passé.")
    field = "until"


class ExceptionOver(Refusal):
    message = _("Ce compte est relancé de nouveau.")


@transaction.atomic
def start_reminders(*, by: Actor, today: dt.date) -> Run:
    """Open the run that reminds each account of today's plan. Raises NotASendingDay, NobodyToRemind."""
    require_accounts(by)
    if not is_sending_day(today) or calendar().is_closed(today):
        raise NotASendingDay
    mails = reminder_plan(today).mails
    if not mails:
        raise NobodyToRemind
    policy, _is_new = ReminderPolicy.objects.get_or_create()
    with languages.of_hub():
        title = str(_("Relances du %(day)s") % {"day": french.day(today, year=True, weekday=False)})
    run = start_run(title=title, by=by, about=policy)
    for entry in mails:
        add_item(run=run, job="billing.remind_account", label=str(entry.account), account_id=entry.account.pk)
    after = {"accounts": len(mails)}
    record(by=by, verb="billing.reminders_started", thing=policy, after=after)
    return run


@transaction.atomic
def remind_account(*, account: Account, by: Actor, today: dt.date) -> Mail | None:
    """Send the account what is due to be said to it now, if anything still is; twice in a day sends one mail."""
    if not is_sending_day(today) or calendar().is_closed(today):
        return None
    # A payment that is being recorded is waited for: nobody is chased the minute after they paid.
    lock_account(account.pk)
    plan = reminder_plan(today, account)
    if not plan.mails:
        return None
    (entry,) = plan.mails
    with languages.of_hub():
        mail = _mail(entry, today)
    _note(entry, today, mail=mail)
    record(
        by=by,
        verb="billing.reminded",
        thing=account,
        after={"rank": entry.level.rank, "amount": entry.total, "to": mail.to},
        concerns=account,
    )
    return mail


def _note(
    entry: AccountReminder, today: dt.date, *, mail: Mail | None = None, note: str = "", by: Actor | None = None
) -> None:
    Reminder.objects.bulk_create(
        Reminder(
            account=entry.account,
            invoice=each.invoice,
            level=each.level,
            rank=each.level.rank,
            due_on=each.due_on,
            amount=each.amount,
            sent_on=today,
            mail=mail,
            note=note,
            made_by_id=by.person_id if by else None,
        )
        for each in entry.due
        if each.level
    )


def _mail(entry: AccountReminder, today: dt.date) -> Mail:
    hub, level = current_hub(), entry.level
    words = {
        "compte": str(entry.account),
        "total": french.euros(entry.total),
        "depuis": french.day(entry.since, year=True, weekday=False),
        "pole": hub.name,
    }
    penalty = entry.penalty if level.says_penalties else None
    issuer = Issuer.objects.live(today).first()
    context = {
        "words": filled(level.text, words),
        "late": entry.told,
        "total": entry.total,
        "penalty": penalty if penalty and penalty.total else None,
        "iban": issuer.iban if issuer else "",
        "url": absolute(reverse("billing:my_account")),
        "hub": hub,
    }
    attachments = []
    if level.attach_statement and issuer is not None:
        name = f"releve-{today:%Y-%m-%d}.pdf"
        content = statement_pdf(entry.account, today=today)
        file = store_file(name=name, content_type="application/pdf", content=content)
        attachments.append({"name": name, "type": "application/pdf", "key": file.key})
    return send_mail(
        to=entry.to,
        subject=f"{level.title} – {issuer.legal_name if issuer else hub.name}",
        text=render_to_string("billing/mail/reminder.txt", context),
        attachments=attachments,
        about=entry.account,
    )


@transaction.atomic
def note_call(*, account: Account, note: str, by: Actor, today: dt.date) -> None:
    """Say what came of a call that was due; the account is then left in peace for a week. Raises NoCallDue."""
    require_accounts(by)
    lock_account(account.pk)
    plan = reminder_plan(today, account)
    if not plan.calls:
        raise NoCallDue
    (entry,) = plan.calls
    _note(entry, today, note=note, by=by)
    after = {"rank": entry.level.rank, "amount": entry.total}
    record(by=by, verb="billing.called", thing=account, after=after, reason=note, concerns=account)


@transaction.atomic
def except_account(
    *, account: Account, reason: str, by: Actor, today: dt.date, until: dt.date | None = None
) -> ReminderException:
    """Leave the account in peace until that day, in; without it, until someone says so.

    Raises ExceptionInPast, AlreadyExcepted.
    """
    require_accounts(by)
    if until is not None and until < today:
        raise ExceptionInPast
    with refusing({"billing_reminderexception_no_overlap": AlreadyExcepted}):
        made = ReminderException.objects.create(
            account=account,
            reason=reason,
            starts_on=today,
            ends_on=until + dt.timedelta(days=1) if until else None,
            made_by_id=by.person_id,
        )
    after = {"until": until}
    record(by=by, verb="billing.reminders_excepted", thing=account, after=after, reason=reason, concerns=account)
    return made


def skip_once(*, account: Account, reason: str, by: Actor, today: dt.date) -> ReminderException:
    """Leave the account out of what is left of today and of the next sending. Raises AlreadyExcepted."""
    return except_account(account=account, reason=reason, by=by, today=today, until=next_sending_day(today, calendar()))


@transaction.atomic
def end_exception(*, account: Account, by: Actor, today: dt.date) -> None:
    """Remind the account again, from today. Raises ExceptionOver."""
    require_accounts(by)
    live = ReminderException.objects.live(today).filter(account=account)
    exception = live.select_for_update(of=("self",), no_key=True).first()
    if exception is None:
        raise ExceptionOver
    until, exception.ends_on = exception.ends_on, today
    exception.save(update_fields=["ends_on"])
    record(
        by=by,
        verb="billing.reminders_resumed",
        thing=account,
        before={"until": until - dt.timedelta(days=1) if until else None},
        concerns=account,
    )
