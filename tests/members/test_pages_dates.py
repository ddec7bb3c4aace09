"""A member asks to pay its dues in several dates, and the team answers."""

from decimal import Decimal

import pytest

from billing.models import Instalment, Schedule
from hubs.models import Mail
from hubs.scope import open_hub
from members.models import DatesRequest, DuesCall
from tests.members.dues import calling, said
from tests.members.test_pages_calls import MINE, PAGE, call_all


@pytest.fixture
def call(nord, sign_in, work) -> DuesCall:
    (membership,) = calling(nord)
    call_all(sign_in(nord, "coordinator"), membership.fiscal_year_id)
    work(nord.hub)
    with open_hub(nord.hub):
        return DuesCall.objects.get()


@pytest.mark.feature("ME8")
def test_a_member_asks_for_four_dates_and_reads_them_once_granted(nord, sign_in, call):
    member, coordinator = sign_in(nord, "administrator"), sign_in(nord, "coordinator")

    wrong = member.post(f"{MINE}{call.pk}/dates/", {"parts": 40})
    member.post(f"{MINE}{call.pk}/dates/", {"parts": 4, "reason": "Subvention en mars"})
    twice = member.post(f"{MINE}{call.pk}/dates/", {"parts": 4})
    waits = said(member.get(MINE))
    with open_hub(nord.hub):
        asked = DatesRequest.objects.get()
    answer = f"{PAGE}demandes/{asked.pk}/"
    todo = said(coordinator.get("/gestion/"))
    page = said(coordinator.get(answer))
    coordinator.post(answer, {"reponse": "oui", "answer": "Bon courage"})
    again = coordinator.post(answer, {"reponse": "non", "answer": "Non"})
    mine = said(member.get(MINE))

    assert (wrong.status_code, twice.status_code, again.status_code) == (422, 422, 422)
    assert "Écrivez un nombre de 2 à 12." in said(wrong)
    assert "attend une réponse" in waits and "Demande à payer sa cotisation" in todo
    assert page.count("200,00 €") == 4 and "Subvention en mars" in page
    with open_hub(nord.hub):
        assert [each.amount for each in Instalment.objects.order_by("position")] == [Decimal("200.00")] * 4
        mail = Mail.objects.get(about=f"parties.organisation:{nord.organisation.pk}")
        assert mail.text.count("au plus tard le") == 4 and "Bon courage" in mail.text
    assert mine.count("200,00 €") == 4 and "attend une réponse" not in mine


def test_a_refusal_says_why(nord, sign_in, call):
    sign_in(nord, "administrator").post(f"{MINE}{call.pk}/dates/", {"parts": 12})
    with open_hub(nord.hub):
        asked = DatesRequest.objects.get()
    coordinator = sign_in(nord, "coordinator")

    untold = coordinator.post(f"{PAGE}demandes/{asked.pk}/", {"reponse": "non"})
    coordinator.post(f"{PAGE}demandes/{asked.pk}/", {"reponse": "non", "answer": "Six fois au plus"})

    assert (untold.status_code, "Dites pourquoi" in said(untold)) == (422, True)
    with open_hub(nord.hub):
        assert not Schedule.objects.exists()
        assert "Six fois au plus" in Mail.objects.get(about=f"parties.organisation:{nord.organisation.pk}").text


def test_only_those_who_sign_for_the_structure_ask_and_only_the_coordination_answers(nord, sign_in, call):
    for role in ("employee", "stranger"):
        assert sign_in(nord, role).get(f"{MINE}{call.pk}/dates/").status_code == 404
    sign_in(nord, "administrator").post(f"{MINE}{call.pk}/dates/", {"parts": 3})
    with open_hub(nord.hub):
        asked = DatesRequest.objects.get()
    assert sign_in(nord, "accountant").get(f"{PAGE}demandes/{asked.pk}/").status_code == 403
