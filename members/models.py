import datetime as dt

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q, Subquery
from django.utils.translation import gettext_lazy as _

from hubs.isolation import hub_guards
from hubs.models import DatedQuerySet, HubModel, dates_in_force, hub_objects
from members.enums import MemberKind, Standing
from parties.models import Organisation, PlainText


class CollegeQuerySet(DatedQuerySet):
    def by_rank(self) -> "CollegeQuerySet":
        return self.order_by("rank", "pk")


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
                name="members_college_successor_after", condition=Q(successor=None) | Q(ends_on__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def last_day(self) -> dt.date | None:
        """The last day in force, as it is said; None while it goes on."""
        return self.ends_on - dt.timedelta(days=1) if self.ends_on else None


class FiscalYearQuerySet(models.QuerySet["FiscalYear"]):
    def opened_by(self, on: dt.date) -> "FiscalYearQuerySet":
        """The years begun by that day, the latest first. The first is the one in force: until the next is
        opened, an old year goes on, and nobody stops being a member on the first of January by oversight."""
        return self.filter(starts_on__lte=on).order_by("-starts_on")

    def by_date(self) -> "FiscalYearQuerySet":
        return self.order_by("-starts_on")


class FiscalYear(HubModel):
    """The year that memberships and accounts count in: calendar or not, half-open."""

    label = models.CharField(_("exercice"), max_length=40)
    starts_on = models.DateField(_("à partir du"))
    ends_on = models.DateField(_("jusqu’au (exclu)"))

    objects = hub_objects(FiscalYearQuerySet)

    class Meta:
        verbose_name = _("exercice")
        constraints = [
            *hub_guards("members_fiscalyear"),
            models.CheckConstraint(
                name="members_fiscalyear_period",
                condition=Q(ends_on__gt=F("starts_on")),
                violation_error_message=_("L’exercice finit après avoir commencé."),
            ),
            ExclusionConstraint(
                name="members_fiscalyear_no_overlap",
                expressions=[
                    ("hub", RangeOperators.EQUAL),
                    (dates_in_force(), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Un autre exercice couvre déjà une partie de ces dates."),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def last_day(self) -> dt.date:
        """The last day of the year, as it is said."""
        return self.ends_on - dt.timedelta(days=1)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def live(self, on: dt.date) -> "MembershipQuerySet":
        """Memberships not left by that day, whatever their year."""
        return self.filter(Q(left_on=None) | Q(left_on__gt=on))

    def in_force(self, on: dt.date) -> "MembershipQuerySet":
        """The memberships that count on that day: of the year in force, and not left."""
        year = FiscalYear.objects.opened_by(on).values("pk")[:1]
        return self.live(on).filter(fiscal_year=Subquery(year))


class Membership(HubModel):
    """A structure's membership of one year, in one college. Its kind decides what it pays for places."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("structure")
    )
    college = models.ForeignKey(
        College, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("collège")
    )
    fiscal_year = models.ForeignKey(
        FiscalYear, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("exercice")
    )
    kind = models.CharField(_("lien"), max_length=10, choices=MemberKind.choices)
    standing = models.CharField(_("situation"), max_length=10, choices=Standing.choices, default=Standing.MEMBER)
    left_on = models.DateField(_("partie le"), null=True, blank=True)

    objects = hub_objects(MembershipQuerySet)

    class Meta:
        verbose_name = _("adhésion")
        constraints = [
            *hub_guards("members_membership", "organisation", "college", "fiscal_year"),
            models.UniqueConstraint(
                fields=["hub", "organisation", "fiscal_year"],
                name="members_membership_once_a_year",
                violation_error_message=_("Cette structure a déjà une adhésion pour cet exercice."),
            ),
            models.CheckConstraint(
                name="members_membership_left_has_date",
                condition=Q(standing=Standing.LEFT, left_on__isnull=False)
                | (~Q(standing=Standing.LEFT) & Q(left_on__isnull=True)),
            ),
        ]
        indexes = [models.Index(fields=["hub", "fiscal_year"], name="members_membership_year")]

    def __str__(self) -> str:
        return f"{self.organisation}, {self.fiscal_year}"

    @property
    def last_day(self) -> dt.date | None:
        """The last day of one that was left, as it is said; None of the others."""
        return self.left_on - dt.timedelta(days=1) if self.left_on else None
