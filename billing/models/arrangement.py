"""What an account owes and is late with, agreed to be paid on several dates."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models.account import Account
from billing.models.invoice import Invoice
from hubs import french
from hubs.isolation import hub_guards
from hubs.models import HubModel, hub_objects
from parties.models import Person


class ArrangementQuerySet(models.QuerySet["Arrangement"]):
    def current(self) -> "ArrangementQuerySet":
        return self.filter(ended_on=None)


class Arrangement(HubModel):
    """The dates agreed with a late payer for the invoices it was late with. Whether they are kept is computed.

    Invoices and their own dates do not change: only reminders wait while the dates are kept.
    """

    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="arrangements", verbose_name=_("compte")
    )
    total = models.DecimalField(_("à régler"), max_digits=12, decimal_places=2)
    reason = models.CharField(_("ce qui est convenu"), max_length=300)
    agreed_on = models.DateField(_("convenu le"))
    agreed_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("par")
    )
    ended_on = models.DateField(_("arrêté le"), null=True, blank=True)
    end_reason = models.CharField(_("motif d’arrêt"), max_length=300, blank=True)

    objects = hub_objects(ArrangementQuerySet)

    class Meta:
        verbose_name = _("échéancier de compte")
        constraints = [
            *hub_guards("billing_arrangement", "account", "agreed_by"),
            models.UniqueConstraint(
                fields=["hub", "account"],
                condition=Q(ended_on=None),
                name="billing_arrangement_one_current",
                violation_error_message=_("Ce compte a déjà un échéancier."),
            ),
            models.CheckConstraint(
                name="billing_arrangement_total",
                condition=Q(total__gt=0),
                violation_error_message=_("Un échéancier porte sur une somme due."),
            ),
            models.CheckConstraint(
                name="billing_arrangement_says_why",
                condition=~Q(reason=""),
                violation_error_message=_("Dites ce qui est convenu."),
            ),
            models.CheckConstraint(
                name="billing_arrangement_ended_says_why",
                condition=Q(ended_on=None, end_reason="") | (Q(ended_on__isnull=False) & ~Q(end_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account}\u00a0: {french.euros(self.total)}"


class ArrangedInvoice(HubModel):
    """An invoice that is settled so, with what was due of it on the day: what is paid since is what is due less."""

    arrangement = models.ForeignKey(
        Arrangement, on_delete=models.PROTECT, related_name="invoices", verbose_name=_("échéancier")
    )
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, related_name="arrangements", verbose_name=_("facture")
    )
    amount = models.DecimalField(_("dû ce jour-là"), max_digits=12, decimal_places=2)

    class Meta:
        verbose_name = _("facture d’un échéancier")
        constraints = [
            *hub_guards("billing_arrangedinvoice", "arrangement", "invoice"),
            models.UniqueConstraint(fields=["hub", "arrangement", "invoice"], name="billing_arrangedinvoice_once"),
            models.CheckConstraint(name="billing_arrangedinvoice_amount", condition=Q(amount__gt=0)),
        ]

    def __str__(self) -> str:
        return str(self.invoice)


class ArrangedPart(HubModel):
    """One date and its amount. Their sum is that of the arrangement, held by a trigger (billing/sql_arrangements.py)."""

    arrangement = models.ForeignKey(
        Arrangement, on_delete=models.PROTECT, related_name="parts", verbose_name=_("échéancier")
    )
    position = models.PositiveSmallIntegerField(_("rang"))
    due_on = models.DateField(_("à payer le"))
    amount = models.DecimalField(_("montant"), max_digits=12, decimal_places=2)
    # With those before it: payments pay the first dates first.
    up_to = models.DecimalField(_("cumul"), max_digits=12, decimal_places=2)

    class Meta:
        verbose_name = _("échéance d’un compte")
        constraints = [
            *hub_guards("billing_arrangedpart", "arrangement"),
            models.UniqueConstraint(fields=["hub", "arrangement", "position"], name="billing_arrangedpart_position"),
            models.UniqueConstraint(
                fields=["hub", "arrangement", "due_on"],
                name="billing_arrangedpart_day_once",
                violation_error_message=_("Deux échéances tombent le même jour."),
            ),
            models.CheckConstraint(
                name="billing_arrangedpart_amount",
                condition=Q(amount__gt=0),
                violation_error_message=_("Chaque échéance est d’au moins un centime."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.due_on}"
