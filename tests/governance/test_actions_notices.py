"""From the statutes to the notice: rules copied, an agenda, a delay, one mail each, and what is kept as proof."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from billing.models import Allocation
from documents.queries import document_of
from governance import actions
from governance.enums import AssemblyState
from governance.models import AgendaItem, Assembly, Notice, Paper, RollEntry, Statutes
from governance.queries import addresses_of, members_to_call, proof_counts, proofs_of, statutes_on
from hubs.models import AuditEntry, Mail, RunItem
from hubs.refusals import NotAllowed
from members.models import DuesCall, Membership
from tests.billing.factories import AccountFactory, PaymentFactory, issued
from tests.governance.factories import AgendaItemFactory, AssemblyFactory, NoticeFactory, RollEntryFactory
from tests.members.factories import CollegeFactory, FiscalYearFactory, MembershipFactory
from tests.parties.factories import LinkFactory, OrganisationFactory, PersonFactory

NOW = dt.datetime(2026, 5, 20, 8, tzinfo=dt.UTC)
RULES = {"notice_days": 21, "proxies_per_holder": 2, "quorum_percent": 30, "contest_days": 8, "asks_paid_dues": True}

pytestmark = pytest.mark.usefixtures("hub")


@pytest.fixture
def by(nord, hub):
    return nord.actor("coordinator")


@pytest.fixture
def year(hub):
    return FiscalYearFactory(year=2026)


@pytest.fixture
def college(hub):
    return CollegeFactory(name="Structures")


@pytest.fixture
def draft(hub):
    """For 15 June, two weeks of notice at least: the last day is 1 June."""
    assembly = AssemblyFactory(draft=True, notice_days=14, place="Salle du Lac")
    AgendaItemFactory(assembly=assembly, rank=1, title="Comptes 2025")
    return assembly


# --- Statutes ---------------------------------------------------------------------------------------


def test_new_statutes_end_the_former_ones_the_day_they_begin(by):
    first = actions.adopt_statutes(starts_on=dt.date(2024, 1, 1), by=by, notice_days=15)
    second = actions.adopt_statutes(starts_on=dt.date(2026, 4, 1), by=by, **RULES)

    first.refresh_from_db()
    assert (first.last_day, second.last_day) == (dt.date(2026, 3, 31), None)
    assert [statutes_on(dt.date(2026, month, 31)).notice_days for month in (3, 5)] == [15, 21]
    assert AuditEntry.objects.get(verb="governance.statutes_adopted", thing__endswith=f":{second.pk}").before == (
        first.rules
    )


def test_statutes_of_the_same_day_take_the_place_and_none_slips_under_later_ones(by, nord):
    actions.adopt_statutes(starts_on=dt.date(2026, 4, 1), by=by, notice_days=15)
    actions.adopt_statutes(starts_on=dt.date(2026, 4, 1), by=by, notice_days=8)

    with pytest.raises(actions.StatutesInThePast):
        actions.adopt_statutes(starts_on=dt.date(2025, 1, 1), by=by, notice_days=30)
    with pytest.raises(NotAllowed):
        actions.adopt_statutes(starts_on=dt.date(2027, 1, 1), by=nord.actor("accountant"), notice_days=30)
    assert Statutes.objects.get().notice_days == 8


# --- The roll ---------------------------------------------------------------------------------------


def dues_called(membership, *, paid_on: dt.date | None = None) -> None:
    """120 € called on 1 April, and paid or not."""
    invoice = issued(AccountFactory(organisation=membership.organisation), "120.00", on=dt.date(2026, 4, 1))
    DuesCall.objects.create(
        membership=membership, invoice=invoice, amount=invoice.total_incl, why="barème", called_on=dt.date(2026, 4, 1),
        starts_on=membership.fiscal_year.starts_on, ends_on=membership.fiscal_year.ends_on,
    )  # fmt: skip
    if paid_on is not None:
        payment = PaymentFactory(account=invoice.account, received_on=paid_on, amount=invoice.total_incl)
        Allocation.objects.create(payment=payment, invoice=invoice, amount=invoice.total_incl)


def test_the_roll_says_why_a_member_has_no_voice(by, draft, year, college):
    actions.change_assembly(assembly=draft, by=by, asks_paid_dues=True)
    owes, paid, late = (MembershipFactory(college=college, fiscal_year=year) for _rank in range(3))
    observer = MembershipFactory(college=CollegeFactory(votes=False), fiscal_year=year)
    dues_called(owes)
    dues_called(paid, paid_on=dt.date(2026, 5, 31))
    dues_called(late, paid_on=dt.date(2026, 6, 2))

    actions.draw_roll(assembly=draft, by=by, now=NOW)

    assert dict(RollEntry.objects.values_list("membership_id", "why")) == {
        owes.pk: "dues", paid.pk: "", late.pk: "dues", observer.pk: "college",
    }  # fmt: skip
    assert RollEntry.objects.get(votes=True).membership == paid


def test_drawing_the_roll_costs_the_same_for_one_and_for_many(by, draft, year, college, django_assert_num_queries):
    for count in (1, 30):
        MembershipFactory.create_batch(count, college=college, fiscal_year=year)
        with django_assert_num_queries(9):
            actions.draw_roll(assembly=draft, by=by, now=NOW)


def test_who_is_struck_off_before_the_day_loses_voice_and_proxies(by, draft, year, college):
    leaver, *others = (MembershipFactory(college=college, fiscal_year=year) for _rank in range(3))
    actions.convene(assembly=draft, by=by, now=NOW)
    entries = {entry.membership_id: entry for entry in RollEntry.objects.select_related("membership")}
    proxy = actions.give_proxy(giver=entries[others[0].pk], holder=entries[leaver.pk], by=by, now=NOW)
    Membership.objects.filter(pk=leaver.pk).update(standing="left", left_on=draft.roll_on)

    actions.freeze_roll(assembly=draft, by=by, now=dt.datetime(2026, 6, 1, 8, tzinfo=dt.UTC))

    proxy.refresh_from_db()
    gone = RollEntry.objects.get(membership=leaver)
    assert (gone.votes, gone.why, proxy.revoked_at is not None) == (False, "left", True)
    assert Assembly.objects.get().state == AssemblyState.FROZEN


def test_the_roll_is_not_frozen_before_its_day(by, draft, year, college):
    MembershipFactory(college=college, fiscal_year=year)
    actions.convene(assembly=draft, by=by, now=NOW)

    with pytest.raises(actions.RollTooEarly, match=r"1er.juin"):
        actions.freeze_roll(assembly=draft, by=by, now=NOW)


# --- The notice -------------------------------------------------------------------------------------


def test_convening_calls_each_member_once_where_they_are_read(by, draft, year, college):
    told = OrganisationFactory(name="Alpha", email="accueil@alpha.example")
    for role in ("administrator", "legal", "employee"):
        person = PersonFactory(email=f"{role}@alpha.example")
        LinkFactory(person=person, organisation=told, role=role)
    by_mail, by_hand = (
        OrganisationFactory(name="Bêta", email="b@beta.example"),
        OrganisationFactory(name="Gamma", email=""),
    )
    for organisation in (told, by_mail, by_hand):
        MembershipFactory(organisation=organisation, college=college, fiscal_year=year)
    person = PersonFactory(given_name="Zoé", family_name="Roy", email="zoe@exemple.example")
    MembershipFactory(organisation=None, person=person, college=college, fiscal_year=year)

    actions.convene(assembly=draft, by=by, now=NOW)

    sent = {tuple(mail.to): mail for mail in Mail.objects.filter(about__startswith="governance.notice:")}
    assert set(sent) == {
        ("administrator@alpha.example", "legal@alpha.example"), ("b@beta.example",), ("zoe@exemple.example",),
    }  # fmt: skip
    text = sent["zoe@exemple.example",].text
    for words in ("Zoé Roy", "lundi 15 juin 2026, 18 h", "Salle du Lac", "1. Comptes 2025", f"/{draft.public_id}/"):
        assert words in text.replace("\u00a0", " ")
    counts = proof_counts(draft)
    assert (counts.sent, counts.waiting, counts.failed, counts.handed, counts.to_hand) == (0, 3, 0, 0, 1)
    draft.refresh_from_db()
    assert (draft.state, draft.convened_on) == ("convened", NOW.date())
    assert RunItem.objects.get().job == "governance.render_notice"


def test_too_late_the_message_says_the_last_day_and_nothing_is_sent(by, draft, year, college):
    MembershipFactory(college=college, fiscal_year=year)

    with pytest.raises(actions.NoticeTooLate, match=r"14 jours.*lundi 1er.juin 2026 au plus tard"):
        actions.convene(assembly=draft, by=by, now=dt.datetime(2026, 6, 2, 8, tzinfo=dt.UTC))
    draft.refresh_from_db()
    assert (draft.state, Notice.objects.count(), Mail.objects.count()) == ("draft", 0, 0)
    with pytest.raises(IntegrityError, match="délai"), transaction.atomic():
        Assembly.objects.filter(pk=draft.pk).update(state="convened", convened_on=dt.date(2026, 6, 2))
    assert actions.convene(assembly=draft, by=by, now=dt.datetime(2026, 6, 1, 21, tzinfo=dt.UTC)).convened_on


@pytest.mark.parametrize("missing", ["agenda", "members"])
def test_nobody_is_called_to_nothing(by, draft, year, college, missing):
    if missing == "agenda":
        MembershipFactory(college=college, fiscal_year=year)
        actions.set_agenda(assembly=draft, titles=[], by=by)

    with pytest.raises(actions.NoAgenda if missing == "agenda" else actions.NobodyToCall):
        actions.convene(assembly=draft, by=by, now=NOW)
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_once_convened_date_rules_agenda_and_papers_stay(by, draft, year, college):
    MembershipFactory(college=college, fiscal_year=year)
    paper = actions.add_paper(
        assembly=draft, title="Comptes", name="c.pdf", content=b"%PDF-1", content_type="application/pdf", by=by, now=NOW
    )
    actions.convene(assembly=draft, by=by, now=NOW)

    for act in (
        lambda: actions.change_assembly(assembly=draft, by=by, title="Autre"),
        lambda: actions.set_agenda(assembly=draft, titles=["Autre"], by=by),
        lambda: actions.remove_paper(paper=paper, by=by),
    ):
        with pytest.raises(actions.AlreadyConvened):
            act()
    with pytest.raises(actions.WrongState):
        actions.convene(assembly=draft, by=by, now=NOW)
    for write in (
        lambda: Assembly.objects.filter(pk=draft.pk).update(quorum_percent=1),
        lambda: AgendaItem.objects.filter(assembly=draft).update(title="Autre"),
        lambda: Paper.objects.filter(pk=paper.pk).delete(),
        lambda: Notice.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            write()
    late = actions.add_paper(
        assembly=draft, title="Budget", name="b.png", content=b"\x89PNG", content_type="image/png", by=by, now=NOW
    )
    assert set(Paper.objects.all()) == {paper, late}


def test_who_comes_on_the_roll_later_is_called_too_and_nobody_twice(by, draft, year, college):
    MembershipFactory(college=college, fiscal_year=year)
    actions.convene(assembly=draft, by=by, now=NOW)
    MembershipFactory(college=college, fiscal_year=year, organisation__email="tard@exemple.example")

    for _turn in range(2):
        actions.draw_roll(assembly=draft, by=by, now=NOW)
        actions.call_members(assembly=draft, by=by, now=NOW)

    assert Notice.objects.count() == 2
    assert Mail.objects.filter(to=["tard@exemple.example"]).count() == 1


def test_called_off_those_who_were_called_are_told_why(nord, by, draft, year, college):
    MembershipFactory(college=college, fiscal_year=year, organisation__email="a@alpha.example")
    MembershipFactory(college=college, fiscal_year=year, organisation__email="")
    actions.convene(assembly=draft, by=by, now=NOW)
    given = {"assembly": draft, "reason": "La salle est inondée.", "now": NOW}

    with pytest.raises(NotAllowed):
        actions.call_off(**given, by=nord.actor("receptionist"))
    actions.call_off(**given, by=by)
    with pytest.raises(actions.WrongState):
        actions.call_off(**given, by=by)

    told = Mail.objects.filter(subject__startswith="Annulée")
    assert [(mail.to, "La salle est inondée." in mail.text) for mail in told] == [(["a@alpha.example"], True)]
    assert AuditEntry.objects.get(verb="governance.called_off").reason == "La salle est inondée."
    draft.refresh_from_db()
    assert draft.state == AssemblyState.CANCELLED


def test_a_notice_handed_over_is_noted_once(by, nord):
    notice = NoticeFactory()
    given = {"notice": notice, "handed_how": "en main propre", "today": dt.date(2026, 5, 25)}

    with pytest.raises(actions.HandedInFuture):
        actions.note_handed(**given, handed_on=dt.date(2026, 5, 26), by=by)
    with pytest.raises(NotAllowed):
        actions.note_handed(**given, handed_on=dt.date(2026, 5, 22), by=nord.actor("receptionist"))
    actions.note_handed(**given, handed_on=dt.date(2026, 5, 22), by=by)
    with pytest.raises(actions.HandedAlready):
        actions.note_handed(**given, handed_on=dt.date(2026, 5, 23), by=by)

    notice.refresh_from_db()
    assert (notice.handed_on, notice.handed_how) == (dt.date(2026, 5, 22), "en main propre")


def test_the_notice_becomes_one_pdf(by, draft, year, college):
    MembershipFactory(college=college, fiscal_year=year)
    actions.convene(assembly=draft, by=by, now=NOW)

    for _turn in range(2):
        actions.render_notice(assembly=draft)

    assert document_of(draft, "notice").file.size > 1000


def test_addresses_and_proofs_are_read_in_as_many_queries_for_one_and_for_three(
    year, college, django_assert_num_queries
):
    assembly = AssemblyFactory()
    for count in (1, 2):
        for membership in MembershipFactory.create_batch(count, college=college, fiscal_year=year):
            NoticeFactory(entry=RollEntryFactory(assembly=assembly, membership=membership))
        entries = list(RollEntry.objects.select_related("membership__organisation", "membership__person__user"))
        with django_assert_num_queries(1):
            addresses_of(entries, NOW.date())
        with django_assert_num_queries(1):
            assert [str(proof.entry.college) for proof in proofs_of(assembly)]
        with django_assert_num_queries(2):
            members_to_call(assembly, NOW.date())
