"""Members who leave: a resignation from mon espace or by letter, and a strike-off step by step."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from billing.actions import record_payment
from documents.queries import document_of
from governance.actions import draw_roll, freeze_roll
from governance.models import RollEntry
from hubs import french
from hubs.models import Mail
from hubs.refusals import NotAllowed
from hubs.scope import open_hub
from members import actions
from members.enums import DecidingBody, LetterKind, ResignationEffect, Standing, StrikeCause, StrikeState
from members.models import Letter, Membership, Resignation, StrikeOff
from members.queries import (
    kind_of,
    owes,
    resignation_of,
    rows_of_year,
    strike_state,
    weight_of,
)
from tests.governance.factories import AssemblyFactory
from tests.members.factories import CollegeFactory, FiscalYearFactory, MembershipFactory
from tests.members.papers import make_papers
from tests.spaces.factories import BookingFactory

TODAY = timezone.localdate()
TOMORROW = TODAY + dt.timedelta(days=1)
MINE = "/mon-espace/moi/adhesion/"


def text(response):
    return " ".join(response.text.replace("\xa0", " ").replace("\u202f", " ").split())


def my_resignation(nord):
    return f"{MINE}structures/{nord.organisation.public_id}/demission/"


def strike_page(strike, tail=""):
    return f"/gestion/membres/radiations/{strike.pk}/{tail}"


@pytest.mark.feature("ME16")
def test_who_administers_a_structure_resigns_and_holds_its_rights_until_the_day(nord, sign_in, year, membership):
    with open_hub(nord.hub):
        actions.set_departure_terms(
            effect=ResignationEffect.YEAR_END, answer_days=30, starts_on=TODAY, by=nord.actor("coordinator")
        )
    client = sign_in(nord, "administrator")

    before = client.get(my_resignation(nord))
    unsure = client.post(my_resignation(nord), {"reason": "Nous déménageons."})
    done = client.post(my_resignation(nord), {"reason": "Nous déménageons.", "sure": "on"}, follow=True)
    make_papers(nord.hub)

    with open_hub(nord.hub):
        membership.refresh_from_db()
        resignation = Resignation.objects.get()
        letter = Letter.objects.get()
        mail = Mail.objects.latest("pk")
        kinds = [kind_of(nord.organisation, on) for on in (TODAY, year.last_day, year.ends_on)]
    paper = client.get(f"{MINE}lettres/{letter.pk}/")
    assert "à la fin de l’exercice" in text(before) and "Le compte ne doit rien" in text(before)
    assert unsure.status_code == 422 and "Nous déménageons." in unsure.text
    assert "Votre démission est notée" in text(done)
    assert (membership.standing, membership.left_on) == (Standing.LEFT, year.ends_on)
    assert (resignation.letter_on, resignation.effect_on, resignation.by_member) == (TODAY, year.ends_on, True)
    assert kinds == ["resident", "resident", None]
    assert letter.kind == LetterKind.RESIGNATION and nord.organisation.name in letter.body
    assert mail.subject == "Votre démission est notée" and mail.attachments[0]["type"] == "application/pdf"
    assert b"".join(paper).startswith(b"%PDF") if paper.streaming else paper.content.startswith(b"%PDF")


@pytest.mark.feature("ME16")
def test_a_resignation_is_withdrawn_before_its_day_and_not_after(nord, sign_in, membership):
    client = sign_in(nord, "administrator")
    client.post(my_resignation(nord), {"sure": "on"})
    with open_hub(nord.hub):
        resignation = Resignation.objects.get()
        with pytest.raises(actions.TooLateToStay):
            actions.withdraw_resignation(resignation=resignation, by=nord.actor("administrator"), today=TOMORROW)

    kept = client.post(f"{MINE}demissions/{resignation.pk}/retrait/", follow=True)
    again = client.post(f"{MINE}demissions/{resignation.pk}/retrait/", follow=True)

    with open_hub(nord.hub):
        membership.refresh_from_db()
    assert "rien ne change" in text(kept) and "déjà retirée" in text(again)
    assert (membership.standing, membership.left_on) == (Standing.MEMBER, None)


@pytest.mark.feature("ME16")
def test_the_staff_types_a_letter_and_it_takes_effect_after_the_notice(nord, sign_in, membership):
    staff = sign_in(nord, "coordinator")
    letter_on = max(TODAY - dt.timedelta(days=5), dt.date(TODAY.year, 1, 1))
    page = f"/gestion/membres/structures/{nord.organisation.public_id}/demission/"
    rules = {"effect": "notice", "notice_days": "20", "answer_days": "30", "starts_on": "2020-01-01"}

    staff.post("/gestion/reglages/departs/", rules)
    shown = staff.get(f"/gestion/structures/{nord.organisation.public_id}/")
    early = staff.post(page, {"letter_on": TOMORROW.isoformat()})
    done = staff.post(page, {"letter_on": letter_on.isoformat()}, follow=True)
    twice = staff.post(page, {"letter_on": letter_on.isoformat()})

    with open_hub(nord.hub):
        resignation = Resignation.objects.get()
    assert page in shown.text
    assert early.status_code == 422 and "pas encore venue" in text(early)
    assert resignation.effect_on == letter_on + dt.timedelta(days=21)
    assert resignation.noted_on == TODAY
    assert "Démission notée" in text(done)
    assert twice.status_code == 422


def test_a_resignation_from_the_portal_waits_for_the_staff_to_take_note(nord, sign_in, membership):
    sign_in(nord, "administrator").post(my_resignation(nord), {"sure": "on"})
    staff = sign_in(nord, "coordinator")
    with open_hub(nord.hub):
        page = f"/gestion/membres/demissions/{Resignation.objects.get().pk}/"

    waiting = staff.get("/gestion/")
    listed = staff.get("/gestion/membres/departs/")
    staff.post(f"{page}note/")

    assert page in waiting.text and page in listed.text
    assert page not in staff.get("/gestion/").text


@pytest.mark.feature("ME16")
def test_a_natural_person_resigns_in_their_own_name(nord, sign_in, year):
    with open_hub(nord.hub):
        college = CollegeFactory(takes_people=True)
        held = MembershipFactory(organisation=None, person=nord.stranger, college=college, fiscal_year=year)
    client = sign_in(nord, "stranger")

    seen = client.get(MINE)
    client.post(f"{MINE}demission/", {"sure": "on"})

    with open_hub(nord.hub):
        held.refresh_from_db()
    assert f"{MINE}demission/" in seen.text
    assert held.left_on == TOMORROW


@pytest.mark.parametrize(("who", "status"), [("employee", 403), ("stranger", 403), ("observer", 403)])
def test_others_do_not_end_the_membership_of_a_structure(nord, sign_in, membership, who, status):
    assert sign_in(nord, who).post(my_resignation(nord), {"sure": "on"}).status_code == status
    with open_hub(nord.hub), pytest.raises(NotAllowed):
        actions.resign(member=nord.organisation, letter_on=TODAY, by=nord.actor(who), today=TODAY)


def test_the_years_to_come_end_with_a_resignation_and_come_back_with_it(nord, year, membership):
    with open_hub(nord.hub):
        following = MembershipFactory(
            organisation=nord.organisation,
            college=membership.college,
            fiscal_year=FiscalYearFactory(year=TODAY.year + 1),
        )
        by = nord.actor("coordinator")
        made = actions.resign(member=nord.organisation, letter_on=TODAY, by=by, today=TODAY)
        left = list(Membership.objects.order_by("fiscal_year__starts_on").values_list("left_on", flat=True))
        actions.withdraw_resignation(resignation=made, by=by, today=TODAY)
        kept = list(Membership.objects.order_by("fiscal_year__starts_on").values_list("left_on", flat=True))

    assert left == [TOMORROW, following.fiscal_year.starts_on]
    assert kept == [None, None]


# --- Struck off ----------------------------------------------------------------------------------


DECIDED = {"decided_by": "board", "reference": "compte rendu, point 4"}


@pytest.mark.feature("ME16")
def test_unpaid_dues_end_in_a_strike_off_once_heard_after_the_delay(nord, sign_in, membership, owed):
    staff = sign_in(nord, "coordinator")
    page = f"/gestion/membres/structures/{nord.organisation.public_id}/radiation/"
    with open_hub(nord.hub):
        actions.set_departure_terms(
            effect=ResignationEffect.AT_ONCE, answer_days=1, starts_on=dt.date(2020, 1, 1), by=nord.actor("coordinator")
        )

    opened = staff.post(page, {"cause": "dues"}, follow=True)
    with open_hub(nord.hub):
        strike = StrikeOff.objects.get()
        notice = Letter.objects.get()
    decision = {**DECIDED, "on": TODAY.isoformat(), "last_day": TODAY.isoformat()}
    hurried = staff.post(strike_page(strike, "decision/"), decision)
    staff.post(strike_page(strike, "reponse/"), {"heard_on": TODAY.isoformat(), "heard": "Aucune réponse."})

    assert "Mise en demeure écrite" in text(opened)
    assert "Mise en demeure" in notice.subject and french.euros(owed.total_incl) in notice.body
    assert hurried.status_code == 422 and "délai" in text(hurried)


@pytest.mark.feature("ME16")
def test_a_decision_strikes_the_member_off_and_writes_to_it(nord, sign_in, membership, noticed):
    staff = sign_in(nord, "coordinator")
    decision = {**DECIDED, "on": TODAY.isoformat(), "last_day": TODAY.isoformat()}

    unheard = staff.post(strike_page(noticed, "decision/"), decision)
    staff.post(strike_page(noticed, "reponse/"), {"heard_on": TODAY.isoformat(), "heard": "Aucune réponse."})
    shown = staff.get(strike_page(noticed))
    done = staff.post(strike_page(noticed, "decision/"), decision, follow=True)
    make_papers(nord.hub)

    with open_hub(nord.hub):
        membership.refresh_from_db()
        noticed.refresh_from_db()
        letter = Letter.objects.latest("pk")
        assert document_of(letter, actions.PAPER) is not None
    assert unheard.status_code == 422 and "répondu" in text(unheard)
    assert "Noter la radiation" in text(shown)
    assert "Radiation notée" in text(done)
    assert (membership.standing, membership.left_on) == (Standing.LEFT, TOMORROW)
    assert (noticed.decided_by, noticed.effect_on) == (DecidingBody.BOARD, TOMORROW)
    assert letter.kind == LetterKind.STRIKE_OFF and "compte rendu, point 4" in letter.body


@pytest.mark.feature("ME16")
def test_a_payment_stops_it_by_itself(nord, sign_in, owed, noticed):
    staff = sign_in(nord, "coordinator")
    staff.post(strike_page(noticed, "reponse/"), {"heard_on": TODAY.isoformat(), "heard": "Paiement annoncé."})
    with open_hub(nord.hub):
        record_payment(
            account=owed.account,
            received_on=TODAY,
            amount=owed.total_incl,
            method="transfer",
            by=nord.actor("accountant"),
            today=TODAY,
        )
        assert owes(nord.organisation) == Decimal(0)

    shown = staff.get(strike_page(noticed))
    refused = staff.post(
        strike_page(noticed, "decision/"), {**DECIDED, "on": TODAY.isoformat(), "last_day": TODAY.isoformat()}
    )
    stopped = staff.post(strike_page(noticed, "arret/"), {"reason": "Payée."}, follow=True)

    assert "arrêtée d’elle-même" in text(shown)
    assert refused.status_code == 422 and "La cotisation est payée" in text(refused)
    assert "reste membre" in text(stopped)


def test_another_cause_needs_its_grounds(nord, sign_in, membership):
    staff = sign_in(nord, "coordinator")
    page = f"/gestion/membres/structures/{nord.organisation.public_id}/radiation/"

    silent = staff.post(page, {"cause": "other"})
    nothing_owed = staff.post(page, {"cause": "dues"})
    opened = staff.post(page, {"cause": "other", "grounds": "Sous-location sans accord."}, follow=True)

    assert silent.status_code == 422 and "Dites ce qui est reproché" in text(silent)
    assert nothing_owed.status_code == 422 and "en retard" in text(nothing_owed)
    assert "Sous-location sans accord." in opened.text


@pytest.mark.parametrize(
    "values",
    [
        {"decided_on": TODAY, "decided_by": "board", "reference": "4", "effect_on": TOMORROW},
        {"answer_by": TODAY - dt.timedelta(days=30)},
        {"heard_on": TODAY},
    ],
    ids=["not heard", "shorter delay", "heard nothing"],
)
def test_the_database_refuses_a_strike_off_out_of_order(nord, noticed, values):
    with open_hub(nord.hub), pytest.raises(IntegrityError, match="members_strikeoff"), transaction.atomic():
        StrikeOff.objects.filter(pk=noticed.pk).update(**values)


def test_the_database_refuses_a_strike_off_within_the_delay(nord, owed):
    with open_hub(nord.hub):
        strike = actions.open_strike_off(
            member=nord.organisation, cause=StrikeCause.DUES, by=nord.actor("coordinator"), today=TODAY
        )
        steps = {"heard_on": TODAY, "heard": "Rien.", "decided_on": TODAY, "decided_by": "board", "reference": "4"}
        with pytest.raises(IntegrityError, match="members_strikeoff_decided"), transaction.atomic():
            StrikeOff.objects.filter(pk=strike.pk).update(**steps, effect_on=TOMORROW)
        with pytest.raises(IntegrityError, match="commence par une mise en demeure"), transaction.atomic():
            StrikeOff.objects.create(
                membership=strike.membership, cause="dues", notice_on=TODAY - dt.timedelta(days=40), answer_days=30,
                answer_by=TODAY - dt.timedelta(days=10), effect_on=TOMORROW, **steps,
            )  # fmt: skip


def test_a_letter_and_a_step_once_written_stay(nord, noticed):
    with open_hub(nord.hub):
        with pytest.raises(IntegrityError, match="ne se modifie pas"), transaction.atomic():
            Letter.objects.update(body="Rien.")
        with pytest.raises(IntegrityError, match="ne se supprime pas"), transaction.atomic():
            noticed.delete()


def test_the_state_is_computed_from_the_dates(nord, noticed):
    owed = Decimal(300)
    with open_hub(nord.hub):
        told = [
            strike_state(noticed, noticed.answer_by, owed),
            strike_state(noticed, noticed.answer_by + dt.timedelta(days=1), owed),
            strike_state(noticed, noticed.answer_by, Decimal(0)),
        ]
    assert told == [StrikeState.NOTIFIED, StrikeState.TO_DECIDE, StrikeState.SETTLED]


def strike(nord, noticed, on):
    by = nord.actor("coordinator")
    actions.hear_member(strike=noticed, heard_on=on, heard="Rien.", by=by, today=on)
    return actions.decide_strike_off(
        strike=noticed, on=on, decided_by=DecidingBody.BOARD, reference="4", effect_on=on + dt.timedelta(days=1),
        by=by, today=on,
    )  # fmt: skip


@pytest.mark.parametrize(("roll_on", "count"), [(TODAY, 1), (TOMORROW, 0)], ids=["before its day", "on its day"])
def test_who_is_struck_off_is_on_the_roll_until_their_last_day(nord, noticed, roll_on, count):
    with open_hub(nord.hub):
        by = nord.actor("coordinator")
        strike(nord, noticed, TODAY)
        assembly = AssemblyFactory(coming=True, roll_on=roll_on)
        draw_roll(assembly=assembly, by=by, now=timezone.now())

        assert RollEntry.objects.filter(assembly=assembly).count() == count


def test_a_roll_frozen_keeps_who_is_struck_off_later(nord, noticed):
    with open_hub(nord.hub):
        by = nord.actor("coordinator")
        assembly = AssemblyFactory(coming=True)
        freeze_roll(assembly=assembly, by=by, now=timezone.now())
        strike(nord, noticed, TODAY)

        assert RollEntry.objects.filter(assembly=assembly).count() == 1


@pytest.mark.parametrize("role", ["accountant", "receptionist", "observer", "administrator", "stranger"])
def test_only_those_who_keep_the_memberships_follow_departures(nord, sign_in, noticed, role):
    client = sign_in(nord, role)

    for page in ("/gestion/membres/departs/", strike_page(noticed), "/gestion/reglages/departs/"):
        assert client.get(page).status_code == 403


def test_departures_of_another_hub_are_not_found(nord, sud, sign_in, noticed):
    staff = sign_in(sud, "coordinator")
    with open_hub(nord.hub):
        letter = Letter.objects.get()

    for page in (strike_page(noticed), f"/gestion/membres/lettres/{letter.pk}/"):
        assert staff.get(page).status_code == 404


def test_the_list_of_departures_counts_its_queries(nord, sign_in, year):
    client = sign_in(nord, "coordinator")
    counts = []
    for number in (1, 2):
        with open_hub(nord.hub):
            by = nord.actor("coordinator")
            for _each in range(number):
                left, struck = (MembershipFactory(fiscal_year=year).organisation for _two in range(2))
                actions.resign(member=left, letter_on=TODAY, by=by, today=TODAY)
                actions.open_strike_off(member=struck, cause=StrikeCause.OTHER, grounds="Faits.", by=by, today=TODAY)
        with CaptureQueriesContext(connection) as queries:
            client.get("/gestion/membres/departs/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_nobody_resigns_who_is_no_member(nord, sign_in, year):
    client = sign_in(nord, "administrator")

    shown = client.get(my_resignation(nord))
    refused = client.post(my_resignation(nord), {"sure": "on"})

    with open_hub(nord.hub):
        assert resignation_of(nord.organisation, TODAY) is None
    assert "Rien à quitter" in text(shown) and refused.status_code == 422


@pytest.mark.feature("ME16")
def test_what_is_booked_after_the_last_day_is_said_before_the_click(nord, sign_in, membership):
    with open_hub(nord.hub):
        later = BookingFactory(organisation=nord.organisation, coming=True)
    words = text(sign_in(nord, "administrator").get(my_resignation(nord)))

    with open_hub(nord.hub):
        assert str(later.unit) in words
    assert "Réservé après ce jour" in words


def test_a_delay_that_has_ended_is_to_do(nord, sign_in, noticed, owed):
    staff = sign_in(nord, "coordinator")

    waiting = text(staff.get("/gestion/"))
    with open_hub(nord.hub):
        record_payment(
            account=owed.account,
            received_on=TODAY,
            amount=owed.total_incl,
            method="transfer",
            by=nord.actor("accountant"),
            today=TODAY,
        )
    paid = text(staff.get("/gestion/"))

    assert "Le délai de la mise en demeure est écoulé" in waiting
    assert "notez l’arrêt de la radiation" in paid


@pytest.mark.parametrize(("effect", "count"), [(ResignationEffect.YEAR_END, 1), (ResignationEffect.AT_ONCE, 0)])
def test_who_leaves_as_the_year_ends_owes_and_weighs_in_it(nord, year, membership, effect, count):
    with open_hub(nord.hub):
        by = nord.actor("coordinator")
        actions.set_departure_terms(effect=effect, answer_days=30, starts_on=dt.date(2020, 1, 1), by=by)
        on = min(TODAY, year.last_day - dt.timedelta(days=1))
        actions.resign(member=nord.organisation, letter_on=on, by=by, today=TODAY)

        assert len(rows_of_year(year, TODAY)) == weight_of(year, year.starts_on.year, discreet=False).members == count
