import datetime as dt

import pytest
from django.db.models import Count, Sum
from stdnum.fr import siret

from billing.models import Invoice, Payment
from hubs.actions import create_hub
from hubs.models import AuditEntry, Mail, StaffRole
from hubs.parts import hub_apps
from hubs.scope import open_hub
from members import demo_arrivals, demo_dues, demo_papers, demo_showcase
from members.demo import COURSIVE_2013, PETIT_POLE
from members.models import (
    Certificate,
    Checklist,
    DatesRequest,
    DuesCall,
    DuesTerms,
    MemberCard,
    Membership,
    PageContact,
    PagePicture,
    PublicPage,
)
from members.queries import kind_of, stale_pages
from parties.models import Link, Organisation, Person, YearFigures

TODAY = dt.date(2026, 11, 23)


def fill(hub):
    for app in hub_apps(hub):
        if app.label == "members":
            app.demo(hub.slug, TODAY)


@pytest.fixture
def coursive(db):
    opened = TODAY - dt.timedelta(days=400)
    hub = create_hub(slug="la-coursive", preset="la-coursive", host="la-coursive.localhost", today=opened)
    with open_hub(hub):
        fill(hub)
        yield hub


def test_the_fixture_weighs_what_the_seeds_say(coursive):
    figures = YearFigures.objects.filter(year=2013).aggregate(
        fte=Sum("fte"), permanent=Sum("permanent"), budget=Sum("budget"), turnover=Sum("turnover"),
        equity=Sum("equity"), area=Sum("area"), structures=Count("pk"),
    )  # fmt: skip
    assert figures == {
        "fte": 57, "permanent": 50, "budget": 3_700_000, "turnover": 1_600_000, "equity": 600_000, "area": 400,
        "structures": 15,
    }  # fmt: skip


def test_members_are_carried_from_year_to_year(coursive):
    by_year = Membership.objects.values_list("fiscal_year__label").annotate(n=Count("pk")).order_by()

    assert dict(by_year) == {"2024": 15, "2025": 15, "2026": 15}


def test_the_fixture_has_the_kinds_forms_and_trades_of_the_seeds(coursive):
    members = Membership.objects.in_force(TODAY)
    kinds = dict(members.values_list("kind").annotate(n=Count("pk")).order_by())
    forms = dict(members.values_list("organisation__legal_form").annotate(n=Count("pk")).order_by())
    carried = Organisation.objects.get(legal_form="cae")

    assert kinds == {"resident": 9, "associate": 6}
    assert forms == {"association": 11, "scic": 1, "eurl": 1, "cae": 1, "epcc": 1}
    assert set(members.values_list("organisation__trade__name", flat=True)) == {
        "spectacle vivant", "audiovisuel", "cinéma", "graphisme", "web", "accompagnement d’artistes",
    }  # fmt: skip
    assert (carried.siret, kind_of(carried.hosted_by, TODAY)) == ("", None)
    assert YearFigures.objects.filter(year=2013, area__gt=0).count() == 9


@pytest.mark.parametrize("number", [row[2] for row in (*COURSIVE_2013, *PETIT_POLE) if row[2]])
def test_invented_numbers_are_valid(number):
    assert siret.is_valid(number)


def test_the_demo_twice_changes_nothing(coursive):
    def counts():
        return [model.objects.count() for model in (Organisation, Membership, YearFigures, Person, Link, AuditEntry)]

    before = counts()
    fill(coursive)

    assert counts() == before
    assert Mail.objects.count() == 0


def test_demo_people_sign_in_with_their_roles(coursive):
    administrator = Person.objects.get(email="structure@la-coursive.example")

    assert administrator.user.check_password("coursive-demo")
    assert administrator.links.get().organisation.name == "Zutique Productions"
    assert set(StaffRole.objects.values_list("role", "user__email")) == {
        ("coordinator", "coordination@la-coursive.example"),
        ("accountant", "comptabilite@la-coursive.example"),
        ("adviser", "conseil@la-coursive.example"),
        ("reception", "accueil@la-coursive.example"),
        ("observer", "copil@la-coursive.example"),
    }


def test_the_small_hub_has_four_members(db):
    hub = create_hub(slug="petit-pole", preset="petit-pole", host="petit-pole.localhost", today=TODAY)
    with open_hub(hub):
        fill(hub)
        fill(hub)
        assert Membership.objects.in_force(TODAY).count() == 4
        assert Person.objects.filter(user__email="equipe@petit-pole.example").exists()


def test_members_have_public_pages_all_but_one_and_one_has_grown_old(coursive):
    for _twice in range(2):
        demo_showcase.fill(TODAY)

    assert dict(PublicPage.objects.values_list("state").annotate(n=Count("pk"))) == {"published": 14, "draft": 1}
    assert PagePicture.objects.count() == 12
    assert [str(page) for page in stale_pages(TODAY)] == ["Les Marionnettes du Suzon"]
    assert [str(contact.person) for contact in PageContact.objects.all()] == ["Frédéric Ménard"]


def test_the_demo_has_one_arrival_half_done(coursive):
    for _again in range(2):
        demo_arrivals.fill(TODAY)

    checklist = Checklist.objects.with_progress(TODAY).get()
    assert (checklist.way, checklist.done, checklist.total) == ("arrival", 2, 7)
    assert checklist.items.filter(owner__isnull=False).exists()


def test_two_structures_took_certificates_and_every_member_has_a_card(coursive):
    for _turn in range(2):
        demo_papers.fill(TODAY)

    assert Certificate.objects.values("organisation").distinct().count() == 2
    assert set(Certificate.objects.values_list("kind", flat=True)) == {"members.hosted"}
    assert MemberCard.objects.count() == 15


def test_the_dues_of_the_demo_are_called_and_most_are_paid_once(coursive):
    demo_dues.fill(TODAY)
    calls = list(DuesCall.objects.order_by("pk").values_list("invoice__number", flat=True))
    demo_dues.fill(TODAY)

    assert calls[:1] + calls[-1:] == ["AC-2026-00001", "AC-2026-00013"]
    assert DuesCall.objects.count() == len(calls) == Invoice.objects.count() == 13
    assert 8 <= Payment.objects.count() < 13
    assert DatesRequest.objects.waiting().count() == 1
    assert DuesTerms.objects.get(membership__organisation__name="Studio Papier calque").joined_on == dt.date(2026, 7, 1)
