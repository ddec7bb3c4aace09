"""HelloAsso's export of payments: which transfers to the bank they make, and what was kept on the way."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.bank.base import StatementRefused, tidy
from billing.bank.table import day
from billing.money import ZERO
from parties.imports import values
from parties.imports.columns import Column, Table, recognise
from parties.imports.sheets import Sheet, read_sheet
from parties.imports.values import Wrong, plain

COLUMNS = (
    Column(
        "reference",
        gettext_lazy("Référence paiement"),
        ("référence du paiement", "numéro de paiement", "id paiement", "n° paiement", "référence"),
    ),
    Column("on", gettext_lazy("Date du paiement"), ("date paiement", "date", "date de paiement")),
    Column("amount", gettext_lazy("Montant"), ("montant total", "montant du paiement", "montant payé", "montant brut")),
    Column("fees", gettext_lazy("Frais"), ("commission", "commissions", "frais bancaires", "frais retenus")),
    Column("family", gettext_lazy("Nom payeur"), ("nom du payeur", "nom acheteur", "nom")),
    Column("given", gettext_lazy("Prénom payeur"), ("prénom du payeur", "prénom acheteur", "prénom")),
    Column("company", gettext_lazy("Raison sociale"), ("société", "structure", "organisation", "entreprise")),
    Column("email", gettext_lazy("Email payeur"), ("email", "e-mail", "email acheteur", "adresse email", "courriel")),
    Column("campaign", gettext_lazy("Campagne"), ("formulaire", "nom de la campagne", "nom du formulaire", "objet")),
    Column("note", gettext_lazy("Commentaire"), ("champ libre", "numéro de facture", "facture", "référence facture")),
    Column("state", gettext_lazy("Statut"), ("statut du paiement", "état", "état du paiement")),
    Column(
        "payout",
        gettext_lazy("Numéro de versement"),
        ("référence du versement", "versement", "id versement", "n° de versement"),
    ),
    Column("paid_out_on", gettext_lazy("Date du versement"), ("date de versement", "versé le", "date versement")),
)
# What a payment that brought no money is called there.
REFUSED = ("refuse", "annule", "rembourse", "en attente", "erreur", "echoue")


@dataclass(frozen=True)
class Paid:
    """One payment; `payout` names its transfer."""

    place: int
    reference: str
    on: dt.date
    amount: Decimal
    fees: Decimal
    payer: str
    company: str
    email: str
    label: str
    payout: str
    paid_out_on: dt.date


@dataclass(frozen=True)
class ReadPayout:
    reference: str
    on: dt.date
    payments: tuple[Paid, ...]

    @property
    def gross(self) -> Decimal:
        return sum((paid.amount for paid in self.payments), ZERO)

    @property
    def fees(self) -> Decimal:
        return sum((paid.fees for paid in self.payments), ZERO)

    @property
    def net(self) -> Decimal:
        return self.gross - self.fees


def looks_like(sheet: Sheet) -> bool:
    """Whether a line near the top has the payer's mail, a payment's reference and an amount."""
    for _number, cells in sheet.lines[:10]:
        found = {column.key for column in COLUMNS for cell in cells if column.is_named(cell)}
        if {"reference", "amount", "email"} <= found and found & {"campaign", "payout", "paid_out_on", "state"}:
            return True
    return False


def read(content: bytes) -> tuple[list[ReadPayout], list[str]]:
    """The transfers, oldest first, and what was left out. Raises StatementRefused: all is read, or nothing."""
    table = recognise(read_sheet(content), COLUMNS, "reference")
    if not {"on", "amount"} <= set(table.titles) or not {"payout", "paid_out_on"} & set(table.titles):
        raise StatementRefused(
            _(
                "Il manque une colonne\u00a0: la date et le montant de chaque paiement, et le numéro ou la date de son "
                "versement. Choisissez l’export des paiements versés."
            )
        )
    payments, left_out = _payments(table)
    groups: dict[str, list[Paid]] = {}
    for paid in payments:
        groups.setdefault(paid.payout, []).append(paid)
    found = [
        ReadPayout(reference=reference, on=max(paid.paid_out_on for paid in held), payments=tuple(held))
        for reference, held in groups.items()
    ]
    if not found:
        raise StatementRefused(_("Aucun paiement de ce fichier n’est encore versé à la banque."))
    return sorted(found, key=lambda payout: (payout.on, payout.reference)), left_out


def _payments(table: Table) -> tuple[list[Paid], list[str]]:
    payments: list[Paid] = []
    left_out: list[str] = []
    seen: set[str] = set()
    for number, row in table.rows:
        if plain(row.get("state", "")).startswith(REFUSED):
            left_out.append(
                _("Ligne %(n)s\u00a0: paiement «\u00a0%(state)s\u00a0».") % {"n": number, "state": row["state"]}
            )
            continue
        if not row.get("payout") and not row.get("paid_out_on"):
            left_out.append(_("Ligne %s\u00a0: pas encore versé.") % number)
            continue
        try:
            paid = _paid(number, row)
        except Wrong as wrong:
            raise StatementRefused(_("Ligne %(n)s\u00a0: %(why)s") % {"n": number, "why": wrong}) from wrong
        if paid.reference in seen:
            raise StatementRefused(
                _("Ligne %(n)s\u00a0: la référence %(reference)s est déjà plus haut.")
                % {"n": number, "reference": paid.reference}
            )
        seen.add(paid.reference)
        payments.append(paid)
    return payments, left_out


def _paid(number: int, row: dict[str, str]) -> Paid:
    amount = values.number(row["amount"], digits=12, places=2)
    fees = values.number(row.get("fees", "").removeprefix("-"), digits=12, places=2) or ZERO
    if not amount or not row["reference"]:
        raise Wrong(_("il y faut une référence et un montant."))
    if fees > amount:
        raise Wrong(_("les frais dépassent le montant."))
    on = day(row["on"])
    paid_out_on = day(row["paid_out_on"]) if row.get("paid_out_on") else on
    payer = " ".join(part for part in (row.get("given", ""), row.get("family", "")) if part)
    return Paid(
        place=number,
        reference=tidy(row["reference"], longest=80),
        on=on,
        amount=amount,
        fees=fees,
        payer=tidy(row.get("company") or payer or row.get("email", "") or _("(sans nom)"), longest=160),
        company=tidy(row.get("company", ""), longest=160),
        email=values.email(row.get("email", "")),
        label=tidy(row.get("campaign", ""), row.get("note", ""), longest=200),
        payout=tidy(row.get("payout") or f"{paid_out_on:%Y-%m-%d}", longest=80),
        paid_out_on=paid_out_on,
    )
