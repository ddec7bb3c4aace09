"""Documents given to the hub: deposited, replaced, dated, withdrawn, and their end announced."""

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from documents.models import StoredFile
from documents.storage import private_storage, read
from documents.uploads import NotADocument
from hubs.models import AuditEntry, Mail
from hubs.refusals import NotAllowed
from hubs.scope import open_hub
from parties.enums import FieldOf, FieldReach, LinkRole, PaperState
from parties.models import Paper, PaperKind
from parties.papers.actions import (
    USUAL,
    EndsBeforeItsDate,
    NameTaken,
    NeedsEnd,
    NoLongerInUse,
    NotOfThisSheet,
    OverAlready,
    announce_ends,
    change_kind,
    change_paper_dates,
    define_kind,
    define_usual_kinds,
    deposit_paper,
    end_kind,
    withdraw_paper,
)
from parties.papers.queries import slots_of
from parties.personal.actions import erase_person
from tests.parties.factories import LinkFactory, OrganisationFactory, PaperFactory, PaperKindFactory

NOW = timezone.now()
TODAY = timezone.localdate(NOW)
PDF = b"%PDF-1.7 statuts"


def days(count: int) -> dt.date:
    return TODAY + dt.timedelta(days=count)


@pytest.fixture
def coordinator(hub, nord):
    return nord.actor("coordinator")


@pytest.fixture
def deposit(hub, nord, coordinator):
    def deposited(kind, thing=None, by=None, content=PDF, **given) -> Paper:
        thing = thing or nord.organisation
        return deposit_paper(
            kind=kind, thing=thing, by=by or coordinator, content=content, now=NOW, today=TODAY, **given
        )

    return deposited


def test_a_document_is_kept_and_told(nord, deposit, coordinator):
    kind = PaperKindFactory(name="Assurance", expires=True)

    paper = deposit(kind, issued_on=days(-10), expires_on=days(300))

    assert (paper.organisation, paper.person, paper.depositor, paper.ended_at) == (
        nord.organisation, None, nord.coordinator, None,
    )  # fmt: skip
    assert (read(paper.file.key), paper.file.content_type) == (PDF, "application/pdf")
    assert paper.file_name == "assurance-compagnie-nord.pdf"
    entry = AuditEntry.objects.get(verb="parties.paper_deposited")
    assert (entry.thing, entry.after["paper"], entry.after["expires_on"]) == (
        f"parties.organisation:{nord.organisation.pk}", "Assurance", str(days(300)),
    )  # fmt: skip


def test_the_next_version_ends_the_one_before_and_both_are_read(nord, deposit):
    kind = PaperKindFactory()
    first = deposit(kind)
    second = deposit(kind, content=b"%PDF-1.7 second")

    (slot,) = slots_of(nord.organisation, TODAY)

    assert (slot.current, slot.state) == (second, PaperState.VALID)
    assert slot.past == [(first, PaperState.REPLACED)]
    assert read(Paper.objects.get(pk=first.pk).file.key) == PDF


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({}, NeedsEnd),
        ({"issued_on": days(10), "expires_on": days(5)}, EndsBeforeItsDate),
        ({"expires_on": days(-1)}, OverAlready),
        ({"expires_on": days(5), "content": b"<html>"}, NotADocument),
    ],
)
def test_what_does_not_hold_is_refused_and_writes_nothing(deposit, given, refusal):
    with pytest.raises(refusal):
        deposit(PaperKindFactory(expires=True), **given)
    assert not Paper.objects.exists()


def test_a_refused_document_leaves_the_one_in_use(deposit):
    kind = PaperKindFactory()
    first = deposit(kind)
    with pytest.raises(NotADocument):
        deposit(kind, content=b"GIF89a")
    assert Paper.objects.get().pk == first.pk
    assert Paper.objects.current().exists()


def test_a_document_is_for_the_sheets_that_are_asked(nord, deposit):
    with pytest.raises(NotOfThisSheet):
        deposit(PaperKindFactory(of_person=True))
    with pytest.raises(NotOfThisSheet):
        deposit(PaperKindFactory(ends_on=TODAY))


@pytest.mark.parametrize("reach", list(FieldReach))
@pytest.mark.parametrize("who", ["administrator", "employee", "receptionist", "adviser", "stranger"])
def test_who_administers_the_structure_deposits_what_the_hub_lets_them(nord, deposit, reach, who):
    kind = PaperKindFactory(reach=reach)
    if (who, reach) == ("administrator", FieldReach.WRITE):
        assert deposit(kind, by=nord.actor(who)).depositor == nord.administrator
        return
    with pytest.raises(NotAllowed):
        deposit(kind, by=nord.actor(who))


def test_one_deposits_ones_own_and_nobody_elses(nord, deposit):
    kind = PaperKindFactory(of_person=True)

    assert deposit(kind, thing=nord.employee, by=nord.actor("employee")).person == nord.employee
    with pytest.raises(NotAllowed):
        deposit(kind, thing=nord.employee, by=nord.actor("administrator"))


def test_dates_are_corrected_and_the_end_is_announced_anew(coordinator):
    paper = PaperFactory(left=5, announced_at=NOW)

    changed = change_paper_dates(paper=paper, issued_on=days(-3), expires_on=days(200), by=coordinator)

    assert (changed.issued_on, changed.expires_on, changed.announced_at) == (days(-3), days(200), None)
    entry = AuditEntry.objects.get(verb="parties.paper_dated")
    assert (entry.before["expires_on"], entry.after["expires_on"]) == (str(days(5)), str(days(200)))
    with pytest.raises(EndsBeforeItsDate):
        change_paper_dates(paper=paper, issued_on=days(9), expires_on=days(8), by=coordinator)


def test_a_document_withdrawn_is_asked_again_and_no_longer_changes(nord, coordinator):
    paper = PaperFactory(organisation=nord.organisation)

    withdraw_paper(paper=paper, reason="mauvais document", by=coordinator, now=NOW)

    (slot,) = slots_of(nord.organisation, TODAY)
    assert (slot.current, slot.past) == (None, [(paper, PaperState.WITHDRAWN)])
    with pytest.raises(NoLongerInUse):
        withdraw_paper(paper=paper, reason="encore", by=coordinator, now=NOW)
    with pytest.raises(NoLongerInUse):
        change_paper_dates(paper=paper, issued_on=None, expires_on=None, by=coordinator)


@pytest.mark.parametrize("who", ["administrator", "receptionist"])
def test_others_neither_correct_nor_withdraw(nord, hub, who):
    paper = PaperFactory(organisation=nord.organisation)
    with pytest.raises(NotAllowed):
        withdraw_paper(paper=paper, reason="x", by=nord.actor(who), now=NOW)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE parties_paper SET deposited_at = now()", "ne se modifie pas"),
        ("UPDATE parties_paper SET file_id = file_id + 1", "ne se modifie pas"),
        ("UPDATE parties_paper SET expires_on = NULL", "a une date de fin"),
        ("UPDATE parties_paper SET expires_on = issued_on - 1", "parties_paper_period"),
        ("UPDATE parties_paper SET reason = 'x'", "parties_paper_withdrawn_has_end"),
        ("UPDATE parties_paper SET person_id = (SELECT min(id) FROM parties_person)", "de cette sorte|one_thing|ne se"),
    ],
)
def test_the_database_holds_a_document_as_it_was_given(hub, change, words):
    PaperFactory(kind=PaperKindFactory(expires=True), issued_on=TODAY, left=10)
    with pytest.raises(DatabaseError, match=words), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


def test_the_database_keeps_one_version_in_use_and_ended_ones_as_they_are(hub):
    paper = PaperFactory()
    with pytest.raises(DatabaseError, match="parties_paper_one_of_structure"), transaction.atomic():
        PaperFactory(kind=paper.kind, organisation=paper.organisation)
    with pytest.raises(DatabaseError, match="sorte de fiche"), transaction.atomic():
        PaperFactory(kind=PaperKindFactory(of_person=True))
    paper.ended_at = NOW
    paper.save()
    with pytest.raises(DatabaseError, match="ne se modifie pas"), transaction.atomic():
        Paper.objects.update(ended_at=None)


@pytest.mark.parametrize(("left", "told"), [(31, 0), (30, 1), (0, 1), (-1, 0)])
def test_an_end_is_announced_once_thirty_days_before(nord, hub, left, told):
    paper = PaperFactory(
        organisation=nord.organisation, kind=PaperKindFactory(name="Assurance", expires=True), left=left
    )

    assert announce_ends(today=TODAY, now=NOW) == told
    assert announce_ends(today=TODAY, now=NOW) == 0

    mails = list(Mail.objects.all())
    assert len(mails) == told
    if told:
        assert (mails[0].to, mails[0].about) == (
            [nord.organisation.email], f"parties.organisation:{nord.organisation.pk}",
        )  # fmt: skip
        assert f"/mon-espace/structure/{nord.organisation.public_id}/documents/" in mails[0].text
        assert Paper.objects.get(pk=paper.pk).announced_at == NOW


def test_what_is_replaced_withdrawn_or_no_longer_asked_is_not_announced(nord, deposit, coordinator):
    replaced = PaperFactory(organisation=nord.organisation, left=5)
    deposit(replaced.kind, expires_on=days(400))
    withdraw_paper(paper=PaperFactory(left=5), reason="x", by=coordinator, now=NOW)
    end_kind(kind=PaperFactory(left=5).kind, by=coordinator, on=TODAY)
    PaperFactory(left=5, kind=PaperKindFactory(reach=FieldReach.STAFF))
    PaperFactory(left=5, organisation=OrganisationFactory(closed_on=TODAY))

    assert announce_ends(today=TODAY, now=NOW) == 0


def test_a_structure_without_address_is_told_by_who_administers_it(nord, hub):
    silent, alone = OrganisationFactory(email=""), OrganisationFactory(email="")
    who = LinkFactory(organisation=silent, role=LinkRole.ADMINISTRATOR).person
    PaperFactory(organisation=silent, left=5, kind=PaperKindFactory(reach=FieldReach.READ))
    told_by_nobody = PaperFactory(organisation=alone, left=5)

    announce_ends(today=TODAY, now=NOW)

    mail = Mail.objects.get()
    assert mail.to == [who.email]
    assert "Envoyez à l’équipe" in mail.text
    assert Paper.objects.get(pk=told_by_nobody.pk).announced_at is None


def test_the_usual_list_is_asked_once(coordinator):
    made = define_usual_kinds(by=coordinator, on=TODAY)

    assert len(made) == len(USUAL)
    assert define_usual_kinds(by=coordinator, on=TODAY) == []


def test_a_document_is_asked_for_renamed_and_no_longer_asked(nord, coordinator):
    asked = {"about": FieldOf.ORGANISATION, "by": coordinator, "on": TODAY}
    kind = define_kind(name="Kbis", **asked)
    with pytest.raises(NameTaken):
        define_kind(name="KBIS", **asked)

    change_kind(kind=kind, name="Extrait Kbis", by=coordinator)
    end_kind(kind=kind, by=coordinator, on=TODAY)
    define_kind(name="Extrait Kbis", **asked)

    assert [(each.name, each.ends_on) for each in PaperKind.objects.order_by("pk")] == [
        ("Extrait Kbis", TODAY), ("Extrait Kbis", None),
    ]  # fmt: skip
    with pytest.raises(NotAllowed):
        define_kind(name="x", about=FieldOf.PERSON, by=nord.actor("accountant"), on=TODAY)


def test_erasing_someone_takes_their_documents_and_leaves_those_of_their_structure(nord, deposit, coordinator):
    theirs = PaperFactory(of_person=True, person=nord.employee, content=b"%PDF-1.7 carte")
    shared = PaperFactory(of_person=True, person=nord.employee, content=b"%PDF-1.7 commun")
    PaperFactory(content=b"%PDF-1.7 commun")
    of_structure = deposit(PaperKindFactory(), by=nord.actor("administrator"))
    keys = theirs.file.key, shared.file.key

    with transaction.atomic():
        erase_person(person=nord.employee, by=coordinator, now=NOW)
        erase_person(person=nord.administrator, by=coordinator, now=NOW)

    assert not Paper.objects.filter(person__isnull=False).exists()
    assert list(StoredFile.objects.filter(key__in=keys).values_list("key", flat=True)) == [keys[1]]
    kept = Paper.objects.select_related("depositor").get(pk=of_structure.pk)
    assert str(kept.depositor) == "Personne effacée"
    assert private_storage().exists(kept.file.key)


def test_another_hub_sees_nothing_of_it(nord, sud, deposit):
    deposit(PaperKindFactory())
    with open_hub(sud.hub):
        assert not Paper.objects.exists()
