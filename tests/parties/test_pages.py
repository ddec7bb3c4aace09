"""/gestion/structures/ and /mon-espace/structure/, opened as people open them."""

import datetime as dt
import io
import re
from html import unescape

import pytest
from openpyxl import load_workbook

from hubs.enums import LegalForm
from hubs.models import AuditEntry, Mail
from hubs.scope import open_hub
from members.enums import MemberKind
from parties.enums import LinkRole
from parties.models import Link, Organisation, Person
from tests.members.factories import FiscalYearFactory, MembershipFactory
from tests.parties.factories import LinkFactory, OrganisationFactory, PersonFactory, TradeFactory, YearFiguresFactory

LIST = "/gestion/structures/"
STAFF = ("coordinator", "accountant", "adviser", "receptionist")
NOT_STAFF = ("elected", "observer", "administrator", "employee", "stranger")


def sheet(organisation, tail=""):
    return f"{LIST}{organisation.public_id}/{tail}"


def names(response):
    return [
        unescape(name) for name in re.findall(r'<tr><td><a href="/gestion/structures/\w+/">(.*?)</a>', response.text)
    ]


@pytest.mark.parametrize("name", STAFF)
def test_staff_open_the_list_and_a_sheet(nord, sign_in, name):
    client = sign_in(nord, name)

    assert client.get(LIST).status_code == 200
    assert "Compagnie nord" in client.get(sheet(nord.organisation)).text


@pytest.mark.parametrize("name", NOT_STAFF)
@pytest.mark.parametrize("tail", ["", "modifier/", "personnes/ajouter/", "chiffres/"])
def test_others_are_refused(nord, sign_in, name, tail):
    client = sign_in(nord, name)

    assert client.get(LIST).status_code == 403
    assert client.get(sheet(nord.organisation, tail)).status_code == 403


@pytest.mark.parametrize("tail", ["", "modifier/", "personnes/ajouter/", "chiffres/"])
def test_another_hubs_structure_is_not_found(nord, sud, sign_in, tail):
    assert sign_in(nord, "coordinator").get(sheet(sud.organisation, tail)).status_code == 404


def test_another_hubs_role_is_not_found(nord, sud, sign_in):
    with open_hub(sud.hub):
        theirs = Link.objects.first()

    assert sign_in(nord, "coordinator").get(sheet(nord.organisation, f"roles/{theirs.pk}/fin/")).status_code == 404


@pytest.mark.parametrize("name", ["adviser", "receptionist"])
def test_who_reads_does_not_write(nord, sign_in, name):
    client = sign_in(nord, name)

    assert client.get(f"{LIST}nouvelle/").status_code == 403
    assert client.get(sheet(nord.organisation, "modifier/")).status_code == 403


@pytest.mark.parametrize(("rows", "queries"), [(1, 13), (3, 13)])
def test_the_list_asks_as_much_for_one_row_as_for_three(nord, sign_in, rows, queries, django_assert_num_queries):
    with open_hub(nord.hub):
        year = FiscalYearFactory(year=2020)
        for _number in range(rows - 1):
            MembershipFactory(organisation=OrganisationFactory(trade=TradeFactory()), fiscal_year=year)
    client = sign_in(nord, "coordinator")

    with django_assert_num_queries(queries):
        response = client.get(LIST)

    assert len(names(response)) == rows


def test_the_list_is_searched_filtered_and_sorted(nord, sign_in):
    with open_hub(nord.hub):
        dance = TradeFactory(name="danse")
        elan = OrganisationFactory(name="Élan", trade=dance, legal_form=LegalForm.SCIC, town="Quetigny")
        OrganisationFactory(name="Zèbre", town="Ahuy")
        MembershipFactory(organisation=elan, fiscal_year=FiscalYearFactory(year=2020), kind=MemberKind.ASSOCIATE)
    client = sign_in(nord, "coordinator")

    assert names(client.get(LIST)) == ["Compagnie nord", "Élan", "Zèbre"]
    assert names(client.get(LIST, {"sort": "-name"})) == ["Zèbre", "Élan", "Compagnie nord"]
    assert names(client.get(LIST, {"sort": "town"})) == ["Zèbre", "Compagnie nord", "Élan"]
    for query in ({"nom": "elan"}, {"metier": dance.pk}, {"forme": "scic"}, {"lien": "associate"}):
        assert names(client.get(LIST, query)) == ["Élan"]
    assert names(client.get(LIST, {"lien": "external"})) == ["Compagnie nord", "Zèbre"]


def test_the_list_leaves_as_files_that_run_nothing(nord, sign_in):
    with open_hub(nord.hub):
        OrganisationFactory(name="=cmd|' /C calc'!A0")
    client = sign_in(nord, "coordinator")

    as_csv = client.get(LIST, {"export": "csv"})
    as_xlsx = client.get(LIST, {"export": "xlsx"})

    assert as_csv.headers["Content-Disposition"] == 'attachment; filename="structures.csv"'
    assert as_csv.content.decode("utf-8-sig").splitlines()[1].startswith("'=cmd|' /C calc'!A0;association;")
    rows = list(load_workbook(io.BytesIO(as_xlsx.content)).active.values)
    assert [row[0] for row in rows] == ["Nom", "'=cmd|' /C calc'!A0", "Compagnie nord"]


@pytest.mark.feature("ME1")
def test_a_structure_is_added_with_its_people_and_their_roles(nord, sign_in):
    client = sign_in(nord, "coordinator")

    added = client.post(
        f"{LIST}nouvelle/",
        {
            "name": "Zutique Productions",
            "legal_form": "association",
            "siret": "860 656 982 00011",
            "trade": "Spectacle",
        },
        follow=True,
    )
    with open_hub(nord.hub):
        zutique = Organisation.objects.select_related("trade").get(name="Zutique Productions")
    person_url = sheet(zutique, "personnes/ajouter/")
    base = {
        "given_name": "Hélène",
        "family_name": "Roussel",
        "email": "helene@zutique.example",
        "starts_on": "2024-01-01",
    }
    client.post(person_url, base | {"role": "legal"})
    client.post(person_url, base | {"role": "dues", "with_account": "on"})
    client.post(
        person_url, {"given_name": "Mathis", "family_name": "Garnier", "role": "employee", "starts_on": "2024-01-01"}
    )
    shown = client.get(sheet(zutique)).text

    assert "Zutique Productions est au fichier." in added.text
    assert (zutique.siret, zutique.siren, zutique.trade.name) == ("86065698200011", "860656982", "Spectacle")
    with open_hub(nord.hub):
        roles = set(zutique.links.values_list("person__given_name", "role"))
        helene = Person.objects.get(email="helene@zutique.example")
        assert roles == {("Hélène", "legal"), ("Hélène", "dues"), ("Mathis", "employee")}
        assert helene.user is None  # until she answers
        assert Mail.objects.get().to == ["helene@zutique.example"]
    for words in ("représentant·e légal·e", "contact cotisations et factures", "salarié·e", "Rôle donné"):
        assert words in shown


@pytest.mark.feature("ME1")
def test_a_role_ends_on_its_last_day_and_its_rights_with_it(nord, sign_in):
    with open_hub(nord.hub):
        link = LinkFactory(organisation=nord.organisation, role=LinkRole.EMPLOYEE, starts_on=dt.date(2024, 1, 1))
    member, client = sign_in(nord), sign_in(nord, "coordinator")
    with open_hub(nord.hub):
        member.force_login(link.person.user)
    before = member.get("/mon-espace/structure/").status_code

    answer = client.post(sheet(nord.organisation, f"roles/{link.pk}/fin/"), {"last_day": "2025-06-30"}, follow=True)

    with open_hub(nord.hub):
        link.refresh_from_db()
    assert link.ends_on == dt.date(2025, 7, 1)
    assert "du 1er janvier 2024 au 30 juin 2025 inclus" in answer.text.replace("\xa0", " ")
    assert (before, member.get("/mon-espace/structure/").status_code) == (200, 403)


def test_a_wrong_form_keeps_what_was_typed(nord, sign_in):
    client = sign_in(nord, "coordinator")

    answer = client.post(
        f"{LIST}nouvelle/", {"name": "Zutique", "legal_form": "association", "siret": "86065698200012"}
    )

    assert answer.status_code == 422
    assert 'value="Zutique"' in answer.text
    assert answer.context["form"].errors == {"siret": ["Ce SIRET n’existe pas\u00a0: sa clé de contrôle est fausse."]}


def test_the_mail_of_someone_else_is_refused_next_to_it(nord, sign_in):
    with open_hub(nord.hub):
        PersonFactory(given_name="Ada", family_name="Lovelace", email="ada@exemple.example")

    answer = sign_in(nord, "coordinator").post(
        sheet(nord.organisation, "personnes/ajouter/"),
        {"given_name": "Grace", "family_name": "Hopper", "email": "ADA@exemple.example", "role": "legal", "starts_on": "2024-01-01"},
    )  # fmt: skip

    assert answer.status_code == 422
    assert answer.context["form"].errors == {"email": ["Cette adresse est celle de Ada Lovelace."]}


def test_another_hubs_host_is_no_choice(nord, sud, sign_in):
    answer = sign_in(nord, "coordinator").post(
        f"{LIST}nouvelle/", {"name": "Projet", "legal_form": "cae", "hosted_by": sud.organisation.pk}
    )
    missing = sign_in(nord, "coordinator").post(
        f"{LIST}nouvelle/", {"name": "Projet", "legal_form": "cae", "hosted_by": 999_999}
    )

    assert answer.status_code == 422
    assert answer.context["form"].errors == missing.context["form"].errors


def test_editing_logs_before_and_after(nord, sign_in):
    client = sign_in(nord, "coordinator")

    client.post(
        sheet(nord.organisation, "modifier/"),
        {"name": "Compagnie nord", "legal_form": "scic", "email": nord.organisation.email,
         "address": "3 rue des Ateliers", "postcode": "21000", "town": "Dijon"},
    )  # fmt: skip

    with open_hub(nord.hub):
        assert list(AuditEntry.objects.values_list("verb", "before", "after")) == [
            ("parties.structure_changed", {"legal_form": "association"}, {"legal_form": "scic"})
        ]
    assert "forme juridique\u00a0: association → SCIC" in client.get(sheet(nord.organisation)).text


def test_figures_are_typed_the_french_way_and_hidden_from_reception(nord, sign_in):
    url = sheet(nord.organisation, "chiffres/")
    client = sign_in(nord, "coordinator")

    client.post(url, {"year": "2025", "fte": "6,5", "permanent": "6", "budget": "620 000", "equity": "-12 000"})
    shown = client.get(sheet(nord.organisation)).text.replace("\u202f", " ")
    again = client.get(url, {"annee": "2025"})

    assert "620 000" in shown
    assert "−12 000" in shown
    assert 'value="6,50"' in again.text
    assert "620 000" not in sign_in(nord, "receptionist").get(sheet(nord.organisation)).text.replace("\u202f", " ")


def test_a_get_changes_nothing(nord, sign_in):
    client = sign_in(nord, "coordinator")
    with open_hub(nord.hub):
        link = nord.organisation.links.first()
    for url in (LIST, sheet(nord.organisation), f"{LIST}nouvelle/", sheet(nord.organisation, f"roles/{link.pk}/fin/")):
        assert client.get(url).status_code == 200
        assert client.head(url).status_code == 200
    with open_hub(nord.hub):
        assert AuditEntry.objects.count() == 0


# --- Mon espace ---

MINE = "/mon-espace/structure/"


def test_an_employee_reads_the_sheet_and_an_administrator_edits_the_addresses(nord, sign_in):
    edit = f"{MINE}{nord.organisation.public_id}/modifier/"

    assert "Compagnie nord" in sign_in(nord, "employee").get(MINE).text
    assert sign_in(nord, "employee").get(edit).status_code == 403
    answer = sign_in(nord, "administrator").post(
        edit, {"email": "nouveau@nord.example", "town": "Chenôve", "name": "Pirate", "legal_form": "sa"}, follow=True
    )

    assert "Vos coordonnées sont à jour." in answer.text
    with open_hub(nord.hub):
        kept = Organisation.objects.get(pk=nord.organisation.pk)
        assert (kept.name, kept.legal_form, kept.email, kept.town) == (
            "Compagnie nord", "association", "nouveau@nord.example", "Chenôve",
        )  # fmt: skip


def test_my_structure_is_mine_only(nord, sud, sign_in):
    with open_hub(nord.hub):
        other = OrganisationFactory()
    client = sign_in(nord, "administrator")

    for organisation in (other, sud.organisation):
        assert client.get(MINE, {"structure": organisation.public_id}).status_code == 404
        assert client.get(f"{MINE}{organisation.public_id}/modifier/").status_code == 404
    for name in ("stranger", "coordinator", "observer"):
        assert sign_in(nord, name).get(MINE).status_code == 403


@pytest.mark.feature("ME1")
def test_who_works_in_two_structures_chooses_which_to_see(nord, sign_in):
    with open_hub(nord.hub):
        second = OrganisationFactory(name="Deuxième")
        LinkFactory(person=nord.administrator, organisation=second, role=LinkRole.EMPLOYEE)
    client = sign_in(nord, "administrator")

    assert "Modifier les coordonnées" in client.get(MINE).text
    assert "Modifier les coordonnées" not in client.get(MINE, {"structure": second.public_id}).text


def test_the_figures_of_a_structure_are_listed_by_year(nord, sign_in):
    with open_hub(nord.hub):
        YearFiguresFactory(organisation=nord.organisation, year=2013, fte="6.5")
        YearFiguresFactory(organisation=nord.organisation, year=2025, fte="7")

    figures = sign_in(nord, "adviser").get(sheet(nord.organisation)).context["figures"]

    assert [(year, values[0]) for year, values in figures] == [(2025, ("ETP", "7")), (2013, ("ETP", "6,5"))]
