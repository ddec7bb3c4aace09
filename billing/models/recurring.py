"""What comes back on an account: rent, plan, domiciliation; and which account waits for the next month."""

import datetime as dt
from decimal import Decimal

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from billing.enums import PER, RecurringKind, Rhythm
from billing.models.account import Account, Charge
from billing.periods import Span, index_of, nth_period
from hubs.isolation import hub_guards
from hubs.models import DatedQuerySet, HubModel, dates_in_force, hub_objects

SOURCE = "billing.recurring"


class RecurringCharge(HubModel):
    """A sum that falls due again and again, from `starts_on` to `ends_on` (left out).

    Only its end changes: another rhythm, account or wording is another row. Periods are counted from `anchor`, which
    may stand years before `starts_on`; what a period holds of these days is charged, and nothing else.
    """

    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="recurring_charges", verbose_name=_("compte")
    )
    kind = models.CharField(_("nature"), max_length=20, choices=RecurringKind.choices)
    label = models.CharField(_("libellé"), max_length=200)
    reference = models.CharField(_("référence"), max_length=80, blank=True)
    anchor = models.DateField(_("début des périodes"))
    rhythm = models.PositiveSmallIntegerField(_("rythme"), choices=Rhythm.choices, default=Rhythm.MONTH)
    in_advance = models.BooleanField(_("d’avance"), default=True)
    starts_on = models.DateField(_("à partir du"))
    ends_on = models.DateField(_("jusqu’au (exclu)"), null=True, blank=True)
    vat_code = models.SlugField(_("règle de TVA"), max_length=40)
    # The lease or the plan that owns it, as `spaces.lease:12`; empty when noted by hand.
    source = models.CharField(_("origine"), max_length=80, blank=True)

    # Read by `billing.queries.recurring`: the price of a period today, without tax and with it.
    price: Decimal | None
    price_incl: Decimal | None

    objects = hub_objects(DatedQuerySet)

    class Meta:
        verbose_name = _("somme régulière")
        constraints = [
            *hub_guards("billing_recurringcharge", "account"),
            ExclusionConstraint(
                name="billing_recurringcharge_source_once",
                expressions=[
                    ("hub", RangeOperators.EQUAL),
                    ("source", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    (dates_in_force(), RangeOperators.OVERLAPS),
                ],
                condition=~Q(source=""),
                violation_error_message=_("Une somme de cette nature court déjà ces jours-là pour la même chose."),
            ),
            # A form sent twice begins one.
            models.UniqueConstraint(
                fields=["hub", "account", "source", "kind", "label", "reference", "starts_on"],
                condition=~Q(ends_on=F("starts_on")),
                name="billing_recurringcharge_once",
                violation_error_message=_("Cette somme est déjà notée, avec ce libellé et ce premier jour."),
            ),
            models.CheckConstraint(
                name="billing_recurringcharge_rhythm",
                condition=Q(rhythm__in=Rhythm.values),
                violation_error_message=_("Le rythme est d’un, trois, six ou douze mois."),
            ),
            models.CheckConstraint(
                name="billing_recurringcharge_dates",
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("La fin vient après le début."),
            ),
        ]
        indexes = [models.Index(fields=["hub", "account"], name="billing_recurring_of_account")]

    def __str__(self) -> str:
        return self.label

    @property
    def charge_source(self) -> str:
        """The `source` of the charges it makes."""
        return f"{SOURCE}:{self.pk}"

    @property
    def last_day(self) -> dt.date | None:
        """The last day charged, as it is said; None while it goes on."""
        return self.ends_on - dt.timedelta(days=1) if self.ends_on else None

    @property
    def is_void(self) -> bool:
        """Ended on the day it began: it never was."""
        return self.ends_on == self.starts_on

    @property
    def per(self) -> str:
        """« par mois »"""
        return str(PER[Rhythm(self.rhythm)])

    def period(self, n: int) -> Span:
        return nth_period(self.anchor, self.rhythm, n)

    def index_of(self, day: dt.date) -> int:
        return index_of(self.anchor, self.rhythm, day)

    @staticmethod
    def day_of(charge: Charge) -> dt.date:
        """A day of the period that one of its charges is for, which its kind says: `rent:2026-04-16`."""
        return dt.date.fromisoformat(charge.kind.split(":")[1])


class PriceQuerySet(DatedQuerySet):
    def held(self) -> "PriceQuerySet":
        """Without those that were taken back."""
        return self.exclude(ends_on=F("starts_on"))


class RecurringPrice(HubModel):
    """What a whole period costs, without tax, from a day on. A price that ends where it starts was taken back."""

    recurring = models.ForeignKey(
        RecurringCharge, on_delete=models.PROTECT, related_name="prices", verbose_name=_("somme régulière")
    )
    starts_on = models.DateField(_("à partir du"))
    ends_on = models.DateField(_("jusqu’au (exclu)"), null=True, blank=True)
    amount_excl = models.DecimalField(_("montant HT par période"), max_digits=12, decimal_places=4)

    objects = hub_objects(PriceQuerySet)

    class Meta:
        verbose_name = _("prix d’une somme régulière")
        constraints = [
            *hub_guards("billing_recurringprice", "recurring"),
            ExclusionConstraint(
                name="billing_recurringprice_no_overlap",
                expressions=[
                    ("hub", RangeOperators.EQUAL),
                    ("recurring", RangeOperators.EQUAL),
                    (dates_in_force(), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Un autre prix couvre déjà ces dates."),
            ),
            models.CheckConstraint(
                name="billing_recurringprice_not_negative",
                condition=Q(amount_excl__gte=0),
                violation_error_message=_("Un prix n’est pas négatif."),
            ),
            models.CheckConstraint(
                name="billing_recurringprice_dates",
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("La fin vient après le début."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_excl}"

    @property
    def last_day(self) -> dt.date | None:
        """The last day in force, as it is said; None while it goes on."""
        return self.ends_on - dt.timedelta(days=1) if self.ends_on else None


class UndoableQuerySet(models.QuerySet):
    """Rows that hold until they are undone."""

    def live(self) -> "UndoableQuerySet":
        return self.filter(undone_at=None)


class RecurringSkip(HubModel):
    """A period that is not charged, for a reason; undone, it is charged as the others."""

    recurring = models.ForeignKey(
        RecurringCharge, on_delete=models.PROTECT, related_name="skips", verbose_name=_("somme régulière")
    )
    period_starts_on = models.DateField(_("début de la période"))
    reason = models.CharField(_("motif"), max_length=300)
    skipped_by = models.CharField(_("par"), max_length=160)
    skipped_at = models.DateTimeField(_("le"), auto_now_add=True)
    undone_at = models.DateTimeField(_("défait le"), null=True, blank=True)

    objects = hub_objects(UndoableQuerySet)

    class Meta:
        verbose_name = _("période non facturée")
        constraints = [
            *hub_guards("billing_recurringskip", "recurring"),
            models.UniqueConstraint(
                fields=["hub", "recurring", "period_starts_on"],
                condition=Q(undone_at=None),
                name="billing_recurringskip_once",
                violation_error_message=_("Cette période n’est déjà pas facturée."),
            ),
            models.CheckConstraint(
                name="billing_recurringskip_says_why",
                condition=~Q(reason=""),
                violation_error_message=_("Dites pourquoi."),
            ),
        ]

    def __str__(self) -> str:
        return self.reason


class HeldBack(HubModel):
    """An account whose invoice of a month waits: what it holds goes with the month after, by itself."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", verbose_name=_("compte"))
    month = models.DateField(_("mois"))
    reason = models.CharField(_("motif"), max_length=300)
    held_by = models.CharField(_("par"), max_length=160)
    held_at = models.DateTimeField(_("le"), auto_now_add=True)
    undone_at = models.DateTimeField(_("défait le"), null=True, blank=True)

    objects = hub_objects(UndoableQuerySet)

    class Meta:
        verbose_name = _("facture mise en attente")
        constraints = [
            *hub_guards("billing_heldback", "account"),
            models.UniqueConstraint(
                fields=["hub", "account", "month"],
                condition=Q(undone_at=None),
                name="billing_heldback_once",
                violation_error_message=_("Ce compte est déjà en attente ce mois-là."),
            ),
            models.CheckConstraint(name="billing_heldback_is_month", condition=Q(month__day=1)),
            models.CheckConstraint(
                name="billing_heldback_says_why", condition=~Q(reason=""), violation_error_message=_("Dites pourquoi.")
            ),
        ]

    def __str__(self) -> str:
        return self.reason
