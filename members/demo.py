"""Believable members. The totals of La Coursive in 2013 are those of the seeds: 15 structures, 9 in the
building and 6 around it, 57 FTE, 50 permanent employees, 3.7 M€ of budget, 1.6 M€ of turnover,
600,000 € of equity, 400 m². Names, numbers and people are invented, Zutique Productions excepted.
"""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction

from hubs.actions import give_role
from hubs.actors import Actor, system
from hubs.enums import Role
from hubs.exports import as_csv
from hubs.models import User
from hubs.scope import current_hub
from members.actions import import_file, open_fiscal_year, renew
from members.models import FiscalYear
from parties.actions import link_person, open_account, record_figures
from parties.enums import FiguresSource, LinkRole
from parties.models import Link, Organisation, Person, YearFigures

PASSWORD = "coursive-demo"  # noqa: S105 the demo says it on its first page

HEADER = (
    "Nom", "Forme juridique", "SIRET", "Métier", "Lien", "Collège", "Portée par", "Adresse", "Code postal", "Commune",
    "Courriel", "Téléphone", "Année", "ETP", "Permanents", "Budget", "Chiffre d’affaires", "Fonds propres",
    "Surface (m²)",
)  # fmt: skip

_HERE = ("9 rue Camille Claudel", "21000", "Dijon")


def _member(
    name: str, form: str, siret: str, trade: str, link: str, place: tuple[str, str, str], slug: str, year: int,
    fte: str, permanent: int, budget: int, turnover: int, equity: int, area: int | None = None, host: str = "",
) -> tuple:  # fmt: skip
    return (
        name, form, siret, trade, link, "Structures membres", host, *place, f"bonjour@{slug}.example", "", year,
        Decimal(fte), permanent, budget, turnover, equity, area,
    )  # fmt: skip


COURSIVE_2013: tuple[tuple, ...] = (
    _member("Zutique Productions", "association", "86065698200011", "spectacle vivant", "installée", _HERE, "zutique",
            2013, "6.5", 6, 620_000, 240_000, 85_000, 70),
    _member("Compagnie La Tierce Ronde", "association", "76894016500014", "spectacle vivant", "installée", _HERE,
            "tierce-ronde", 2013, "4", 3, 240_000, 95_000, 22_000, 35),
    _member("Le Fil sonore", "association", "81378247100011", "accompagnement d’artistes", "installée", _HERE,
            "fil-sonore", 2013, "3.5", 3, 210_000, 70_000, 18_000, 40),
    _member("Images en chantier", "association", "54421949600012", "audiovisuel", "installée", _HERE,
            "images-en-chantier", 2013, "5", 5, 330_000, 160_000, 48_000, 60),
    _member("Plan large Bourgogne", "association", "71295867700015", "cinéma", "installée", _HERE,
            "plan-large", 2013, "3", 3, 190_000, 60_000, 25_000, 35),
    _member("Atelier Pied-de-mouche", "EURL", "55630938300017", "graphisme", "installée", _HERE,
            "pied-de-mouche", 2013, "3", 3, 180_000, 180_000, 40_000, 45),
    _member("Nuage et Pixels", "SCIC SA", "82123310300018", "web", "installée", _HERE,
            "nuage-pixels", 2013, "6", 6, 410_000, 330_000, 95_000, 65),
    _member("Studio Papier calque", "projet porté par une CAE", "", "graphisme", "installée", _HERE,
            "papier-calque", 2013, "1", 0, 38_000, 38_000, 0, 15, host="Coopérative Les Champs communs"),
    _member("Compagnie Les Échappées", "association", "88842009800012", "spectacle vivant", "installée", _HERE,
            "echappees", 2013, "3", 2, 160_000, 52_000, 12_000, 35),
    _member("La Halle aux récits", "EPCC", "72614644200017", "spectacle vivant", "associée",
            ("1 place des Tanneurs", "21000", "Dijon"), "halle-aux-recits", 2013, "8", 8, 560_000, 110_000, 150_000),
    _member("Collectif Basse fréquence", "association", "52492988200016", "spectacle vivant", "associée",
            ("18 rue du Tram", "21300", "Chenôve"), "basse-frequence", 2013, "3.2", 3, 190_000, 70_000, 30_000),
    _member("Kino Grésilles", "association", "80332029000015", "cinéma", "associée",
            ("4 allée des Ateliers", "21000", "Dijon"), "kino-gresilles", 2013, "2.3", 2, 130_000, 35_000, 15_000),
    _member("Tempo Relais", "association", "80362059000015", "accompagnement d’artistes", "associée",
            ("27 rue de la Minoterie", "21000", "Dijon"), "tempo-relais", 2013, "3.5", 3, 172_000, 70_000, 28_000),
    _member("Radio Quetsche", "association", "79573051400010", "audiovisuel", "associée",
            ("6 rue des Ondes", "21800", "Quetigny"), "radio-quetsche", 2013, "2.5", 1, 120_000, 40_000, 14_000),
    _member("Les Marionnettes du Suzon", "association", "78726721000013", "spectacle vivant", "associée",
            ("12 rue du Lavoir", "21121", "Ahuy"), "marionnettes-suzon", 2013, "2.5", 2, 150_000, 50_000, 18_000),
)  # fmt: skip

_SMALL = ("2 rue du Four", "35600", "Redon")
PETIT_POLE: tuple[tuple, ...] = (
    _member("La Fabrique du coin", "SCOP", "45718087500017", "menuiserie", "installée", _SMALL, "fabrique-du-coin",
            2025, "4", 4, 260_000, 245_000, 38_000, 80),
    _member("Compagnie du Halage", "association", "52481494400012", "spectacle vivant", "installée", _SMALL, "halage",
            2025, "2.5", 2, 140_000, 45_000, 9_000, 25),
    _member("Atelier Terre crue", "SAS", "85451826300017", "architecture", "installée", _SMALL, "terre-crue",
            2025, "2", 2, 150_000, 150_000, 22_000, 20),
    _member("Vélo pour tous", "association", "49267967500016", "mobilité", "associée",
            ("14 quai Duguay-Trouin", "35600", "Redon"), "velo-pour-tous", 2025, "3", 2, 130_000, 60_000, 11_000),
)  # fmt: skip
MEMBERS = {"la-coursive": COURSIVE_2013, "petit-pole": PETIT_POLE}

STAFF = (
    ("coordination", "Aurélie", "Marchand", Role.COORDINATOR),
    ("comptabilite", "Bruno", "Lefèvre", Role.ACCOUNTANT),
    ("conseil", "Chloé", "Benali", Role.ADVISER),
    ("accueil", "Driss", "Moreau", Role.RECEPTION),
    ("copil", "Farida", "Nguyen", Role.OBSERVER),
)
# Who works where, by rank of the structure in the list; directors first.
PEOPLE = (
    (1, "Hélène", "Roussel", LinkRole.ADMINISTRATOR, "directrice"),
    (1, "Mathis", "Garnier", LinkRole.EMPLOYEE, "comédien"),
    (2, "Inès", "Faivre", LinkRole.ADMINISTRATOR, "administratrice"),
    (3, "Karim", "Haddad", LinkRole.ADMINISTRATOR, "gérant"),
    (3, "Jeanne", "Petitjean", LinkRole.EMPLOYEE, "monteuse"),
    (4, "Louis", "Chevalier", LinkRole.EMPLOYEE, "programmateur"),
    (5, "Nadia", "Ferreira", LinkRole.ADMINISTRATOR, "graphiste"),
    (6, "Oscar", "Bonnet", LinkRole.EMPLOYEE, "développeur"),
    (9, "Pauline", "Guyot", LinkRole.ADMINISTRATOR, "secrétaire générale"),
    (11, "Samir", "Delorme", LinkRole.EMPLOYEE, "projectionniste"),
)


def members_csv(preset: str) -> bytes:
    """The file that staff would drop on the import page."""
    return as_csv(HEADER, MEMBERS[preset])


@transaction.atomic
def fill(preset: str, today: dt.date) -> None:
    """The members, their figures, and people who can sign in. Twice changes nothing."""
    hub = current_hub()
    by = system(hub.pk)
    first = FiscalYear.objects.order_by("starts_on")[0]
    import_file(content=members_csv(preset), name="structures.csv", fiscal_year=first, by=by)
    for number in range(first.starts_on.year + 1, today.year + 1):
        starts_on = dt.date(number, 1, 1)
        year = FiscalYear.objects.filter(starts_on=starts_on).first() or open_fiscal_year(
            label=str(number), starts_on=starts_on, ends_on=dt.date(number + 1, 1, 1), by=by
        )
        renew(fiscal_year=year, by=by)
    structures = [
        Organisation.objects.get(siret=row[2]) if row[2] else Organisation.objects.get(name=row[0])
        for row in MEMBERS[preset]
    ]
    _figures_since(structures, today, by)
    _people(hub.slug, structures, today, by)


def _figures_since(structures: Sequence[Organisation], today: dt.date, by: Actor) -> None:
    """The year before today and today's, as they may have become."""
    for rank, organisation in enumerate(structures):
        first = YearFigures.objects.filter(organisation=organisation).order_by("year")[0]
        for year in (today.year - 1, today.year):
            if year == first.year or YearFigures.objects.filter(organisation=organisation, year=year).exists():
                continue
            # Each its own pace, from 4 % less to 16 % more, a little more this year than last.
            pace = Decimal(96 + (rank * 7) % 21 + (2 if year == today.year else 0)) / 100
            record_figures(
                organisation=organisation,
                year=year,
                by=by,
                source=FiguresSource.IMPORTED,
                fte=round((first.fte or Decimal(0)) * pace, 1),
                permanent=first.permanent,
                budget=round((first.budget or Decimal(0)) * pace, -3),
                turnover=round((first.turnover or Decimal(0)) * pace, -3),
                equity=round((first.equity or Decimal(0)) * pace, -3),
                area=first.area,
            )


def _people(slug: str, structures: Sequence[Organisation], today: dt.date, by: Actor) -> None:
    since = dt.date(today.year - 2, 9, 1)
    for box, given_name, family_name, role in STAFF:
        person = _person(given_name, family_name, f"{box}@{slug}.example", by)
        give_role(user=_signs_in(person, by), role=role, by=by, on=since)
    first = structures[0]
    for box, given_name, family_name, link_role, title in (
        ("structure", "Frédéric", "Ménard", LinkRole.ADMINISTRATOR, "directeur"),
        ("equipe", "Élise", "Cordier", LinkRole.EMPLOYEE, "chargée de production"),
    ):
        person = _person(given_name, family_name, f"{box}@{slug}.example", by)
        _signs_in(person, by)
        _linked(person, first, link_role, title, since, by)
    for place, given_name, family_name, link_role, title in PEOPLE:
        mail = f"{given_name}.{family_name}@{slug}.example".lower().translate(str.maketrans("éèêïë", "eeeie"))
        person = _person(given_name, family_name, mail, by)
        _linked(person, structures[place % len(structures)], link_role, title, since, by)


def _person(given_name: str, family_name: str, email: str, by: Actor) -> Person:
    from parties.actions import add_person

    known = Person.objects.filter(email=email).first()
    return known or add_person(given_name=given_name, family_name=family_name, email=email, by=by)


def _signs_in(person: Person, by: Actor) -> User:
    user = open_account(person=person, by=by)
    if not user.has_usable_password():
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
    return user


def _linked(person: Person, organisation: Organisation, role: LinkRole, title: str, since: dt.date, by: Actor) -> None:
    if not Link.objects.filter(person=person, organisation=organisation, role=role).exists():
        link_person(person=person, organisation=organisation, role=role, title=title, starts_on=since, by=by)
