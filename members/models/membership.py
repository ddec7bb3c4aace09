import datetime as dt

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from hubs.isolation import hub_guards
from hubs.models import HubModel, hub_objects
from members.enums import MemberKind, Standing
from members.models.college import College
from members.models.fiscal_year import FiscalYear
from parties.models import Organisation, Person


class MembershipQuerySet(models.QuerySet["Membership"]):
    def live(self, on: dt.date) -> "MembershipQuerySet":
        """Memberships not left by that day, whatever their year."""
        return self.filter(Q(left_on=None) | Q(left_on__gt=on))

    def once_each(self) -> "MembershipQuerySet":
        """Without those of a sheet merged into another that is a member in the same year: it counts once."""
        same_year = Membership.objects.filter(fiscal_year=OuterRef("fiscal_year"), left_on=None)
        of_structure = same_year.filter(organisation=OuterRef("organisation__merged_into"))
        of_person = same_year.filter(person=OuterRef("person__merged_into"))
        return self.exclude(Exists(of_structure) | Exists(of_person))

    def in_force(self, on: dt.date) -> "MembershipQuerySet":
        """The memberships that count on that day: of the year in force, and not left."""
        year = FiscalYear.objects.opened_by(on).values("pk")[:1]
        return self.live(on).filter(fiscal_year=Subquery(year))


class Membership(HubModel):
    """A member's membership of one year, in one college. Its kind decides what a structure pays for places.

    The member is a structure or, in the colleges that take them, a natural person: seed S1, line 101.
    """

    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name=_("structure"),
    )
    person = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name=_("personne"),
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
            *hub_guards("members_membership", "organisation", "person", "college", "fiscal_year"),
            models.UniqueConstraint(
                fields=["hub", "organisation", "fiscal_year"],
                name="members_membership_once_a_year",
                violation_error_message=_("Cette structure a déjà une adhésion pour cet exercice."),
            ),
            models.UniqueConstraint(
                fields=["hub", "person", "fiscal_year"],
                name="members_membership_person_once_a_year",
                violation_error_message=_("Cette personne a déjà une adhésion pour cet exercice."),
            ),
            models.CheckConstraint(
                name="members_membership_one_member",
                condition=Q(organisation__isnull=False, person=None) | Q(organisation=None, person__isnull=False),
            ),
            models.CheckConstraint(
                name="members_membership_left_has_date",
                condition=Q(standing=Standing.LEFT, left_on__isnull=False)
                | (~Q(standing=Standing.LEFT) & Q(left_on__isnull=True)),
            ),
        ]
        indexes = [models.Index(fields=["hub", "fiscal_year"], name="members_membership_year")]

    def __str__(self) -> str:
        return f"{self.member}, {self.fiscal_year}"

    @property
    def member(self) -> Organisation | Person:
        """Whose membership it is: a structure, or a natural person."""
        return self.organisation or self.person

    @property
    def last_day(self) -> dt.date | None:
        """The last day of one that was left, as it is said; None of the others."""
        return self.left_on - dt.timedelta(days=1) if self.left_on else None
