"""What the membership card of a structure's sheet leads to: admit, change the kind, let leave."""

import datetime as dt

import pytest
from django.utils import timezone

from hubs.models import AuditEntry
from hubs.scope import open_hub
from members.enums import MemberKind
from members.models import Membership
from members.queries import kind_of
from tests.members.factories import CollegeFactory, FiscalYearFactory, MembershipFactory

TODAY = timezone.localdate()
THIS_YEAR = TODAY.year
NOT_COORDINATOR = ("accountant", "adviser", "receptionist", "observer", "elected", "administrator", "stranger")


def sheet(organisation):
    return f"/gestion/structures/{organisation.public_id}/"


def admit_page(organisation):
    return f"/gestion/membres/structures/{organisation.public_id}/adherer/"


def page_of(membership, verb):
    return f"/gestion/membres/adhesions/{membership.pk}/{verb}/"


def text(response):
    return " ".join(response.text.replace("\xa0", " ").split())


@pytest.fixture
def years(nord):
    """Two years ago, last year, this one."""
    with open_hub(nord.hub):
        return [FiscalYearFactory(year=THIS_YEAR - 2 + number) for number in range(3)]


@pytest.fixture
def college(nord):
    with open_hub(nord.hub):
        return CollegeFactory(name="Structures membres")


@pytest.fixture
def membership(nord, years, college):
    with open_hub(nord.hub):
        return MembershipFactory(
            organisation=nord.organisation, college=college, fiscal_year=years[-1], kind=MemberKind.RESIDENT
        )


def test_a_structure_is_admitted_from_its_sheet(nord, sign_in, years, college):
    client = sign_in(nord, "coordinator")

    before = client.get(sheet(nord.organisation))
    form = client.get(admit_page(nord.organisation)).context["form"]
    done = client.post(
        admit_page(nord.organisation),
        {"kind": "associate", "college": college.pk, "fiscal_year": form["fiscal_year"].value()},
        follow=True,
    )

    assert f'href="{admit_page(nord.organisation)}"' in before.text
    assert "Cette structure n’est pas membre du pôle." in before.text
    assert form["fiscal_year"].value() == years[-1].pk
    assert f"Compagnie nord est membre pour l’exercice {THIS_YEAR}." in text(done)
    assert f"<strong>{THIS_YEAR}</strong> <span>associée</span>" in text(done)
    with open_hub(nord.hub):
        assert kind_of(nord.organisation, TODAY) is MemberKind.ASSOCIATE


def test_the_years_without_membership_show_between_the_others(nord, sign_in, years, college):
    client = sign_in(nord, "coordinator")
    for year in (years[0], years[2]):
        client.post(admit_page(nord.organisation), {"kind": "resident", "college": college.pk, "fiscal_year": year.pk})

    page = client.get(sheet(nord.organisation))

    (card,) = [card for card in page.context["cards"] if card.template == "members/member_card.html"]
    assert [(told.year.label, told.membership is None) for told in card.context["history"]] == [
        (str(THIS_YEAR), False), (str(THIS_YEAR - 1), True), (str(THIS_YEAR - 2), False),
    ]  # fmt: skip
    assert f'{THIS_YEAR - 1}</span><span class="muted">non membre' in text(page)
    assert client.get(admit_page(nord.organisation)).context["form"]["fiscal_year"].value() == years[1].pk


def test_a_second_membership_of_the_year_is_refused_and_keeps_what_was_typed(nord, sign_in, membership, years, college):
    with open_hub(nord.hub):
        other = CollegeFactory(name="Partenaires")

    answer = sign_in(nord, "coordinator").post(
        admit_page(nord.organisation), {"kind": "associate", "college": other.pk, "fiscal_year": years[-1].pk}
    )

    form = answer.context["form"]
    assert answer.status_code == 422
    assert form.errors == {"fiscal_year": ["Cette structure a déjà une adhésion pour cet exercice."]}
    assert (form["kind"].value(), form["college"].value()) == ("associate", str(other.pk))
    assert f'<option value="{other.pk}" selected>Partenaires' in answer.text


def test_another_hubs_college_and_year_are_no_choice(nord, sud, sign_in, years, college):
    with open_hub(sud.hub):
        theirs, their_year = CollegeFactory(), FiscalYearFactory(year=THIS_YEAR)
    client = sign_in(nord, "coordinator")

    foreign = client.post(
        admit_page(nord.organisation), {"kind": "resident", "college": theirs.pk, "fiscal_year": their_year.pk}
    )
    missing = client.post(
        admit_page(nord.organisation), {"kind": "resident", "college": 999_999, "fiscal_year": 999_999}
    )

    assert (foreign.status_code, missing.status_code) == (422, 422)
    assert foreign.context["form"].errors == missing.context["form"].errors
    assert set(foreign.context["form"].errors) == {"college", "fiscal_year"}


def test_without_a_year_the_page_says_to_open_one(nord, sign_in):
    assert 'href="/gestion/reglages/exercices/nouveau/"' in sign_in(nord, "coordinator").get(
        admit_page(nord.organisation)
    ).text  # fmt: skip


def test_the_kind_changes_and_the_log_says_from_what(nord, sign_in, membership):
    client = sign_in(nord, "coordinator")
    url = page_of(membership, "lien")

    linked = f'href="{url}"' in client.get(sheet(nord.organisation)).text
    typed = client.get(url).context["form"]["kind"].value()
    done = client.post(url, {"kind": "associate"}, follow=True)

    assert (linked, typed) == (True, "resident")
    assert f"Compagnie nord est associée pour l’exercice {THIS_YEAR}." in text(done)
    assert "lien : installée dans les lieux → associée" in text(done)
    with open_hub(nord.hub):
        assert kind_of(nord.organisation, TODAY) is MemberKind.ASSOCIATE


def test_no_such_kind_is_refused(nord, sign_in, membership):
    answer = sign_in(nord, "coordinator").post(page_of(membership, "lien"), {"kind": "landlord"})

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"kind"}


def test_a_membership_ends_with_a_reason_and_a_last_day(nord, sign_in, membership):
    client = sign_in(nord, "coordinator")
    url = page_of(membership, "fin")

    linked = f'href="{url}"' in client.get(sheet(nord.organisation)).text
    done = client.post(url, {"last_day": f"{THIS_YEAR}-03-31", "reason": "déménagement à Lyon"}, follow=True)

    assert linked
    assert f"Compagnie nord : l’adhésion pour l’exercice {THIS_YEAR} prend fin." in text(done)
    assert f"partie, membre jusqu’au 31 mars {THIS_YEAR} inclus" in text(done)
    assert "(déménagement à Lyon)" in text(done)
    assert url not in done.text
    with open_hub(nord.hub):
        assert kind_of(nord.organisation, dt.date(THIS_YEAR, 3, 31)) is MemberKind.RESIDENT
        assert kind_of(nord.organisation, dt.date(THIS_YEAR, 4, 1)) is None
    # Its own people read that it left, not why.
    mine = text(sign_in(nord, "administrator").get("/mon-espace/structure/"))
    assert ("partie, membre jusqu’au" in mine, "déménagement" in mine, "Faire adhérer" in mine) == (True, False, False)


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"last_day": f"{THIS_YEAR}-03-31", "reason": ""}, "reason"),
        ({"last_day": f"{THIS_YEAR - 1}-03-31", "reason": "déménagement"}, "last_day"),
        ({"last_day": "hier", "reason": "déménagement"}, "last_day"),
    ],
)
def test_a_wrong_end_is_refused_and_keeps_what_was_typed(nord, sign_in, membership, given, wrong):
    answer = sign_in(nord, "coordinator").post(page_of(membership, "fin"), given)

    form = answer.context["form"]
    assert answer.status_code == 422
    assert set(form.errors) == {wrong}
    assert {name: form[name].value() for name in given} == given
    with open_hub(nord.hub):
        assert kind_of(nord.organisation, TODAY) is MemberKind.RESIDENT


def test_leaving_happens_once(nord, sign_in, membership):
    client = sign_in(nord, "coordinator")
    end = {"last_day": f"{THIS_YEAR}-03-31", "reason": "déménagement"}
    client.post(page_of(membership, "fin"), end)

    again = client.post(page_of(membership, "fin"), end)
    changed = client.post(page_of(membership, "lien"), {"kind": "associate"})

    for answer in (again, changed):
        assert answer.status_code == 422
        assert "Cette structure est déjà partie." in answer.text
    with open_hub(nord.hub):
        assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize("name", NOT_COORDINATOR)
def test_only_the_coordination_writes_memberships(nord, sign_in, membership, years, college, name):
    client = sign_in(nord, name)
    given = {"kind": "associate", "college": college.pk, "fiscal_year": years[0].pk}

    assert client.get(admit_page(nord.organisation)).status_code == 403
    assert client.post(admit_page(nord.organisation), given).status_code == 403
    for verb in ("lien", "fin"):
        assert client.get(page_of(membership, verb)).status_code == 403
        end = {"kind": "associate", "last_day": str(TODAY), "reason": "x"}
        assert client.post(page_of(membership, verb), end).status_code == 403
    with open_hub(nord.hub):
        assert Membership.objects.get().kind == "resident"
        assert Membership.objects.get().left_on is None


def test_who_only_reads_the_sheet_gets_no_link(nord, sign_in, membership):
    page = sign_in(nord, "receptionist").get(sheet(nord.organisation)).text

    assert f"<strong>{THIS_YEAR}</strong>" in page
    assert "/gestion/membres/" not in page.split("<main", 1)[1]


def test_another_hubs_structure_and_membership_are_not_found(nord, sud, sign_in):
    with open_hub(sud.hub):
        theirs = MembershipFactory(organisation=sud.organisation)
    client = sign_in(nord, "coordinator")

    for url in (admit_page(sud.organisation), page_of(theirs, "lien"), page_of(theirs, "fin")):
        assert (client.get(url).status_code, client.post(url, {"kind": "associate"}).status_code) == (404, 404)


def test_a_get_changes_nothing(nord, sign_in, membership):
    client = sign_in(nord, "coordinator")
    for url in (admit_page(nord.organisation), page_of(membership, "lien"), page_of(membership, "fin")):
        assert (client.get(url).status_code, client.head(url).status_code) == (200, 200)
    with open_hub(nord.hub):
        assert AuditEntry.objects.count() == 0
