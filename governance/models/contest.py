from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.enums import ContestKind
from governance.models.assembly import Assembly
from hubs.isolation import hub_guards
from hubs.models import HubModel, hub_objects
from parties.models import Organisation, Person


class RollContestQuerySet(models.QuerySet["RollContest"]):
    def unanswered(self) -> "RollContestQuerySet":
        return self.filter(granted=None)


class RollContest(HubModel):
    """A member says that the roll is wrong about them; the answer and its reason are kept."""

    assembly = models.ForeignKey(
        Assembly, on_delete=models.PROTECT, related_name="contests", verbose_name=_("assemblée")
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("structure")
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("personne")
    )
    kind = models.CharField(_("ce qui est contesté"), max_length=10, choices=ContestKind.choices)
    words = models.TextField(_("explication"))
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("contestée par"))
    made_at = models.DateTimeField(_("contestée le"))
    granted = models.BooleanField(_("acceptée"), null=True, blank=True)
    answer = models.TextField(_("réponse"), blank=True)
    answered_at = models.DateTimeField(_("répondue le"), null=True, blank=True)

    objects = hub_objects(RollContestQuerySet)

    class Meta:
        verbose_name = _("contestation de la liste")
        constraints = [
            *hub_guards("governance_rollcontest", "assembly", "organisation", "person", "made_by"),
            models.UniqueConstraint(
                fields=["hub", "assembly", "organisation"],
                condition=Q(granted=None),
                name="governance_rollcontest_one_open",
            ),
            models.UniqueConstraint(
                fields=["hub", "assembly", "person"],
                condition=Q(granted=None),
                name="governance_rollcontest_person_one_open",
            ),
            models.CheckConstraint(
                name="governance_rollcontest_one_member",
                condition=Q(organisation__isnull=False, person=None) | Q(organisation=None, person__isnull=False),
            ),
            models.CheckConstraint(
                name="governance_rollcontest_answer",
                condition=Q(granted=None, answered_at=None, answer="")
                | (Q(granted__isnull=False, answered_at__isnull=False) & ~Q(answer="")),
                violation_error_message=_("Une réponse dit sa raison."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.member)

    @property
    def member(self) -> Organisation | Person:
        """Whose place on the roll it is about."""
        return self.organisation or self.person
