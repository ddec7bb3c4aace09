"""Resolutions and votes in the pages, from the coordination's desk to the member's phone."""

import pytest

from governance import actions
from governance.enums import AssemblyState, Choice
from governance.models import CollegeVoice, NominalVote, Resolution, SecretMarker
from hubs.models import HubSettings
from hubs.scope import open_hub
from tests.governance.conftest import NOW, build_meeting
from tests.governance.factories import ResolutionFactory
from tests.members.factories import CollegeFactory, DuesScaleFactory

VOICES = "/gestion/reglages/poids-des-colleges/"
WRITTEN = {
    "title": "Rapport moral", "text": "L’assemblée approuve.", "ballot": "hands", "counting": "heads",
    "base": "cast", "threshold": "simple", "quorum": "colleges", "scale": "",
}  # fmt: skip


@pytest.fixture
def held(nord):
    """A meeting held in the hub of the cast, whose hub is closed again."""
    with open_hub(nord.hub):
        meeting = build_meeting(nord)
        meeting.hold()
    return meeting


def opened(nord, meeting, **given) -> Resolution:
    with open_hub(nord.hub):
        made = ResolutionFactory(assembly=meeting.assembly, **given)
        return actions.open_resolution(resolution=made, by=meeting.by, now=NOW)


@pytest.mark.feature("GO7")
def test_weights_are_set_and_a_weighted_resolution_is_counted_with_its_arithmetic(nord, sign_in):
    with open_hub(nord.hub):
        meeting = build_meeting(nord)
    staff, member = sign_in(nord, "coordinator"), sign_in(nord, "administrator")
    fields = {f"college_{meeting.structures.pk}": "60", f"college_{meeting.partners.pk}": "30"}
    wrong = staff.post(VOICES, {"starts_on": "2026-01-01", **fields})
    assert (wrong.status_code, "100" in wrong.text) == (422, True)
    fields[f"college_{meeting.partners.pk}"] = "40"
    assert staff.post(VOICES, {"starts_on": "2026-01-01", **fields}).status_code == 302
    with open_hub(nord.hub):
        meeting.hold()
    page = f"/gestion/assemblees/{meeting.assembly.public_id}/resolutions/"
    assert "Écrire une résolution" in staff.get(page).text

    one = staff.post(f"{page}nouvelle/", WRITTEN | {"counting": "colleges"}).url
    assert staff.post(f"{one}etape/", {"do": "open"}).status_code == 302
    hands = {f"{meeting.structures.pk}-in_favour": 2, f"{meeting.structures.pk}-against": 1}
    hands |= {f"{meeting.partners.pk}-in_favour": 0, f"{meeting.partners.pk}-against": 2}
    hands |= {f"{college.pk}-abstained": 0 for college in (meeting.structures, meeting.partners)}
    over = staff.post(one, hands | {f"{meeting.structures.pk}-in_favour": 3})
    assert (over.status_code, "recomptez" in over.text) == (422, True)
    assert staff.post(one, hands).status_code == 302
    staff.post(f"{one}etape/", {"do": "close"})
    assert "Proclamer le résultat" in staff.get(one).text
    staff.post(f"{one}etape/", {"do": "publish"})

    told = staff.get(one).text
    assert "66,67\u00a0% × 60\u00a0% = 40\u00a0%" in told
    assert "rejetée" in staff.get(page).text
    assert "66,67\u00a0% × 60\u00a0% = 40\u00a0%" in member.get(votes_of(meeting)).text
    assert staff.get(f"/gestion/assemblees/{meeting.assembly.public_id}/").text.count(page) == 1


def votes_of(meeting) -> str:
    return f"/mon-espace/assemblees/{meeting.assembly.public_id}/votes/"


@pytest.mark.feature("GO7")
def test_in_a_scic_the_page_refuses_a_college_over_half(nord, sign_in):
    with open_hub(nord.hub):
        HubSettings.objects.update(legal_form="scic")
        HubSettings.objects.update(legal_form="scic")
        colleges = [CollegeFactory(name=name) for name in ("Salariés", "Usagers", "Partenaires")]
    staff = sign_in(nord, "coordinator")

    for shares, status in (((51, 39, 10), 422), ((50, 45, 5), 422), ((50, 40, 10), 302)):
        fields = {f"college_{college.pk}": share for college, share in zip(colleges, shares, strict=True)}
        assert staff.post(VOICES, {"starts_on": "2026-01-01", **fields}).status_code == status
    with open_hub(nord.hub):
        assert CollegeVoice.objects.count() == 3
    assert "50\u00a0%" in staff.get(VOICES).text


@pytest.mark.feature("GO2")
def test_a_secret_vote_shows_no_page_a_result_before_it_is_closed(nord, held, sign_in):
    resolution = opened(nord, held, secret=True)
    staff, member = sign_in(nord, "coordinator"), sign_in(nord, "administrator")
    mine = votes_of(held)
    one, two = (f"{resolution.pk}-{entry.pk}" for entry in held.entries[:2])
    assert member.get(mine).text.count('value="Voter"') or member.get(mine).text.count("Voter") >= 2

    assert member.post(mine, {"voice": one}).status_code == 422
    member.post(mine, {"voice": one, f"{one}-choice": "for"})
    member.post(mine, {"voice": two, f"{two}-choice": "for"})
    again = member.post(mine, {"voice": one, f"{one}-choice": "against"}, follow=True)

    assert "a déjà voté" in again.text
    page = f"/gestion/assemblees/{held.assembly.public_id}/resolutions/"
    for client, path in ((staff, page), (staff, f"{page}{resolution.pk}/"), (member, mine)):
        shown = client.get(path).text
        assert not any(words in shown for words in ("2 pour", "Au total", "100\u00a0%"))
    assert "Moins de trois votes" in staff.get(f"{page}{resolution.pk}/").text
    assert staff.get(f"{page}{resolution.pk}/").context["turnout"] == (2, 5)
    staff.post(f"{page}{resolution.pk}/etape/", {"do": "close"})
    assert "2 pour" not in member.get(mine).text
    staff.post(f"{page}{resolution.pk}/etape/", {"do": "publish"})
    assert "2 pour, 0 contre" in member.get(mine).text
    with open_hub(nord.hub):
        assert SecretMarker.objects.filter(has_voted=True).count() == 2
    log = staff.get("/gestion/suivi/journal/").text
    assert "A voté" in log


@pytest.mark.feature("GO10")
def test_who_is_there_from_afar_votes_as_those_in_the_room(nord, sign_in):
    with open_hub(nord.hub):
        meeting = build_meeting(nord)
        meeting.move(AssemblyState.FROZEN)
    staff, member = sign_in(nord, "coordinator"), sign_in(nord, "administrator")
    desk = f"/gestion/assemblees/{meeting.assembly.public_id}/accueil/"
    staff.post(desk, {"entry": meeting.entries[0].pk, "mode": "remote"})
    with open_hub(nord.hub):
        meeting.move(AssemblyState.OPEN)
    resolution = opened(nord, meeting, nominal=True)
    one = f"{resolution.pk}-{meeting.entries[0].pk}"

    member.post(votes_of(meeting), {"voice": one, f"{one}-choice": "abstain"})

    with open_hub(nord.hub):
        assert NominalVote.objects.get().choice == Choice.ABSTAIN
    assert "abstention" in member.get(votes_of(meeting)).text


@pytest.mark.feature("GO3")
def test_a_resolution_whose_quorum_is_missed_says_so(nord, sign_in):
    with open_hub(nord.hub):
        meeting = build_meeting(nord)
        meeting.move(AssemblyState.FROZEN, AssemblyState.OPEN)
        actions.arrive(entry=meeting.entries[4], by=meeting.by, now=NOW)
    staff = sign_in(nord, "coordinator")
    page = f"/gestion/assemblees/{meeting.assembly.public_id}/resolutions/"
    one = staff.post(f"{page}nouvelle/", WRITTEN).url
    staff.post(f"{one}etape/", {"do": "open"})
    hands = {
        f"{meeting.partners.pk}-{name}": 1 if name == "in_favour" else 0
        for name in ("in_favour", "against", "abstained")
    }
    staff.post(one, hands)
    staff.post(f"{one}etape/", {"do": "close"})
    staff.post(f"{one}etape/", {"do": "publish"})

    shown = staff.get(one).text
    assert "quorum non atteint" in shown
    assert "Quorum manqué dans le collège «\u00a0Structures\u00a0»\u00a0: 0 sur 3." in shown


@pytest.mark.feature("GO5")
def test_a_member_with_three_voices_weighs_three(nord, sign_in):
    with open_hub(nord.hub):
        meeting = build_meeting(nord)
    staff, member = sign_in(nord, "coordinator"), sign_in(nord, "administrator")
    page = f"/gestion/assemblees/{meeting.assembly.public_id}/"
    entry = meeting.entries[0]
    assert staff.post(f"{page}voix/", {"entry": entry.pk, "weight": "0"}).status_code == 422
    assert staff.post(f"{page}voix/", {"entry": entry.pk, "weight": "3"}).status_code == 302
    with open_hub(nord.hub):
        meeting.hold()
    resolution = opened(nord, meeting, nominal=True)
    one = f"{resolution.pk}-{entry.pk}"
    member.post(votes_of(meeting), {"voice": one, f"{one}-choice": "for"})
    staff.post(f"{page}resolutions/{resolution.pk}/etape/", {"do": "close"})

    assert "3 pour, 0 contre" in staff.get(f"{page}resolutions/{resolution.pk}/").text
    assert "arrêtée" in staff.post(f"{page}voix/", {"entry": entry.pk, "weight": "1"}).text


def test_a_draft_is_corrected_raised_and_withdrawn(nord, held, sign_in):
    staff = sign_in(nord, "coordinator")
    page = f"/gestion/assemblees/{held.assembly.public_id}/resolutions/"
    first, second = (staff.post(f"{page}nouvelle/", WRITTEN | {"title": title}).url for title in ("Une", "Deux"))
    assert staff.post(f"{page}nouvelle/", WRITTEN | {"title": ""}).status_code == 422

    staff.post(f"{second}etape/", {"do": "up"})
    staff.post(f"{first}corriger/", WRITTEN | {"title": "Une, corrigée"})
    staff.post(f"{second}etape/", {"do": "drop"})

    with open_hub(nord.hub):
        assert [(each.rank, each.title) for each in Resolution.objects.all()] == [(2, "Une, corrigée")]
    assert "pas là" in staff.post(f"{first}etape/", {"do": "publish"}, follow=True).text


@pytest.mark.parametrize("how_many", [1, 3])
def test_the_list_of_resolutions_asks_as_much_for_one_as_for_three(
    nord, held, sign_in, how_many, django_assert_num_queries
):
    for _turn in range(how_many):
        resolution = opened(nord, held)
        with open_hub(nord.hub):
            actions.close_resolution(resolution=resolution, by=held.by, now=NOW)
    staff = sign_in(nord, "coordinator")
    page = f"/gestion/assemblees/{held.assembly.public_id}/resolutions/"
    staff.get(page)

    with django_assert_num_queries(12):
        staff.get(page)


def test_the_votes_of_another_hub_are_not_there(nord, sud, held, sign_in):
    resolution = opened(nord, held)
    page = f"/gestion/assemblees/{held.assembly.public_id}/"

    for path in ("resolutions/", f"resolutions/{resolution.pk}/", f"resolutions/{resolution.pk}/corriger/", "voix/"):
        assert sign_in(sud, "coordinator").get(page + path).status_code == 404
    assert sign_in(nord, "administrator").get(f"{page}resolutions/").status_code == 403


@pytest.mark.feature("ME5")
def test_the_assembly_adopts_the_scale_that_its_resolution_carries(nord, held, sign_in):
    with open_hub(nord.hub):
        scale = DuesScaleFactory(fiscal_year=held.entries[0].membership.fiscal_year)
    staff = sign_in(nord, "coordinator")
    page = f"/gestion/assemblees/{held.assembly.public_id}/resolutions/"
    one = staff.post(f"{page}nouvelle/", WRITTEN | {"scale": scale.pk, "quorum": "none"}).url
    assert "pas encore adopté" in staff.get("/gestion/reglages/baremes/").text
    for step in ("open", "close", "publish"):
        if step == "close":
            staff.post(one, hands_of(held, in_favour=2))
        staff.post(f"{one}etape/", {"do": step})

    assert "Adopté le" in staff.get("/gestion/reglages/baremes/").text
    with open_hub(nord.hub):
        scale.refresh_from_db()
        assert scale.vote == f"governance.resolution:{Resolution.objects.get().pk}"


def hands_of(meeting, **first) -> dict[str, int]:
    """The hands of both colleges: none but those of the first that are given."""
    names = ("in_favour", "against", "abstained")
    structures = {f"{meeting.structures.pk}-{name}": first.get(name, 0) for name in names}
    return structures | {f"{meeting.partners.pk}-{name}": 0 for name in names}
