"""Certificates: taken in mon espace, checked by anyone, withdrawn by the coordination."""

import datetime as dt
import io
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pypdf import PdfReader

from billing.models import Allocation
from documents.models import Document
from documents.queries import document_of
from documents.rendering import Pdf
from documents.storage import read
from hubs.models import AuditEntry
from hubs.scope import open_hub
from members.actions import NobodyAttests, issue_certificate, withdraw_certificate
from members.enums import MemberKind
from members.models import Certificate, DuesCall, DuesTerms, Membership
from members.papers import PAPER
from members.personal import erase
from parties.personal.queries import subject_of
from tests.billing.factories import AccountFactory, IssuerFactory, PaymentFactory, VatRuleFactory, issued
from tests.documents.checks import assert_conforms, page_texts
from tests.governance.factories import RollEntryFactory
from tests.members.factories import CollegeFactory, FiscalYearFactory, MembershipFactory
from tests.spaces.factories import BookingFactory, PoolFactory, PriceFactory

MINE = "/mon-espace/attestations/"
STAFF = "/gestion/membres/attestations/"
TODAY = timezone.localdate()


@pytest.fixture
def paid(nord) -> Membership:
    """The structure of « nord », resident for two years, whose dues of this year are called and paid."""
    with open_hub(nord.hub):
        IssuerFactory()
        VatRuleFactory()
        college = CollegeFactory(name="Structures")
        before, year = FiscalYearFactory(year=TODAY.year - 1), FiscalYearFactory(year=TODAY.year)
        first = MembershipFactory(organisation=nord.organisation, college=college, fiscal_year=before)
        DuesTerms.objects.create(membership=first, joined_on=dt.date(TODAY.year - 1, 4, 1))
        held = MembershipFactory(organisation=nord.organisation, college=college, fiscal_year=year)
        invoice = issued(AccountFactory(organisation=nord.organisation), on=TODAY)
        DuesCall.objects.create(
            membership=held, invoice=invoice, amount=invoice.total_incl, why="barème", called_on=TODAY,
            starts_on=year.starts_on, ends_on=year.ends_on,
        )  # fmt: skip
        payment = PaymentFactory(account=invoice.account, amount=invoice.total_incl, received_on=TODAY)
        Allocation.objects.create(payment=payment, invoice=invoice, amount=invoice.total_incl)
        return held


def take(client, kind: str, period: str, holder: str = ""):
    return client.post(MINE + (f"?pour={holder}" if holder else ""), {"kind": kind, "period": period}, follow=True)


@pytest.mark.feature("ME19")
def test_a_member_takes_the_certificate_of_dues_and_anyone_checks_it(nord, paid, sign_in, work):
    client = sign_in(nord, "employee")
    year = str(paid.fiscal_year_id)

    offered = client.get(MINE)
    taken = take(client, "members.dues", year)
    again = take(client, "members.dues", year)
    early = client.get(f"{taken.request['PATH_INFO']}attestation.pdf", follow=True)
    work(nord.hub)
    paper = client.get(f"{taken.request['PATH_INFO']}attestation.pdf")

    number = f"AT-{TODAY.year}-00001"
    assert "Attestation d’hébergement" in offered.text and "Attestation de présence" in offered.text
    assert number in taken.text and "a réglé en entier sa cotisation" in taken.text
    assert "en préparation" in early.text
    with open_hub(nord.hub):
        certificate = Certificate.objects.get()
        assert again.request["PATH_INFO"] == taken.request["PATH_INFO"] == f"{MINE}{certificate.code}/"
        assert (certificate.number, certificate.holder_name) == (number, "Compagnie nord")
        entry = AuditEntry.objects.get(verb="members.certificate_issued")
        assert entry.concerns == f"parties.organisation:{nord.organisation.pk}"
    assert paper["Content-Type"] == "application/pdf"
    assert_conforms(pdf := Pdf(paper.content, "", 1))
    (text,) = page_texts(pdf)
    assert number in text and "120,00 €" in text and f"/verifier/{certificate.code}/" in text

    visitor = sign_in(nord)
    found = visitor.get("/verifier/", {"code": certificate.shown_code.upper()}, follow=True)
    assert found.status_code == 200 and found["X-Robots-Tag"] == "noindex"
    assert "Vrai" in found.text and number in found.text and "La structure Compagnie nord a réglé" in found.text
    assert "FA-" not in found.text


def test_since_when_a_structure_is_hosted_counts_unbroken_years(nord, paid, sign_in):
    taken = take(sign_in(nord, "administrator"), "members.hosted", "a-ce-jour")

    assert f"depuis le 1er\u00a0avril {TODAY.year - 1}" in taken.text.replace("&nbsp;", "\u00a0")
    with open_hub(nord.hub):
        paid.kind = MemberKind.ASSOCIATE
        paid.save(update_fields=["kind"])
    assert take(sign_in(nord, "administrator"), "members.hosted", "a-ce-jour").status_code == 422


def test_what_is_no_longer_true_is_not_offered_and_keeps_its_form(nord, paid, sign_in):
    with open_hub(nord.hub):
        Allocation.objects.update(released_at=timezone.now())
    client = sign_in(nord, "employee")

    refused = take(client, "members.dues", str(paid.fiscal_year_id))

    assert refused.status_code == 422
    assert "dès que la cotisation est réglée" in refused.text
    assert client.post(MINE, {"kind": "members.other", "period": "x"}).status_code == 404
    with open_hub(nord.hub):
        assert not Certificate.objects.exists()


@pytest.mark.feature("ME19")
def test_rooms_lent_and_their_value(nord, paid, sign_in):
    start = dt.datetime(TODAY.year - 1, 5, 12, 7, tzinfo=dt.UTC)
    with open_hub(nord.hub):
        pool = PoolFactory(name="Salle bleue")
        PriceFactory(pool=pool, amount=Decimal(30))
        for day in (0, 1):
            BookingFactory(
                unit=pool.units.get(), organisation=nord.organisation, starts_at=start + dt.timedelta(days=day),
                ends_at=start + dt.timedelta(days=day, hours=2), amount=Decimal("5.00"),
            )  # fmt: skip

    taken = take(sign_in(nord, "employee"), "spaces.rooms", str(TODAY.year - 1))

    with open_hub(nord.hub):
        certificate = Certificate.objects.get()
    assert taken.status_code == 200
    assert certificate.table[1:] == [["Salle bleue", "2", "4", "120,00\u00a0€", "10,00\u00a0€"]]
    assert dict(certificate.facts)["Avantage consenti"] == "110,00\u00a0€"
    assert "4\u00a0h, d’une valeur de 120,00\u00a0€" in certificate.statement


def test_presence_counts_each_assembly_once(nord, paid, sign_in):
    with open_hub(nord.hub):
        entry = RollEntryFactory(
            membership=paid, assembly__starts_at=dt.datetime(TODAY.year - 1, 6, 15, 16, tzinfo=dt.UTC)
        )
        for hour, left in ((16, 17), (18, None)):
            at = dt.datetime(TODAY.year - 1, 6, 15, hour, tzinfo=dt.UTC)
            entry.attendances.create(arrived_at=at, left_at=at.replace(hour=left) if left else None)

    taken = take(sign_in(nord, "employee"), "governance.presence", str(TODAY.year - 1))

    assert f"a pris part à 1 assemblée en {TODAY.year - 1}." in taken.text
    with open_hub(nord.hub):
        assert [row[2] for row in Certificate.objects.get().table[1:]] == ["dans la salle"]


def test_the_coordination_withdraws_it_and_its_code_says_so(nord, paid, sign_in):
    code = take(sign_in(nord, "employee"), "members.hosted", "a-ce-jour").request["PATH_INFO"].split("/")[-2]
    client = sign_in(nord, "coordinator")

    empty = client.post(f"{STAFF}{code}/retrait/", {"reason": ""})
    done = client.post(f"{STAFF}{code}/retrait/", {"reason": "Établie par erreur."}, follow=True)
    twice = client.post(f"{STAFF}{code}/retrait/", {"reason": "Encore."})

    assert (empty.status_code, done.status_code, twice.status_code) == (422, 200, 422)
    checked = sign_in(nord).get(f"/verifier/{code}/")
    assert checked.status_code == 200
    assert "Ne tient plus" in checked.text and "par erreur" not in checked.text
    assert "Établie par erreur." in sign_in(nord, "employee").get(f"{MINE}{code}/").text


def test_nobody_else_opens_it_and_codes_of_other_hubs_are_not_there(nord, sud, paid, sign_in):
    code = take(sign_in(nord, "employee"), "members.hosted", "a-ce-jour").request["PATH_INFO"].split("/")[-2]

    assert sign_in(nord, "stranger").get(f"{MINE}{code}/").status_code == 404
    assert sign_in(nord, "guest").get(MINE).status_code == 403
    assert sign_in(nord, "stranger").get(MINE + f"?pour={nord.organisation.public_id}").status_code == 404
    assert sign_in(nord, "receptionist").get(STAFF).status_code == 403
    elsewhere = sign_in(sud).get(f"/verifier/{code}/")
    assert elsewhere.status_code == 404 and "Faux" in elsewhere.text


def test_guessing_codes_stops(nord, sign_in):
    client = sign_in(nord)

    answers = [client.get(f"/verifier/aaaaaaaaaa{n}/").status_code for n in range(10, 42)]

    assert answers[:30] == [404] * 30
    assert answers[-1] == 429


@pytest.mark.parametrize(
    "change", ["statement = 'autre'", "holder_name = 'Autre'", "withdrawn_on = NULL, withdrawn_reason = ''"]
)
def test_the_database_keeps_it_as_issued(nord, paid, sign_in, change):
    take(sign_in(nord, "employee"), "members.hosted", "a-ce-jour")
    with open_hub(nord.hub):
        withdraw_certificate(
            certificate=Certificate.objects.get(), reason="x", by=nord.actor("coordinator"), today=TODAY
        )
        with (
            pytest.raises(IntegrityError, match="members_certificate_frozen"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE members_certificate SET {change}")
        with pytest.raises(IntegrityError), transaction.atomic():
            Certificate.objects.all().delete()


def test_a_hub_that_nobody_carries_attests_nothing(hub, nord):
    MembershipFactory(organisation=nord.organisation, fiscal_year=FiscalYearFactory(year=TODAY.year))

    with pytest.raises(NobodyAttests):
        issue_certificate(
            kind="members.hosted", holder=nord.organisation, period="a-ce-jour", by=nord.actor("employee"),
            today=TODAY, now=timezone.now(),
        )  # fmt: skip


def test_the_name_of_an_erased_person_leaves_it(nord, paid, work):
    with open_hub(nord.hub):
        me = nord.stranger
        held = MembershipFactory(organisation=None, person=me, fiscal_year=paid.fiscal_year)
        entry = RollEntryFactory(membership=held, assembly__starts_at=dt.datetime(2026, 1, 15, 16, tzinfo=dt.UTC))
        entry.attendances.create(arrived_at=entry.assembly.starts_at)
        certificate = issue_certificate(
            kind="governance.presence", holder=me, period="2026", by=nord.actor("stranger"), today=TODAY,
            now=timezone.now(),
        )  # fmt: skip
    work(nord.hub)
    with open_hub(nord.hub):
        assert str(me) in PdfReader(io.BytesIO(read(document_of(certificate, PAPER).file.key))).pages[0].extract_text()
        erase(subject_of(me), timezone.now())
        certificate.refresh_from_db()
        assert (certificate.holder_name, certificate.withdrawn_on) == ("Personne effacée", TODAY)
        assert not Document.objects.filter(kind=PAPER).exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_staffs_list_asks_the_same_whatever_its_length(nord, paid, sign_in, count):
    with open_hub(nord.hub):
        for day in range(count):
            issue_certificate(
                kind="members.hosted", holder=nord.organisation, period="a-ce-jour", by=nord.actor("coordinator"),
                today=TODAY + dt.timedelta(days=day), now=timezone.now(),
            )  # fmt: skip
    client = sign_in(nord, "coordinator")
    client.get(STAFF)

    with CaptureQueriesContext(connection) as asked:
        listed = client.get(STAFF)

    assert listed.text.count("Attestation d’hébergement") == count
    assert len(asked) == 11


def test_a_code_with_anything_but_letters_and_digits_is_told_so(nord, sign_in):
    answer = sign_in(nord).get("/verifier/", {"code": "a/b"})

    assert (answer.status_code, "Un code n’a que des lettres et des chiffres." in answer.text) == (422, True)
