"""From the coordination's desk to the member's phone."""

import datetime as dt

import pytest
from django.utils import timezone

from governance import actions
from governance.models import Assembly, Proxy, RollEntry
from hubs.scope import open_hub
from tests.governance.factories import AssemblyFactory, ProxyFactory
from tests.members.factories import CollegeFactory, FiscalYearFactory, MembershipFactory

TODAY = timezone.localdate()
GIVEN = {
    "kind": "ordinary", "title": "AG 2026", "starts_at": f"{TODAY + dt.timedelta(days=30)}T18:00", "place": "Salle",
    "roll_on": str(TODAY), "notice_days": "15", "proxies_per_holder": "1", "quorum_percent": "50", "contest_days": "0",
}  # fmt: skip


def convened(staff) -> str:
    """The address of an assembly prepared, written an agenda and convened."""
    made = staff.post("/gestion/assemblees/nouvelle/", GIVEN)
    assert made.status_code == 302, made.text
    page = made.url.removesuffix("ordre-du-jour/")
    staff.post(made.url, {"agenda": "Rapport moral\nComptes"})
    assert staff.post(f"{page}convoquer/").url == f"{page}preuve/"
    return page


@pytest.mark.feature("GO6")
def test_an_assembly_is_prepared_a_proxy_given_and_arrivals_counted(nord, sign_in):
    with open_hub(nord.hub):
        year, college = FiscalYearFactory(year=TODAY.year), CollegeFactory(name="Structures")
        own = MembershipFactory(organisation=nord.organisation, college=college, fiscal_year=year)
        other, third = (
            MembershipFactory(college=college, fiscal_year=year, organisation__name=name) for name in ("Élan", "Tierce")
        )
        elsewhere = MembershipFactory(college=CollegeFactory(name="Partenaires"), fiscal_year=year)
    staff, member = sign_in(nord, "coordinator"), sign_in(nord, "administrator")

    page = convened(staff)
    with open_hub(nord.hub):
        entries = {entry.membership_id: entry for entry in RollEntry.objects.all()}
        mine = f"/mon-espace/assemblees/{Assembly.objects.get().public_id}/"
    giver, holder = entries[own.pk], entries[other.pk]
    assert "Choisir…" in member.get(mine).text
    assert member.post(mine, {"giver": giver.pk, "holder": ""}).status_code == 422
    member.post(mine, {"giver": giver.pk, "holder": holder.pk})
    with open_hub(nord.hub):
        assert Proxy.objects.live().get().holder == holder
    assert "Révoquer le pouvoir" in member.get(mine).text
    member.post(mine, {"giver": giver.pk, "revoke": "1"})
    with open_hub(nord.hub):
        assert not Proxy.objects.live().exists()
    assert member.post(mine, {"giver": giver.pk, "holder": entries[elsewhere.pk].pk}).status_code == 422
    with open_hub(nord.hub):
        held = ProxyFactory(giver=entries[third.pk], holder=holder)
    full = member.post(mine, {"giver": giver.pk, "holder": holder.pk})
    assert (full.status_code, "déjà tous les pouvoirs" in full.text) == (422, True)
    with open_hub(nord.hub):
        actions.revoke_proxy(proxy=held, by=nord.actor("coordinator"), now=timezone.now())
    member.post(mine, {"giver": giver.pk, "holder": holder.pk})
    staff.post(f"{page}etape/", {"to": "frozen"})
    staff.post(f"{page}accueil/", {"entry": holder.pk})

    assert "Annuler" in staff.get(f"{page}accueil/?q=elan").text
    assert "Aucun membre votant" in staff.get(f"{page}accueil/?q=personne").text
    assert staff.get(f"{page}quorum/").context["counts"][0][0].counted == 2
    assert staff.get(page).status_code == 200
    assert "AG 2026" in staff.get("/gestion/assemblees/").text
    assert "AG 2026" in member.get("/mon-espace/assemblees/").text
    assert member.get(page).status_code == 403


@pytest.mark.feature("GO4")
def test_a_college_without_voice_is_on_the_roll_and_gives_no_proxy(nord, sign_in):
    with open_hub(nord.hub):
        observers = CollegeFactory(name="Observateurs", votes=False)
        year = FiscalYearFactory(year=TODAY.year)
        for organisation in ({"organisation": nord.organisation}, {}):
            MembershipFactory(college=observers, fiscal_year=year, **organisation)
    staff, member = sign_in(nord, "coordinator"), sign_in(nord, "administrator")

    page = convened(staff)

    assert staff.get(page).text.replace("\xa0", " ").count("sans voix : collège sans voix") == 2
    assert staff.get(f"{page}quorum/").context["counts"] == []
    with open_hub(nord.hub):
        mine = f"/mon-espace/assemblees/{Assembly.objects.get().public_id}/"
        entries = {
            entry.membership.organisation_id: entry.pk for entry in RollEntry.objects.select_related("membership")
        }
        own = entries.pop(nord.organisation.pk)
    assert "Donner pouvoir" not in member.get(mine).text
    member.post(mine, {"giver": own, "holder": next(iter(entries.values()))})
    with open_hub(nord.hub):
        assert not Proxy.objects.exists()


def test_an_assembly_of_another_hub_is_not_there(nord, sud, sign_in):
    with open_hub(sud.hub):
        theirs = AssemblyFactory(starts_at=dt.datetime(2026, 6, 15, 16, tzinfo=dt.UTC))

    assert sign_in(nord, "coordinator").get(f"/gestion/assemblees/{theirs.public_id}/").status_code == 404
