"""How long each kind of data is kept: the hub's choice within the law, and the nights that keep to it."""

import datetime as dt
import re

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from billing.models import MonthClose
from hubs.actions import add_item, note_reading, record, send_mail, start_run
from hubs.actors import system
from hubs.enums import ItemState, MailState
from hubs.models import AuditEntry, Mail, Reading, Retention, RetentionNight, Run, RunItem
from hubs.models.personal import months_before
from hubs.personal import keepings
from hubs.scope import open_hub
from hubs.tasks import tidy
from parties.models import Person
from tests.billing.factories import IssuerFactory
from tests.parties.factories import InvitationFactory, LinkFactory, PersonFactory
from tests.spaces.factories import BookingFactory

PAGE = "/gestion/reglages/conservation/"
NOW = timezone.now()


def text(response):
    return " ".join(re.sub("<.+?>", "", response.text.replace("\xa0", " ")).split())


def ago(months: int, days: int = 1) -> dt.datetime:
    return months_before(NOW, months) - dt.timedelta(days=days)


def old_mail(months: int, **changes) -> Mail:
    mail = send_mail(to=["x@nord.example"], subject="Bonjour", text="Un mot pour vous.")
    Mail.objects.filter(pk=mail.pk).update(
        queued_at=ago(months), **({"state": MailState.SENT, "sent_at": NOW} | changes)
    )
    return mail


@pytest.fixture
def coordinator(nord, sign_in):
    return sign_in(nord, "coordinator")


def test_the_page_tells_each_kind_its_period_its_reason_and_what_comes_next(nord, coordinator):
    with open_hub(nord.hub):
        old_mail(13)
        old_mail(1)

    page = text(coordinator.get(PAGE))

    with open_hub(nord.hub):
        assert [keeping.key for keeping in keepings() if str(keeping.title) not in page] == []
        assert [
            keeping.key
            for keeping in keepings()
            if keeping.is_set and str(keeping.ground).replace("\xa0", " ") not in page
        ] == []
    assert "Aucune nuit n’est encore passée." in page
    assert re.search(r"de 1 mois à 3 ans Changer la durée : Texte des courriels envoyés 1 Journal", page)
    assert "dix ans au moins" in page


def test_the_coordinator_chooses_a_period_from_today_on(nord, sud, coordinator):
    answer = coordinator.post(f"{PAGE}hubs.mails/", {"months": "6"}, follow=True)
    again = coordinator.post(f"{PAGE}hubs.mails/", {"months": "18"})

    assert "Texte des courriels envoyés : 6 mois, dès cette nuit." in text(answer)
    assert again.status_code == 302
    with open_hub(nord.hub):
        today = timezone.localdate()
        assert list(Retention.objects.values_list("kind", "months", "least", "most", "starts_on", "ends_on")) == [
            ("hubs.mails", 18, 1, 36, today, None)
        ]
        told = AuditEntry.objects.filter(verb="hubs.retention_changed").order_by("pk").values_list("before", "after")
        assert [(before["months"], after["months"]) for before, after in told] == [(12, 6), (6, 18)]
    with open_hub(sud.hub):
        assert not Retention.objects.exists()


@pytest.mark.parametrize("months", ["0", "37"])
def test_a_period_outside_the_law_is_refused_beside_its_field(nord, coordinator, months):
    answer = coordinator.post(f"{PAGE}hubs.mails/", {"months": months})

    assert answer.status_code == 422
    assert answer.context["form"].errors["months"] == [
        "Entre 1 et 36 mois\xa0: le temps de l’échange, trois ans au plus après le dernier contact."
    ]
    with open_hub(nord.hub):
        assert not Retention.objects.exists()


def test_the_database_refuses_a_period_outside_the_law(hub):
    with pytest.raises(IntegrityError, match="hubs_retention_within_law"), transaction.atomic():
        Retention.objects.create(kind="hubs.mails", months=37, least=1, most=36, starts_on=NOW.date())


@pytest.mark.parametrize("kind", ["billing.books", "hubs.sessions", "nothing"])
def test_what_the_hub_does_not_choose_has_no_form(coordinator, kind):
    assert coordinator.get(f"{PAGE}{kind}/").status_code == 404


@pytest.mark.parametrize("name", ["accountant", "adviser", "receptionist", "elected", "observer", "administrator"])
def test_the_coordination_alone_sets_periods(nord, sign_in, name):
    browser = sign_in(nord, name)

    assert {browser.get(PAGE).status_code, browser.post(f"{PAGE}hubs.mails/", {"months": "6"}).status_code} == {403}


def test_the_night_lets_go_of_what_has_had_its_time_and_reports_it(nord, sud, coordinator):
    with open_hub(nord.hub):
        by = system(nord.hub.pk)
        gone, kept, waiting = old_mail(13), old_mail(11), old_mail(13, state=MailState.QUEUED, sent_at=None)
        line, fresh = (record(by=by, verb="parties.person_added", thing=nord.employee) for _ in range(2))
        erasure = record(by=by, verb="hubs.person_erased", thing=nord.employee)
        AuditEntry.objects.filter(pk__in=[line.pk, erasure.pk]).update(at=ago(12))
        for day in (ago(12).date(), NOW.date()):
            note_reading(what="parties.data_seen", things=["parties.person:1"], by=by, today=day)
        done, closing, running = (start_run(title=title, by=by) for title in ("fini", "clôture", "en cours"))
        for run in (done, closing, running):
            add_item(run=run, job="x", label="y")
        RunItem.objects.filter(run__in=[done, closing]).update(state=ItemState.DONE, done_at=NOW)
        Run.objects.update(started_at=ago(12))
        MonthClose.objects.create(issuer=IssuerFactory(), month=dt.date(2025, 1, 1), run=closing, issued_at=NOW)
        booking = BookingFactory(day=ago(36).date(), title="Réunion d’Inès", person=nord.employee)
    with open_hub(sud.hub):
        old_mail(13)

    tidy()
    tidy()

    with open_hub(nord.hub):
        gone.refresh_from_db()
        kept.refresh_from_db()
        assert (gone.text, gone.subject, gone.emptied_at is None) == ("", "Bonjour", False)
        assert (kept.text, kept.emptied_at) == ("Un mot pour vous.", None)
        assert Mail.objects.get(pk=waiting.pk).text == "Un mot pour vous."
        assert set(AuditEntry.objects.values_list("pk", flat=True)) == {fresh.pk, erasure.pk}
        assert list(Reading.objects.values_list("day", flat=True)) == [NOW.date()]
        assert set(Run.objects.values_list("title", flat=True)) == {"clôture", "en cours"}
        booking.refresh_from_db()
        assert (booking.person, booking.title, booking.booked_by) == (None, "", "Personne effacée")
        nights = RetentionNight.objects.filter(day=timezone.localdate(), done__gt=0)
        assert dict(nights.values_list("kind", "done")) == {
            "hubs.mails": 1, "hubs.log": 1, "hubs.readings": 1, "hubs.runs": 1, "spaces.bookings": 1,
        }  # fmt: skip
    with open_hub(sud.hub):
        assert Mail.objects.get().text == ""
    page = text(coordinator.get(PAGE))
    assert re.search(r"Texte des courriels envoyés Courriels vidés : 1 0 Journal", page)


def test_more_rows_than_a_batch_are_all_let_go_and_counted_once(nord):
    with open_hub(nord.hub):
        old_mail(13)
        first = Mail.objects.get()
        Mail.objects.bulk_create(
            Mail(to=first.to, subject="x", text="y", next_try_at=NOW, state=MailState.SENT, sent_at=NOW)
            for _ in range(430)
        )
        Mail.objects.update(queued_at=ago(13))
        RetentionNight.objects.create(kind="hubs.mails", day=ago(13).date(), done=1)

    tidy()

    with open_hub(nord.hub):
        assert not Mail.objects.exclude(text="").exists()
        # The report of a night older than a year is gone as well.
        assert RetentionNight.objects.get(kind="hubs.mails").done == 431


def test_the_period_of_the_hub_is_the_one_that_counts(nord, coordinator):
    with open_hub(nord.hub):
        old_mail(13)
    coordinator.post(f"{PAGE}hubs.mails/", {"months": "24"})

    tidy()

    with open_hub(nord.hub):
        assert Mail.objects.get().text == "Un mot pour vous."


def test_a_kind_that_fails_is_told_and_does_not_stop_the_others(nord, coordinator):
    with open_hub(nord.hub):
        Retention.objects.create(kind="hubs.log", months=30_000, least=1, most=30_000, starts_on=NOW.date())
        note_reading(what="x", things=["y:1"], by=system(nord.hub.pk), today=ago(12).date())

    tidy()

    with open_hub(nord.hub):
        assert not Reading.objects.exists()
        failed = RetentionNight.objects.exclude(error="")
        assert [(night.kind, night.done) for night in failed] == [("hubs.log", 0)]


def test_an_account_long_unused_is_warned_then_closed(nord):
    with open_hub(nord.hub):
        person = LinkFactory(organisation=nord.organisation).person
        staff = nord.coordinator
        for each in (person, staff):
            each.user.date_joined = ago(24)
            each.user.save()

    tidy()

    with open_hub(nord.hub):
        person.refresh_from_db()
        mail = Mail.objects.get()
        assert (mail.to, mail.subject) == ([person.user.email], "Votre accès va être fermé")
        assert person.user_id is not None
        assert RetentionNight.objects.get(kind="parties.accounts").warned == 1
        Person.objects.filter(pk=person.pk).update(warned_at=NOW - dt.timedelta(days=31))

    tidy()

    with open_hub(nord.hub):
        person.refresh_from_db()
        staff.refresh_from_db()
        assert (person.user_id, person.erased_at, staff.user_id is None) == (None, None, False)
        assert (person.access_ends_on, person.links.get().ends_on) == (timezone.localdate(), None)
        told = AuditEntry.objects.filter(thing=f"parties.person:{person.pk}").order_by("pk")
        assert list(told.values_list("verb", flat=True)) == ["parties.access_ended", "parties.account_closed"]
        assert Mail.objects.count() == 1


def test_the_account_of_a_leaver_goes_without_a_warning(nord):
    with open_hub(nord.hub):
        leaver = PersonFactory(with_account=True, access_ends_on=ago(20).date())
        leaver.user.date_joined = ago(24)
        leaver.user.save()

    tidy()

    with open_hub(nord.hub):
        leaver.refresh_from_db()
        assert (leaver.user_id, leaver.access_ends_on) == (None, ago(20).date())
        assert not Mail.objects.exists()
        assert list(AuditEntry.objects.values_list("verb", flat=True)) == ["parties.account_closed"]


def test_signing_in_takes_the_notice_back(nord):
    with open_hub(nord.hub):
        person = LinkFactory(organisation=nord.organisation).person
        person.user.last_login = ago(24)
        person.user.save()
        Person.objects.filter(pk=person.pk).update(warned_at=NOW - dt.timedelta(days=31))
        person.user.last_login = NOW - dt.timedelta(days=1)
        person.user.save()

    tidy()

    with open_hub(nord.hub):
        person.refresh_from_db()
        assert person.user_id is not None


def test_someone_with_nothing_left_here_is_erased_after_three_years(nord):
    with open_hub(nord.hub):

        def known(name: str, *, since: int = 37) -> Person:
            person = PersonFactory(given_name=name, email=f"{name.lower()}@nord.example")
            Person.objects.filter(pk=person.pk).update(known_at=ago(since))
            return person

        passed, recent, member, left_lately, invited = (
            known(name) for name in ("Paul", "Rosa", "Mona", "Luce", "Ines")
        )
        InvitationFactory(person=invited, email=invited.email)
        Person.objects.filter(pk=recent.pk).update(known_at=ago(35))
        LinkFactory(person=member, organisation=nord.organisation)
        LinkFactory(
            person=left_lately, organisation=nord.organisation, starts_on=ago(60).date(), ends_on=ago(20).date()
        )

    tidy()

    with open_hub(nord.hub):
        erased = Person.objects.filter(erased_at__isnull=False)
        assert [(person.pk, str(person), person.email) for person in erased] == [(passed.pk, "Personne effacée", "")]
        assert RetentionNight.objects.get(kind="parties.people").done == 1
