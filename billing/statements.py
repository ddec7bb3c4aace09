"""The statement of account on paper, and as a sheet."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import Account, Issuer
from billing.papers import buyer_of, seller_of
from billing.queries.statements import AccountStatement, account_statement
from hubs import french
from hubs.refusals import Refusal
from hubs.scope import current_hub


class NobodyIssues(Refusal):
    message = gettext_lazy("Un relevé est au nom de qui émet les factures, et le pôle n’a pas d’émetteur aujourd’hui.")


def title_of_statement(told: AccountStatement) -> str:
    if told.first is None:
        return _("Relevé du %(day)s") % {"day": french.day(told.last, year=True, weekday=False)}
    return _("Relevé de compte %(period)s") % {"period": french.period(told.first, told.last)}


def name_of_statement(told: AccountStatement, kind: str) -> str:
    """« releve-2026-01-01-2026-12-31.pdf »"""
    days = f"{told.first:%Y-%m-%d}-{told.last:%Y-%m-%d}" if told.first else f"{told.last:%Y-%m-%d}"
    return f"releve-{days}.{kind}"


def statement_pdf(
    account: Account, *, today: dt.date, first: dt.date | None = None, last: dt.date | None = None
) -> bytes:
    """The paper, in French as all documents are; as long as the account does not move, the same bytes all day.

    Raises NobodyIssues.
    """
    issuer = Issuer.objects.live(today).first()
    if issuer is None:
        raise NobodyIssues
    # WeasyPrint is slow to import, and most web processes never need it.
    from documents.rendering import render_pdf

    seller = seller_of(issuer)
    morning = timezone.make_aware(dt.datetime.combine(today, dt.time()), current_hub().zone)
    with translation.override("fr"):
        told = account_statement(account, today=today, first=first, last=last)
        pdf = render_pdf(
            template="billing/statement_pdf.html",
            context={"issuer": seller, "statement": told, "buyer": buyer_of(account), "today": today},
            issued_at=morning,
            title=f"{title_of_statement(told)} – {account}",
            author=seller["name"],
        )
    return pdf.content


def statement_rows(told: AccountStatement) -> tuple[Sequence[str], list[Sequence[Any]]]:
    """The head and the lines: movements of a period, or what is open date by date."""
    if told.first is None:
        header = [_("Facture"), _("Émise le"), _("Échéance"), _("Reste à payer"), _("Jours de retard"), _("Ancienneté")]
        rows: list[Sequence[Any]] = [
            (part.invoice.number, part.invoice.issue_date, part.due_on, part.left, part.days_late, part.slice)
            for part in told.open
        ]
        return header, rows
    header = [_("Date"), _("Mouvement"), _("Débit"), _("Crédit"), _("Solde dû")]
    rows = [(told.first, _("Solde au début"), None, None, told.opening)]
    rows += [(each.on, each.label, each.debit or None, each.credit or None, each.balance) for each in told.movements]
    return header, [*rows, (told.last, _("Solde à la fin"), None, None, told.closing)]
