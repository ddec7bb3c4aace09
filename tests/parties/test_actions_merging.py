"""Two sheets of one structure or person: read as one, nothing moved, and parted again."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, connections, transaction
from django.utils import timezone

from documents.models import StoredFile
from hubs.exports import as_csv
from hubs.models import AuditEntry
from hubs.refusals import NotAllowed, Refusal
from hubs.scope import open_hub
from members.actions import import_file
from members.queries import kind_of, kinds_of, members_on
from parties.actions import MergedAway, SiretTaken, change_organisation, change_person, end_access, link_person
from parties.enums import LinkRole
from parties.merging.actions import (
    Gone,
    HasMerged,
    KeepWhoSignsIn,
    MergedAlready,
    NotMerged,
    OneHostsTheOther,
    SameSheet,
    SignsInToo,
    merge,
    part,
)
from parties.merging.queries import alike_people, alike_structures, person_at
from parties.models import Link, Merge, Organisation, Person
from parties.papers.queries import slots_of
from parties.personal.actions import erase_person
from parties.personal.queries import sections_of
from parties.queries import actor_of, workplaces_of
from tests.cast import cast_of
from tests.members.factories import FiscalYearFactory, MembershipFactory
from tests.parties.factories import (
    InvitationFactory,
    LinkFactory,
    OrganisationFactory,
    PaperFactory,
    PersonFactory,
    TradeFactory,
)

NOW = timezone.now()
TODAY = timezone.localdate(NOW)
SIRET, SIREN = "86065698200011", "860656982"


@pytest.fixture
def coordinator(hub, nord):
    return nord.actor("coordinator")


@pytest.fixture
def fold(coordinator):
    def folded(kept, gone, **taken) -> Merge:
        return merge(kept=kept, gone=gone, taken=taken, by=coordinator, now=NOW)

    return folded


def fresh(thing):
    return type(thing).objects.get(pk=thing.pk)


def test_a_merge_moves_nothing_and_gives_the_values_taken(fold):
    kept = OrganisationFactory(name="Élan", trade=None)
    gone = OrganisationFactory(
        name="Elan asso", siret=SIRET, siren=SIREN, trade=TradeFactory(name="danse"), founded_on=dt.date(2010, 5, 4)
    )
    link = LinkFactory(organisation=gone)

    made = fold(kept, gone, siret=SIRET, siren=SIREN, vat_number="", trade="danse", founded_on=gone.founded_on)

    kept, gone = fresh(kept), fresh(gone)
    assert (gone.merged_into, kept.siret, kept.trade.name, kept.founded_on) == (kept, SIRET, "danse", gone.founded_on)
    assert (gone.siret, fresh(link).organisation_id) == (SIRET, gone.pk)
    assert sorted(made.after) == ["founded_on", "siren", "siret", "trade"]
    assert list(Organisation.objects.live(TODAY).filter(name__icontains="lan")) == [kept]
    entry = AuditEntry.objects.get(verb="parties.merged")
    assert (entry.thing, entry.concerns) == (f"parties.organisation:{kept.pk}", f"parties.organisation:{gone.pk}")


def test_parting_gives_back_what_nobody_changed_since(fold, coordinator):
    kept = OrganisationFactory(name="Élan", phone="01", trade=None, founded_on=None)
    gone = OrganisationFactory(name="Elan asso", siret=SIRET, siren=SIREN, phone="02", founded_on=dt.date(2010, 5, 4))
    numbers = {"siret": SIRET, "siren": SIREN, "vat_number": ""}
    fold(kept, gone, name="Elan asso", phone="02", founded_on=gone.founded_on, **numbers)
    change_organisation(organisation=kept, by=coordinator, phone="03")

    done = part(gone=gone, by=coordinator, now=NOW)

    kept, gone = fresh(kept), fresh(gone)
    assert (kept.name, kept.siret, kept.siren, kept.founded_on, kept.phone) == ("Élan", "", "", None, "03")
    assert (gone.merged_into, gone.siret, done.undone_at) == (None, SIRET, NOW)
    assert AuditEntry.objects.filter(verb="parties.parted").count() == 1
    with pytest.raises(NotMerged):
        part(gone=gone, by=coordinator, now=NOW)
    fold(gone, kept)


def test_a_number_given_to_a_third_sheet_meanwhile_keeps_them_together(fold, coordinator):
    kept, gone = OrganisationFactory(), OrganisationFactory(siret=SIRET, siren=SIREN)
    fold(kept, gone)
    OrganisationFactory(siret=SIRET, siren=SIREN)

    with pytest.raises(SiretTaken):
        part(gone=gone, by=coordinator, now=NOW)
    assert fresh(gone).merged_into == kept


def test_what_makes_no_sense_is_refused(nord, fold):
    one, two, three = OrganisationFactory.create_batch(3)
    with pytest.raises(SameSheet):
        fold(one, one)
    with pytest.raises(SameSheet):
        fold(one, nord.employee)
    fold(one, two)
    with pytest.raises(MergedAlready):
        fold(three, two)
    with pytest.raises(MergedAlready):
        fold(two, three)
    with pytest.raises(HasMerged):
        fold(three, one)
    host = OrganisationFactory()
    with pytest.raises(OneHostsTheOther):
        fold(host, OrganisationFactory(hosted_by=host))


def test_of_two_people_the_one_who_signs_in_stays(nord, fold):
    with pytest.raises(SignsInToo):
        fold(nord.employee, nord.administrator)
    with pytest.raises(KeepWhoSignsIn):
        fold(PersonFactory(), nord.employee)
    with pytest.raises(Gone):
        fold(nord.employee, PersonFactory(given_name="Personne", family_name="effacée", erased_at=NOW))


@pytest.mark.parametrize("who", ["adviser", "receptionist", "administrator"])
def test_others_neither_merge_nor_part(nord, hub, who):
    one, two = OrganisationFactory.create_batch(2)
    with pytest.raises(NotAllowed):
        merge(kept=one, gone=two, taken={}, by=nord.actor(who), now=NOW)
    with pytest.raises(NotAllowed):
        part(gone=one, by=nord.actor(who), now=NOW)


@pytest.mark.parametrize("factory", [OrganisationFactory, PersonFactory])
def test_the_database_refuses_chains_and_circles(hub, factory):
    one, two, three = factory.create_batch(3)
    model = type(one)
    model.objects.filter(pk=two.pk).update(merged_into=one)

    for gone, kept in ((one, three), (three, two), (one, one), (one, two)):
        with pytest.raises(DatabaseError, match="se fusionne dans une fiche qui reste"), transaction.atomic():
            model.objects.filter(pk=gone.pk).update(merged_into=kept)


def test_the_database_refuses_another_hubs_sheet_and_one_that_signs_in(nord, sud, hub):
    with pytest.raises(DatabaseError), transaction.atomic():
        Organisation.objects.filter(pk=nord.organisation.pk).update(merged_into=sud.organisation.pk)
    with pytest.raises(DatabaseError, match="signs_in_as_other"), transaction.atomic():
        Person.objects.filter(pk=nord.employee.pk).update(merged_into=nord.administrator)


def test_two_tabs_that_merge_both_ways_end_with_one_merge(committed):
    cast = cast_of("est")
    with open_hub(cast.hub):
        one, two = OrganisationFactory(name="A"), OrganisationFactory(name="B")
        actor = cast.actor("coordinator")

    def attempt(pair) -> str:
        try:
            with open_hub(cast.hub):
                merge(kept=pair[0], gone=pair[1], taken={}, by=actor, now=NOW)
        except Refusal as refusal:
            return type(refusal).__name__
        finally:
            connections.close_all()
        return "merged"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(attempt, [(one, two), (two, one)]))

    assert outcomes == ["MergedAlready", "merged"]
    with open_hub(cast.hub):
        assert Organisation.objects.exclude(merged_into=None).count() == 1


def test_roles_on_either_sheet_give_the_rights_of_both(nord, fold):
    gone = OrganisationFactory()
    person = LinkFactory(organisation=gone, role=LinkRole.ADMINISTRATOR).person
    fold(nord.organisation, gone)

    actor = actor_of(person.user, TODAY)

    assert dict(actor.organisations) == {nord.organisation.pk: "administrator", gone.pk: "administrator"}
    assert actor.first_acted_for == nord.organisation.pk
    assert workplaces_of(actor) == [nord.organisation]
    assert workplaces_of(nord.actor("employee")) == [nord.organisation]


def test_roles_of_a_sheet_merged_into_ones_own_count(nord, fold):
    twin, other = PersonFactory(), OrganisationFactory()
    LinkFactory(person=twin, organisation=other)

    fold(nord.employee, twin)

    assert workplaces_of(nord.actor("employee")) == sorted(
        [nord.organisation, other], key=lambda organisation: organisation.name
    )


def test_the_membership_of_a_merged_sheet_makes_the_other_a_member_once(nord, fold):
    year = FiscalYearFactory(year=TODAY.year)
    gone = MembershipFactory(fiscal_year=year).organisation
    kept = OrganisationFactory(name="Zinc")
    fold(kept, gone)

    assert kind_of(kept, TODAY) == kinds_of([kept.pk], TODAY)[kept.pk]
    assert list(members_on(TODAY)) == [kept]
    membership = MembershipFactory(organisation=kept, fiscal_year=year)
    assert list(type(membership).objects.once_each()) == [membership]


def test_documents_of_both_are_on_one_sheet(nord, fold):
    paper = PaperFactory()
    fold(nord.organisation, paper.organisation)

    (slot,) = slots_of(nord.organisation, TODAY)

    assert slot.current == paper
    assert slot.current.about == nord.organisation


def test_a_merged_sheet_is_written_no_more(nord, fold, coordinator):
    gone, twin = OrganisationFactory(), PersonFactory()
    fold(nord.organisation, gone)
    fold(nord.employee, twin)

    with pytest.raises(MergedAway):
        change_organisation(organisation=gone, by=coordinator, phone="1")
    with pytest.raises(MergedAway):
        change_person(person=twin, by=coordinator, phone="1")
    with pytest.raises(MergedAway):
        link_person(
            person=twin, organisation=nord.organisation, role=LinkRole.DIRECTOR, starts_on=TODAY, by=coordinator
        )
    with pytest.raises(MergedAway):
        link_person(person=nord.employee, organisation=gone, role=LinkRole.DIRECTOR, starts_on=TODAY, by=coordinator)


def test_an_address_of_a_merged_sheet_is_the_others(nord, fold, coordinator):
    twin = PersonFactory(email="autre@nord.example")
    fold(nord.employee, twin)

    assert person_at("Autre@nord.example") == nord.employee
    assert change_person(person=nord.employee, email="autre@nord.example", by=coordinator).email == twin.email


def test_someone_erased_is_erased_under_both_sheets_and_stays_together(nord, fold, coordinator):
    twin = PersonFactory(given_name="Zéphirine", family_name="Quatremère", phone="0699887766")
    paper = PaperFactory(of_person=True, person=twin)
    LinkFactory(person=twin, organisation=nord.organisation, role=LinkRole.DIRECTOR)
    made = fold(nord.employee, twin, phone="0699887766")
    told = {section.key: section.rows for section in sections_of(nord.employee)}
    assert len(told["identite"]) == 2
    with pytest.raises(MergedAway):
        erase_person(person=twin, by=coordinator, now=NOW)

    erase_person(person=nord.employee, by=coordinator, now=NOW)

    assert {str(fresh(person)) for person in (nord.employee, twin)} == {"Personne effacée"}
    assert (fresh(twin).phone, fresh(twin).merged_into) == ("", nord.employee)
    assert not Link.objects.live(TODAY).filter(person__in=[nord.employee, twin]).exists()
    assert not StoredFile.objects.filter(pk=paper.file_id).exists()
    made.refresh_from_db()
    assert (made.before, made.after) == ({}, {})
    with pytest.raises(Gone):
        part(gone=twin, by=coordinator, now=NOW)


def test_sheets_that_look_alike_are_proposed_with_their_reasons(nord):
    with open_hub(nord.hub):
        one = OrganisationFactory(name="Compagnie L’Élan vert", siren=SIREN)
        two = OrganisationFactory(name="Cie Elan-Vert", siren=SIREN)
        typo = OrganisationFactory(name="L’Élan ver")
        OrganisationFactory(name="Zèbre", email=two.email)
        OrganisationFactory(name="Élan bleu")
        OrganisationFactory(name="Élan vert", merged_into=one)
        known = PersonFactory(given_name="Anne-Marie", family_name="Dupond")
        turned = PersonFactory(given_name="Dupont", family_name="Anne Marie")

        structures = {(pair.first.name, pair.second.name): pair.reasons for pair in alike_structures()}
        people = [{pair.first, pair.second} for pair in alike_people()]

    assert structures == {
        ("Cie Elan-Vert", "Compagnie L’Élan vert"): ["même SIREN", "noms proches"],
        ("Cie Elan-Vert", "Zèbre"): ["même adresse électronique"],
        ("Cie Elan-Vert", typo.name): ["noms proches"],
        ("Compagnie L’Élan vert", typo.name): ["noms proches"],
    }
    assert {known, turned} in people


def test_a_line_of_a_file_that_names_the_sheet_which_left_is_about_the_other(fold, coordinator):
    kept, gone = OrganisationFactory(name="Élan", siret=SIRET, siren=SIREN), OrganisationFactory(name="Ancien nom")
    fold(kept, gone)
    file = as_csv(("Nom", "Forme juridique", "Commune"), [("ancien nom", "association", "Beaune")])

    import_file(content=file, name="structures.csv", fiscal_year=FiscalYearFactory(year=TODAY.year), by=coordinator)

    assert (fresh(kept).name, fresh(kept).town, fresh(gone).town) == ("Élan", "Beaune", "Dijon")
    assert Organisation.objects.standing().filter(town="Beaune").count() == 1


def test_who_leaves_loses_the_roles_of_both_sheets_and_their_invitations(nord, fold, coordinator):
    twin = PersonFactory()
    LinkFactory(person=twin, organisation=OrganisationFactory())
    waiting = InvitationFactory(person=twin, organisation=OrganisationFactory())
    fold(nord.employee, twin)

    end_access(person=nord.employee, on=TODAY, by=coordinator, now=NOW)

    assert not Link.objects.live(TODAY).filter(person__in=[nord.employee, twin]).exists()
    waiting.refresh_from_db()
    assert waiting.withdrawn_at == NOW
