"""What a hub of the demo asks beyond the rest: a few own fields, some answered; and who is away."""

import datetime as dt

from hubs.actions import close_hub, take_leave
from hubs.actors import system
from hubs.models import Leave
from hubs.scope import current_hub_id
from parties.enums import FieldKind, FieldOf, FieldReach
from parties.models import Organisation, OwnField, Person
from parties.own_fields.actions import answer_fields, define_field
from parties.queries import team_people

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


def be_away(today: dt.date) -> None:
    """The first of the team has next week off, the second stands in; twice changes nothing."""
    team = list(team_people(today)[:2])
    if len(team) < 2 or Leave.objects.exists():
        return
    by = system(current_hub_id())
    first, second = team
    monday = today + dt.timedelta(days=7 - today.weekday())
    take_leave(
        user=first.user, who=str(first), colleague=second.user, colleague_name=str(second), starts_on=monday,
        ends_on=monday + dt.timedelta(days=5), by=by,
    )  # fmt: skip
    closed_from = monday + dt.timedelta(days=147)
    close_hub(starts_on=closed_from, ends_on=closed_from + dt.timedelta(days=14), reason="Fermeture annuelle", by=by)
