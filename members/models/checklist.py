"""The lists of arrival and of departure: the hub's model, and what each structure has done of it."""

import datetime as dt
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from hubs.isolation import hub_guards
from hubs.models import HubModel, hub_objects, public_id
from members.enums import CheckKind, CheckSide, Way
from parties.models import Organisation, Person

FURTHEST = 365


class Charter(HubModel):
    """A version of the charter, for ever as it was written; the last one is what is accepted."""

    number = models.PositiveSmallIntegerField(_("version"))
    text = models.TextField(_("texte de la charte"))
    written_at = models.DateTimeField(_("écrite le"))

    class Meta:
        verbose_name = _("charte")
        constraints = [
            *hub_guards("members_charter"),
            models.UniqueConstraint(fields=["hub", "number"], name="members_charter_once"),
            models.CheckConstraint(
                name="members_charter_has_text",
                condition=~Q(text=""),
                violation_error_message=_("Une charte a un texte."),
            ),
        ]

    def __str__(self) -> str:
        return f"v{self.number}"


class ChecklistTemplate(HubModel):
    """A version of the hub's list. Its steps change until a structure begins with it, and then never more."""

    number = models.PositiveSmallIntegerField(_("version"))
    written_at = models.DateTimeField(_("écrite le"))

    class Meta:
        verbose_name = _("liste d’arrivée")
        constraints = [
            *hub_guards("members_checklisttemplate"),
            models.UniqueConstraint(fields=["hub", "number"], name="members_checklisttemplate_once"),
        ]

    def __str__(self) -> str:
        return f"v{self.number}"


class ChecklistStep(HubModel):
    """A step, as it is said on arrival and on departure; one that is said one way only has no other.

    `days` is counted from the day of arrival, less than zero before it. Backwards, the sign turns: what is handed
    over a week before arriving is given back a week after leaving.
    """

    template = models.ForeignKey(
        ChecklistTemplate, on_delete=models.PROTECT, related_name="steps", verbose_name=_("liste")
    )
    rank = models.PositiveSmallIntegerField(_("rang"))
    kind = models.CharField(_("nature"), max_length=10, choices=CheckKind.choices, default=CheckKind.PLAIN)
    side = models.CharField(_("qui la fait"), max_length=10, choices=CheckSide.choices, default=CheckSide.STAFF)
    arrival = models.CharField(_("à l’arrivée"), max_length=120, blank=True)
    departure = models.CharField(_("au départ"), max_length=120, blank=True)
    days = models.SmallIntegerField(
        _("jours après l’arrivée"),
        default=0,
        validators=[MinValueValidator(-FURTHEST), MaxValueValidator(FURTHEST)],
    )

    class Meta:
        verbose_name = _("étape de la liste")
        constraints = [
            *hub_guards("members_checkliststep", "template"),
            models.UniqueConstraint(
                fields=["hub", "template"],
                condition=Q(kind=CheckKind.CHARTER),
                name="members_checkliststep_one_charter",
                violation_error_message=_("La charte est déjà dans la liste."),
            ),
            models.CheckConstraint(
                name="members_checkliststep_is_said",
                condition=~Q(arrival="", departure=""),
                violation_error_message=_("Dites l’étape à l’arrivée, au départ, ou aux deux."),
            ),
            models.CheckConstraint(
                name="members_checkliststep_arrives",
                condition=Q(kind=CheckKind.PLAIN) | (~Q(arrival="") & Q(departure="")),
                violation_error_message=_("La charte et l’assurance se demandent à l’arrivée."),
            ),
            models.CheckConstraint(
                name="members_checkliststep_charter_by_member",
                condition=~Q(kind=CheckKind.CHARTER) | Q(side=CheckSide.MEMBER),
                violation_error_message=_("La structure accepte la charte elle-même."),
            ),
            models.CheckConstraint(name="members_checkliststep_days", condition=Q(days__range=(-FURTHEST, FURTHEST))),
        ]

    def __str__(self) -> str:
        return self.arrival or self.departure

    @property
    def distance(self) -> int:
        """How many days before or after."""
        return abs(self.days)

    def label(self, way: str) -> str:
        """How it is said on that way; empty when it is not of it."""
        return self.arrival if way == Way.ARRIVAL else self.departure

    def due_on(self, way: str, day: dt.date) -> dt.date:
        """Its day for a structure that arrives, or leaves, on `day`."""
        return day + dt.timedelta(days=self.days if way == Way.ARRIVAL else -self.days)


class ChecklistQuerySet(models.QuerySet["Checklist"]):
    def under_way(self) -> Self:
        return self.filter(closed_on=None)

    def with_progress(self, today: dt.date) -> Self:
        """Adds `total`, `done` and `late`, counted from the steps; with the structure."""
        undone = Q(items__done_on=None)
        return self.select_related("organisation", "template").annotate(
            total=Count("items"),
            done=Count("items", filter=~undone),
            late=Count("items", filter=undone & Q(items__due_on__lt=today)),
        )

    def late(self, today: dt.date) -> Self:
        behind = ChecklistItem.objects.filter(checklist=OuterRef("pk"), done_on=None, due_on__lt=today)
        return self.under_way().filter(Exists(behind))


class Checklist(HubModel):
    """The list of one structure that arrives or leaves on `day`. It closes by itself with its last step."""

    public_id = models.CharField(max_length=12, default=public_id, editable=False)
    template = models.ForeignKey(
        ChecklistTemplate, on_delete=models.PROTECT, related_name="lists", verbose_name=_("liste")
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="checklists", verbose_name=_("structure")
    )
    way = models.CharField(_("sens"), max_length=10, choices=Way.choices)
    day = models.DateField(_("jour de l’arrivée ou du départ"))
    begun_at = models.DateTimeField(_("commencée le"))
    closed_on = models.DateField(_("finie le"), null=True, blank=True)

    objects = hub_objects(ChecklistQuerySet)

    class Meta:
        verbose_name = _("liste d’une structure")
        constraints = [
            *hub_guards("members_checklist", "template", "organisation"),
            models.UniqueConstraint(fields=["hub", "public_id"], name="members_checklist_public_id"),
            models.UniqueConstraint(
                fields=["hub", "organisation", "way"],
                condition=Q(closed_on=None),
                name="members_checklist_once",
                violation_error_message=_("Cette structure a déjà une liste en cours."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_way_display().capitalize()}, {self.organisation}"

    @property
    def is_arrival(self) -> bool:
        return self.way == Way.ARRIVAL


class ChecklistItem(HubModel):
    """A step of one structure's list: by when, seen to by whom, done by whom and when.

    `is_waived`: said to be of no use here. `done_by` is who did it: of a charter, who accepted it.
    """

    checklist = models.ForeignKey(
        Checklist, on_delete=models.PROTECT, related_name="items", verbose_name=_("liste d’une structure")
    )
    step = models.ForeignKey(ChecklistStep, on_delete=models.PROTECT, related_name="+", verbose_name=_("étape"))
    # The step's own, which never changes: the checks below read it.
    kind = models.CharField(max_length=10, choices=CheckKind.choices, editable=False)
    due_on = models.DateField(_("pour le"))
    owner = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("qui s’en occupe")
    )
    done_on = models.DateField(_("faite le"), null=True, blank=True)
    done_by = models.CharField(_("faite par"), max_length=200, blank=True)
    is_waived = models.BooleanField(_("sans objet"), default=False)
    insured_until = models.DateField(_("assurée jusqu’au"), null=True, blank=True)
    charter = models.ForeignKey(
        Charter, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("charte acceptée")
    )
    accepted_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("acceptée par")
    )

    class Meta:
        verbose_name = _("étape d’une structure")
        constraints = [
            *hub_guards("members_checklistitem", "checklist", "step", "owner", "charter", "accepted_by"),
            models.UniqueConstraint(fields=["hub", "checklist", "step"], name="members_checklistitem_once"),
            models.CheckConstraint(
                name="members_checklistitem_done_by_someone",
                condition=Q(
                    done_on=None, done_by="", is_waived=False, insured_until=None, charter=None, accepted_by=None
                )
                | Q(done_on__isnull=False) & ~Q(done_by=""),
            ),
            models.CheckConstraint(
                name="members_checklistitem_charter",
                condition=Q(charter=None, accepted_by=None)
                & (~Q(kind=CheckKind.CHARTER) | Q(done_on=None) | Q(is_waived=True))
                | Q(kind=CheckKind.CHARTER, charter__isnull=False, accepted_by__isnull=False, is_waived=False),
            ),
            models.CheckConstraint(
                name="members_checklistitem_insured",
                condition=Q(insured_until=None) & (~Q(kind=CheckKind.INSURANCE) | Q(done_on=None) | Q(is_waived=True))
                | Q(kind=CheckKind.INSURANCE, is_waived=False, insured_until__gt=F("done_on")),
                violation_error_message=_("L’assurance finit après le jour où elle est notée."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step}, {self.checklist}"
