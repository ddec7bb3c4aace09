"""What a structure is to the hub and does, beside its membership and its main trade; who was what in it, and when."""

import datetime as dt

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from hubs.models import AuditEntry
from hubs.refusals import NotAllowed
from hubs.scope import open_hub
from parties.actions import (
    RelationEndsTooSoon,
    RelationHeld,
    change_organisation,
    create_organisation,
    end_relation,
    start_relation,
)
from parties.enums import RelationKind
from parties.models import OtherTrade, Relation
from tests.parties.factories import OrganisationFactory, TradeFactory

TODAY = timezone.localdate()
LIST = "/gestion/structures/"


def sheet(organisation, tail=""):
    return f"{LIST}{organisation.public_id}/{tail}"


def text(response):
    return " ".join(response.text.replace("\xa0", " ").split())


@pytest.fixture
def coordinator(hub, nord):
    return nord.actor("coordinator")


@pytest.fixture
def relate(nord, coordinator):
    def related(kind=RelationKind.FUNDER, starts_on=TODAY, **given) -> Relation:
        given = {"organisation": nord.organisation, "by": coordinator} | given
        return start_relation(kind=kind, starts_on=starts_on, **given)

    return related


def test_a_relation_runs_from_a_day_to_a_day_and_comes_again(nord, relate, coordinator):
    first = relate(note="convention")
    relate(RelationKind.SUPPLIER)
    with pytest.raises(RelationHeld):
        relate(starts_on=TODAY + dt.timedelta(days=9))

    ended = end_relation(relation=first, on=TODAY + dt.timedelta(days=5), by=coordinator)
    relate(starts_on=TODAY + dt.timedelta(days=5))

    assert ended.last_day == TODAY + dt.timedelta(days=4)
    assert list(Relation.objects.live(TODAY).order_by("pk").values_list("kind", flat=True)) == ["funder", "supplier"]
    assert AuditEntry.objects.filter(verb="parties.relation_noted").count() == 3
    with pytest.raises(RelationEndsTooSoon):
        end_relation(relation=first, on=TODAY - dt.timedelta(days=1), by=coordinator)
    with pytest.raises(RelationEndsTooSoon):
        relate(RelationKind.LANDLORD, ends_on=TODAY)
    with pytest.raises(NotAllowed):
        relate(RelationKind.LANDLORD, by=nord.actor("receptionist"))


def test_the_database_holds_relations_and_trades_once(nord, relate):
    relate()
    with pytest.raises(DatabaseError, match="parties_relation_no_overlap"), transaction.atomic():
        Relation.objects.create(organisation=nord.organisation, kind="funder", starts_on=TODAY)
    with pytest.raises(DatabaseError, match="parties_relation_period"), transaction.atomic():
        Relation.objects.update(ends_on=TODAY - dt.timedelta(days=1))
    trade = TradeFactory()
    OtherTrade.objects.create(organisation=nord.organisation, trade=trade)
    with pytest.raises(DatabaseError, match="parties_othertrade_once"), transaction.atomic():
        OtherTrade.objects.create(organisation=nord.organisation, trade=trade)


def test_other_trades_are_found_or_made_and_the_main_one_is_told_once(coordinator):
    dance = TradeFactory(name="Danse")
    made = create_organisation(
        name="Élan",
        legal_form="association",
        trade="musique",
        other_trades=["danse", "Musique", "cirque"],
        by=coordinator,
    )

    assert sorted(made.other_trades.values_list("trade__name", flat=True)) == ["Danse", "cirque"]
    assert made.other_trades.filter(trade=dance).exists()

    change_organisation(organisation=made, other_trades=["cirque"], by=coordinator)
    change_organisation(organisation=made, other_trades=["cirque"], by=coordinator)

    (entry,) = AuditEntry.objects.filter(verb="parties.structure_changed")
    assert (entry.before["other_trades"], entry.after["other_trades"]) == (["Danse", "cirque"], ["cirque"])


@pytest.mark.feature("ME1")
def test_trades_and_relations_are_on_the_sheet_in_the_filters_and_in_the_export(nord, sign_in):
    client = sign_in(nord, "coordinator")
    with open_hub(nord.hub):
        OrganisationFactory(name="Autre")
    given = {"name": "Élan", "legal_form": "scic", "trade": "musique", "other_trades": "cirque, danse"}
    client.post(f"{LIST}nouvelle/", given)
    with open_hub(nord.hub):
        elan = OtherTrade.objects.select_related("organisation").first().organisation
        circus = OtherTrade.objects.get(trade__name="cirque").trade_id
    noted = {"kind": "landlord", "note": "bail du 3", "starts_on": "2024-01-01", "last_day": ""}
    page = client.post(sheet(elan, "relations/noter/"), noted, follow=True)
    twice = client.post(sheet(elan, "relations/noter/"), noted | {"note": "encore"})

    assert "<strong>Bailleur</strong> <span>bail du 3</span>" in text(page)
    assert "cirque, danse" in text(page)
    assert 'value="cirque, danse"' in client.get(sheet(elan, "modifier/")).text
    assert (twice.status_code, 'value="encore"' in twice.text) == (422, True)
    for query in ({"relation": "landlord"}, {"metier": circus}):
        found = client.get(LIST, query).text
        assert "Élan" in found
        assert "Autre</a>" not in found
    lines = client.get(LIST, {"export": "csv", "relation": "landlord"}).content.decode("utf-8-sig").splitlines()
    assert "Autres métiers;Relations" in lines[0]
    assert ";musique;cirque, danse;bailleur;" in lines[1]

    with open_hub(nord.hub):
        relation = Relation.objects.get()
    early = client.post(sheet(elan, f"relations/{relation.pk}/fin/"), {"last_day": "2023-01-01"})
    late = client.post(sheet(elan, f"relations/{relation.pk}/fin/"), {"last_day": "2024-06-30"}, follow=True)

    assert early.status_code == 422
    assert "du 1er janvier au 30 juin 2024 inclus" in text(late)
    assert "Autre</a>" not in client.get(LIST, {"relation": "landlord"}).text


@pytest.mark.feature("ME1")
def test_who_presided_and_founded_stays_readable(nord, sign_in):
    client = sign_in(nord, "coordinator")
    person = {"given_name": "Odile", "family_name": "Ferrand", "email": "odile@nord.example"}
    past = {"role": "legal", "title": "présidente", "starts_on": "2010-03-01", "last_day": "2018-02-28"}

    client.post(sheet(nord.organisation, "personnes/ajouter/"), person | past)
    client.post(sheet(nord.organisation, "personnes/ajouter/"), person | {"role": "founder", "starts_on": "2010-03-01"})
    told = text(client.get(sheet(nord.organisation)))

    assert "représentant·e légal·e, présidente" in told
    assert "du 1er mars 2010 au 28 février 2018 inclus" in told
    assert "fondateur ou fondatrice" in told


def test_others_note_nothing_and_another_hubs_is_not_found(nord, sud, sign_in):
    for who in ("adviser", "receptionist", "administrator"):
        assert sign_in(nord, who).get(sheet(nord.organisation, "relations/noter/")).status_code == 403
    client = sign_in(nord, "coordinator")
    with open_hub(sud.hub):
        theirs = Relation.objects.create(organisation=sud.organisation, kind="funder", starts_on=TODAY)
    assert client.get(sheet(sud.organisation, "relations/noter/")).status_code == 404
    assert client.get(sheet(nord.organisation, f"relations/{theirs.pk}/fin/")).status_code == 404


def test_a_trade_too_long_is_told_beside_its_field(nord, sign_in):
    given = {"name": "Élan", "legal_form": "scic", "other_trades": "x" * 81}

    answer = sign_in(nord, "coordinator").post(f"{LIST}nouvelle/", given)

    assert (answer.status_code, "80 caractères" in text(answer)) == (422, True)
