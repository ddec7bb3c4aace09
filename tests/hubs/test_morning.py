"""À faire: what needs a decision this morning, its one click, and who sees to it."""

import datetime as dt

import pytest
from django.apps import apps
from django.utils import timezone

from hubs.actions import add_item, hand_back, send_mail, start_run, take_on
from hubs.actions.desk import SeenTo
from hubs.enums import ItemState, MailFailure, MailState
from hubs.models import Mail, RunItem, TodoClaim
from hubs.parts import HANDFUL, Todo
from hubs.refusals import NotAllowed
from hubs.scope import open_hub
from hubs.tasks import tidy
from tests.parties.factories import OrganisationFactory

A_FAIRE = "/gestion/"
SEE_TO = "/gestion/je-m-en-occupe/"
HTMX = {"HX-Request": "true"}


def todo(key: str = "billing.month:2026-10", label: str = "Clore octobre 2026") -> Todo:
    day = dt.date(2026, 11, 1)
    return Todo(key, "Facturation", label, "Le mois est fini.", "/gestion/a/", day, verb="Vérifier")


@pytest.fixture
def waiting(monkeypatch) -> list[Todo]:
    """Two things to do, whoever looks."""
    todos = [todo(), todo("billing.month:2026-09", "Clore septembre 2026")]
    monkeypatch.setattr(apps.get_app_config("billing"), "todos", lambda actor: todos)
    return todos


@pytest.fixture
def failed_mail(nord) -> Mail:
    with open_hub(nord.hub):
        mail = send_mail(to=["vieux@nord.example"], subject="Votre accès", text="Bonjour.", about=nord.employee)
        Mail.objects.update(state=MailState.FAILED, tries=6, failure=MailFailure.REFUSED, error="550 no such user")
    return mail


# --- « Je m’en occupe » ----------------------------------------------------------------------------


@pytest.mark.feature("HU10")
def test_who_sees_to_a_line_is_shown_to_all_until_they_give_it_back(nord, sign_in, waiting):
    mine, theirs = sign_in(nord, "coordinator"), sign_in(nord, "accountant")
    taken = {"ligne": waiting[0].key}

    answer = mine.post(SEE_TO, taken)
    shown = (mine.get(A_FAIRE).text, theirs.get(A_FAIRE).text)
    mine.post(SEE_TO, taken | {"geste": "rendre"})

    assert (answer.status_code, answer.url) == (302, A_FAIRE)
    assert "vous vous en occupez" in shown[0]
    assert f"{nord.coordinator} s’en occupe depuis" in shown[1]
    assert "s’en occupe" not in theirs.get(A_FAIRE).text.replace("Je m’en occupe", "")


@pytest.mark.feature("HU10")
def test_one_takes_over_from_the_person_shown_and_from_nobody_else(nord, sign_in, waiting):
    coordinator, accountant = sign_in(nord, "coordinator"), sign_in(nord, "accountant")
    taken = {"ligne": waiting[0].key}
    coordinator.post(SEE_TO, taken)

    too_late = accountant.post(SEE_TO, taken, follow=True)
    accountant.post(SEE_TO, taken | {"a_la_place_de": nord.coordinator.user_id})

    assert f"{nord.coordinator} s’en occupe déjà." in too_late.text
    with open_hub(nord.hub):
        assert TodoClaim.objects.values_list("key", "user", "who").get() == (
            waiting[0].key, nord.accountant.user_id, str(nord.accountant),
        )  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("", ["Clore octobre 2026", "Clore septembre 2026"]),
        ("moi", ["Clore octobre 2026"]),
        ("personne", ["Clore septembre 2026"]),
        ("n’importe", ["Clore octobre 2026", "Clore septembre 2026"]),
    ],
)
def test_one_may_look_at_ones_own_or_at_what_nobody_took(nord, sign_in, waiting, asked, shown):
    browser = sign_in(nord, "coordinator")
    browser.post(SEE_TO, {"ligne": waiting[0].key})

    lines = browser.get(A_FAIRE, {"pour": asked}).context["lines"]

    assert sorted(line.todo.label for line in lines) == sorted(shown)


def test_what_is_no_longer_to_do_cannot_be_taken(nord, sign_in, waiting):
    answer = sign_in(nord, "coordinator").post(SEE_TO, {"ligne": "spaces.price:12"}, follow=True)

    assert "Ce n’est plus à faire." in answer.text
    with open_hub(nord.hub):
        assert TodoClaim.objects.count() == 0


def test_the_second_of_two_people_is_told_who_was_first(nord, hub):
    now = timezone.now()
    take_on(todo=todo(), by=nord.actor("coordinator"), now=now)

    again = take_on(todo=todo(), by=nord.actor("coordinator"), now=now + dt.timedelta(hours=1))
    with pytest.raises(SeenTo, match=f"{nord.coordinator} s’en occupe déjà"):
        take_on(todo=todo(), by=nord.actor("accountant"), now=now)
    hand_back(key=todo().key, by=nord.actor("accountant"))

    assert (again.since, TodoClaim.objects.count()) == (now, 1)
    with pytest.raises(NotAllowed):
        take_on(todo=todo(), by=nord.actor("employee"), now=now)
    with pytest.raises(NotAllowed):
        hand_back(key=todo().key, by=nord.actor("employee"))


def test_the_night_drops_claims_on_what_is_done(nord, waiting):
    with open_hub(nord.hub):
        for key in (waiting[0].key, "billing.month:2020-01"):
            take_on(todo=todo(key), by=nord.actor("coordinator"), now=timezone.now())

    tidy()

    with open_hub(nord.hub):
        assert list(TodoClaim.objects.values_list("key", flat=True)) == [waiting[0].key]


# --- The one click ----------------------------------------------------------------------------------


@pytest.mark.feature("HU10")
def test_a_safe_click_is_done_right_there_and_the_line_goes(nord, sign_in, failed_mail):
    browser = sign_in(nord, "coordinator")
    before = browser.get(A_FAIRE)
    resend = f"/gestion/suivi/courriels/{failed_mail.pk}/renvoi/"

    after = browser.post(resend, {"retour": "a-faire"}, headers=HTMX, follow=True)

    assert "Votre accès" in before.text and f'hx-post="{resend}"' in before.text
    assert "l’adresse est refusée par le serveur de la personne" in before.text
    assert f"L’adresse est maintenant {nord.employee.user.email}." in before.text
    assert after.text.strip().startswith('<div id="a-faire"')
    assert "Rien n’attend de décision aujourd’hui" in after.text
    assert f"Il repart à {nord.employee.user.email}." in after.text
    with open_hub(nord.hub):
        failed_mail.refresh_from_db()
    assert (failed_mail.state, failed_mail.to, failed_mail.tries, failed_mail.failure, failed_mail.error) == (
        MailState.QUEUED, [nord.employee.user.email], 0, "", "",
    )  # fmt: skip


@pytest.mark.feature("HU10")
def test_without_scripts_the_click_leads_back_to_the_list(nord, sign_in, failed_mail):
    answer = sign_in(nord, "coordinator").post(
        f"/gestion/suivi/courriels/{failed_mail.pk}/renvoi/", {"retour": "a-faire", "pour": "moi"}
    )

    assert (answer.status_code, answer.url) == (302, f"{A_FAIRE}?pour=moi")


@pytest.mark.feature("HU10")
def test_work_that_failed_is_started_again_from_the_list(nord, sign_in):
    with open_hub(nord.hub):
        run = start_run(title="Import de membres.csv", by=nord.actor("coordinator"))
        add_item(run=run, job="members.import_draft", label="membres.csv", draft_id=1, only_good=False)
        RunItem.objects.update(state=ItemState.FAILED, tries=5, error="Plus rien à lire.")
    browser = sign_in(nord, "coordinator")

    assert "Import de membres.csv" in browser.get(A_FAIRE).text
    after = browser.post(f"/gestion/suivi/travaux/{run.pk}/reprise/", {"retour": "a-faire"}, follow=True)

    assert "1 élément est relancé." in after.text
    assert "Rien n’attend de décision aujourd’hui" in after.text
    with open_hub(nord.hub):
        assert RunItem.objects.values_list("state", "tries").get() == (ItemState.TODO, 0)


def test_a_mail_written_anew_about_the_same_thing_is_no_longer_to_do(nord, sign_in, failed_mail):
    with open_hub(nord.hub):
        send_mail(to=["neuf@nord.example"], subject="Votre accès", text="Bonjour.", about=nord.employee)

    assert "Rien n’attend de décision aujourd’hui" in sign_in(nord, "coordinator").get(A_FAIRE).text


def test_a_code_that_did_not_leave_is_asked_for_again_and_not_to_do(nord, sign_in, failed_mail):
    with open_hub(nord.hub):
        Mail.objects.update(is_secret=True)

    assert "Rien n’attend de décision aujourd’hui" in sign_in(nord, "coordinator").get(A_FAIRE).text


def test_beyond_a_handful_one_line_leads_to_the_list(nord, sign_in):
    with open_hub(nord.hub):
        for _n in range(HANDFUL + 1):
            send_mail(to=["a@b.example"], subject="Bonjour", text="", about=OrganisationFactory())
        Mail.objects.update(state=MailState.FAILED, failure=MailFailure.AWAY)

    (line,) = sign_in(nord, "coordinator").get(A_FAIRE).context["lines"]

    assert (line.todo.label, line.todo.url, line.todo.post_url) == (
        "6 courriels ne sont pas partis", "/gestion/suivi/courriels/?etat=failed", "",
    )  # fmt: skip
    assert line.todo.reason == "Le premier\u00a0: le serveur de courriel ne répond pas."


@pytest.mark.feature("HU10")
@pytest.mark.parametrize(("who", "seen"), [("coordinator", 1), ("accountant", 1), ("receptionist", 0), ("adviser", 0)])
def test_mails_are_followed_by_those_who_keep_addresses(nord, sign_in, failed_mail, who, seen):
    assert len(sign_in(nord, who).get(A_FAIRE).context["lines"]) == seen


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_as_much_for_one_line_as_for_three(nord, sign_in, django_assert_num_queries, rows):
    with open_hub(nord.hub):
        for n in range(rows):
            send_mail(to=["a@b.example"], subject=f"Bonjour {n}", text="", about=OrganisationFactory())
        Mail.objects.update(state=MailState.FAILED, failure=MailFailure.AWAY)
    browser = sign_in(nord, "coordinator")
    browser.get(A_FAIRE)

    with django_assert_num_queries(53):
        browser.get(A_FAIRE)
