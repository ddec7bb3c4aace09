"""The fields that a hub adds: defined, filled, refused when wrong, exported typed, ended (ME10)."""

import csv
import datetime as dt
import io
import json
import re
import zipfile
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from openpyxl import load_workbook

from hubs.models import AuditEntry
from hubs.refusals import NotAllowed
from hubs.scope import open_hub
from parties.enums import FieldKind, FieldReach
from parties.models import OwnField, OwnValue, Person
from parties.own_fields.actions import WrongType, answer_fields
from parties.own_fields.queries import values_of
from tests.parties.factories import OrganisationFactory, OwnFieldFactory, PersonFactory

FIELDS = "/gestion/reglages/champs/"
STRUCTURES = "/gestion/structures/"
PEOPLE = "/gestion/personnes/"
DEFINED = (
    # kind, label, more
    ("text", "Référent", {}),
    ("long_text", "Projet", {}),
    ("integer", "Vélos", {}),
    ("decimal", "Surface rêvée", {"unit": "m²"}),
    ("date", "Assemblée", {}),
    ("yes_no", "Bail signé", {}),
    ("choice", "Quartier", {"choices": "Grésilles\nToison d’Or\n"}),
    ("choices", "Besoins", {"choices": "Salle\nScène\nStockage"}),
)
GIVEN = {
    "Référent": "=Nadia",
    "Projet": "Une friche.\nDeux ateliers.",
    "Vélos": "1 200",
    "Surface rêvée": "42,5",
    "Assemblée": "2026-11-24",
    "Bail signé": "True",
    "Quartier": "Toison d’Or",
    "Besoins": ["Salle", "Stockage"],
}


def text(response):
    return " ".join(response.text.replace("\xa0", " ").split())


def structure_form(name: str, **own) -> dict:
    return {"name": name, "legal_form": "association", "email": "a@b.example"} | own


@pytest.fixture
def coordinator(nord, sign_in):
    return sign_in(nord, "coordinator")


@pytest.fixture
def define(nord, coordinator):
    """`define("Label", kind="date")`: by the page; gives the field's name in forms."""

    def defined(label: str, *, kind: str = "text", about: str = "organisation", reach: str = "staff", **more) -> str:
        answer = coordinator.post(
            f"{FIELDS}nouveau/", {"label": label, "kind": kind, "about": about, "reach": reach, **more}
        )
        assert answer.status_code == 302, answer.context["form"].errors
        with open_hub(nord.hub):
            return f"own_{OwnField.objects.get(label=label).pk}"

    return defined


def edit_of(organisation) -> str:
    return f"{STRUCTURES}{organisation.public_id}/modifier/"


@pytest.mark.feature("ME10")
def test_fields_of_every_kind_are_defined_filled_shown_and_exported_typed(nord, coordinator, define):
    names = {label: define(label, kind=kind, **more) for kind, label, more in DEFINED}
    own = {names[label]: value for label, value in GIVEN.items()}

    saved = coordinator.post(edit_of(nord.organisation), structure_form("Compagnie nord", **own))
    sheet = text(coordinator.get(f"{STRUCTURES}{nord.organisation.public_id}/"))
    rows = list(
        csv.reader(io.StringIO(coordinator.get(f"{STRUCTURES}?export=csv").content.decode("utf-8-sig")), delimiter=";")
    )
    book = load_workbook(io.BytesIO(coordinator.get(f"{STRUCTURES}?export=xlsx").content))

    assert saved.status_code == 302
    for words in ("=Nadia", "Une friche.", "1 200", "42,5 m²", "24 novembre 2026", "oui", "Salle, Stockage"):
        assert words in sheet, words
    assert rows[0][-8:] == [
        "Référent", "Projet", "Vélos", "Surface rêvée (m²)", "Assemblée", "Bail signé", "Quartier", "Besoins",
    ]  # fmt: skip
    assert rows[1][-8:] == [
        "'=Nadia", "Une friche.\nDeux ateliers.", "1200", "42,5", "24/11/2026", "oui", "Toison d’Or", "Salle, Stockage",
    ]  # fmt: skip
    typed = [cell.value.date() if isinstance(cell.value, dt.datetime) else cell.value for cell in book.active[2]]
    assert typed[-8:] == [
        "'=Nadia", "Une friche.\nDeux ateliers.", 1200, 42.5, dt.date(2026, 11, 24), "oui", "Toison d’Or",
        "Salle, Stockage",
    ]  # fmt: skip
    with open_hub(nord.hub):
        entry = AuditEntry.objects.get(verb="parties.fields_answered")
        assert (entry.before["Vélos"], entry.after["Vélos"]) == ("", "1\u202f200")


@pytest.mark.feature("ME10")
@pytest.mark.parametrize(
    ("kind", "more", "wrong", "told"),
    [
        ("integer", {}, "douze", "Écrivez un nombre entier."),
        ("integer", {}, "3,5", "Écrivez un nombre entier."),
        ("decimal", {}, "beaucoup", "Écrivez un nombre, avec une virgule s’il le faut."),
        ("decimal", {}, "NaN", "Écrivez un nombre, avec une virgule s’il le faut."),
        ("date", {}, "2026-02-30", "Écrivez une date, comme 24/11/2026."),
        ("choice", {"choices": "a\nb"}, "c", "Choisissez dans la liste."),
        ("choices", {"choices": "a\nb"}, ["a", "c"], "Choisissez dans la liste."),
        ("text", {"required": "on"}, "", "Ce champ est obligatoire."),
    ],
)
def test_a_wrong_value_is_told_beside_its_field_and_kept_nowhere(nord, coordinator, define, kind, more, wrong, told):
    name = define("Champ", kind=kind, **more)

    answer = coordinator.post(edit_of(nord.organisation), structure_form("Autre nom", **{name: wrong}))

    assert answer.status_code == 422
    assert answer.context["form"].errors == {name: [told]}
    assert told in text(answer)
    with open_hub(nord.hub):
        assert not OwnValue.objects.exists()
        nord.organisation.refresh_from_db()
        assert nord.organisation.name == "Compagnie nord"


@pytest.mark.feature("ME10")
def test_a_field_that_ends_leaves_the_forms_and_stays_in_the_export(nord, coordinator, define):
    name = define("Ancien nom", kind="text")
    coordinator.post(edit_of(nord.organisation), structure_form("Compagnie nord", **{name: "Les Nomades"}))

    ended = text(coordinator.post(f"{FIELDS}{name.removeprefix('own_')}/fin/", follow=True))
    form = coordinator.get(edit_of(nord.organisation))
    coordinator.post(edit_of(nord.organisation), structure_form("Compagnie nord"))
    rows = coordinator.get(f"{STRUCTURES}?export=csv").content.decode("utf-8-sig").splitlines()

    assert "« Ancien nom » n’est plus demandé." in ended
    assert "Plus demandés" in ended
    assert name not in form.text
    assert (rows[0].split(";")[-1], rows[1].split(";")[-1]) == ("Ancien nom", "Les Nomades")

    coordinator.post(f"{FIELDS}{name.removeprefix('own_')}/fin/")

    assert 'value="Les Nomades"' in coordinator.get(edit_of(nord.organisation)).text


@pytest.mark.feature("ME10")
def test_who_it_is_about_meets_what_the_hub_shows_and_writes_what_it_opens(nord, sign_in, coordinator, define):
    hidden = define("Confidentiel", reach="staff")
    read = define("Casier", reach="read")
    write = define("Nom d’usage", reach="write")
    with open_hub(nord.hub):
        for label in ("Confidentiel", "Casier"):
            OwnValue.objects.create(
                field=OwnField.objects.get(label=label), organisation=nord.organisation, text=f"{label} 12"
            )
    administrator, employee = sign_in(nord, "administrator"), sign_in(nord, "employee")
    edit = f"/mon-espace/structure/{nord.organisation.public_id}/modifier/"

    form = administrator.get(edit).text
    answer = administrator.post(edit, {write: "La Compagnie", read: "forcé", hidden: "forcé"})
    page = text(employee.get("/mon-espace/structure/"))

    assert (write in form, read in form, hidden in form) == (True, False, False)
    assert answer.status_code == 302
    assert "La Compagnie" in page
    assert "Casier 12" in page
    assert "Confidentiel" not in page
    assert employee.post(edit, {write: "Pas moi"}).status_code == 403
    with open_hub(nord.hub):
        values = OwnValue.objects.order_by("field__label").values_list("field__label", "text")
        assert list(values) == [
            ("Casier", "Casier 12"), ("Confidentiel", "Confidentiel 12"), ("Nom d’usage", "La Compagnie"),
        ]  # fmt: skip


@pytest.mark.feature("ME10")
def test_a_person_has_own_fields_on_their_sheet_in_the_export_and_in_their_data(nord, sign_in, coordinator, define):
    badge = define("Badge", about="person", kind="integer", required="on")
    diet = define("Régime", about="person", kind="choice", choices="aucun\nvégétarien", reach="write")
    employee = sign_in(nord, "employee")
    sheet = f"{PEOPLE}{nord.employee.public_id}/"
    who = {"given_name": "Camille", "family_name": "Roche", "email": nord.employee.email}

    missing = coordinator.post(f"{sheet}modifier/", who)
    coordinator.post(f"{sheet}modifier/", {**who, badge: "7"})
    form = employee.get("/mon-espace/moi/donnees/completer/").text
    wrong = employee.post("/mon-espace/moi/donnees/completer/", {diet: "chasseur"})
    employee.post("/mon-espace/moi/donnees/completer/", {diet: "végétarien", badge: "9"})
    export = coordinator.get(f"{PEOPLE}?nom=roche&export=csv").content.decode("utf-8-sig").splitlines()
    archive = zipfile.ZipFile(io.BytesIO(employee.get("/mon-espace/moi/donnees/export/").getvalue()))
    mine = json.loads(archive.read("donnees.json"))["donnees"]["informations_propres_au_pole"]["lignes"]

    assert missing.context["form"].errors == {badge: ["Ce champ est obligatoire."]}
    assert (badge in form, diet in form, wrong.status_code) == (False, True, 422)
    assert export[0] == "Nom;Prénom;Adresse électronique;Téléphone;Rôles;Peut se connecter;Badge;Régime"
    assert export[1].split(";")[-3:] == ["oui", "7", "végétarien"]
    assert mine == [{"Champ": "Badge", "Valeur": 7}, {"Champ": "Régime", "Valeur": "végétarien"}]
    assert "végétarien" in text(coordinator.get(sheet))
    with open_hub(nord.hub):
        # The log outlives the person's data: it says what changed and not to what.
        told = AuditEntry.objects.filter(verb="parties.fields_answered").values_list("before", "after")
        assert list(told) == [(None, {"fields": ["Badge"]}), (None, {"fields": ["Régime"]})]


def test_a_new_structure_answers_what_is_required(nord, coordinator, define):
    name = define("Parrainée par", required="on")

    missing = coordinator.post(f"{STRUCTURES}nouvelle/", structure_form("Neuve"))
    made = coordinator.post(f"{STRUCTURES}nouvelle/", structure_form("Neuve", **{name: "Anna"}), follow=True)

    assert missing.status_code == 422
    assert "Anna" in text(made)


def test_a_definition_is_changed_but_for_its_kind(nord, coordinator, define):
    field = define("Quartier", kind="choice", choices="Nord\nSud").removeprefix("own_")
    coordinator.post(edit_of(nord.organisation), structure_form("Compagnie nord", **{f"own_{field}": "Sud"}))

    answer = coordinator.post(
        f"{FIELDS}{field}/",
        {"label": "Secteur", "choices": "Nord\nCentre", "reach": "read", "rank": "3", "kind": "date"},
    )
    form = coordinator.get(edit_of(nord.organisation)).text

    assert answer.status_code == 302
    with open_hub(nord.hub):
        kept = OwnField.objects.get()
        assert (kept.label, kept.kind, kept.choices, kept.reach, kept.rank) == (
            "Secteur", FieldKind.CHOICE, ["Nord", "Centre"], FieldReach.READ, 3,
        )  # fmt: skip
    # What was answered stays a choice of this structure.
    assert re.findall(r'<option value="(\w*)"', form.split(f"own_{field}")[-1].split("</select>")[0]) == [
        "", "Nord", "Centre", "Sud",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "field", "told"),
    [
        ({"label": "quartier"}, "label", "Un champ porte déjà ce libellé."),
        ({"kind": "choice", "choices": "seul"}, "choices", "Une liste a au moins deux choix, un par ligne."),
        ({"unit": "€"}, "unit", "Une unité ne va qu’avec un nombre."),
        ({"kind": "image"}, "kind", None),
    ],
)
def test_a_definition_that_makes_no_sense_is_refused_beside_its_field(nord, coordinator, define, given, field, told):
    define("Quartier")

    answer = coordinator.post(
        f"{FIELDS}nouveau/", {"label": "Autre", "kind": "text", "about": "organisation", "reach": "staff"} | given
    )

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert told is None or answer.context["form"].errors[field] == [told]


@pytest.mark.parametrize("name", ["accountant", "adviser", "receptionist", "elected", "observer", "administrator"])
def test_the_coordination_alone_defines_fields(nord, sign_in, name):
    browser = sign_in(nord, name)

    assert {browser.get(FIELDS).status_code, browser.post(f"{FIELDS}nouveau/", {}).status_code} == {403}


def test_the_database_holds_one_value_per_field_and_thing_and_one_type(hub, nord):
    field = OwnFieldFactory()
    OwnValue.objects.create(field=field, organisation=nord.organisation, text="a")
    wrong = (
        ("parties_ownvalue_of_organisation", {"organisation": nord.organisation, "text": "b"}),
        ("parties_ownvalue_one_value", {"organisation": OrganisationFactory(), "text": "b", "yes": True}),
        ("parties_ownvalue_one_value", {"organisation": OrganisationFactory()}),
        ("parties_ownvalue_one_thing", {"organisation": OrganisationFactory(), "person": PersonFactory(), "text": "b"}),
        ("parties_ownvalue_one_thing", {"text": "b"}),
    )

    for constraint, columns in wrong:
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            OwnValue.objects.create(field=field, **columns)


def test_a_field_of_another_hub_is_answered_by_nobody_here(nord, sud):
    with open_hub(sud.hub):
        field = OwnFieldFactory()
    with (
        open_hub(nord.hub),
        pytest.raises(IntegrityError, match="parties_ownvalue_field_same_hub"),
        transaction.atomic(),
    ):
        OwnValue.objects.create(field=field, organisation=nord.organisation, text="a")


def test_the_action_checks_types_and_rights_whoever_calls(hub, nord):
    number = OwnFieldFactory(kind=FieldKind.DECIMAL)
    by = nord.actor("coordinator")

    for wrong in ("3", True, dt.date(2026, 1, 1)):
        with pytest.raises(WrongType):
            answer_fields(thing=nord.organisation, answers={number: wrong}, by=by)
    with pytest.raises(NotAllowed):
        answer_fields(thing=nord.organisation, answers={number: Decimal(3)}, by=nord.actor("administrator"))
    with pytest.raises(NotAllowed):
        answer_fields(thing=Person.objects.first(), answers={number: Decimal(3)}, by=by)
    answer_fields(thing=nord.organisation, answers={number: Decimal("3.50")}, by=by)
    assert values_of(nord.organisation) == {number.pk: Decimal("3.5")}
    answer_fields(thing=nord.organisation, answers={number: None}, by=by)
    assert not OwnValue.objects.exists()
