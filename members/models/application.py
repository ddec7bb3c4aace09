from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from hubs.isolation import hub_guards
from hubs.models import HubModel, hub_objects, public_id
from members.enums import IN_FLIGHT, ApplicationState, Step
from members.models.college import College
from members.models.membership import Membership

_OVER = Q(closed_on__isnull=False)


class ApplicationQuerySet(models.QuerySet["Application"]):
    def in_flight(self) -> "ApplicationQuerySet":
        """Those that wait for somebody's decision."""
        return self.filter(state__in=IN_FLIGHT)

    def for_display(self) -> "ApplicationQuerySet":
        return self.select_related("college", "membership__organisation", "membership__person").order_by(
            "created_at", "pk"
        )


class Application(HubModel):
    """Someone asks to become a member, for a structure or in their own name: no account is needed.

    The token of the link that follows it is not kept, only its hash: sent again, the link is another.
    """

    public_id = models.CharField(max_length=12, default=public_id, editable=False)
    token_hash = models.CharField(max_length=64, editable=False)
    college = models.ForeignKey(
        College, on_delete=models.PROTECT, related_name="applications", verbose_name=_("collège")
    )
    # Empty when a natural person applies in their own name.
    structure_name = models.CharField(_("structure"), max_length=160, blank=True)
    siren = models.CharField(_("SIREN"), max_length=9, blank=True)
    headcount = models.PositiveIntegerField(
        _("salariés"), null=True, blank=True, validators=[MaxValueValidator(100_000)]
    )
    given_name = models.CharField(_("prénom"), max_length=80)
    family_name = models.CharField(_("nom"), max_length=80)
    email = models.EmailField(_("adresse électronique"))
    phone = models.CharField(_("téléphone"), max_length=30, blank=True)
    town = models.CharField(_("commune"), max_length=80, blank=True)
    why = models.TextField(_("pourquoi nous rejoindre"), blank=True)
    path = ArrayField(models.CharField(max_length=12, choices=Step.choices), verbose_name=_("parcours"))
    state = models.CharField(
        _("situation"), max_length=10, choices=ApplicationState.choices, default=ApplicationState.OPEN
    )
    created_at = models.DateTimeField(_("reçue le"))
    consented_at = models.DateTimeField(_("accord donné le"))
    # What the staff asked for and still wait for.
    missing = models.TextField(_("à compléter"), blank=True)
    closed_on = models.DateField(_("close le"), null=True, blank=True)
    refusal = models.TextField(_("motif du refus"), blank=True)
    membership = models.OneToOneField(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="application",
        verbose_name=_("adhésion"),
    )  # fmt: skip

    objects = hub_objects(ApplicationQuerySet)

    class Meta:
        verbose_name = _("candidature")
        constraints = [
            *hub_guards("members_application", "college", "membership"),
            models.UniqueConstraint(fields=["hub", "public_id"], name="members_application_public_id"),
            models.UniqueConstraint(fields=["hub", "token_hash"], name="members_application_token_once"),
            models.UniqueConstraint(
                "hub",
                Lower("email"),
                Lower("structure_name"),
                condition=Q(state__in=IN_FLIGHT),
                name="members_application_once",
                violation_error_message=_("Cette candidature est déjà en cours."),
            ),
            models.CheckConstraint(
                name="members_application_state_dates",
                condition=Q(state__in=IN_FLIGHT, closed_on=None, membership=None, refusal="")
                | Q(_OVER, state=ApplicationState.ADMITTED, membership__isnull=False, refusal="")
                | Q(_OVER, state=ApplicationState.REFUSED, membership=None) & ~Q(refusal="")
                | Q(_OVER, state=ApplicationState.WITHDRAWN, membership=None, refusal=""),
            ),
            models.CheckConstraint(
                name="members_application_person_has_no_siren",
                condition=~Q(structure_name="") | Q(siren="", headcount=None),
            ),
            models.CheckConstraint(name="members_application_path_decides", condition=Q(path__len__gt=0)),
        ]

    def __str__(self) -> str:
        return self.structure_name or self.applicant

    @property
    def applicant(self) -> str:
        """Who wrote it."""
        return f"{self.given_name} {self.family_name}"

    @property
    def is_in_flight(self) -> bool:
        return self.state in IN_FLIGHT

    def next_step(self) -> Step | None:
        """The first step of its path that nobody has decided yet; None once all are. One query unless prefetched."""
        decided = {decision.step for decision in self.decisions.all()}
        return next((Step(step) for step in self.path if step not in decided), None)


class ApplicationDecision(HubModel):
    """One step of the path, decided on its day."""

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="decisions", verbose_name=_("candidature")
    )
    step = models.CharField(_("étape"), max_length=12, choices=Step.choices)
    decided_on = models.DateField(_("décidé le"))
    is_accepted = models.BooleanField(_("acceptée"))
    by = models.CharField(_("noté par"), max_length=200)

    class Meta:
        verbose_name = _("décision sur une candidature")
        constraints = [
            *hub_guards("members_applicationdecision", "application"),
            models.UniqueConstraint(
                fields=["hub", "application", "step"],
                name="members_applicationdecision_once",
                violation_error_message=_("Cette étape est déjà décidée."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()}, {self.decided_on:%d/%m/%Y}"
