"""What a hub of the demo asks beyond the rest: a few own fields, some answered, and who is what to it."""

import datetime as dt

from hubs.actors import system
from hubs.scope import current_hub_id
from parties.actions import change_organisation, start_relation
from parties.enums import FieldKind, FieldOf, FieldReach, RelationKind
from parties.models import Organisation, OwnField, Person, Relation
from parties.own_fields.actions import answer_fields, define_field

NEEDS = ["Salle de répétition", "Stockage", "Atelier", "Comptabilité partagée"]
BIKES = (3, 0, 5, 2)


def ask(today: dt.date) -> None:
    """Three fields on structures and one on people; the first structures have answered."""
    if OwnField.objects.exists():
        return
    by = system(current_hub_id())
    needs = define_field(
        about=FieldOf.ORGANISATION, kind=FieldKind.CHOICES, label="Besoins", choices=NEEDS, reach=FieldReach.WRITE,
        help="Ce que la structure aimerait partager avec les autres.", by=by, on=today,
    )  # fmt: skip
    bikes = define_field(
        about=FieldOf.ORGANISATION,
        kind=FieldKind.INTEGER,
        label="Vélos à garer",
        reach=FieldReach.READ,
        by=by,
        on=today,
    )
    met = define_field(about=FieldOf.ORGANISATION, kind=FieldKind.DATE, label="Dernier rendez-vous", by=by, on=today)
    diet = define_field(
        about=FieldOf.PERSON, kind=FieldKind.CHOICE, label="Repas", choices=["tout", "végétarien", "sans gluten"],
        help="Pour les repas partagés.", reach=FieldReach.WRITE, by=by, on=today,
    )  # fmt: skip
    for rank, organisation in enumerate(Organisation.objects.by_name()[: len(BIKES)]):
        answers = {
            needs: [NEEDS[rank], NEEDS[(rank + 1) % len(NEEDS)]],
            bikes: BIKES[rank],
            met: today - dt.timedelta(days=30 * rank + 5),
        }
        answer_fields(thing=organisation, answers=answers, by=by)
    for person in Person.objects.filter(user__isnull=False).by_name()[:3]:
        answer_fields(thing=person, answers={diet: "végétarien"}, by=by)


def relate(today: dt.date) -> None:
    """Those who carry the projects of others are partners; one structure works for the hub, with a second trade."""
    if Relation.objects.exists():
        return
    by = system(current_hub_id())
    since = dt.date(today.year - 2, 1, 1)
    for host in Organisation.objects.filter(hosted__isnull=False).distinct().by_name():
        start_relation(organisation=host, kind=RelationKind.PARTNER, note="portage de projets", starts_on=since, by=by)
    works = Organisation.objects.live(today).exclude(trade=None).by_name().first()
    if works is not None:
        change_organisation(organisation=works, other_trades=["médiation"], by=by)
        start_relation(organisation=works, kind=RelationKind.SUPPLIER, note="signalétique", starts_on=since, by=by)
