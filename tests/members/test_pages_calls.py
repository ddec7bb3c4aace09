"""The dues of a fiscal year: what each member owes and why, the terms of one, the call, and what the member reads."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine

from billing.actions import preview_month
from billing.actions.payments import settle
from billing.models import Account, Charge, Instalment, Invoice, InvoiceLine, VatRule
from billing.queries import month_plan
from documents.models import Document
from hubs.enums import ItemState
from hubs.models import AuditEntry, Mail, Run, RunItem
from hubs.scope import open_hub
from members.models import DuesCall, DuesTerms, Membership
from parties.models import YearFigures
from tests.billing.factories import AccountFactory, ChargeFactory, PaymentFactory
from tests.members.dues import TODAY, YEAR, calling, said
from tests.members.factories import CollegeFactory, DuesScaleFactory, FiscalYearFactory, MembershipFactory
from tests.parties.factories import PersonFactory

PAGE = "/gestion/membres/cotisations/"
MINE = "/mon-espace/cotisation/"


def call_all(browser, year_id, *, parts=1, follow=True):
    """Read the page of the call, then click."""
    page = browser.get(f"{PAGE}{year_id}/appel/")
    seen = page.context["form"]["seen"].value()
    return browser.post(f"{PAGE}{year_id}/appel/", {"parts": parts, "seen": seen}, follow=follow)


def test_the_page_says_what_each_owes_and_why_and_what_is_missing(nord, sign_in):
    with open_hub(nord.hub):
        year, college = FiscalYearFactory(year=2026), CollegeFactory()
        DuesScaleFactory(fiscal_year=year, adopted=dt.date(2026, 1, 1))
        known, late, _unknown, _nowhere = (
            MembershipFactory(college=college, fiscal_year=year, organisation__name=name, organisation__town=town)
            for name, town in (("Connue", "Dijon"), ("Tardive", "Dijon"), ("Muette", "Dijon"), ("Sans adresse", ""))
        )
        _nowhere.organisation.address = _nowhere.organisation.postcode = ""
        _nowhere.organisation.save()
        for each in (known, late, _nowhere):
            YearFigures.objects.create(organisation=each.organisation, year=2025, fte=Decimal(10))
        DuesTerms.objects.create(membership=late, joined_on=dt.date(2026, 7, 1))
    client = sign_in(nord, "coordinator")

    listed = client.get(f"{PAGE}?exercice={year.pk}")
    as_file = client.get(f"{PAGE}?exercice={year.pk}&export=csv")

    words = said(listed)
    assert listed.status_code == 200
    assert "barème 2026 adopté le 1er janvier 2026 : 800,00 € ; arrivée le 1er juillet 2026 : 6 mois sur 12" in words
    assert "Chiffre de 2025 manquant" in words and "/chiffres/" in words
    assert "Adresse postale manquante" in words
    assert "Aucun organisme n’émet de factures" in words
    assert as_file.text.count("\n") == 5 and "Tardive" in as_file.text


@pytest.mark.parametrize("role", ["receptionist", "observer", "administrator"])
def test_others_do_not_read_it(nord, sign_in, role):
    assert sign_in(nord, role).get(PAGE).status_code == 403


def test_the_dues_of_another_hub_are_not_there(nord, sud, sign_in):
    (membership,) = calling(sud)
    browser = sign_in(nord, "coordinator")

    assert browser.get(f"{PAGE}{membership.fiscal_year_id}/appel/").status_code == 404
    assert browser.get(f"/gestion/membres/adhesions/{membership.pk}/cotisation/").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_as_much_for_one_member_as_for_three(nord, sign_in, django_assert_num_queries, rows):
    calling(nord, *(f"Structure {n}" for n in range(rows - 1)))
    browser = sign_in(nord, "coordinator")
    browser.get(PAGE)

    with django_assert_num_queries(18):
        browser.get(PAGE)


@pytest.mark.feature("ME4")
def test_dues_are_previewed_called_and_mailed_once(nord, sign_in, work):
    membership, other = calling(nord, "Le Théâtre")
    browser = sign_in(nord, "coordinator")

    preview = browser.get(PAGE)
    page = browser.get(f"{PAGE}{membership.fiscal_year_id}/appel/")
    called = call_all(browser, membership.fiscal_year_id)
    work(nord.hub)
    again = call_all(browser, membership.fiscal_year_id)

    assert "Appeler 2 cotisations" in said(preview)
    assert "2 cotisations, pour 1 600,00 € en tout, seront appelées." in said(page)
    assert "2 cotisations sont appelées." in said(called)
    assert "Appeler 2 cotisations" not in said(called) and "Suivre le travail" in said(called)
    assert "Aucune cotisation n’est à appeler" in said(again)
    with open_hub(nord.hub):
        assert Run.objects.filter(title=f"Cotisations de l’exercice {YEAR}").count() == 1
        invoices = Invoice.objects.order_by("number")
        assert [(each.number, each.kind, each.total_incl, each.total_vat) for each in invoices] == [
            (f"AC-{YEAR}-00001", "dues", Decimal("800.00"), 0), (f"AC-{YEAR}-00002", "dues", Decimal("800.00"), 0),
        ]  # fmt: skip
        line = InvoiceLine.objects.get(invoice=membership.dues_call.invoice)
        assert (line.description, line.charge, line.detail) == (f"Cotisation {YEAR}", None, membership.dues_call.why)
        assert "10 équivalents temps plein" in line.detail
        assert Document.objects.filter(kind="invoice").count() == 2
        mails = Mail.objects.filter(about__startswith="billing.invoice").values_list("to", flat=True)
        assert sorted(mails) == sorted([[nord.organisation.email], [other.organisation.email]])
        assert DuesCall.objects.values_list("amount", "starts_on", "ends_on", "called_on").distinct().get() == (
            Decimal("800.00"), dt.date(YEAR, 1, 1), dt.date(YEAR + 1, 1, 1), TODAY,
        )  # fmt: skip
        assert AuditEntry.objects.filter(verb="members.dues_called").count() == 2
        assert not month_plan(TODAY.replace(day=1)).drafts and not Charge.objects.exists()
    assert f"AC-{YEAR}-00001" in said(browser.get(PAGE))


def test_a_preview_that_changed_is_read_again(nord, sign_in):
    (membership,) = calling(nord)
    browser = sign_in(nord, "coordinator")
    seen = browser.get(f"{PAGE}{membership.fiscal_year_id}/appel/").context["form"]["seen"].value()
    with open_hub(nord.hub):
        YearFigures.objects.update(fte=Decimal(60))

    refused = browser.post(f"{PAGE}{membership.fiscal_year_id}/appel/", {"parts": 1, "seen": seen})

    assert (refused.status_code, "4 000,00 €" in said(refused)) == (422, True)
    with open_hub(nord.hub):
        assert not Run.objects.exists()


def test_an_amount_that_changed_after_the_click_is_not_called(nord, sign_in, work):
    (membership,) = calling(nord)
    browser = sign_in(nord, "coordinator")
    call_all(browser, membership.fiscal_year_id)
    with open_hub(nord.hub):
        YearFigures.objects.update(fte=Decimal(60))

    with open_hub(nord.hub):
        RunItem.objects.update(tries=4)
    work(nord.hub)

    with open_hub(nord.hub):
        item = RunItem.objects.get()
        assert (item.state, "ont changé" in item.error, DuesCall.objects.count()) == (ItemState.FAILED, True, 0)
    # The next preview shows the new amount, and calls it.
    call_all(browser, membership.fiscal_year_id)
    work(nord.hub)
    with open_hub(nord.hub):
        assert DuesCall.objects.get().amount == 4_000


def test_the_terms_of_a_member_are_noted_with_their_reason(nord, sign_in, work):
    agreed, exempt, held = calling(nord, "Dispensée", "En attente")
    browser = sign_in(nord, "coordinator")

    def note(membership, **typed):
        return browser.post(f"/gestion/membres/adhesions/{membership.pk}/cotisation/", typed, follow=True)

    wrong = note(agreed, treatment="agreed", reason="")
    note(agreed, treatment="agreed", amount="120,50", reason="Année difficile, vu en Bureau")
    note(exempt, treatment="exempt", reason="Membre d’honneur")
    note(held, treatment="held", reason="Compte en discussion")
    page = said(browser.get(f"{PAGE}{agreed.fiscal_year_id}/appel/"))
    call_all(browser, agreed.fiscal_year_id)
    work(nord.hub)
    too_late = note(exempt, treatment="scale")

    assert (wrong.status_code, "Dites pourquoi." in said(wrong), "Dites le montant convenu." in said(wrong)) == (
        422, True, True,
    )  # fmt: skip
    assert "Pas appelées cette fois" in page and "Compte en discussion" in page and "1 n’a rien à payer" in page
    with open_hub(nord.hub):
        assert {call.membership_id: (call.amount, call.invoice_id is None) for call in DuesCall.objects.all()} == {
            agreed.pk: (Decimal("120.50"), False), exempt.pk: (Decimal("0.00"), True),
        }  # fmt: skip
    assert too_late.status_code == 422 and "déjà appelée" in said(too_late)


@pytest.mark.feature("ME3")
def test_a_member_who_arrives_in_july_pays_half_and_is_told_so(nord, sign_in, work):
    (membership,) = calling(nord)
    browser = sign_in(nord, "coordinator")
    typed = {"joined_on": f"{YEAR}-07-01", "treatment": "scale", "reason": "Admise par l’assemblée de juin"}

    out = browser.post(
        f"/gestion/membres/adhesions/{membership.pk}/cotisation/", typed | {"joined_on": f"{YEAR + 1}-07-01"}
    )
    browser.post(f"/gestion/membres/adhesions/{membership.pk}/cotisation/", typed)
    call_all(browser, membership.fiscal_year_id)
    work(nord.hub)
    mine = said(sign_in(nord, "administrator").get(MINE))

    assert (out.status_code, "L’arrivée tombe pendant l’exercice." in said(out)) == (422, True)
    with open_hub(nord.hub):
        call = DuesCall.objects.get()
        assert (call.amount, call.starts_on) == (Decimal("400.00"), dt.date(YEAR, 7, 1))
    assert "400,00 €" in mine and f"arrivée le 1er juillet {YEAR} : 6 mois sur 12" in mine


@pytest.mark.feature("ME5")
def test_the_member_reads_why_before_anything_is_due_then_pays(nord, sign_in, work):
    (membership,) = calling(nord)
    coordinator, member = sign_in(nord, "coordinator"), sign_in(nord, "administrator")

    before = said(member.get(MINE))
    call_all(coordinator, membership.fiscal_year_id)
    work(nord.hub)
    due = member.get(MINE)
    card = said(member.get("/mon-espace/"))
    with open_hub(nord.hub):
        invoice = Invoice.objects.get()
    pdf = member.get(f"/mon-espace/compte/factures/{invoice.pk}/pdf/")
    way = said(member.get(f"/mon-espace/compte/factures/{invoice.pk}/"))
    with open_hub(nord.hub):
        PaymentFactory(account=invoice.account, amount=invoice.total_incl)
        settle(invoice.account_id)
    paid = said(member.get(MINE))

    why = f"10 équivalents temps plein (ETP), barème {YEAR} adopté le 10 janvier {YEAR} : 800,00 €"
    assert why in before and "vous recevrez l’appel" in before
    assert why in said(due) and "Il reste 800,00 € à régler" in said(due)
    assert "Votre cotisation" in card and "appelée" in card
    assert pdf.status_code == 200 and invoice.number in way
    assert "payée" in paid and "Il reste" not in paid


def test_dues_past_their_day_say_so(nord, sign_in, work):
    with time_machine.travel(dt.datetime(YEAR, 2, 2, 10, tzinfo=dt.UTC), tick=False):
        (membership,) = calling(nord)
        call_all(sign_in(nord, "coordinator"), membership.fiscal_year_id)
        work(nord.hub)
        in_time = said(sign_in(nord, "administrator").get(MINE))
    with time_machine.travel(dt.datetime(YEAR, 9, 1, 10, tzinfo=dt.UTC), tick=False):
        late = said(sign_in(nord, "administrator").get(MINE))

    assert ("en retard" in in_time, "à régler, au plus tard le" in in_time) == (False, True)
    assert ("en retard" in late, "à régler, depuis le" in late) == (True, True)


def test_only_those_who_administer_read_the_dues_of_their_structure(nord, sign_in):
    calling(nord)
    employee, stranger = said(sign_in(nord, "employee").get(MINE)), said(sign_in(nord, "stranger").get(MINE))

    assert ("800,00 €" in employee, "chez qui administre le compte" in employee) == (False, True)
    assert ("Pas de cotisation à vous montrer" in stranger, 'href="/rejoindre/"' in stranger) == (True, True)


@pytest.mark.feature("ME9")
def test_the_years_without_membership_are_shown_to_the_member_and_to_the_team(nord, sign_in):
    (membership,) = calling(nord)
    with open_hub(nord.hub):
        FiscalYearFactory(year=YEAR - 1)
        old = FiscalYearFactory(year=YEAR - 2)
        MembershipFactory(organisation=nord.organisation, college=membership.college, fiscal_year=old)

    mine = said(sign_in(nord, "administrator").get(MINE))
    sheet = said(sign_in(nord, "coordinator").get(f"/gestion/structures/{nord.organisation.public_id}/"))

    assert mine.index(f"{YEAR - 1}") < mine.index("non membre") < mine.rindex(f"{YEAR - 2}")
    assert f"{YEAR - 1}" in sheet and "non membre" in sheet


def test_a_person_is_called_too_at_their_own_address(nord, sign_in, work):
    with open_hub(nord.hub):
        person = PersonFactory(email="ines@exemple.example", given_name="Inès", family_name="Faivre")
    (membership,) = calling(nord)
    with open_hub(nord.hub):
        people = CollegeFactory(name="Personnes", takes_people=True, takes_structures=False)
        DuesScaleFactory(
            fiscal_year=membership.fiscal_year, college=people, basis="flat", label="personnes",
            brackets=((0, None, 20),), adopted=dt.date(YEAR, 1, 10),
        )  # fmt: skip
        own = Membership.objects.create(
            person=person, college=people, fiscal_year=membership.fiscal_year, kind="associate"
        )
    browser = sign_in(nord, "coordinator")

    call_all(browser, membership.fiscal_year_id)
    work(nord.hub)

    with open_hub(nord.hub):
        call = DuesCall.objects.get(membership=own)
        assert (call.amount, call.invoice.account.person) == (Decimal("20.00"), person)
        assert Mail.objects.get(about=f"billing.invoice:{call.invoice_id}").to == ["ines@exemple.example"]


def test_a_draft_of_the_month_gives_its_place_and_comes_back(nord, sign_in, work):
    (membership,) = calling(nord)
    month = TODAY.replace(day=1)
    with open_hub(nord.hub):
        account = AccountFactory(organisation=nord.organisation)
        ChargeFactory(account=account, on=TODAY, vat_rule=VatRule.objects.get(), description="Participation aux frais")
        preview_month(month=month, by=nord.actor("accountant"))
        stray = Invoice.objects.get()
    assert (stray.kind, stray.issued_at) == ("dues", None)

    call_all(sign_in(nord, "coordinator"), membership.fiscal_year_id)
    work(nord.hub)

    with open_hub(nord.hub):
        assert Invoice.objects.issued().get().total_incl == Decimal("800.00")
        preview_month(month=month, by=nord.actor("accountant"))
        assert Invoice.objects.drafts().get().total_incl == Decimal("10.00")


@pytest.mark.feature("ME8")
def test_dues_called_in_three_dates_say_each_of_them(nord, sign_in, work):
    (membership,) = calling(nord)

    call_all(sign_in(nord, "coordinator"), membership.fiscal_year_id, parts=3)
    work(nord.hub)
    mine = said(sign_in(nord, "administrator").get(MINE))

    with open_hub(nord.hub):
        invoice = Invoice.objects.get()
        parts = list(Instalment.objects.order_by("position").values_list("due_on", "amount"))
        mail = Mail.objects.get(about=f"billing.invoice:{invoice.pk}")
        assert [amount for _day, amount in parts] == [Decimal("266.67"), Decimal("266.67"), Decimal("266.66")]
        assert parts[0][0] == invoice.due_date and Account.objects.count() == 1
    assert mine.count("266,67 €") == 2
    assert mail.text.count("266,67") == 2 and "266,66" in mail.text
