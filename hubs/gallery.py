"""Every component in all its states, with plain data: the page that designers and tests look at."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import django_tables2 as tables
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from hubs.charts import Bar, Chart
from hubs.grids import Box, Cell, Day, DayBar, DayPlan, Entry, Lane, Slice, Tone, Use, WeekGrid, WeekTable
from hubs.pieces import Door, Happening, Moment, NavItem

PARIS = ZoneInfo("Europe/Paris")
TUESDAY = dt.datetime(2026, 11, 24, 9, tzinfo=PARIS)
UNITS = ("Atelier", "Salle 2", "Studio")
LONG_NAME = (
    "L’Ouvroir, société coopérative d’intérêt collectif de costumes et d’accessoires anticonstitutionnellement longs"
)
LAYOUTS = ("public", "member", "staff", "account")


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="Nom de la structure", help_text="Celui des statuts.", max_length=80)
    email = forms.EmailField(label="Adresse mail", required=False)
    people = forms.IntegerField(label="Combien serez-vous ?", min_value=1)
    kind = forms.ChoiceField(label="Type de lieu", choices=[("bureau", "Bureau fermé"), ("poste", "Poste de travail")])
    day = forms.DateField(label="Quel jour ?")
    hour = forms.TimeField(label="À partir de", required=False)
    length = forms.ChoiceField(
        label="Durée", choices=[("2", "2 h"), ("4", "Demi-journée"), ("8", "Journée")], widget=forms.RadioSelect
    )
    place = forms.ChoiceField(
        label="Quel lieu ?",
        choices=[("atelier", "Atelier"), ("salle", "Salle 2"), ("studio", "Studio")],
        widget=forms.RadioSelect,
    )
    needs = forms.MultipleChoiceField(
        label="De quoi avez-vous besoin ?",
        choices=[("projecteur", "Vidéoprojecteur"), ("son", "Sonorisation"), ("cafe", "Café d’accueil")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    more = forms.CharField(label="Un mot pour l’équipe", widget=forms.Textarea, required=False)
    paper = forms.FileField(label="Attestation d’assurance", required=False, help_text="PDF ou photo, 10 Mo au plus.")
    rules = forms.BooleanField(label="J’ai lu le règlement du lieu")
    frozen = forms.CharField(label="SIRET", disabled=True, initial="123 456 789 00012")


class SampleFilters(forms.Form):
    q = forms.CharField(label="Rechercher", required=False, widget=forms.TextInput(attrs={"type": "search"}))
    state = forms.ChoiceField(
        label="État", required=False, choices=[("", "Tous"), ("due", "À payer"), ("paid", "Payées")]
    )


class SampleTable(tables.Table):
    number = tables.Column(verbose_name="Facture")
    organisation = tables.Column(verbose_name="Structure")
    amount = tables.Column(verbose_name="Montant", attrs={"th": {"class": "num"}, "td": {"class": "num"}})
    state = tables.Column(verbose_name="État", orderable=False)

    class Meta:
        template_name = "components/table.html"
        empty_text = "Aucune facture pour ce mois."
        row_attrs = {"aria-current": lambda record: "true" if record["number"] == "2026-0003" else None}


def sample_form(*, wrong: bool = False) -> SampleForm:
    if not wrong:
        return SampleForm(prefix="neuf", initial={"kind": "poste", "length": "4", "place": "salle"})
    answers = {
        "faux-name": "",
        "faux-email": "camille@",
        "faux-people": "0",
        "faux-kind": "bureau",
        "faux-day": "2026-11-02",
        "faux-length": "4",
        "faux-needs": ["son"],
        "faux-more": "Nous arriverons par la cour.",
    }
    form = SampleForm(answers, {"faux-paper": SimpleUploadedFile("vide.pdf", b"")}, prefix="faux")
    form.add_error("day", "Ce jour est passé : choisissez-en un à partir d’aujourd’hui.")
    form.add_error(None, "Ce créneau vient d’être pris. Libres au même moment : Atelier, Salle 2.")
    return form


def sample_week(
    *, label: str = "Semaine du 23 au 27 novembre", units: tuple[str, ...] = UNITS, days: int = 5
) -> WeekGrid:
    uses: tuple[tuple[Tone, str], ...] = (
        ("use1", "travail"),
        ("use2", "répétition"),
        ("use3", "formation"),
        ("use4", "réunion"),
        ("use5", "accueil du public"),
        ("use6", "résidence"),
    )
    titles = ("Les Filles du calvaire", "Cie Traverse", "Gérer sa paie", "Bureau du pôle", "Portes ouvertes", "Ouvroir")

    def lane(day: int, unit: int) -> Lane:
        place = (day * len(units) + unit) % 6
        first = Entry(
            36 + 4 * (place % 3), 10, titles[place], "12 personnes", "#semaine", uses[place][0], buffer_after=2
        )
        second = Entry(58 + 2 * (place % 2), 8 + place, titles[-place - 1], tone=uses[-place - 1][0], buffer_before=1)
        taken = [(entry.q - entry.buffer_before, entry.end + entry.buffer_after) for entry in (first, second)]
        cells = tuple(
            Cell(q, 4, f"?unite={unit}&debut={q // 4:02d}:00")
            for q in range(32, 80, 4)
            if all(q + 4 <= start or q >= end for start, end in taken)
        )
        extra = {
            1: (Entry(34, 2, "Occupé", tone="busy"),),
            2: (Entry(74, 4, "En attente", "à confirmer", tone="hold"),),
        }.get(place, ())
        return Lane(units[unit], (first, second, *extra), cells, url=f"#{unit}")

    monday = dt.date(2026, 11, 23)
    week = tuple(
        Day(
            monday + dt.timedelta(days=day),
            tuple(lane(day, unit) for unit in range(len(units))),
            is_today=day == 1,
        )
        for day in range(days)
    )
    week = (*week[:-1], replace(week[-1], lanes=tuple(Lane(unit) for unit in units), closed="Fermé : inventaire"))
    legend = (*(Use(tone, label) for tone, label in uses), Use("busy", "occupé"), Use("hold", "en attente de réponse"))
    return WeekGrid(week, legend=legend, now=45, label=label)


def sample_bars() -> list[DayBar]:
    hours = [Slice(q, 4, "free", "#reserver") for q in range(44, 56, 4)]
    return [
        DayBar(
            32,
            80,
            (
                Slice(32, 4, "past"),
                Slice(36, 8, "taken"),
                *hours,
                Slice(56, 10, "mine", label="vous"),
                Slice(66, 2, "hold"),
                Slice(68, 8, "free", "#reserver"),
                Slice(76, 4, "closed"),
            ),
            label="Atelier, mardi 24 novembre",
        ),
        DayBar(36, 72, (Slice(36, 36, "taken"),), label="Salle 2, mardi 24 novembre"),
    ]


def sample_plan() -> DayPlan:
    units = ("Salle 1", "Salle 2", "Atelier partagé", "Poste 1", "Poste 2", "Vidéoprojecteur")
    week = sample_week(units=units)
    return DayPlan(week.days[1].lanes, legend=week.legend, now=45, label="Mardi 24 novembre, tous les espaces")


def sample_week_table() -> WeekTable:
    """As many units as no grid holds."""
    week = sample_week(units=("Salle 1", "Salle 2", "Atelier partagé", "Poste 1"))
    rows = tuple(
        (
            lane.label,
            tuple(Box(day.lanes[n].entries, "#semaine", f"Réserver {lane.label}, {day.title}") for day in week.days),
        )
        for n, lane in enumerate(week.days[0].lanes)
    )
    days = tuple(replace(day, lanes=(), url="#plan-du-jour") for day in week.days)
    return WeekTable(days, rows, week.legend, "Semaine du 23 au 27 novembre, par espace")


def sample_charts() -> list[Chart]:
    months = ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."]
    hours = (120, 164, 208, 190, 143, 98, 41, None, 155, 230, 212, 0)
    years = ((2022, "1850000"), (2023, "2410500.5"), (2024, None), (2025, "3700000"))
    return [
        Chart(
            "Heures réservées en 2026",
            tuple(Bar(month, value) for month, value in zip(months, hours, strict=True)),
            unit="h",
            heading="Mois",
        ),
        Chart(
            "Budget cumulé des membres",
            tuple(Bar(str(year), None if value is None else Decimal(value)) for year, value in years),
            unit="€",
            heading="Année",
            places=0,
        ),
    ]


def samples(request: HttpRequest) -> dict[str, Any]:
    rows = [
        {
            "number": f"2026-{number:04d}",
            "organisation": ("Cie Traverse", "Radio Passerelle", LONG_NAME)[number % 3],
            "amount": Decimal(number * 137) / 4,
            "state": ("Payée", "À payer", "En retard")[number % 3],
        }
        for number in range(1, 41)
    ]
    table = SampleTable(rows, order_by=request.GET.get("sort", "number"))
    table.paginate(page=1, per_page=5)
    filters = SampleFilters(request.GET or None)
    return {
        "nav": [
            NavItem("À faire", "#a-faire", "inbox", active=True, count=3),
            NavItem("Réservations", "#reservations", "calendar-days"),
            NavItem("Formations", "#formations", "academic-cap"),
            NavItem("Compte", "#compte", "banknotes"),
            NavItem("Annuaire", "#annuaire", "user-group"),
        ],
        "form": sample_form(),
        "wrong_form": sample_form(wrong=True),
        "descriptions": {"atelier": "60 m², point d’eau", "salle": "20 places assises", "studio": "Insonorisé"},
        "table": table,
        "empty_table": SampleTable([]),
        "filter_form": filters,
        "week": sample_week(),
        "one_unit": sample_week(units=("Studio",), days=7, label="Studio, semaine du 23 au 29 novembre"),
        "bars": sample_bars(),
        "plan": sample_plan(),
        "week_table": sample_week_table(),
        "charts": sample_charts(),
        "tabs": [
            [
                NavItem("Le pôle", "#", active=True),
                NavItem("Facturation", "#"),
            ],
            [
                NavItem("Identité", "#identite", active=True),
                NavItem("Statut", "#statut"),
                NavItem("Équipe", "#equipe"),
            ],
        ],
        "middle_page": Paginator(range(400), 20).page(10),
        "long_name": LONG_NAME,
        "start": TUESDAY,
        "end": TUESDAY + dt.timedelta(hours=3, minutes=30),
        "first": dt.date(2026, 11, 1),
        "last": dt.date(2026, 11, 30),
        "steps": [("Anomalies", "#etape-1"), ("Aperçu", "#etape-2"), "Émission"],
        "crumbs": [("Accueil", "#"), ("Espaces", "#espaces")],
        "moments": [
            Moment(TUESDAY, "Réservation confirmée", "Atelier, 12 personnes.", "Camille Rossi", tone="done"),
            Moment(dt.date(2026, 11, 20), "Demande reçue", who="Cie Traverse", url="#", tone="waiting"),
            Moment(dt.date(2026, 11, 18), "Appel de l’accueil", "A visité le lieu."),
        ],
        "doors": [
            Door("Travailler ici", "#", "Bureaux, postes, salles et ateliers"),
            Door("Se former", "#", "Des sessions courtes, entre pairs"),
            Door("Rejoindre", "#", "Devenir membre de la coopérative"),
            Door("Être accompagné·e", "#", "Dites-nous votre projet, on vous répond"),
        ],
        "agenda": [
            Happening(TUESDAY, "Sortie d’atelier : Les Filles du calvaire", "#", "Entrée libre.", "Théâtre"),
            Happening(dt.date(2026, 12, 1), "Portes ouvertes des ateliers", "#", kind="Visite"),
        ],
        "amount": Decimal("1234.5"),
        "net": Decimal("1028.75"),
        "credit": Decimal("-42"),
    }


def gallery(request: HttpRequest) -> HttpResponse:
    """`?layout=` shows the same parts in one of the four layouts."""
    layout = request.GET.get("layout", "")
    context = samples(request) | {"layout": f"layouts/{layout if layout in LAYOUTS else 'staff'}.html"}
    return render(request, "composants.html", context)
