"""Every address with an id, asked by a coordinator for a thing of another hub."""

import datetime as dt
import re
from functools import partial

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from billing.actions import declare_aid, set_minimis, skip_period
from billing.models import ChequeSlip, MinimisCertificate, Payout, PlatformArrival, Receipt
from governance.models import MeetingPaper, Paper
from governance.tokens import invitee_token
from hubs.actions import announce, close_hub, send_mail, start_run, take_leave
from hubs.enums import AnnouncementKind, Audience
from hubs.models import Run, StaffRole
from hubs.scope import open_hub
from members.actions import begin_list, open_strike_off, resign, write_first_list
from members.enums import StrikeCause, Way
from members.models import DatesRequest, Letter
from parties.models import Link, Person
from tests.billing.banks import debit_of
from tests.billing.factories import (
    AccountFactory,
    BooksArchiveFactory,
    DepositMoveFactory,
    MandateFactory,
    PaymentFactory,
    RecurringChargeFactory,
    RefundFactory,
    bank_lines,
    issued,
    quoted,
)
from tests.governance.factories import InviteeFactory, NoticeFactory, ProxyFactory, RollEntryFactory
from tests.hubs.factories import PasskeyFactory
from tests.members.dues import dues_called
from tests.members.factories import DuesScaleFactory, MembershipFactory, PagePictureFactory
from tests.parties.factories import OwnFieldFactory, PaperKindFactory
from tests.spaces.factories import BookingFactory, PoolFactory

ID = re.compile(r"<(?:\w+:)?(\w+)>")


def addresses(patterns: list[URLPattern | URLResolver], start: str = "") -> list[str]:
    found = []
    for pattern in patterns:
        path = start + str(pattern.pattern)
        found += addresses(pattern.url_patterns, path) if isinstance(pattern, URLResolver) else [path]
    return found


WITH_ID = [path for path in addresses(get_resolver().url_patterns) if re.search(r"_id>|:pk>", path)]


@pytest.fixture
def elsewhere(sud):
    """The ids of « sud », by the name they have in an address."""
    with open_hub(sud.hub, host="sud.localhost"):
        passkey = PasskeyFactory(user=sud.coordinator.user)
        invoice = issued(AccountFactory(organisation=sud.organisation))
        payment = PaymentFactory(account=invoice.account)
        move = DepositMoveFactory(deposit__account=invoice.account, deposit__label="Bureau du sud")
        start_run(title="Factures", by=sud.actor("accountant"))
        recurring = RecurringChargeFactory(account=invoice.account)
        skip = skip_period(recurring=recurring, on=recurring.starts_on, reason="x", by=sud.actor("accountant"))
        (line,) = bank_lines(("05/10/2026", "Virement du sud", "12,00"))
        slip = ChequeSlip.objects.create(
            bank_account=line.bank_account, year=2026, sequence=1, number="RC-2026-00001", on=line.on,
            total=payment.amount, made_at=timezone.now(),
        )  # fmt: skip
        payout = Payout.objects.create(
            file=line.statement.file, reference="sud", on=line.on, gross=9, fees=0, net=9, imported_at=timezone.now()
        )
        receipt = Receipt.objects.create(
            payment=payment, issuer=invoice.issuer, year=2026, sequence=1, number="RE-2026-00001",
            issue_date=line.on, issued_at=timezone.now(), seller={}, payer={},
        )  # fmt: skip
        mandate = MandateFactory(account=invoice.account, ics="FR72ZZZ123456")
        debit, batch, dropped = debit_of(mandate, invoice)
        actor, today = sud.actor("accountant"), timezone.localdate()
        regime = set_minimis(funder="Région", decision="12", starts_on=dt.date(2026, 1, 1), ends_on=None, by=actor)
        aid = declare_aid(
            account=invoice.account, grantor="Région", granted_on=today, amount=1, by=actor, now=timezone.now(),
            today=today,
        )  # fmt: skip
        certificate = MinimisCertificate.objects.create(
            account=invoice.account, issuer=invoice.issuer, year=2026, number="DM-2026-00001", issue_date=line.on,
            issued_at=timezone.now(), amount=1, rolling=1, facts={},
        )  # fmt: skip
        by, now, today = sud.actor("coordinator"), timezone.now(), timezone.localdate()
        tomorrow = today + dt.timedelta(days=1)
        write_first_list(by=by, now=now)
        arrival = begin_list(organisation=sud.organisation, way=Way.ARRIVAL, day=today, by=by, now=now)
        booking = BookingFactory(unit__pool=PoolFactory(), organisation=sud.organisation)
        membership = MembershipFactory(organisation=sud.organisation)
        member, here = sud.actor("coordinator"), membership.fiscal_year.starts_on
        strike = open_strike_off(
            member=sud.organisation, cause=StrikeCause.OTHER, grounds="Charte", by=member, today=here
        )
        resignation = resign(member=sud.organisation, letter_on=here, by=member, today=here)
        notice = NoticeFactory(entry__membership=membership)
        given = RollEntryFactory(
            assembly=notice.entry.assembly,
            membership=MembershipFactory(college=membership.college, fiscal_year=membership.fiscal_year),
        )
        paper = Paper.objects.create(
            assembly=given.assembly, title="Comptes du sud", file=line.statement.file, added_at=timezone.now()
        )
        invitee = InviteeFactory(meeting__title="Comité du sud", called_at=timezone.now())
        given_out = MeetingPaper.objects.create(
            meeting=invitee.meeting, title="Bilan du sud", file=line.statement.file, added_at=timezone.now()
        )
        arrived = PlatformArrival.objects.create(
            reference="x", name="x.pdf", told_at=now, read_at=now, file=line.statement.file, fault="x"
        )
        return {
            "token": [invitee_token(invitee)],
            "arrival_id": [arrived.pk],
            "letter_id": list(Letter.objects.values_list("pk", flat=True)),
            "resignation_id": [resignation.pk],
            "strike_id": [strike.pk],
            "account_id": [invoice.account_id],
            "aid_id": [aid.pk],
            "certificate_id": [certificate.pk],
            "regime_id": [regime.pk],
            "invoice_id": [invoice.pk],
            "payment_id": [payment.pk],
            "quote_id": [
                quoted(invoice.account, state="sent", on=timezone.localdate(), valid_until=dt.date(2100, 1, 1)).pk
            ],
            "month": ["2026-10"],
            "recurring_id": [recurring.pk],
            "skip_id": [skip.pk],
            "charge_id": [invoice.lines.get().charge_id],
            "line_id": [line.pk],
            "statement_id": [line.statement_id],
            "slip_id": [slip.pk],
            "payout_id": [payout.pk],
            "receipt_id": [receipt.pk],
            "deposit_id": [move.deposit_id],
            "move_id": [move.pk],
            "refund_id": [RefundFactory().pk],
            "mandate_id": [mandate.pk],
            "debit_id": [debit.pk],
            "batch_id": [batch.pk],
            "return_id": [dropped.pk],
            "day": [f"{debit.collect_on}"],
            "year": [2026],
            "leave_id": [take_leave(user=sud.coordinator.user, who="sud", starts_on=today, ends_on=tomorrow, by=by).pk],
            "closure_id": [close_hub(starts_on=today, ends_on=tomorrow, reason="sud", by=by).pk],
            "step_id": [arrival.template.steps.order_by("pk")[0].pk],
            "item_id": [arrival.items.order_by("pk")[0].pk],
            "run_id": [Run.objects.latest("pk").pk],
            "membership_id": [membership.pk],
            "college_id": [membership.college_id],
            "scale_id": [DuesScaleFactory(fiscal_year=membership.fiscal_year).pk],
            "picture_id": [PagePictureFactory(page__organisation=sud.organisation).pk],
            "width": [480],
            "call_id": [(call := dues_called(membership)).pk],
            "request_id": [DatesRequest.objects.create(call=call, parts=3, asked_at=timezone.now()).pk],
            "issuer_id": [invoice.issuer_id],
            "archive_id": [(archive := BooksArchiveFactory()).pk],
            "year_id": [archive.year_id],
            "kind": ["debit-credit"],
            "mail_id": [send_mail(to=["a@sud.example"], subject="Courriel du sud", text="").pk],
            "announcement_id": [
                announce(
                    text="Annonce du sud",
                    kind=AnnouncementKind.WARNING,
                    audience=Audience.EVERYONE,
                    starts_on=dt.date(2020, 1, 1),
                    ends_on=dt.date(2100, 1, 1),
                    by=sud.actor("coordinator"),
                ).pk
            ],
            "person_id": [Person.objects.order_by("pk")[0].public_id],
            "field_id": [OwnFieldFactory().pk],
            "kind_id": [PaperKindFactory().pk],
            "relation_id": [sud.organisation.relations.create(kind="funder", starts_on=dt.date(2020, 1, 1)).pk],
            "role_id": [StaffRole.objects.order_by("pk")[0].pk],
            "link_id": [Link.objects.order_by("pk")[0].pk],
            "entry": [notice.entry_id],
            "paper": [paper.public_id, given_out.public_id],
            "proxy": [ProxyFactory(giver=given, holder=notice.entry).pk],
            "pk": [booking.unit.pool_id, booking.unit.pool.site_id, passkey.pk, invitee.pk],
            "public_id": [
                sud.organisation.public_id,
                booking.public_id,
                booking.unit.pool.public_id,
                Person.objects.order_by("pk")[0].public_id,
                sud.guest_invitation.public_id,
                given.assembly.public_id,
                arrival.public_id,
                invitee.meeting.public_id,
            ],
        }


def _chosen(chosen: dict[str, str], found: re.Match[str]) -> str:
    return chosen[found[1]]


@pytest.mark.feature("HU2")
@pytest.mark.parametrize("who", ["coordinator", "administrator"])
def test_a_thing_of_another_hub_is_not_there(nord, sign_in, elsewhere, who):
    client = sign_in(nord, who)

    for path in WITH_ID:
        names = ID.findall(path)
        for turn in range(max(len(elsewhere[name]) for name in names)):
            chosen = {name: str(elsewhere[name][turn % len(elsewhere[name])]) for name in names}
            asked = "/" + re.sub(ID, partial(_chosen, chosen), path)
            for method in (client.get, client.post):
                response = method(asked)
                assert response.status_code in (403, 404, 405), (method.__name__, asked)
                assert "sud" not in response.text


def test_no_form_is_taken_without_its_token(nord):
    client = Client(enforce_csrf_checks=True, headers={"host": "nord.localhost"})
    with open_hub(nord.hub):
        client.force_login(nord.coordinator.user)

    for path in addresses(get_resolver().url_patterns):
        asked = "/" + ID.sub("1", path.replace("^", "").replace("$", ""))
        assert client.post(asked).status_code in (403, 404), asked
