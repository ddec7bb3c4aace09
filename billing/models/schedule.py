"""An invoice that may be paid in several dates: agreed beside it, since what is issued does not change."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models.invoice import Invoice
from hubs.isolation import hub_guards
from hubs.models import HubModel, hub_objects
from parties.models import Person


class ScheduleQuerySet(models.QuerySet["Schedule"]):
    def current(self) -> "ScheduleQuerySet":
        return self.filter(ended_at=None)


class Schedule(HubModel):
    """The dates agreed for one invoice. Others replace them; the former stay on record."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="schedules", verbose_name=_("facture"))
    reason = models.CharField(_("ce qui est convenu"), max_length=300)
    agreed_at = models.DateTimeField(_("convenu le"))
    agreed_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("par")
    )
    ended_at = models.DateTimeField(_("remplacé le"), null=True, blank=True)

    objects = hub_objects(ScheduleQuerySet)

    class Meta:
        verbose_name = _("échéancier")
        constraints = [
            *hub_guards("billing_schedule", "invoice", "agreed_by"),
            models.UniqueConstraint(
                fields=["hub", "invoice"],
                condition=Q(ended_at=None),
                name="billing_schedule_one_current",
                violation_error_message=_("Cette facture a déjà un échéancier."),
            ),
            models.CheckConstraint(
                name="billing_schedule_says_why",
                condition=~Q(reason=""),
                violation_error_message=_("Dites ce qui est convenu."),
            ),
        ]

    def __str__(self) -> str:
        return self.reason


class Instalment(HubModel):
    """One date and its amount. The sum of a schedule is that of its invoice, held by a trigger (billing/sql_schedule.py)."""

    schedule = models.ForeignKey(
        Schedule, on_delete=models.PROTECT, related_name="instalments", verbose_name=_("échéancier")
    )
    position = models.PositiveSmallIntegerField(_("rang"))
    due_on = models.DateField(_("à payer le"))
    amount = models.DecimalField(_("montant"), max_digits=12, decimal_places=2)
    # With those before it: payments pay the first dates first.
    up_to = models.DecimalField(_("cumul"), max_digits=12, decimal_places=2)

    class Meta:
        verbose_name = _("échéance")
        constraints = [
            *hub_guards("billing_instalment", "schedule"),
            models.UniqueConstraint(fields=["hub", "schedule", "position"], name="billing_instalment_position"),
            models.UniqueConstraint(
                fields=["hub", "schedule", "due_on"],
                name="billing_instalment_day_once",
                violation_error_message=_("Deux échéances tombent le même jour."),
            ),
            models.CheckConstraint(
                name="billing_instalment_amount",
                condition=Q(amount__gt=0),
                violation_error_message=_("Chaque échéance est d’au moins un centime."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.due_on}"
