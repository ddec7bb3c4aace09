"""The places that each preset opens with. Names and sizes are believable; 400 m² of offices is seed S1, line 47."""

import datetime as dt
from decimal import Decimal
from typing import Any

from hubs.actors import system
from hubs.scope import current_hub_id
from spaces.actions import open_pool, open_site, set_hours, set_price
from spaces.enums import PayerKind, PlaceKind, PricePer
from spaces.models import Pool

WEEK = [(day, dt.time(8), dt.time(20)) for day in range(1, 6)] + [(6, dt.time(9), dt.time(18))]

SITES: dict[str, dict[str, str]] = {
    "la-coursive": {"name": "Place Galilée", "address": "9 place Galilée", "postcode": "21000", "town": "Dijon"},
    "petit-pole": {"name": "La Maison", "address": "4 rue du Moulin", "postcode": "29000", "town": "Quimper"},
}

# (place, units, prices without tax: resident, associate, external, each by hour, half-day and day)
PLACES: dict[str, list[tuple[dict[str, Any], int, dict[str, dict[str, str]]]]] = {
    "la-coursive": [
        (
            {
                "name": "Poste de travail",
                "kind": PlaceKind.DESK,
                "description": "Un bureau dans l’espace coworking des Grésilles, écran et café compris.",
                "min_minutes": 60,
                "rank": 10,
            },
            10,
            {
                "resident": {"half_day": "6", "day": "10"},
                "associate": {"half_day": "8", "day": "14"},
                "external": {"half_day": "10", "day": "18"},
            },
        ),
        (
            {
                "name": "Grande salle",
                "kind": PlaceKind.ROOM,
                "seats": 40,
                "area": Decimal(62),
                "description": "Plain-pied sur la place, vidéoprojecteur, tables sur roulettes.",
                "buffer_minutes": 30,
                "rank": 20,
            },
            1,
            {
                "resident": {"hour": "15", "day": "90"},
                "associate": {"hour": "20", "day": "120"},
                "external": {"hour": "30", "day": "190"},
            },
        ),
        (
            {
                "name": "Salle Boutaric",
                "kind": PlaceKind.ROOM,
                "seats": 12,
                "area": Decimal(24),
                "description": "Une table pour douze, un grand écran, deux fenêtres sur la cour.",
                "buffer_minutes": 15,
                "rank": 30,
            },
            1,
            {
                "resident": {"hour": "8", "day": "48"},
                "associate": {"hour": "12", "day": "70"},
                "external": {"hour": "18", "day": "110"},
            },
        ),
        (
            {
                "name": "Petite salle",
                "kind": PlaceKind.ROOM,
                "seats": 4,
                "area": Decimal(10),
                "description": "Pour un entretien ou un appel.",
                "rank": 40,
            },
            1,
            {"resident": {"hour": "4"}, "associate": {"hour": "6"}, "external": {"hour": "9"}},
        ),
        (
            {
                "name": "Atelier partagé",
                "kind": PlaceKind.WORKSHOP,
                "seats": 8,
                "area": Decimal(55),
                "description": "Établis, point d’eau, porte de plain-pied pour décharger.",
                "buffer_minutes": 30,
                "rank": 50,
            },
            1,
            {
                "resident": {"hour": "10", "day": "60"},
                "associate": {"hour": "14", "day": "84"},
                "external": {"hour": "22", "day": "140"},
            },
        ),
        (
            {
                "name": "Vidéoprojecteur",
                "kind": PlaceKind.EQUIPMENT,
                "description": "3 500 lumens, avec son sac et ses câbles.",
                "rank": 60,
            },
            3,
            {"resident": {"day": "8"}, "associate": {"day": "12"}, "external": {"day": "20"}},
        ),
    ],
    "petit-pole": [
        (
            {"name": "Bureau partagé", "kind": PlaceKind.DESK, "min_minutes": 60, "rank": 10},
            4,
            {"resident": {"day": "9"}, "associate": {"day": "11"}, "external": {"day": "15"}},
        ),
        (
            {"name": "Salle du fond", "kind": PlaceKind.ROOM, "seats": 14, "buffer_minutes": 15, "rank": 20},
            1,
            {"resident": {"hour": "6"}, "associate": {"hour": "9"}, "external": {"hour": "14"}},
        ),
    ],
}


def furnish(preset: str, today: dt.date) -> None:
    """Open the preset's site, places, hours and prices."""
    by = system(current_hub_id())
    site = open_site(**SITES[preset], starts_on=today, by=by)
    set_hours(site=site, stretches=WEEK, by=by)
    for fields, units, prices in PLACES[preset]:
        pool = open_pool(pool=Pool(site=site, **fields), units=units, by=by, on=today)
        for payer, amounts in prices.items():
            for per, amount in amounts.items():
                set_price(
                    pool=pool,
                    payer=PayerKind(payer),
                    per=PricePer(per),
                    amount=Decimal(amount),
                    vat_code="service-20",
                    starts_on=today,
                    by=by,
                )
