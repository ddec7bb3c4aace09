"""Someone asks to be erased: what goes, what the law keeps, and that nothing else of them is left in the database."""

import datetime as dt
import re

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from billing.enums import PaymentMethod
from billing.models import Invoice, Payment
from documents.actions import attach_document, store_file
from documents.storage import private_storage
from hubs.actions import announce, note_reading, record, send_mail, start_run
from hubs.enums import AnnouncementKind, Audience, MailState, Role
from hubs.models import AuditEntry, Mail, Run, Session, StaffRole, TodoClaim, User
from hubs.scope import open_hub
from members.models import Certificate
from parties.actions import PersonErased, link_person, open_account
from parties.enums import LinkRole, RequestOutcome
from parties.models import ErasureRequest, Invitation, Link, OwnValue, Person
from parties.personal.actions import NotOneself, StillRunning, erase_person
from parties.queries import actor_of
from tests.billing.factories import AccountFactory, ChargeFactory, issued
from tests.client import CheckingClient
from tests.hubs.factories import PasskeyFactory, StaffRoleFactory, UserFactory
from tests.parties.factories import InvitationFactory, LinkFactory, OrganisationFactory, OwnFieldFactory, PersonFactory
from tests.spaces.factories import BookingFactory

MINE = "/mon-espace/moi/donnees/"
NOW = timezone.now()
WORDS = ("Zéphirine", "Quatremère", "zq@nord.example", "zq@ancien.example", "0699887766")


def page_of(person: Person, tail: str = "") -> str:
    return f"/gestion/personnes/{person.public_id}/{tail}"


def text(response):
    return " ".join(response.text.replace("\xa0", " ").split())


@pytest.fixture
def zed(nord):
    """Someone who has been through everything: an account, roles, bookings, mail, invoices, lines of the log."""
    with open_hub(nord.hub):
        user = UserFactory(email="zq@nord.example", last_login=NOW)
        person = PersonFactory(
            given_name="Zéphirine", family_name="Quatremère", email="ZQ@nord.example", phone="0699887766", user=user
        )
        actor = nord.actor("coordinator")
        LinkFactory(person=person, organisation=nord.organisation, role=LinkRole.ADMINISTRATOR, title="Mme Quatremère")
        field = OwnFieldFactory(of_person=True, label="Surnom", reach="write")
        OwnValue.objects.create(field=field, person=person, text="Zéphirine la douce")
        role = StaffRoleFactory(user=user, role=Role.RECEPTION, ends_on=NOW.date())
        given = {"person": str(person), "email": "zq@ancien.example", "role": Role.RECEPTION}
        record(by=actor, verb="hubs.role_given", thing=role, after=given, concerns=user)
        record(by=actor, verb="hubs.session_ended", thing=user, after={"agent": "Téléphone de Zéphirine"})
        TodoClaim.objects.create(key="x:1", user=user, who=str(person), since=NOW)
        InvitationFactory(email="zq@nord.example", given_name="Zéphirine", person=person, accepted_at=NOW)
        InvitationFactory(email="zq@ancien.example", given_name="Zéphirine", family_name="Quatremère")
        InvitationFactory(given_name="Autre", inviter=person, withdrawn_at=NOW, withdrawn_by=str(person))
        BookingFactory(
            person=person, organisation=nord.organisation, past=True, title="Pot de Zéphirine", booked_by=str(person)
        )
        account = AccountFactory(of_person=True, person=person)
        invoice = issued(account, "50.00")
        Payment.objects.create(
            account=account, received_on=NOW.date(), amount=invoice.total_incl, method=PaymentMethod.TRANSFER,
            reference="Quatremère",
        )  # fmt: skip
        Certificate.objects.create(
            person=person, holder_name=str(person), kind="x", period="2026", title="Attestation", statement="est venue.",
            issuer=invoice.issuer, seller={}, year=2026, sequence=1, number="AT-2026-00001", issued_on=NOW.date(),
            issued_at=NOW,
        )  # fmt: skip
        ChargeFactory(
            account=AccountFactory(organisation=nord.organisation), detail=f"mardi 6 octobre, réservé par {person}"
        )
        paper = store_file(name="convention.pdf", content_type="application/pdf", content=b"convention de ZQ")
        attach_document(about=person, kind="convention", file=paper)
        sent = send_mail(
            to=["zq@nord.example"],
            subject="Bonjour Zéphirine Quatremère",
            text="Chère Zéphirine",
            html="<p>Zéphirine</p>",
        )
        Mail.objects.filter(pk=sent.pk).update(state=MailState.SENT, sent_at=NOW)
        send_mail(to=["zq@nord.example"], subject="Jamais partie", text="Chère Zéphirine")
        send_mail(
            to=["chef@nord.example"], subject="Absence", text="Zéphirine Quatremère (zq@nord.example) ne vient pas."
        )
        record(
            by=actor, verb="parties.role_given", thing=nord.organisation, after={"person": str(person), "role": "legal"}
        )
        record(
            by=actor,
            verb="parties.person_changed",
            thing=person,
            before={"family_name": "Q"},
            after={"family_name": "Quatremère"},
        )
        run = start_run(title="Relevé de Quatremère Zéphirine", by=actor)
        Run.objects.filter(pk=run.pk).update(cancelled_at=NOW, cancelled_by=str(person))
    with open_hub(nord.hub, "nord.localhost"):
        PasskeyFactory(user=user, data={"name": "Clé de Zéphirine", "credential": {}})
    return person


def where_found(words: tuple[str, ...]) -> dict[str, set[str]]:
    """Table.column → the words found there, in every text column of the database, as the application sees it."""
    found: dict[str, set[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns JOIN information_schema.tables"
            " USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
            " AND (data_type IN ('text', 'character varying', 'jsonb', 'json', 'bytea', 'ARRAY')) ORDER BY 1, 2"
        )
        for table, column in cursor.fetchall():
            for word in words:
                cursor.execute(f'SELECT count(*) FROM "{table}" WHERE "{column}"::text ILIKE %s', [f"%{word}%"])
                if cursor.fetchone()[0]:
                    found.setdefault(f"{table}.{column}", set()).add(word)
    return found


# What the law keeps under the name: the invoice with its buyer, the payment as the bank wrote it, what the account
# of their structure says of who had booked (C. com. L123-22).
KEPT_BY_LAW = {
    "billing_charge.detail": {"Zéphirine", "Quatremère"},
    "billing_invoice.buyer": {"Zéphirine", "Quatremère"},
    "billing_payment.reference": {"Quatremère"},
}


def test_after_erasure_the_database_names_them_where_the_law_says_and_nowhere_else(nord, sign_in, zed):
    browser = sign_in(nord, "coordinator")
    with open_hub(nord.hub):
        theirs = sign_in_of(zed)
        invoices = list(Invoice.objects.values())
        before = where_found(WORDS)

    theirs_page = theirs.get(MINE).status_code
    preview = text(browser.get(page_of(zed, "effacer/")))
    answer = browser.post(page_of(zed, "effacer/"), {"reason": "par courrier"}, follow=True)

    assert len(before) > 15
    assert theirs_page == 200
    assert "Aucun texte libre ne cite cette personne." in preview
    assert "Les données de Zéphirine Quatremère sont effacées." in text(answer)
    with open_hub(nord.hub):
        assert where_found(WORDS) == KEPT_BY_LAW
        assert list(Invoice.objects.values()) == invoices
        zed.refresh_from_db()
        assert (str(zed), zed.email, zed.phone, zed.user, zed.erased_at is None) == (
            "Personne effacée",
            "",
            "",
            None,
            False,
        )
        assert list(Link.objects.filter(person=zed).values_list("title", "ends_on")) == [("", timezone.localdate())]
        assert not User.objects.filter(email="zq@nord.example").exists()
        assert not Invitation.objects.filter(email__startswith="zq@").exists()
        sent = Invitation.objects.get(inviter=zed)
        assert (sent.given_name, sent.withdrawn_by) == ("Autre", "Personne effacée")
        assert not TodoClaim.objects.exists()
        assert list(Mail.objects.order_by("pk").values_list("to", "subject", "text", "state")) == [
            ([], "Personne effacée", "", MailState.SENT),
            (["chef@nord.example"], "Absence", "Personne effacée (Personne effacée) ne vient pas.", MailState.QUEUED),
        ]
        entry = AuditEntry.objects.get(verb="hubs.person_erased")
        assert (entry.who, entry.label, entry.reason) == (str(nord.coordinator), "Personne effacée", "par courrier")
        assert entry.after["asked_by"] == str(nord.coordinator)
        assert entry.after["to_read"] == []
        assert entry.after["kept"] == [
            "1 réservation passée, sans le nom.",
            "1 factures et avoirs, avec le nom de l’acheteur, dix ans (C. com. L123-22).",
            "Les lignes de compte et de facture qui disent qui avait réservé, dix ans (C. com. L123-22).",
            "Les dates des rôles restent, sans le nom.",
            "Le journal garde ce qui a été fait, sans le nom.",
        ]
        assert Session.objects.filter(hub=nord.hub).count() == 1
    assert theirs.get(MINE).status_code == 302
    sheet = text(browser.get(page_of(zed)))
    assert "1 factures et avoirs, avec le nom de l’acheteur" in sheet
    assert f"demandé par : {nord.coordinator} ; demandé le :" in sheet
    assert browser.get(page_of(zed, "modifier/")).status_code == 404


def sign_in_of(person: Person):
    client = CheckingClient(headers={"host": "nord.localhost"})
    client.force_login(person.user)
    return client


def test_the_bytes_of_their_papers_go(nord, zed, django_capture_on_commit_callbacks):
    with open_hub(nord.hub):
        key = store_file(name="x", content_type="application/pdf", content=b"convention de ZQ").key
        with django_capture_on_commit_callbacks(execute=True):
            erase_person(person=zed, by=nord.actor("coordinator"), now=NOW)
        assert not private_storage().exists(key)


def test_a_text_that_quotes_them_is_listed_for_a_human_look(nord, sign_in, zed):
    with open_hub(nord.hub):
        OrganisationFactory(name="Atelier Quatremère")
        BookingFactory(organisation=nord.organisation, past=True, title="Goûter avec Zéphirine Quatremère")
        announce(
            text="Pot de départ de Zéphirine Quatremère",
            kind=AnnouncementKind.INFORMATION,
            audience=Audience.EVERYONE,
            starts_on=NOW.date(),
            ends_on=NOW.date() + dt.timedelta(days=1),
            by=nord.actor("coordinator"),
        )
    browser = sign_in(nord, "coordinator")

    preview = text(browser.get(page_of(zed, "effacer/")))
    browser.post(page_of(zed, "effacer/"), {})

    assert "structure : Atelier Quatremère" in preview
    assert "pour quoi faire" in preview
    with open_hub(nord.hub):
        to_read = AuditEntry.objects.get(verb="hubs.person_erased").after["to_read"]
    assert [re.sub(r":\d+", "", line) for line in to_read] == [
        "hubs.announcement, texte",
        "parties.organisation, nom",
        "spaces.booking, pour quoi faire",
    ]


def test_someone_asks_waits_a_month_at_most_and_staff_find_it_in_a_faire(nord, sign_in):
    employee, coordinator = sign_in(nord, "employee"), sign_in(nord, "coordinator")

    question = text(employee.get(f"{MINE}effacement/"))
    asked = text(employee.post(f"{MINE}effacement/", {"action": "ask"}, follow=True))
    twice = text(employee.post(f"{MINE}effacement/", {"action": "ask"}, follow=True))
    todo = text(coordinator.get("/gestion/"))
    others = sign_in(nord, "accountant").get("/gestion/").text

    assert "Garder mes données" in question
    assert "Le nom devient « Personne effacée »" in question
    assert "Votre demande est partie. Le pôle a un mois pour y répondre." in asked
    assert "Vous l’avez déjà demandé" in twice
    assert f"Effacer les données de {nord.employee}" in todo
    assert page_of(nord.employee, "effacer/") in todo
    assert "Effacer les données" not in others
    with open_hub(nord.hub):
        request = ErasureRequest.objects.get()
        assert dt.timedelta(days=28) <= request.due_on - timezone.localdate() <= dt.timedelta(days=31)

    coordinator.post(page_of(nord.employee, "effacer/"), {})

    with open_hub(nord.hub):
        request.refresh_from_db()
        assert (request.outcome, request.settled_at is None) == (RequestOutcome.ERASED, False)
        assert AuditEntry.objects.get(verb="hubs.person_erased").after["asked_by"] == "la personne"
    assert "Effacer les données" not in coordinator.get("/gestion/").text


def test_whoever_asked_may_take_it_back(nord, sign_in):
    browser = sign_in(nord, "employee")
    browser.post(f"{MINE}effacement/", {"action": "ask"})

    page = text(browser.post(f"{MINE}effacement/", {"action": "withdraw"}, follow=True))
    again = text(browser.post(f"{MINE}effacement/", {"action": "withdraw"}, follow=True))

    assert "Votre demande est retirée : rien n’est effacé." in page
    assert "Il n’y a plus de demande en attente." in again
    with open_hub(nord.hub):
        assert list(ErasureRequest.objects.values_list("outcome", flat=True)) == [RequestOutcome.WITHDRAWN]


def test_a_request_may_be_answered_without_erasing_and_the_person_reads_why(nord, sign_in):
    sign_in(nord, "employee").post(f"{MINE}effacement/", {"action": "ask"})
    coordinator = sign_in(nord, "coordinator")

    empty = coordinator.post(page_of(nord.employee, "effacer/repondre/"), {"answer": ""})
    coordinator.post(page_of(nord.employee, "effacer/repondre/"), {"answer": "Votre mandat court encore."})

    assert empty.status_code == 422
    with open_hub(nord.hub):
        mail = Mail.objects.get()
        assert mail.to == [nord.employee.email]
        assert "Votre mandat court encore." in mail.text
        assert "CNIL" in mail.text
        request = ErasureRequest.objects.get()
        assert (request.outcome, request.answer) == (RequestOutcome.REFUSED, "Votre mandat court encore.")
        nord.employee.refresh_from_db()
        assert nord.employee.erased_at is None
    assert "Votre mandat court encore." in text(sign_in(nord, "employee").get(MINE))


def _owes(person: Person) -> None:
    issued(AccountFactory(of_person=True, person=person), "50.00")


def _will_owe(person: Person) -> None:
    ChargeFactory(account=AccountFactory(of_person=True, person=person))


def _is_awaited(person: Person) -> None:
    BookingFactory(person=person, coming=True)


@pytest.mark.parametrize(
    ("still", "told"),
    [
        (_owes, "Son compte doit encore 60,00 €."),
        (_will_owe, "Des mouvements de son compte ne sont pas encore facturés."),
        (_is_awaited, "1 réservation à venir est à son nom : annulez-la d’abord."),
    ],
)
def test_what_still_runs_is_settled_first(nord, sign_in, still, told):
    browser = sign_in(nord, "coordinator")
    with open_hub(nord.hub):
        still(nord.employee)

    preview = text(browser.get(page_of(nord.employee, "effacer/")))
    answer = browser.post(page_of(nord.employee, "effacer/"), {})

    assert told in preview
    assert "À régler d’abord" in preview
    assert answer.status_code == 422
    with open_hub(nord.hub):
        nord.employee.refresh_from_db()
        assert nord.employee.erased_at is None
        assert not AuditEntry.objects.filter(verb="hubs.person_erased").exists()


def test_the_last_coordinator_is_not_erased_nor_oneself(nord):
    with open_hub(nord.hub):
        second = PersonFactory(with_account=True, given_name="Bis")
        StaffRoleFactory(user=second.user, role=Role.COORDINATOR)
        with pytest.raises(NotOneself):
            erase_person(person=nord.coordinator, by=nord.actor("coordinator"), now=NOW)
        StaffRole.objects.filter(user=second.user).update(ends_on=NOW.date())
        by = nord.actor("coordinator")
        StaffRole.objects.filter(user=nord.coordinator.user).delete()
        StaffRole.objects.filter(user=second.user).update(ends_on=None)
        with pytest.raises(StillRunning, match="dernière personne à la coordination"):
            erase_person(person=second, by=by, now=NOW)


def test_an_account_that_serves_in_another_hub_stays(nord, sud):
    with open_hub(nord.hub):
        user = nord.employee.user
    with open_hub(sud.hub):
        twin = PersonFactory(user=user, email=user.email, given_name="Ailleurs")
    with open_hub(nord.hub):
        erase_person(person=nord.employee, by=nord.actor("coordinator"), now=NOW)
        kept = AuditEntry.objects.get(verb="hubs.person_erased").after["kept"]
        assert "Le compte de connexion reste : il sert dans un autre pôle." in [
            line.replace("\xa0", " ") for line in kept
        ]

    assert User.objects.filter(pk=user.pk).exists()
    with open_hub(sud.hub):
        twin.refresh_from_db()
        assert (twin.user_id, twin.email) == (user.pk, user.email)


def test_a_namesake_keeps_their_lines(nord, zed):
    with open_hub(nord.hub):
        twin = PersonFactory(given_name="Zéphirine", family_name="Quatremère", with_account=True)
        record(by=actor_of(twin.user, NOW.date()), verb="parties.person_added", thing=nord.employee)
        erase_person(person=zed, by=nord.actor("coordinator"), now=NOW)

        line = AuditEntry.objects.get(verb="parties.person_added")
        assert (line.who, line.user_id) == ("Zéphirine Quatremère", twin.user_id)
        twin.refresh_from_db()
        assert (str(twin), twin.user_id is None) == ("Zéphirine Quatremère", False)


def test_who_looked_at_others_is_no_longer_named(nord, zed):
    with open_hub(nord.hub):
        note_reading(what="x", things=["parties.person:1"], by=actor_of(zed.user, NOW.date()), today=NOW.date())
        erase_person(person=zed, by=nord.actor("coordinator"), now=NOW)
        assert where_found(WORDS) == KEPT_BY_LAW


def test_an_erasure_that_fails_halfway_erases_nothing(nord, zed):
    with open_hub(nord.hub):
        before = where_found(WORDS)
        by = nord.actor("coordinator")

        def erase_then_fail() -> None:
            with transaction.atomic():
                erase_person(person=zed, by=by, now=NOW)
                Person.objects.filter(pk=zed.pk).update(email="x@nord.example")

        with pytest.raises(IntegrityError, match="parties_person_erased_is_empty"):
            erase_then_fail()
        assert where_found(WORDS) == before


def test_someone_erased_gets_no_role_and_no_access(nord):
    with open_hub(nord.hub):
        by = nord.actor("coordinator")
        erased = erase_person(person=nord.stranger, by=by, now=NOW)
        with pytest.raises(PersonErased):
            link_person(person=erased, organisation=nord.organisation, role=LinkRole.LEGAL, starts_on=NOW.date(), by=by)
        with pytest.raises(PersonErased):
            open_account(person=erased, email="x@nord.example", by=by)
