"""What the ground itself holds about a person, taken out of its rows."""

import datetime as dt

from allauth.mfa.models import Authenticator
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from hubs.enums import MailState
from hubs.held import mails_to
from hubs.models import AuditEntry, Leave, Reading, Session, StaffRole, TodoClaim, User
from hubs.personal import ERASED, Subject
from hubs.scope import current_hub_id

# Texts of the ground where a name may stand: the words are replaced, the line stays.
TEXTS = {
    "hubs_auditentry": ("who", "label", "reason", "before", "after"),
    "hubs_mail": ("subject", "text", "html", "error"),
    "hubs_run": ("title", "started_by", "cancelled_by"),
    "hubs_runitem": ("label", "error", "kwargs"),
    "hubs_reading": ("who",),
}
JSON_TEXTS = frozenset({"before", "after", "kwargs"})


def erase_from_ground(subject: Subject, now: dt.datetime) -> list[str]:
    """Sessions, roles, mail and the account; the log keeps what was done, under no name."""
    _empty_mails(subject, now)
    AuditEntry.objects.filter(thing__in=subject.things).update(before=None, after=None, label=ERASED)
    _unname_lines_concerning(subject)
    if subject.user_id is not None:
        AuditEntry.objects.filter(user_id=subject.user_id).update(who=ERASED, user_id=None)
        Reading.objects.filter(user_id=subject.user_id).update(who=ERASED)
    for pattern in subject.patterns:
        for table, columns in TEXTS.items():
            _replace_words(table, columns, pattern)
    kept = [str(_("Le journal garde ce qui a été fait, sans le nom."))]
    if subject.user_id is not None and not delete_user(user_id=subject.user_id):
        kept.append(str(_("Le compte de connexion reste\u00a0: il sert dans un autre pôle.")))
    return kept


def _unname_lines_concerning(subject: Subject) -> None:
    """What is told of something else and of them: whose role it is, and by which address, be it an old one."""
    lines = AuditEntry.objects.filter(concerns__in=subject.things).exclude(thing__in=subject.things)
    for line in lines:
        for values in (line.before, line.after):
            if values is not None:
                values.update((name, ERASED) for name in ("person", "email") if name in values)
        line.save(update_fields=["before", "after"])


def _empty_mails(subject: Subject, now: dt.datetime) -> None:
    """What was sent keeps its row and date; what has not left leaves for the others alone, or never."""
    for mail in mails_to(subject):
        others = [address for address in mail.to if address.lower() not in subject.emails]
        if not others and mail.state != MailState.SENT:
            mail.delete()
            continue
        mail.to = others
        if mail.state == MailState.SENT:
            mail.subject, mail.text, mail.html, mail.attachments = ERASED, "", "", []
            mail.emptied_at = mail.emptied_at or now
        mail.save(update_fields=["to", "subject", "text", "html", "attachments", "emptied_at"])


def _replace_words(table: str, columns: tuple[str, ...], pattern: str) -> None:
    """Case apart, as PostgreSQL compares letters."""

    def as_text(column: str) -> str:
        return f'"{column}"::text' if column in JSON_TEXTS else f'"{column}"'

    changes = ", ".join(
        f"\"{column}\" = regexp_replace({as_text(column)}, %s, %s, 'gi')" + ("::jsonb" if column in JSON_TEXTS else "")
        for column in columns
    )
    wanted = " OR ".join(f"{as_text(column)} ~* %s" for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {changes} WHERE hub_id = %s AND ({wanted})",  # noqa: S608 names of our own columns
            [*([pattern, ERASED] * len(columns)), current_hub_id(), *([pattern] * len(columns))],
        )


def delete_user(*, user_id: int) -> bool:
    """Signed out of the open hub on every browser, without a role or a passkey here; the account goes with its last
    person.

    Whether another hub has one, the database knows: its foreign keys see every hub.
    """
    Session.objects.filter(hub=current_hub_id(), user=user_id).delete()
    TodoClaim.objects.filter(user=user_id).delete()
    Leave.objects.filter(user=user_id).delete()
    Leave.objects.filter(colleague=user_id).update(colleague=None, colleague_name="")
    StaffRole.objects.filter(user=user_id).delete()
    Authenticator.objects.filter(user=user_id, type=Authenticator.Type.WEBAUTHN).delete()
    try:
        with transaction.atomic():
            User.objects.filter(pk=user_id).delete()
            # Foreign keys are checked at the end of the transaction, unless asked.
            connection.check_constraints()
    except IntegrityError:
        return False
    return True
