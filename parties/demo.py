"""What a hub of the demo asks beyond the rest: a few own fields, some answered."""

import datetime as dt

from hubs.actors import system
from hubs.scope import current_hub_id
from parties.enums import FieldKind, FieldOf, FieldReach
from parties.models import Organisation, OwnField, Person
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
