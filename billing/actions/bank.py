"""The hub's bank accounts, and the statements that are read into them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from hashlib import sha256

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from stdnum import iban as iban_number
from stdnum.exceptions import ValidationError as WrongNumber

from billing.bank.base import StatementRefused
from billing.bank.reading import read_statement
from billing.bank.table import Columns
from billing.models import BankAccount, BankLine, BankStatement, ColumnMapping, Issuer
from billing.queries.bank import import_plan
from billing.rules import require_accounts
from documents.actions import store_file
from hubs import french
from hubs.actions import record
from hubs.actors import Actor
from hubs.refusals import Refusal, refusing

CONTENT_TYPES = {"csv": "text/csv", "camt053": "application/xml", "cfonb120": "text/plain", "ofx": "text/plain"}


class WrongIban(Refusal):
    message = _("Cet IBAN ne tombe pas juste. Recopiez-le du relevé.")
    field = "iban"


class IbanTaken(Refusal):
    message = _("Cet IBAN est déjà celui d’un compte bancaire du pôle.")
    field = "iban"


class StatementTwice(StatementRefused):
    message = _("Ce relevé est déjà importé. Rien n’a changé.")


class AnotherAccount(StatementRefused):
    message = _("Ce relevé est celui d’un autre compte que celui qui est choisi.")


class NothingToImport(StatementRefused):
    message = _("Des lignes ne se lisent pas\u00a0: rien n’est importé. Corrigez les colonnes ou le fichier.")


class ColumnsUnclear(Refusal):
    message = _("Dites où sont la date, le libellé, et soit le montant, soit le débit ou le crédit.")


@transaction.atomic
def open_bank_account(*, issuer: Issuer, label: str, iban: str, by: Actor) -> BankAccount:
    """An account whose statements are read here. Raises WrongIban, IbanTaken."""
    require_accounts(by)
    try:
        iban = iban_number.validate(iban)
    except WrongNumber as error:
        raise WrongIban from error
    with refusing({"billing_bankaccount_iban_once": IbanTaken}):
        made = BankAccount.objects.create(issuer=issuer, label=label, iban=iban)
    record(by=by, verb="billing.bank_account_opened", thing=made, after={"label": label, "iban": iban})
    return made


@transaction.atomic
def remember_columns(
    *, bank_account: BankAccount, header: Sequence[str], columns: Mapping[str, int], by: Actor
) -> Columns:
    """How this bank writes its tables, for this file and for the next ones. Raises ColumnsUnclear."""
    require_accounts(by)
    told = Columns(header=list(header), columns=dict(columns))
    if not told.is_enough:
        raise ColumnsUnclear
    ColumnMapping.objects.update_or_create(
        bank_account=bank_account, defaults={"header": list(header), "columns": dict(columns)}
    )
    return told


@transaction.atomic
def import_statement(
    *,
    bank_account: BankAccount,
    name: str,
    content: bytes,
    by: Actor,
    now: dt.datetime,
    columns: Columns | None = None,
) -> BankStatement:
    """Add the lines of a statement that the account has not yet; all of it or nothing.

    Raises a FileRefused: unreadable, of another account, imported already.
    """
    require_accounts(by)
    # One at a time: two files of overlapping periods meet here.
    bank_account = BankAccount.objects.select_for_update(of=("self",), no_key=True).get(pk=bank_account.pk)
    read = read_statement(content, columns)
    if not read.is_of(bank_account.iban):
        raise AnotherAccount
    digest = sha256(content).hexdigest()
    plan = import_plan(bank_account, read, digest)
    if plan.twin is not None:
        raise StatementTwice
    if not plan.may_import:
        raise NothingToImport
    file = store_file(name=name, content_type=CONTENT_TYPES[read.format], content=content)
    with refusing({"billing_bankstatement_once": StatementTwice}):
        statement = BankStatement.objects.create(
            bank_account=bank_account,
            file=file,
            name=name[-160:],
            sha256=digest,
            format=read.format,
            starts_on=read.first_day,
            last_on=read.last_day,
            opening=read.opening,
            closing=read.closing,
            added=len(plan.new),
            known=len(plan.known),
            imported_at=now,
            imported_by=by.name[:160],
        )
    BankLine.objects.bulk_create(
        BankLine(
            statement=statement,
            bank_account=bank_account,
            on=fate.line.on,
            value_on=fate.line.value_on,
            amount=fate.line.amount,
            label=fate.line.label,
            counterparty=fate.line.counterparty,
            counterparty_iban=fate.line.counterparty_iban,
            end_to_end_id=fate.line.end_to_end_id,
            bank_reference=fate.line.bank_reference,
            key=fate.key,
        )
        for fate in plan.new
    )
    after = {
        "bank_account": str(bank_account),
        "added": len(plan.new),
        "known": len(plan.known),
        "closing": french.euros(read.closing) if read.closing is not None else "",
    }
    record(by=by, verb="billing.statement_imported", thing=statement, after=after)
    return statement
