"""Dues called and paid before the portal come in from a file with other people's columns (HU12)."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine

from billing import actions as billing_actions
from billing.actions.ledger import furnish_books
from billing.models import Account, Invoice, JournalLine, LockDate, OpeningMapping, Payment
from hubs.actors import system
from hubs.models import AuditEntry
from hubs.scope import open_hub
from members.enums import DuesState, MemberKind, Standing
from members.models import DuesCall, Membership
from members.queries import dues_states, members_on, rows_of_year
from tests.billing.factories import IssuerFactory, VatRuleFactory
from tests.billing.test_openings import START, confirm, drop, dry_run, fates, problems, say
from tests.billing.test_views import rows_of, said
from tests.members.dues import dues_called
from tests.members.factories import CollegeFactory, DuesScaleFactory, FiscalYearFactory, MembershipFactory
from tests.parties.factories import OrganisationFactory, PersonFactory

TODAY = dt.date(2026, 3, 2)
ASSOCONNECT = (
    "Adhésions 2026;;;;;\n"
    "Nom de la structure;Saison;Catégorie;Cotisation;Encaissé;Date d’encaissement\n"
    "Compagnie nord;2026;Structures;300,00 €;300,00 €;15/01/2026\n"
    "Zéphyr;2026;Structures;1 200;400;20/02/2026\n"
    "Le Hangar;2026;structures;0;;\n"
)
COLUMNS = {"column_0": "holder"}


@pytest.fixture(autouse=True)
def second_of_march():
    with time_machine.travel(dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC), tick=True):
        yield


@pytest.fixture
def year(nord):
    """2026, with a scale: « Compagnie nord » is a member of it, « Zéphyr » and « Le Hangar » are not yet."""
    with open_hub(nord.hub):
        IssuerFactory()
        VatRuleFactory(out_of_scope=True)
        year, college = FiscalYearFactory(year=2026), CollegeFactory(name="Structures")
        CollegeFactory(name="Personnes", takes_structures=False, takes_people=True)
        DuesScaleFactory(fiscal_year=year, basis="flat", brackets=[(0, None, 500)], adopted=dt.date(2026, 1, 10))
        MembershipFactory(organisation=nord.organisation, college=college, fiscal_year=year)
        OrganisationFactory(name="Zéphyr", email="zephyr@nord.example")
        OrganisationFactory(name="Le Hangar", email="hangar@nord.example")
        return year


@pytest.fixture
def office(nord, year, sign_in):
    return sign_in(nord, "accountant")


@pytest.mark.feature("HU12")
def test_dues_paid_elsewhere_are_shown_and_never_called_again(nord, year, office, sign_in):
    assert "Cotisations déjà payées" in said(office.get(START))
    columns = drop(office, "dues", ASSOCONNECT)
    dry = say(office, columns, **COLUMNS)
    assert fates(dry) == [(3, "new"), (4, "new"), (5, "new")]
    assert "adhésion 2026 faite, Structures : cotisation de 1 200,00 €, reste 800,00 €" in said(dry)
    with open_hub(nord.hub):
        assert (Membership.objects.count(), DuesCall.objects.count(), Invoice.objects.count()) == (1, 0, 0)
    done = confirm(office, dry)
    assert "C’est repris" in said(done)

    with open_hub(nord.hub):
        rows = {str(row.membership.member): row for row in rows_of_year(year, TODAY)}
        assert {name: (row.state, row.paid, row.due, row.may_be_called) for name, row in rows.items()} == {
            "Compagnie nord": (DuesState.PAID, Decimal("300.00"), 0, False),
            "Zéphyr": (DuesState.PARTLY, Decimal("400.00"), Decimal("800.00"), False),
            "Le Hangar": (DuesState.EXEMPT, 0, 0, False),
        }
        zephyr = Membership.objects.get(organisation__name="Zéphyr")
        assert (zephyr.standing, zephyr.kind, zephyr.fiscal_year) == (Standing.MEMBER, MemberKind.ASSOCIATE, year)
        assert {str(each) for each in members_on(TODAY)} >= {"Zéphyr", "Le Hangar", "Compagnie nord"}
        # The roll of an assembly on 1 February: what was paid by then, and no more.
        on_the_first = dues_states(year, dt.date(2026, 2, 1))
        assert on_the_first[zephyr.pk] == DuesState.CALLED
        assert on_the_first[Membership.objects.get(organisation=nord.organisation).pk] == DuesState.PAID
        assert set(Payment.objects.values_list("received_on", "amount", "method")) == {
            (dt.date(2026, 1, 15), Decimal("300.00"), "opening"), (dt.date(2026, 2, 20), Decimal("400.00"), "opening"),
        }  # fmt: skip
        assert AuditEntry.objects.filter(verb="members.dues_opened").count() == 3
    coordinator = sign_in(nord, "coordinator")
    call = said(coordinator.get(f"/gestion/membres/cotisations/{year.pk}/appel/"))
    assert "Aucune cotisation à appeler" in call
    assert "300,00 € appelés, 300,00 € payés le 15 janvier 2026" in said(
        coordinator.get("/gestion/membres/cotisations/")
    )
    own = said(sign_in(nord, "administrator").get("/mon-espace/cotisation/"))
    assert ("300,00 € payée" in own, "reprise d’avant le portail" in own) == (True, True)
    assert "Télécharger l’appel" not in own


@pytest.mark.feature("HU12")
def test_the_same_dues_twice_change_nothing_and_the_columns_are_known(nord, office):
    confirm(office, dry_run(office, "dues", ASSOCONNECT, **COLUMNS))

    again = drop(office, "dues", ASSOCONNECT)
    assert [field.initial for field in again.context["form"].fields.values()] == [
        "holder", "year", "college", "called", "paid", "on",
    ]  # fmt: skip
    dry = say(office, again)

    assert fates(dry) == [(3, "unchanged"), (4, "unchanged"), (5, "unchanged")]
    with open_hub(nord.hub):
        assert DuesCall.objects.count() == 3
        assert OpeningMapping.objects.get().columns["nom de la structure"] == "holder"


@pytest.mark.feature("HU12")
def test_bad_lines_of_dues_say_what_to_mend_and_the_good_ones_come_in(nord, year, office):
    with open_hub(nord.hub):
        called = MembershipFactory(organisation__name="Rivage", fiscal_year=year, college__name="Partenaires")
        dues_called(called)
        MembershipFactory(
            organisation__name="Partie", fiscal_year=year, standing=Standing.LEFT, left_on=dt.date(2026, 1, 1)
        )
        PersonFactory(given_name="Léa", family_name="Roux")
        PersonFactory(given_name="Ali", family_name="Dury")
    head = "Nom;Année;Collège;Appelé;Payé;Payée le\n"
    dry = dry_run(
        office,
        "dues",
        head
        + "Zéphyr;2026;Structures;300;300;15/01/2026\n"
        + "Inconnue;2026;Structures;300;300;15/01/2026\n"
        + "Zéphyr;2019;Structures;300;300;15/01/2019\n"
        + "Compagnie nord;2026;;300;301;15/01/2026\n"
        + "Zéphyr;2026;Structures;300;300;15/01/2026\n"
        + "Le Hangar;2026;Structures;trois cents;;\n"
        + "Le Hangar;2026;;300;300;15/01/2026\n"
        + "Roux Léa;2026;Structures;10;10;15/01/2026\n"
        + "Rivage;2026;;300;300;15/01/2026\n"
        + "Partie;2026;;300;300;15/01/2026\n"
        + "Ali Dury;2026;Personnes;10;10;15/01/2027\n"
        + "Léa Roux;;Personnes;10;10;\n",
    )

    assert [outcome for _line, outcome in fates(dry)] == ["new"] + ["wrong"] * 11
    assert [title for title, _text in problems(dry)] == [
        "Structure ou personne", "Exercice", "Montant payé", "Exercice", "Montant appelé", "Collège", "Collège",
        "Exercice", "Exercice", "Payée le", "Exercice",
    ]  # fmt: skip
    assert confirm(office, dry).status_code == 422
    confirm(office, dry, only_good="1")
    with open_hub(nord.hub):
        assert [str(call.membership.member) for call in DuesCall.objects.order_by("pk")] == ["Rivage", "Zéphyr"]
    mend = rows_of(office.get(f"{dry.request['PATH_INFO']}a-corriger.csv"))
    assert (len(mend), "n’est pas un exercice du pôle (2026)" in mend[2][-1]) == (12, True)


@pytest.mark.feature("HU12")
def test_a_person_is_a_member_in_their_own_name_and_a_broken_file_is_refused(nord, year, office):
    with open_hub(nord.hub):
        PersonFactory(given_name="Léa", family_name="Roux")
    assert drop(office, "dues", b"\x89PNG\r\n").status_code == 422
    broken = dry_run(office, "dues", b"Nom;Ann\xe9e;Pay\xe9;Date\nZ\x81phyr;2026;10;15/01/2026\n")
    assert [title for title, _text in problems(broken)] == ["Structure ou personne"]

    latin = "Nom;Année;Collège;Payé;Date\nLéa Roux;2026;Personnes;10,00;15/01/2026\n".encode("cp1252")
    confirm(office, dry_run(office, "dues", latin))

    with open_hub(nord.hub):
        call = DuesCall.objects.get()
        assert (str(call.membership.member), call.amount, call.starts_on, call.ends_on, call.called_on) == (
            "Léa Roux", Decimal("10.00"), dt.date(2026, 1, 1), dt.date(2027, 1, 1), dt.date(2026, 1, 1),
        )  # fmt: skip


def test_dues_are_not_added_to_a_balance_nor_behind_the_day_the_books_stop(nord, office):
    confirm(office, dry_run(office, "balances", "Nom;Solde\nZéphyr;75,50\n"))
    line = "Zéphyr;2026;Structures;300;{};15/01/2026\n"
    head = "Nom;Année;Collège;Appelé;Payé;Payée le\n"

    part = dry_run(office, "dues", head + line.format("100"))
    whole = dry_run(office, "dues", head + line.format("300"))
    with open_hub(nord.hub):
        LockDate.objects.create(issuer=Account.objects.get().invoices.get().issuer, until=dt.date(2026, 1, 31), by="x")
    stopped = dry_run(office, "dues", head + line.format("300"))

    assert "ce qui reste dû y serait compté deux fois" in said(part)
    assert fates(whole) == [(2, "new")]
    assert problems(stopped) == [
        ("Payée le", "Les comptes sont arrêtés au 31\u00a0janvier 2026\u00a0: une écriture d’avant ne s’ajoute plus.")
    ]


def test_dues_paid_whole_elsewhere_leave_room_for_the_balance_of_the_account(office):
    confirm(office, dry_run(office, "dues", ASSOCONNECT, **COLUMNS))

    dry = dry_run(office, "balances", "Nom;Solde\nCompagnie nord;10\nZéphyr;10\n")

    assert fates(dry) == [(2, "new"), (3, "wrong")]


def test_the_books_count_them_against_the_opening_entries_and_never_as_a_sale(nord, office):
    with open_hub(nord.hub):
        furnish_books(starts_on=dt.date(2026, 1, 1), today=TODAY)
    confirm(office, dry_run(office, "dues", ASSOCONNECT, **COLUMNS))

    with open_hub(nord.hub):
        billing_actions.post_entries(by=system(nord.hub.pk))
        lines = JournalLine.objects.order_by("pk").values_list("entry__journal", "ledger_account__number")
        assert {journal for journal, _number in lines} == {"OD"}
        assert {number[:1] for _journal, number in lines} == {"4"}


def test_the_dry_run_of_dues_does_not_ask_more_of_a_longer_file(nord, office, django_assert_num_queries):
    with open_hub(nord.hub):
        for n in range(5):
            OrganisationFactory(name=f"Membre {n}")
    pages = []
    for count in (1, 5):
        lines = "".join(f"Membre {n};2026;Structures;300;300;15/01/2026\n" for n in range(count))
        dry = dry_run(office, "dues", "Nom;Année;Collège;Appelé;Payé;Payée le\n" + lines)
        pages.append(dry.request["PATH_INFO"])
    for page in pages:
        office.get(page)
        with django_assert_num_queries(20):
            office.get(page)
