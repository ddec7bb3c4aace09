"""The issuer, the VAT rules and the chart of accounts that each preset begins with. Numbers are invented, checksums are right."""

import datetime as dt
from decimal import Decimal
from typing import Any

from billing.actions.ledger import furnish_books
from billing.enums import VatCategory, VatRegime
from billing.models import Issuer, PenaltyRate, ReminderLevel, VatRule

SERVICE = {"code": "service-20", "label": "Services, 20 %", "category": VatCategory.STANDARD, "rate": Decimal("20.00")}
OUT_OF_SCOPE = {
    "code": "hors-champ",
    "label": "Cotisations, hors champ",
    "category": VatCategory.OUT_OF_SCOPE,
    "rate": None,
    "exemption_text": "Hors champ de la TVA",
    "exemption_code": "VATEX-EU-O",
}
TRAINING = {
    "code": "formation",
    "label": "Formation, exonérée",
    "category": VatCategory.EXEMPT,
    "rate": Decimal("0.00"),
    "exemption_text": "Exonération de TVA, art. 261-4-4° a du CGI",
    "exemption_code": "VATEX-FR-CGI261-4",
}
FRANCHISE = {
    "code": "franchise-293b",
    "label": "Franchise en base",
    "category": VatCategory.EXEMPT,
    "rate": Decimal("0.00"),
    "exemption_text": "TVA non applicable, art. 293 B du CGI",
    "exemption_code": "VATEX-FR-FRANCHISE",
}
# Under 293 B the hub sells its services with no tax: the code that other apps name keeps its name.
SERVICE_UNDER_FRANCHISE = FRANCHISE | {"code": "service-20", "label": "Services, franchise en base"}

RULES: dict[str, list[dict[str, Any]]] = {
    "la-coursive": [SERVICE, OUT_OF_SCOPE, TRAINING, FRANCHISE],
    "petit-pole": [SERVICE_UNDER_FRANCHISE, OUT_OF_SCOPE, TRAINING, FRANCHISE],
}

ISSUERS: dict[str, dict[str, Any]] = {
    "la-coursive": {
        "legal_name": "La Coursive Boutaric",
        "legal_form": "Association loi 1901",
        "siren": "900274184",
        "siret": "90027418400010",
        "vat_number": "FR57900274184",
        "rna": "W212099001",
        "address": "9 place Galilée",
        "postcode": "21000",
        "town": "Dijon",
        "email": "comptabilite@la-coursive.example",
        "website": "https://la-coursive.example",
        "iban": "FR7699999000010123456789012",
        "bic": "COURFR2DXXX",
        "ics": "FR53ZZZ599001",
        "payment_days": 30,
    },
    "petit-pole": {
        "legal_name": "Le Petit Pôle",
        "legal_form": "Association loi 1901",
        "siren": "900315623",
        "siret": "90031562300018",
        "rna": "W293099002",
        "address": "4 rue du Moulin",
        "postcode": "29000",
        "town": "Quimper",
        "email": "contact@petit-pole.example",
        "vat_regime": VatRegime.FRANCHISE,
        "iban": "FR7699999000020987654321073",
        "bic": "COURFR2DXXX",
        "payment_days": 30,
    },
}


# Percent a year: the rate of the Banque centrale européenne on 1 January and 1 July, plus ten points.
PENALTY_RATES = [
    (dt.date(2024, 1, 1), "14.50"),
    (dt.date(2024, 7, 1), "14.25"),
    (dt.date(2025, 1, 1), "13.15"),
    (dt.date(2025, 7, 1), "12.15"),
]

# Days after the due date, then what is said: words between braces are those of billing.reminders.
LEVELS: list[dict[str, Any]] = [
    {
        "days": 7,
        "title": "Une facture vous a peut-être échappé",
        "text": (
            "Sauf erreur de notre part, {total} restent à régler pour {compte} depuis le {depuis}. "
            "Peut-être votre virement est-il déjà en route\u00a0: dans ce cas, merci."
        ),
    },
    {
        "days": 21,
        "title": "Rappel\u00a0: une somme reste à régler",
        "text": (
            "Malgré notre premier message, {total} restent à régler pour {compte} depuis le {depuis}. "
            "Merci de faire le virement cette semaine, ou de nous dire ce qui l’empêche\u00a0: "
            "nous pouvons convenir d’un échéancier."
        ),
        "attach_statement": True,
    },
    {
        "days": 45,
        "title": "Dernier rappel avant mise en demeure",
        "text": (
            "Nos deux rappels sont restés sans réponse. {compte} doit {total} à {pole} depuis le {depuis}. "
            "Nous vous demandons de régler cette somme sous huit jours."
        ),
        "attach_statement": True,
        "says_penalties": True,
    },
    {"days": 60, "title": "Appeler, et convenir d’une date", "is_human": True},
]


def furnish(preset: str, today: dt.date) -> None:
    """Give the open hub its issuer and its rules, from two years back: what was sold last year is charged too."""
    start = dt.date(today.year - 2, 1, 1)
    for rule in RULES.get(preset, []):
        VatRule.objects.create(starts_on=start, **rule)
    if preset in ISSUERS:
        Issuer.objects.create(starts_on=start, **ISSUERS[preset])
        furnish_books(starts_on=start, today=today)
        furnish_reminders(start)


def furnish_reminders(start: dt.date) -> None:
    """The usual levels, and the rates of penalties known so far."""
    for rank, level in enumerate(LEVELS, start=1):
        ReminderLevel.objects.create(rank=rank, starts_on=start, **level)
    ends = [starts_on for starts_on, _rate in PENALTY_RATES[1:]] + [None]
    for (starts_on, rate), ends_on in zip(PENALTY_RATES, ends, strict=True):
        PenaltyRate.objects.create(rate=Decimal(rate), starts_on=starts_on, ends_on=ends_on)
