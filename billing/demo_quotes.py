"""The demo's quotes: one in each state, and a deposit asked on the one that was accepted."""

import datetime as dt
from decimal import Decimal
from typing import Any

from billing.actions import answer_quote, issue_deposit_invoice, send_quote, write_quote
from billing.enums import QuoteDecision
from billing.models import Account, Quote
from hubs.actors import system
from hubs.scope import current_hub_id

# The member of the demo's accounts has a quote to answer; deposits are asked of others.
ANSWERS_HERSELF = "Zutique Productions"

VALID = dt.timedelta(days=30)
VAT = "service-20"


def _line(description: str, quantity: int, unit: str, price: str) -> dict[str, Any]:
    return {
        "description": description, "quantity": Decimal(quantity), "unit_label": unit,
        "unit_price_excl": Decimal(price), "vat_code": VAT,
    }  # fmt: skip


EXPIRED = ("Reportage photo de la saison", [_line("Reportage et retouches", 2, "demi-journée", "280.00")])
REFUSED = ("Prêt de la scène mobile", [_line("Scène 6 × 4 m, montage compris", 1, "week-end", "640.00")])
ACCEPTED = (
    "Soirée de lancement dans la grande salle",
    [
        _line("Grande salle, soirée", 1, "soirée", "450.00"),
        _line("Régie son et lumière", 4, "heure", "38.50"),
        _line("Remise aux adhérents", -1, "", "60.00"),
    ],
)
WAITING = (
    "Accompagnement à la réponse à un appel à projets",
    [_line("Atelier d’écriture du dossier", 3, "demi-journée", "210.00"), _line("Relecture", 1, "", "150.00")],
)
DRAFT = ("Visite du bâtiment pour un groupe", [_line("Visite commentée", 2, "groupe", "90.00")])


def settle_quotes(today: dt.date) -> None:
    """One quote in each state, the oldest first: their numbers follow their dates."""
    accounts = Account.objects.with_holders().filter(organisation__isnull=False).by_name()
    herself = accounts.filter(organisation__name=ANSWERS_HERSELF).first()
    others = list(accounts.exclude(organisation__name=ANSWERS_HERSELF)[:4])
    if len(others) < 4:
        return
    by = system(current_hub_id())

    def sent(account: Account, what: tuple[str, list[dict[str, Any]]], days_ago: int) -> Quote:
        on = today - dt.timedelta(days=days_ago)
        title, lines = what
        quote = write_quote(account=account, title=title, valid_until=on + VALID, lines=lines, by=by, today=on)
        return send_quote(quote=quote, by=by, today=on)

    def answered(quote: Quote, decision: QuoteDecision, name: str, days_ago: int, note: str = "") -> Quote:
        on = today - dt.timedelta(days=days_ago)
        return answer_quote(quote=quote, decision=decision, name=name, by=by, on=on, today=today, note=note)

    sent(others[0], EXPIRED, 45)
    refused = sent(others[1], REFUSED, 20)
    answered(refused, QuoteDecision.REFUSED, "Noé Guivarch, régisseur", 16, "Nous en avons trouvé une plus petite.")
    accepted = sent(others[2], ACCEPTED, 12)
    accepted = answered(accepted, QuoteDecision.ACCEPTED, "Inès Kerbrat, présidente", 8)
    issue_deposit_invoice(quote=accepted, by=by, today=today, percent=Decimal(30))
    sent(herself or others[3], WAITING, 3)
    title, lines = DRAFT
    write_quote(account=others[3], title=title, valid_until=today + VALID, lines=lines, by=by, today=today)
