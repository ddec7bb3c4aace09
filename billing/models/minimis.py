"""Rents below market through public money: who says they are de minimis aid, the market price, the certificates.

Regulation (EU) 2023/2831 of 13 December 2023.
"""

import datetime as dt

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from billing.models.account import Account
from billing.models.issuer import Issuer
from billing.models.recurring import RecurringCharge, UndoableQuerySet
from hubs.isolation import hub_guards
from hubs.models import DatedQuerySet, HubModel, dates_in_force, hub_objects


class MinimisRegime(HubModel):
    """A public funder says, from a day to another, that rents below market are de minimis aid; without one, none is."""

    funder = models.CharField(_("financeur public"), max_length=200)
    decision = models.CharField(_("référence de la décision"), max_length=200)
    starts_on = models.DateField(_("à partir du"))
    ends_on = models.DateField(_("jusqu’au (exclu)"), null=True, blank=True)

    objects = hub_objects(DatedQuerySet)

    class Meta:
        verbose_name = _("régime de minimis")
        constraints = [
            *hub_guards("billing_minimisregime"),
            ExclusionConstraint(
                name="billing_minimisregime_no_overlap",
                expressions=[("hub", RangeOperators.EQUAL), (dates_in_force(), RangeOperators.OVERLAPS)],
                violation_error_message=_("Une décision couvre déjà ces dates."),
            ),
            models.CheckConstraint(
                name="billing_minimisregime_dates",
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("La fin vient après le début."),
            ),
        ]

    def __str__(self) -> str:
        return self.funder

    @property
    def last_day(self) -> dt.date | None:
        return self.ends_on - dt.timedelta(days=1) if self.ends_on else None


class MarketPrice(HubModel):
    """What a whole period of a rent would cost at the market, without tax, and who says so."""

    recurring = models.ForeignKey(
        RecurringCharge, on_delete=models.PROTECT, related_name="market_prices", verbose_name=_("somme régulière")
    )
    starts_on = models.DateField(_("à partir du"))
    ends_on = models.DateField(_("jusqu’au (exclu)"), null=True, blank=True)
    amount_excl = models.DecimalField(_("prix du marché HT par période"), max_digits=12, decimal_places=4)
    # What it was counted from, where it was: € without tax per m² and year, and m².
    per_square_metre = models.DecimalField(_("prix HT au m² et par an"), max_digits=10, decimal_places=2, null=True)
    area = models.DecimalField(_("surface en m²"), max_digits=8, decimal_places=2, null=True)
    origin = models.CharField(_("source"), max_length=200)

    objects = hub_objects(DatedQuerySet)

    class Meta:
        verbose_name = _("prix du marché")
        constraints = [
            *hub_guards("billing_marketprice", "recurring"),
            ExclusionConstraint(
                name="billing_marketprice_no_overlap",
                expressions=[
                    ("hub", RangeOperators.EQUAL),
                    ("recurring", RangeOperators.EQUAL),
                    (dates_in_force(), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Un prix du marché couvre déjà ces dates."),
            ),
            models.CheckConstraint(
                name="billing_marketprice_positive",
                condition=Q(amount_excl__gt=0),
                violation_error_message=_("Un prix du marché est au-dessus de zéro."),
            ),
            models.CheckConstraint(
                name="billing_marketprice_by_area",
                condition=Q(per_square_metre=None, area=None) | Q(per_square_metre__gt=0, area__gt=0),
                violation_error_message=_("Donnez le prix au m² et la surface."),
            ),
            models.CheckConstraint(
                name="billing_marketprice_dates",
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("La fin vient après le début."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_excl}"


class DeclaredAid(HubModel):
    """De minimis aid received elsewhere, as its beneficiary says it; said by mistake, it is taken back."""

    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="declared_aids", verbose_name=_("compte")
    )
    grantor = models.CharField(_("accordée par"), max_length=200)
    reference = models.CharField(_("référence"), max_length=200, blank=True)
    granted_on = models.DateField(_("accordée le"))
    amount = models.DecimalField(_("montant"), max_digits=12, decimal_places=2)
    said_by = models.CharField(_("déclarée par"), max_length=160)
    said_at = models.DateTimeField(_("déclarée le"))
    undone_at = models.DateTimeField(_("retirée le"), null=True, blank=True)

    objects = hub_objects(UndoableQuerySet)

    class Meta:
        verbose_name = _("aide reçue ailleurs")
        constraints = [
            *hub_guards("billing_declaredaid", "account"),
            # A form sent twice says it once.
            models.UniqueConstraint(
                fields=["hub", "account", "grantor", "reference", "granted_on", "amount"],
                condition=Q(undone_at=None),
                name="billing_declaredaid_once",
                violation_error_message=_("Cette aide est déjà déclarée."),
            ),
            models.CheckConstraint(
                name="billing_declaredaid_positive",
                condition=Q(amount__gt=0),
                violation_error_message=_("Une aide est au-dessus de zéro."),
            ),
        ]

    def __str__(self) -> str:
        return self.grantor


class MinimisCertificate(HubModel):
    """What a structure received in a year, and over three on its last day, as it was certified: frozen.

    Corrected, it is another version that names the one before.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", verbose_name=_("compte"))
    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="+", verbose_name=_("émetteur"))
    year = models.PositiveSmallIntegerField(_("année"))
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    number = models.CharField(_("numéro"), max_length=35)
    issue_date = models.DateField(_("établie le"))
    issued_at = models.DateTimeField(_("établie à"))
    amount = models.DecimalField(_("aide de l’année"), max_digits=12, decimal_places=2)
    rolling = models.DecimalField(_("total sur trois ans"), max_digits=12, decimal_places=2)
    facts = models.JSONField(_("détail"), encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = _("attestation de minimis")
        constraints = [
            *hub_guards("billing_minimiscertificate", "account", "issuer"),
            models.UniqueConstraint(
                fields=["hub", "account", "year", "version"], name="billing_minimiscertificate_once"
            ),
            models.UniqueConstraint(fields=["hub", "issuer", "number"], name="billing_minimiscertificate_number"),
        ]

    def __str__(self) -> str:
        return self.number
