import datetime as dt

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hubs.isolation import hub_guards
from hubs.models import DatedQuerySet, HubModel, hub_objects
from members.enums import Step
from parties.models import PlainText


class CollegeQuerySet(DatedQuerySet):
    def by_rank(self) -> "CollegeQuerySet":
        return self.order_by("rank", "pk")


def usual_path() -> list[str]:
    """The steps of a new college: a complete application, then the board."""
    return [Step.COMPLETENESS, Step.BOARD]


class College(HubModel):
    """A group of members that votes as one: seed S1, lines 94-101. The statutes change them, at a date."""

    name = models.CharField(_("collège"), max_length=80)
    rank = models.PositiveSmallIntegerField(_("rang"), default=1)
    starts_on = models.DateField(_("à partir du"))
    ends_on = models.DateField(_("jusqu’au (exclu)"), null=True, blank=True)
    # What it became: its members go on there with the next year.
    successor = models.ForeignKey(
        "self", verbose_name=_("devient"), on_delete=models.PROTECT, null=True, blank=True, related_name="predecessors"
    )
    takes_structures = models.BooleanField(_("accueille des structures"), default=True, db_default=True)
    takes_people = models.BooleanField(_("accueille des personnes"), default=False, db_default=False)
    votes = models.BooleanField(_("ses membres votent"), default=True, db_default=True)
    # What an application goes through, in order. One that has begun keeps the path it began with.
    path = ArrayField(
        models.CharField(max_length=12, choices=Step.choices),
        verbose_name=_("parcours d’admission"),
        default=usual_path,
        db_default=["completeness", "board"],
    )

    objects = hub_objects(CollegeQuerySet)

    class Meta:
        verbose_name = _("collège")
        constraints = [
            *hub_guards("members_college", "successor"),
            models.UniqueConstraint("hub", PlainText("name"), condition=Q(ends_on=None), name="members_college_once"),
            models.CheckConstraint(
                name="members_college_period",
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")),
                violation_error_message=_("Le collège finit après avoir commencé."),
            ),
            models.CheckConstraint(
                name="members_college_takes_someone",
                condition=Q(takes_structures=True) | Q(takes_people=True),
                violation_error_message=_("Un collège accueille des structures, des personnes, ou les deux."),
            ),
            models.CheckConstraint(
                name="members_college_path_decides",
                condition=Q(path__len__gt=0),
                violation_error_message=_("Choisissez au moins une étape."),
            ),
            models.CheckConstraint(
                name="members_college_successor_after", condition=Q(successor=None) | Q(ends_on__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def last_day(self) -> dt.date | None:
        """The last day in force, as it is said; None while it goes on."""
        return self.ends_on - dt.timedelta(days=1) if self.ends_on else None
