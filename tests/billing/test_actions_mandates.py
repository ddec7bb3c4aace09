import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from billing import actions, banking, queries
from billing.enums import MandateState
from billing.models import Issuer, Mandate
from documents.queries import document_of
from documents.storage import read
from hubs.models import AuditEntry, Mail
from hubs.refusals import NotAllowed
from parties.models import Link
from tests.billing.banks import IBAN, ICS, OTHER_IBAN
from tests.billing.factories import AccountFactory, IssuerFactory, MandateFactory

TODAY = dt.date(2026, 11, 2)
NOW = dt.datetime(2026, 11, 2, 9, 30, tzinfo=dt.UTC)
PDF = b"%PDF-1.7 signed"


@pytest.fixture
def account(nord, debiting):
    return AccountFactory(organisation=nord.organisation)


@pytest.fixture
def sign(nord, account):
    def signed(**changes) -> Mandate:
        given = {
            "account": account,
            "debtor_name": "Compagnie nord",
            "iban": "FR76 3000 6000 0112 3456 7890 189",
            "agreed": True,
            "by": nord.actor("administrator"),
            "now": NOW,
        }
        return actions.sign_mandate(**given | changes)

    return signed


@pytest.fixture
def note(nord, account):
    def noted(**changes) -> Mandate:
        given = {
            "account": account,
            "debtor_name": "Compagnie nord",
            "iban": IBAN,
            "signed_on": dt.date(2026, 10, 1),
            "signed_by": "Iris Roux",
            "scan": PDF,
            "scan_type": "application/pdf",
            "by": nord.actor("accountant"),
            "today": TODAY,
        }
        return actions.note_paper_mandate(**given | changes)

    return noted


def test_an_invitation_asks_those_who_administer_the_structure(nord, account):
    asked = actions.invite_to_sign(account=account, by=nord.actor("accountant"), today=TODAY)

    assert asked.rum == f"N-{account.pk:06d}-1"
    assert (asked.ics, queries.mandate_state(_read(asked), TODAY)) == (ICS, MandateState.INVITED)
    mail = Mail.objects.get()
    assert mail.to == [nord.administrator.email]
    assert f"/mon-espace/compte/{account.pk}/prelevement/" in mail.text
    with pytest.raises(actions.InvitedAlready):
        actions.invite_to_sign(account=account, by=nord.actor("accountant"), today=TODAY)


def _read(mandate: Mandate) -> Mandate:
    return Mandate.objects.with_last_collection().get(pk=mandate.pk)


def test_nobody_is_invited_without_an_identifier_or_without_anyone_to_sign(nord, account):
    Link.objects.filter(person=nord.administrator).update(ends_on=TODAY)
    with pytest.raises(actions.NobodySigns):
        actions.invite_to_sign(account=account, by=nord.actor("accountant"), today=TODAY)
    Issuer.objects.update(ics="")
    with pytest.raises(actions.NoCreditor, match="ICS"):
        actions.invite_to_sign(account=account, by=nord.actor("accountant"), today=TODAY)


def test_a_signature_keeps_who_signed_and_mails_the_paper(nord, account, sign, work):
    asked = actions.invite_to_sign(account=account, by=nord.actor("accountant"), today=TODAY)

    signed = sign()

    assert (signed.pk, signed.rum, signed.iban, signed.signed_on) == (asked.pk, asked.rum, IBAN, TODAY)
    assert signed.signed_by == str(nord.administrator)
    assert "Signé sur le portail par" in signed.proof
    assert signed.masked_iban == "FR76 •••• 0189"
    assert IBAN not in str(AuditEntry.objects.get(verb="billing.mandate_signed").after)
    actions.render_mandate(mandate=signed, today=TODAY)
    actions.render_mandate(mandate=signed, today=TODAY)
    document = document_of(signed, "mandate")
    assert read(document.file.key).startswith(b"%PDF")
    (mail,) = Mail.objects.filter(attachments__0__name=f"{signed.rum}.pdf")
    assert mail.to == [nord.administrator.email, nord.organisation.billing_email][: len(mail.to)]


def test_another_bank_is_another_mandate_and_the_first_ends(sign, account):
    first, second = sign(), sign(iban=OTHER_IBAN)

    first.refresh_from_db()
    assert (first.revoked_on, first.revoke_reason) == (TODAY, f"Remplacé par le mandat {second.rum}.")
    assert queries.active_mandate(account, Issuer.objects.get(), TODAY) == second
    assert second.rum == f"N-{account.pk:06d}-2"


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"iban": "FR7630006000011234567890188"}, banking.WrongIban),
        ({"bic": "AGRI"}, banking.WrongBic),
        ({"agreed": False}, actions.NotAgreed),
    ],
)
def test_a_signature_that_makes_no_sense_is_refused(sign, changes, refusal):
    with pytest.raises(refusal):
        sign(**changes)
    assert not Mandate.objects.exists()


@pytest.mark.parametrize("who", ["employee", "accountant", "stranger", "guest"])
def test_only_those_who_administer_sign(nord, sign, who):
    with pytest.raises(NotAllowed):
        sign(by=nord.actor(who))


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"rum": "MANDAT-É1"}, banking.WrongReference),
        ({"rum": "X" * 36}, banking.WrongReference),
        ({"rum": "A//B"}, banking.WrongReference),
        ({"signed_on": dt.date(2026, 11, 3)}, actions.SignedInFuture),
        ({"iban": "FR76"}, banking.WrongIban),
    ],
)
def test_a_paper_that_makes_no_sense_is_refused(note, changes, refusal):
    with pytest.raises(refusal):
        note(**changes)


def test_a_paper_keeps_its_own_reference_and_its_scan(note):
    noted = note(rum="ANCIEN 12/2024")

    assert (noted.rum, read(noted.scan.key)) == ("ANCIEN 12/2024", PDF)
    with pytest.raises(actions.ReferenceTaken):
        note(rum="ANCIEN 12/2024", account=AccountFactory())


def test_a_mandate_is_ended_by_either_side_and_the_other_is_told(nord, sign):
    first = sign()
    actions.revoke_mandate(mandate=first, by=nord.actor("administrator"), reason="banque quittée", today=TODAY)
    second = sign()
    actions.revoke_mandate(mandate=second, by=nord.actor("accountant"), reason="impayés", today=TODAY)

    told = [(mail.to, mail.subject) for mail in Mail.objects.order_by("pk")]
    assert told == [
        (["comptabilite@pole.example"], f"Mandat de prélèvement {first.rum} révoqué"),
        ([nord.administrator.email], f"Mandat de prélèvement {second.rum} révoqué"),
    ]
    with pytest.raises(actions.MandateOver):
        actions.revoke_mandate(mandate=first, by=nord.actor("accountant"), reason="encore", today=TODAY)
    with pytest.raises(NotAllowed):
        actions.revoke_mandate(mandate=sign(), by=nord.actor("employee"), reason="non", today=TODAY)


@pytest.mark.parametrize(
    ("traits", "state"),
    [
        ({}, MandateState.ACTIVE),
        ({"invited": True}, MandateState.INVITED),
        ({"suspended": True}, MandateState.SUSPENDED),
        ({"revoked": True}, MandateState.REVOKED),
        ({"signed_on": dt.date(2023, 11, 2)}, MandateState.LAPSED),
        ({"signed_on": dt.date(2023, 11, 3)}, MandateState.ACTIVE),
    ],
)
def test_where_a_mandate_stands_is_computed(debiting, traits, state):
    assert queries.mandate_state(_read(MandateFactory(**traits)), TODAY) == state


def test_a_mandate_of_the_29th_of_february_lapses_on_the_first_of_march(debiting):
    mandate = _read(MandateFactory(signed_on=dt.date(2024, 2, 29)))

    assert mandate.lapses_on == dt.date(2027, 3, 1)


def test_a_suspended_mandate_is_taken_up_again(nord, debiting):
    mandate = MandateFactory(suspended=True)

    actions.resume_mandate(mandate=mandate, by=nord.actor("accountant"))

    assert queries.mandate_state(_read(mandate), TODAY) == MandateState.ACTIVE
    with pytest.raises(actions.NotSuspended):
        actions.resume_mandate(mandate=mandate, by=nord.actor("accountant"))


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE billing_mandate SET iban = 'FR7699999000010123456789012'",
        "UPDATE billing_mandate SET signed_on = '2020-01-01'",
        "DELETE FROM billing_mandate",
    ],
)
def test_what_is_signed_is_frozen_even_for_raw_sql(debiting, sql):
    MandateFactory()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"rum": "É"}, "billing_mandate_reference"),
        ({"ics": ""}, "billing_mandate_creditor"),
        ({"iban": ""}, "billing_mandate_signed_says_who"),
        ({"revoked_on": TODAY}, "billing_mandate_revoked_says_why"),
        ({"suspended_on": TODAY}, "billing_mandate_suspended_says_why"),
        ({"revoked_on": dt.date(2026, 1, 1), "revoke_reason": "x"}, "billing_mandate_ends_after_signature"),
    ],
)
def test_the_database_holds_what_a_mandate_is(debiting, changes, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        MandateFactory(**changes)


def test_one_account_has_one_signed_mandate_per_issuer(debiting):
    mandate = MandateFactory()
    with pytest.raises(IntegrityError, match="billing_mandate_one_signed"), transaction.atomic():
        MandateFactory(account=mandate.account)
    with pytest.raises(IntegrityError, match="billing_mandate_reference_once"), transaction.atomic():
        MandateFactory(rum=mandate.rum)


def test_a_notice_of_no_day_is_refused_by_the_database(hub):
    with pytest.raises(IntegrityError, match="billing_issuer_debit_notice"), transaction.atomic():
        IssuerFactory(debit_notice_days=0)


def test_the_clock_of_a_signature_is_that_of_the_hub(sign):
    assert sign(now=dt.datetime(2026, 11, 1, 23, 30, tzinfo=dt.UTC)).signed_on == TODAY
