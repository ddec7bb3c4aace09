"""A structure arrives, and leaves: one list, walked by the team and by the structure."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hubs.models import AuditEntry, Mail
from hubs.parts import todos_of
from hubs.scope import open_hub
from members.actions import CharterChanged, accept_charter, begin_list, do_step, write_charter, write_first_list
from members.enums import CheckKind, Way
from members.models import Charter, Checklist, ChecklistItem, ChecklistStep, ChecklistTemplate
from tests.parties.factories import OrganisationFactory

TODAY = timezone.localdate()
SETTINGS = "/gestion/reglages/arrivees/"
LISTS = "/gestion/membres/arrivees/"
MINE = "/mon-espace/arrivee/"
QUERIES = {LISTS: 13, MINE: 11}
STEP = {"arrival": "Studio visité", "departure": "Studio rendu", "kind": "plain", "side": "staff", "days": "3"}


def text(response):
    return " ".join(response.text.replace("\xa0", " ").split())


def item_of(checklist, kind="", label=""):
    steps = checklist.items.select_related("step")
    return next(each for each in steps if each.kind == kind or each.step.label(checklist.way) == label)


@pytest.fixture
def template(nord):
    with open_hub(nord.hub):
        write_charter(text="Nous partageons.", by=nord.actor("coordinator"), now=timezone.now())
        return write_first_list(by=nord.actor("coordinator"), now=timezone.now())


def begun(nord, way=Way.ARRIVAL, day=TODAY, organisation=None):
    return begin_list(
        organisation=organisation or nord.organisation, way=way, day=day, by=nord.actor("coordinator"),
        now=timezone.now(),
    )  # fmt: skip


@pytest.fixture
def arrival(nord, template):
    with open_hub(nord.hub):
        return begun(nord)


def on_list(checklist, item, gesture=""):
    return f"{LISTS}{checklist.public_id}/etapes/{item.pk}/{gesture}"


def on_mine(checklist, item, gesture):
    return f"{MINE}{checklist.public_id}/etapes/{item.pk}/{gesture}/"


@pytest.mark.feature("ME17")
def test_a_structure_arrives_step_by_step_and_leaves_by_the_list_backwards(nord, sign_in):
    staff, member = sign_in(nord, "coordinator"), sign_in(nord, "administrator")
    staff.post(f"{SETTINGS}proposition/")
    staff.post(f"{SETTINGS}charte/", {"text": "Nous partageons les clés."})
    begin = f"/gestion/membres/structures/{nord.organisation.public_id}/arrivee/"
    began = staff.post(
        begin, {"way": "arrival", "day": TODAY.isoformat(), "owner": nord.receptionist.public_id}, follow=True
    )
    with open_hub(nord.hub):
        arrival = Checklist.objects.get()
        told = Mail.objects.latest("pk")
        charter, insurance = item_of(arrival, "charter"), item_of(arrival, "insurance")
        keys = item_of(arrival, label="Clés et badges remis")
        rest = arrival.items.exclude(pk__in=[charter.pk, insurance.pk, keys.pk]).order_by("pk")
        mine, theirs = (list(rest.filter(step__side=side)) for side in ("member", "staff"))
    home = member.get("/mon-espace/")
    read = member.get(on_mine(arrival, charter, "charte"))
    accepted = member.post(on_mine(arrival, charter, "charte"), {"version": "1"}, follow=True)
    until = TODAY + dt.timedelta(days=200)
    member.post(on_mine(arrival, insurance, "assurance"), {"insured_until": until.isoformat()})
    for item in mine:
        member.post(on_mine(arrival, item, "fait"))
    sign_in(nord, "receptionist").post(on_list(arrival, keys, "fait/"))
    for item in theirs:
        staff.post(on_list(arrival, item, "fait/"))
    done = staff.get(f"{LISTS}{arrival.public_id}/")
    staff.post(begin, {"way": "departure", "day": (TODAY + dt.timedelta(days=90)).isoformat()})

    assert "La structure la voit dans son espace" in text(staff.get(begin))
    assert "Compagnie nord" in text(began)
    assert told.to == [nord.administrator.email]
    assert "Attestation d’assurance donnée, pour le" in told.text.replace("\xa0", " ")
    assert "Votre arrivée" in home.text
    assert "Nous partageons les clés." in read.text
    assert "charte v1 acceptée" in text(accepted)
    with open_hub(nord.hub):
        charter.refresh_from_db()
        keys.refresh_from_db()
        insurance.refresh_from_db()
        arrival.refresh_from_db()
        departure = Checklist.objects.get(way="departure")
        back = [
            (each.step.departure, (each.due_on - departure.day).days)
            for each in departure.items.select_related("step").order_by("-step__rank")
        ]
        verbs = list(AuditEntry.objects.filter(verb="members.charter_accepted").values_list("who", "after"))
        accepted_version = charter.charter.number
    assert (accepted_version, charter.accepted_by_id, charter.done_on) == (1, nord.administrator.pk, TODAY)
    assert charter.done_by == str(nord.administrator)
    assert (keys.owner_id, keys.done_by) == (nord.receptionist.pk, str(nord.receptionist))
    assert insurance.insured_until == until
    assert arrival.closed_on == TODAY
    assert "Finie le" in done.text
    assert back == [
        ("Page publique retirée", -14),
        ("Clés et badges rendus", 0),
        ("Lieux rendus propres et vides", 0),
        ("Dépôt de garantie rendu", 1),
        ("Mandat de prélèvement révoqué", 7),
    ]
    assert verbs[0][0] == str(nord.administrator)
    assert verbs[0][1]["version"] == 1


@pytest.mark.feature("ME17")
def test_a_list_begun_keeps_its_version_and_the_next_has_the_new_steps(nord, sign_in, arrival):
    staff = sign_in(nord, "coordinator")
    with open_hub(nord.hub):
        gone = ChecklistStep.objects.get(arrival="Lieux visités ensemble")
        before = arrival.items.count()

    added = staff.post(f"{SETTINGS}etapes/nouvelle/", STEP)
    removed = staff.post(f"{SETTINGS}etapes/{gone.pk}/retrait/", follow=True)
    shown = staff.get(SETTINGS)

    assert (added.status_code, "Cette étape n’est plus dans la liste" in text(removed)) == (302, True)
    assert "Studio visité" in shown.text
    with open_hub(nord.hub):
        assert arrival.items.count() == before
        versions = [(each.number, each.steps.count()) for each in ChecklistTemplate.objects.order_by("number")]
        later = begun(nord, organisation=OrganisationFactory())
    assert versions == [(1, 7), (2, 8)]
    assert later.template.number == 2


def test_the_database_keeps_a_list_begun_a_charter_and_who_accepted_it(nord, arrival):
    with open_hub(nord.hub):
        item = item_of(arrival, "charter")
        accept_charter(item=item, number=1, by=nord.actor("administrator"), today=TODAY)
        step, charter = arrival.template.steps.first(), Charter.objects.get()
        for write in (
            lambda: ChecklistStep.objects.filter(pk=step.pk).update(arrival="autre"),
            lambda: ChecklistStep.objects.create(template=arrival.template, rank=9, arrival="de plus"),
            lambda: step.delete(),
            lambda: Charter.objects.filter(pk=charter.pk).update(text="autre"),
            lambda: ChecklistItem.objects.filter(pk=item.pk).update(done_on=None, done_by="", charter=None),
            lambda: ChecklistItem.objects.filter(pk=item.pk).update(accepted_by=nord.employee.pk),
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                write()


def test_a_charter_rewritten_meanwhile_is_read_again_before_it_is_accepted(nord, sign_in, arrival):
    member = sign_in(nord, "administrator")
    with open_hub(nord.hub):
        item = item_of(arrival, "charter")
        write_charter(text="Nous partageons davantage.", by=nord.actor("coordinator"), now=timezone.now())

    refused = member.post(on_mine(arrival, item, "charte"), {"version": "1"})
    accepted = [member.post(on_mine(arrival, item, "charte"), {"version": "2"}).status_code for _tab in range(2)]

    assert (refused.status_code, accepted) == (422, [302, 302])
    assert str(CharterChanged.message) in refused.text
    assert "Nous partageons davantage." in refused.text
    with open_hub(nord.hub):
        assert ChecklistItem.objects.get(pk=item.pk).charter.number == 2
        assert AuditEntry.objects.filter(verb="members.charter_accepted").count() == 1


def test_who_works_there_reads_and_who_administers_ticks(nord, sud, sign_in, arrival):
    with open_hub(nord.hub):
        charter = item_of(arrival, "charter")
        keys = item_of(arrival, label="Clés et badges remis")
        mandate = item_of(arrival, label="Mandat de prélèvement signé")
    answers = {
        who: [
            sign_in(nord, who).get(MINE).status_code,
            sign_in(nord, who).post(on_mine(arrival, mandate, "fait")).status_code,
            sign_in(nord, who).post(on_mine(arrival, keys, "fait")).status_code,
            sign_in(nord, who).post(on_mine(arrival, charter, "charte"), {"version": "1"}).status_code,
        ]
        for who in ("employee", "stranger", "guest", "administrator")
    }

    assert answers == {
        "employee": [200, 403, 403, 403],
        "stranger": [403, 403, 403, 403],
        "guest": [403, 403, 403, 403],
        "administrator": [200, 302, 403, 302],
    }
    assert sign_in(sud, "administrator").post(on_mine(arrival, mandate, "fait")).status_code == 404
    assert sign_in(sud, "coordinator").get(f"{LISTS}{arrival.public_id}/").status_code == 404


def test_staff_pages_and_their_rights(nord, sign_in, arrival):
    with open_hub(nord.hub):
        keys = item_of(arrival, label="Clés et badges remis")
    pages = (LISTS, f"{LISTS}{arrival.public_id}/", on_list(arrival, keys), SETTINGS)
    answers = {who: [sign_in(nord, who).get(page).status_code for page in pages] for who in (
        "coordinator", "receptionist", "adviser", "employee",
    )}  # fmt: skip

    assert answers == {
        "coordinator": [200, 200, 200, 200],
        "receptionist": [200, 200, 200, 403],
        "adviser": [403, 403, 403, 403],
        "employee": [403, 403, 403, 403],
    }


def test_staff_plan_undo_waive_and_finish(nord, sign_in, arrival):
    staff = sign_in(nord, "coordinator")
    with open_hub(nord.hub):
        keys, visit = item_of(arrival, label="Clés et badges remis"), item_of(arrival, label="Lieux visités ensemble")
        insurance, charter = item_of(arrival, "insurance"), item_of(arrival, "charter")
    later = (TODAY + dt.timedelta(days=9)).isoformat()

    planned = staff.post(
        on_list(arrival, keys),
        {"geste": "prevoir", "plan-due_on": later, "plan-owner": nord.receptionist.public_id},
        follow=True,
    )
    for gesture in ("fait/", "a-faire/"):
        staff.post(on_list(arrival, keys, gesture))
    staff.post(on_list(arrival, visit, "sans-objet/"))
    late = staff.post(on_list(arrival, insurance), {"geste": "assurance", "assurance-insured_until": "2020-01-01"})
    paper = staff.post(
        on_list(arrival, charter),
        {"geste": "papier", "papier-who": nord.employee.public_id, "papier-on": TODAY.isoformat()},
        follow=True,
    )
    stays = staff.post(on_list(arrival, charter, "a-faire/"), follow=True)
    over = staff.post(f"{LISTS}{arrival.public_id}/fin/", follow=True)

    assert str(nord.receptionist) in planned.text
    assert (late.status_code, "Dites jusqu’à quand l’assurance court" in text(late)) == (422, True)
    assert f"charte v1 acceptée par {nord.employee}" in text(paper)
    assert "cela ne se défait pas" in text(stays)
    assert "La liste est finie." in text(over)
    with open_hub(nord.hub):
        keys.refresh_from_db()
        assert (keys.is_waived, keys.due_on.isoformat(), keys.owner_id) == (True, later, nord.receptionist.pk)
        assert Checklist.objects.get().closed_on == TODAY


def test_a_second_list_the_same_way_and_a_hub_without_a_list_are_refused(nord, sign_in, arrival, sud):
    begin = f"/gestion/membres/structures/{nord.organisation.public_id}/arrivee/"
    twice = sign_in(nord, "coordinator").post(begin, {"way": "arrival", "day": TODAY.isoformat()})
    empty = sign_in(sud, "coordinator").post(
        f"/gestion/membres/structures/{sud.organisation.public_id}/arrivee/",
        {"way": "arrival", "day": TODAY.isoformat()},
    )

    assert (twice.status_code, empty.status_code) == (422, 422)
    assert "a déjà une liste en cours" in text(twice)
    assert "n’est pas encore écrite" in text(empty)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"arrival": "", "departure": ""}, "Dites l’étape à l’arrivée"),
        ({"kind": "charter", "departure": ""}, "La charte est déjà dans la liste"),
        ({"kind": "insurance"}, "se demandent à l’arrivée"),
        ({"days": "4000"}, "365"),
    ],
)
def test_a_step_badly_said_is_refused_and_kept_on_the_page(nord, sign_in, template, wrong, words):
    response = sign_in(nord, "coordinator").post(f"{SETTINGS}etapes/nouvelle/", STEP | wrong)

    assert response.status_code == 422
    assert words in text(response)
    with open_hub(nord.hub):
        assert template.steps.count() == 7


def test_the_steps_are_moved_and_said_otherwise(nord, sign_in, template):
    staff = sign_in(nord, "coordinator")
    with open_hub(nord.hub):
        second = template.steps.order_by("rank")[1]

    staff.post(f"{SETTINGS}etapes/{second.pk}/monter/")
    staff.post(
        f"{SETTINGS}etapes/{second.pk}/",
        {"arrival": "Assurance", "kind": "insurance", "side": "member", "days": "-10"},
    )

    with open_hub(nord.hub):
        first = template.steps.order_by("rank")[0]
        assert (first.pk, first.arrival, first.days, first.rank) == (second.pk, "Assurance", -10, 1)
        assert ChecklistTemplate.objects.count() == 1


def test_late_steps_are_to_do_one_by_one_then_as_one_line(nord, template):
    with open_hub(nord.hub):
        begun(nord, day=TODAY - dt.timedelta(days=10))
        one = [todo for todo in todos_of(nord.hub, nord.actor("receptionist")) if "checklist" in todo.key]
        for _n in range(5):
            begun(nord, day=TODAY - dt.timedelta(days=10), organisation=OrganisationFactory())
        many = [todo for todo in todos_of(nord.hub, nord.actor("coordinator")) if "checklist" in todo.key]

    assert (len(one), one[0].since) == (1, TODAY - dt.timedelta(days=17))
    assert "6 étapes sont en retard." in one[0].reason
    assert [todo.key for todo in many] == ["members.checklists"]


def test_twice_done_is_done_once(nord, arrival):
    with open_hub(nord.hub):
        item = item_of(arrival, label="Clés et badges remis")
        for who in ("receptionist", "coordinator"):
            do_step(item=item, by=nord.actor(who), today=TODAY)
        item.refresh_from_db()
        assert item.done_by == str(nord.receptionist)
        assert AuditEntry.objects.filter(verb="members.step_done").count() == 1


@pytest.mark.parametrize("page", [LISTS, MINE])
def test_the_pages_ask_as_much_for_one_list_as_for_three(nord, sign_in, template, page):
    who = "coordinator" if page == LISTS else "administrator"
    browser = sign_in(nord, who)
    counts = []
    with open_hub(nord.hub):
        begun(nord)
    for more in (0, 2):
        with open_hub(nord.hub):
            for _n in range(more):
                if page == LISTS:
                    begun(nord, organisation=OrganisationFactory())
        browser.get(page)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert browser.get(page).status_code == 200
        counts.append(len(asked))

    assert counts[0] == counts[1]
    assert counts[0] == QUERIES[page]


def test_the_charter_kind_is_the_members_own(nord, template):
    with open_hub(nord.hub):
        sides = dict(template.steps.values_list("kind", "side"))
        assert sides[CheckKind.CHARTER] == "member"
