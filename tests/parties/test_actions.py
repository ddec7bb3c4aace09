import datetime as dt

import pytest
from django.utils import timezone

from hubs.models import AuditEntry, Mail, User
from hubs.refusals import NotAllowed
from hubs.scope import open_hub
from parties.actions import (
    EndsBeforeStart,
    MailOfAnother,
    NoMail,
    OwnHost,
    RoleHeld,
    SiretTaken,
    add_person,
    change_organisation,
    create_organisation,
    end_access,
    end_link,
    introduce,
    invite_to_sign_in,
    link_person,
    open_account,
    record_figures,
)
from parties.enums import FiguresSource, LinkRole
from parties.identifiers import (
    SiretOfAnotherSiren,
    VatOfAnotherSiren,
    WrongSiren,
    WrongSiret,
    WrongVat,
    clean_identifiers,
)
from parties.models import Organisation, Person, YearFigures
from tests.parties.factories import LinkFactory, OrganisationFactory, PersonFactory, TradeFactory

SIRET, SIREN = "86065698200011", "860656982"
DAY = dt.date(2024, 1, 1)


@pytest.fixture
def coordinator(hub, nord):
    return nord.actor("coordinator")


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ({"siret": "860 656 982 00011", "siren": ""}, (SIRET, SIREN, "")),
        ({"siret": "", "siren": "860 656 982"}, ("", SIREN, "")),
        ({"siret": "", "siren": "", "vat_number": "fr 29860656982"}, ("", "", "FR29860656982")),
        ({"siret": "", "siren": "", "vat_number": "BE0428759497"}, ("", "", "BE0428759497")),
        ({"siret": "", "siren": ""}, ("", "", "")),
        # La Poste: the digits of its offices add up to a multiple of five, and keep no other key.
        ({"siret": "356 000 000 49837", "siren": ""}, ("35600000049837", "356000000", "")),
    ],
)
def test_identifiers_are_cleaned(given, cleaned):
    assert clean_identifiers(**given) == cleaned


@pytest.mark.parametrize(
    ("given", "refusal", "words"),
    [
        ({"siret": "86065698200012", "siren": ""}, WrongSiret, "clé de contrôle"),
        ({"siret": "8606569820001", "siren": ""}, WrongSiret, "quatorze chiffres"),
        ({"siret": "35600000049838", "siren": ""}, WrongSiret, "clé de contrôle"),
        ({"siret": "abcdefghijklmn", "siren": ""}, WrongSiret, "n’existe pas"),
        ({"siret": "", "siren": "860656983"}, WrongSiren, "clé de contrôle"),
        ({"siret": "", "siren": "8606"}, WrongSiren, "neuf chiffres"),
        ({"siret": SIRET, "siren": "768940165"}, SiretOfAnotherSiren, "commence par le SIREN"),
        ({"siret": "", "siren": "", "vat_number": "FR00860656982"}, WrongVat, "TVA"),
        ({"siret": "", "siren": "768940165", "vat_number": "FR29860656982"}, VatOfAnotherSiren, "SIREN"),
    ],
)
def test_wrong_identifiers_are_refused_in_french(given, refusal, words):
    with pytest.raises(refusal) as caught:
        clean_identifiers(**given)
    assert words in str(caught.value.message)


def test_a_structure_is_created_with_its_siren_and_trade(coordinator):
    TradeFactory(name="Spectacle vivant")

    made = create_organisation(
        name="Zutique",
        legal_form="association",
        siret=SIRET,
        trade="spectacle  vivant".replace("  ", " "),
        by=coordinator,
    )

    assert (made.siren, made.trade.name) == (SIREN, "Spectacle vivant")
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.who) == ("parties.structure_added", str(coordinator.name))
    assert entry.after["trade"] == "Spectacle vivant"


def test_a_siret_is_taken_once_in_a_hub_and_free_in_another(coordinator, sud):
    create_organisation(name="Une", legal_form="association", siret=SIRET, by=coordinator)

    with pytest.raises(SiretTaken):
        create_organisation(name="Deux", legal_form="association", siret=SIRET, by=coordinator)
    with open_hub(sud.hub):
        create_organisation(name="Trois", legal_form="association", siret=SIRET, by=sud.actor("coordinator"))
    assert Organisation.objects.filter(siret=SIRET).count() == 1


def test_only_what_changed_is_written_and_logged(coordinator):
    organisation = OrganisationFactory(town="Dijon")

    change_organisation(organisation=organisation, by=coordinator, town="Dijon")
    change_organisation(organisation=organisation, by=coordinator, town="Ahuy", name=organisation.name)

    assert list(AuditEntry.objects.values_list("before", "after")) == [({"town": "Dijon"}, {"town": "Ahuy"})]


def test_a_new_siret_brings_its_siren(coordinator):
    organisation = OrganisationFactory(siret="76894016500014", siren="768940165")

    assert change_organisation(organisation=organisation, by=coordinator, siret=SIRET).siren == SIREN


def test_a_structure_does_not_carry_itself(coordinator):
    organisation = OrganisationFactory()

    with pytest.raises(OwnHost):
        change_organisation(organisation=organisation, by=coordinator, hosted_by=organisation)


@pytest.mark.parametrize("name", ["adviser", "receptionist", "elected", "observer", "employee", "stranger"])
def test_who_does_not_keep_the_structures_writes_none(hub, nord, name):
    by = nord.actor(name)
    person = PersonFactory(email="a@exemple.example")
    for write in (
        lambda: create_organisation(name="X", legal_form="sa", by=by),
        lambda: change_organisation(organisation=nord.organisation, by=by, town="Ahuy"),
        lambda: add_person(given_name="A", family_name="B", by=by),
        lambda: link_person(person=person, organisation=nord.organisation, role=LinkRole.LEGAL, starts_on=DAY, by=by),
        lambda: open_account(person=person, by=by),
        lambda: invite_to_sign_in(person=person, by=by, now=timezone.now()),
        lambda: end_access(person=person, on=DAY, by=by, now=timezone.now()),
        lambda: record_figures(organisation=nord.organisation, year=2025, by=by, fte=1),
    ):
        with pytest.raises(NotAllowed):
            write()
    assert AuditEntry.objects.count() == 0


def test_an_administrator_writes_addresses_and_nothing_else(hub, nord):
    by = nord.actor("administrator")

    change_organisation(organisation=nord.organisation, by=by, email="a@nord.example")

    with pytest.raises(NotAllowed):
        change_organisation(organisation=nord.organisation, by=by, email="b@nord.example", legal_form="sa")
    with pytest.raises(NotAllowed):
        change_organisation(organisation=OrganisationFactory(), by=by, email="c@nord.example")


def test_a_role_is_held_once_at_a_time_and_again_later(coordinator, nord):
    link = link_person(
        person=nord.stranger, organisation=nord.organisation, role=LinkRole.LEGAL, starts_on=DAY, by=coordinator
    )
    with pytest.raises(RoleHeld):
        link_person(
            person=nord.stranger, organisation=nord.organisation, role=LinkRole.LEGAL, starts_on=dt.date(2025, 1, 1), by=coordinator
        )  # fmt: skip
    with pytest.raises(EndsBeforeStart):
        end_link(link=link, on=DAY - dt.timedelta(days=1), by=coordinator)
    end_link(link=link, on=dt.date(2025, 1, 1), by=coordinator)
    link_person(
        person=nord.stranger, organisation=nord.organisation, role=LinkRole.LEGAL, starts_on=dt.date(2025, 1, 1), by=coordinator
    )  # fmt: skip

    assert nord.stranger.links.count() == 2
    with pytest.raises(EndsBeforeStart):
        link_person(
            person=nord.stranger, organisation=nord.organisation, role=LinkRole.DUES, starts_on=DAY, ends_on=DAY, by=coordinator
        )  # fmt: skip


def test_an_account_has_no_password(coordinator):
    person = add_person(given_name="Ada", family_name="Lovelace", email="Ada@Exemple.example", by=coordinator)

    user = open_account(person=person, by=coordinator)

    assert (user.email, user.has_usable_password()) == ("ada@exemple.example", False)
    assert open_account(person=person, by=coordinator) == user
    assert Mail.objects.count() == 0


def test_the_account_of_another_hub_is_the_same_person_here(coordinator, sud):
    theirs = User.objects.get(pk=sud.coordinator.user_id)
    person = PersonFactory(email=theirs.email)

    assert open_account(person=person, by=coordinator, email=theirs.email) == theirs
    assert Person.objects.filter(user=theirs).count() == 1


def test_an_account_is_of_one_person_of_the_hub(coordinator, nord):
    with pytest.raises(NoMail):
        open_account(person=PersonFactory(email=""), by=coordinator)
    with pytest.raises(MailOfAnother):
        open_account(person=PersonFactory(email=nord.employee.user.email), by=coordinator)
    with pytest.raises(MailOfAnother):
        add_person(given_name="X", family_name="Y", email=nord.employee.email.upper(), by=coordinator)


def test_someone_known_is_introduced_without_a_second_record(coordinator, nord):
    ada = PersonFactory(given_name="Ada", family_name="Lovelace", email="ada@exemple.example")

    link = introduce(
        organisation=nord.organisation, given_name="ada", family_name="LOVELACE", email="ADA@exemple.example",
        role=LinkRole.DIRECTOR, starts_on=DAY, by=coordinator, now=timezone.now(),
    )  # fmt: skip

    assert link.person == ada
    assert Person.objects.filter(email__iexact="ada@exemple.example").count() == 1


def test_figures_are_kept_once_a_year_and_only_changes_logged(coordinator):
    organisation = OrganisationFactory()

    record_figures(
        organisation=organisation, year=2025, by=coordinator, source=FiguresSource.IMPORTED, fte=3, budget=100
    )
    record_figures(organisation=organisation, year=2025, by=coordinator, fte=3)
    kept = record_figures(organisation=organisation, year=2025, by=coordinator, fte=4)

    assert YearFigures.objects.count() == 1
    assert (kept.fte, kept.budget, kept.source) == (4, 100, "typed")
    assert AuditEntry.objects.count() == 2


def test_an_ended_link_gives_no_right(hub, nord):
    link = LinkFactory(
        organisation=nord.organisation, role=LinkRole.ADMINISTRATOR, starts_on=DAY, ends_on=dt.date(2025, 1, 1)
    )
    from parties.queries import actor_of

    assert actor_of(link.person.user, dt.date(2024, 12, 31)).acts_for(nord.organisation.pk)
    assert not actor_of(link.person.user, dt.date(2025, 1, 1)).acts_for(nord.organisation.pk)
