import datetime as dt
from decimal import Decimal

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from billing.models import Invoice
from hubs.isolation import hub_guards
from hubs.models import HubModel, hub_objects
from members.enums import DuesBasis, DuesTreatment, LateRule
from members.models.college import College
from members.models.fiscal_year import FiscalYear
from members.models.membership import Membership


class DuesScaleQuerySet(models.QuerySet["DuesScale"]):
    def adopted(self) -> "DuesScaleQuerySet":
        return self.filter(adopted_on__isnull=False)

    def applying_to(self, year: FiscalYear) -> "DuesScaleQuerySet":
        """The adopted scales that the year may follow, the latest first: the first of a college is the one."""
        return self.adopted().filter(fiscal_year__starts_on__lte=year.starts_on).order_by("-fiscal_year__starts_on")


class DuesScale(HubModel):
    """What members owe for a year, as a vote adopted it; a draft until then, and then frozen for good.

    It holds from `fiscal_year` on, until another of the same college is adopted.
    """

    label = models.CharField(_("nom"), max_length=80)
    college = models.ForeignKey(
        College,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="dues_scales",
        verbose_name=_("collège"),
    )
    fiscal_year = models.ForeignKey(
        FiscalYear, on_delete=models.PROTECT, related_name="dues_scales", verbose_name=_("à partir de l’exercice")
    )
    basis = models.CharField(_("calculé sur"), max_length=10, choices=DuesBasis.choices)
    minimum = models.DecimalField(_("au moins (€)"), max_digits=10, decimal_places=2, null=True, blank=True)
    maximum = models.DecimalField(_("au plus (€)"), max_digits=10, decimal_places=2, null=True, blank=True)
    late_rule = models.CharField(_("arrivée en cours d’année"), max_length=10, choices=LateRule.choices)
    offered_months = models.PositiveSmallIntegerField(_("mois offerts"), default=0)
    adopted_on = models.DateField(_("adopté le"), null=True, blank=True)
    adopted_by = models.CharField(_("adopté par"), max_length=120, blank=True)
    # The resolution that adopted it, as its app names it: governance is above this app.
    vote = models.CharField(_("vote"), max_length=80, blank=True)

    objects = hub_objects(DuesScaleQuerySet)

    class Meta:
        verbose_name = _("barème de cotisation")
        constraints = [
            *hub_guards("members_duesscale", "college", "fiscal_year"),
            models.UniqueConstraint(
                fields=["hub", "fiscal_year", "college"],
                condition=Q(adopted_on__isnull=False),
                nulls_distinct=False,
                name="members_duesscale_once",
                violation_error_message=_("Un barème est déjà adopté pour ce collège à partir de cet exercice."),
            ),
            models.CheckConstraint(
                name="members_duesscale_bounds",
                condition=(Q(minimum=None) | Q(minimum__gte=0))
                & (Q(maximum=None) | Q(maximum__gte=0))
                & (Q(minimum=None) | Q(maximum=None) | Q(maximum__gte=F("minimum"))),
                violation_error_message=_("Le plafond n’est pas au-dessous du plancher."),
            ),
            models.CheckConstraint(
                name="members_duesscale_offered",
                condition=Q(late_rule=LateRule.OFFERED, offered_months__range=(1, 11))
                | (~Q(late_rule=LateRule.OFFERED) & Q(offered_months=0)),
                violation_error_message=_("Dites combien de mois sont offerts, de 1 à 11."),
            ),
            models.CheckConstraint(
                name="members_duesscale_adopted_by_someone",
                condition=Q(adopted_on=None, adopted_by="") | (Q(adopted_on__isnull=False) & ~Q(adopted_by="")),
                violation_error_message=_("Dites qui a adopté le barème, et quand."),
            ),
        ]

    def __str__(self) -> str:
        return self.label


class DuesBracket(HubModel):
    """From `from_value` (of jobs, of euros) to `to_value` left out: an amount, or a rate of the figure itself."""

    scale = models.ForeignKey(DuesScale, on_delete=models.CASCADE, related_name="brackets", verbose_name=_("barème"))
    from_value = models.DecimalField(_("à partir de"), max_digits=14, decimal_places=2)
    to_value = models.DecimalField(_("jusqu’à (exclu)"), max_digits=14, decimal_places=2, null=True, blank=True)
    amount = models.DecimalField(_("montant (€)"), max_digits=10, decimal_places=2, null=True, blank=True)
    rate = models.DecimalField(_("taux (%)"), max_digits=7, decimal_places=4, null=True, blank=True)

    class Meta:
        verbose_name = _("tranche")
        constraints = [
            *hub_guards("members_duesbracket", "scale"),
            models.CheckConstraint(
                name="members_duesbracket_range",
                condition=Q(from_value__gte=0) & (Q(to_value=None) | Q(to_value__gt=F("from_value"))),
                violation_error_message=_("Une tranche finit après avoir commencé."),
            ),
            models.CheckConstraint(
                name="members_duesbracket_amount_or_rate",
                condition=Q(amount__gte=0, rate=None) | Q(amount=None, rate__gte=0),
                violation_error_message=_("Une tranche a un montant ou un taux, qui n’est pas négatif."),
            ),
            ExclusionConstraint(
                name="members_duesbracket_no_overlap",
                expressions=[
                    ("hub", RangeOperators.EQUAL),
                    ("scale", RangeOperators.EQUAL),
                    (Func(F("from_value"), F("to_value"), Value("[)"), function="numrange"), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Deux tranches se chevauchent."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scale} {self.from_value}"


class DuesTerms(HubModel):
    """What is particular to a membership before its dues are called: its arrival, a sum agreed, or none.

    `joined_on` is the day of the admission when it came during the year; without it, the year is whole.
    """

    membership = models.OneToOneField(
        Membership, on_delete=models.PROTECT, related_name="dues_terms", verbose_name=_("adhésion")
    )
    joined_on = models.DateField(_("arrivée le"), null=True, blank=True)
    treatment = models.CharField(
        _("traitement"), max_length=10, choices=DuesTreatment.choices, default=DuesTreatment.SCALE
    )
    amount = models.DecimalField(_("montant convenu (€)"), max_digits=10, decimal_places=2, null=True, blank=True)
    reason = models.CharField(_("motif"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("conditions de cotisation")
        constraints = [
            *hub_guards("members_duesterms", "membership"),
            models.CheckConstraint(
                name="members_duesterms_amount_iff_agreed",
                condition=Q(treatment=DuesTreatment.AGREED, amount__gte=0)
                | (~Q(treatment=DuesTreatment.AGREED) & Q(amount=None)),
                violation_error_message=_("Dites le montant convenu."),
            ),
            models.CheckConstraint(
                name="members_duesterms_reason",
                condition=Q(treatment=DuesTreatment.SCALE) | ~Q(reason=""),
                violation_error_message=_("Dites pourquoi."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.membership)


class DuesCall(HubModel):
    """The dues of a membership as they were called, with the words that the paper has. Never changed.

    No invoice where nothing is due: an exemption, months offered.
    """

    membership = models.OneToOneField(
        Membership, on_delete=models.PROTECT, related_name="dues_call", verbose_name=_("adhésion")
    )
    scale = models.ForeignKey(
        DuesScale, on_delete=models.PROTECT, null=True, related_name="calls", verbose_name=_("barème")
    )
    invoice = models.OneToOneField(
        Invoice, on_delete=models.PROTECT, null=True, related_name="dues_call", verbose_name=_("appel")
    )
    amount = models.DecimalField(_("montant"), max_digits=10, decimal_places=2)
    why = models.CharField(_("pourquoi"), max_length=300)
    starts_on = models.DateField(_("du"))
    ends_on = models.DateField(_("jusqu’au (exclu)"))
    called_on = models.DateField(_("appelée le"))

    class Meta:
        verbose_name = _("cotisation appelée")
        constraints = [
            *hub_guards("members_duescall", "membership", "scale", "invoice"),
            models.CheckConstraint(name="members_duescall_period", condition=Q(ends_on__gt=F("starts_on"))),
            models.CheckConstraint(
                name="members_duescall_invoice_iff_due",
                condition=Q(amount__gt=Decimal(0), invoice__isnull=False) | Q(amount=Decimal(0), invoice=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership}\u00a0: {self.amount}"

    @property
    def last_day(self) -> dt.date:
        return self.ends_on - dt.timedelta(days=1)
