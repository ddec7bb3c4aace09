"""Who issues, and at which rate: dated settings of the hub."""

import datetime as dt

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from billing.enums import VatCategory, VatRegime
from hubs.isolation import hub_guards
from hubs.models import DatedQuerySet, HubModel, dates_in_force, hub_objects


class VatRule(HubModel):
    """What tax a thing sold bears, by period. Agreed prices keep a copy of what they were sold under."""

    code = models.SlugField(_("code"), max_length=40)
    label = models.CharField(_("libellé"), max_length=80)
    category = models.CharField(_("catégorie"), max_length=2, choices=VatCategory.choices)
    rate = models.DecimalField(_("taux (%)"), max_digits=5, decimal_places=2, null=True, blank=True)
    exemption_text = models.CharField(_("mention d’exonération"), max_length=200, blank=True)
    # Of the VATEX list, for e-invoicing.
    exemption_code = models.CharField(_("code d’exonération"), max_length=40, blank=True)
    starts_on = models.DateField(_("à partir du"))
    ends_on = models.DateField(_("jusqu’au (exclu)"), null=True, blank=True)

    objects = hub_objects(DatedQuerySet)

    class Meta:
        verbose_name = _("règle de TVA")
        constraints = [
            *hub_guards("billing_vatrule"),
            ExclusionConstraint(
                name="billing_vatrule_no_overlap",
                expressions=[
                    ("hub", RangeOperators.EQUAL),
                    ("code", RangeOperators.EQUAL),
                    (dates_in_force(), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Une règle de ce code couvre déjà ces dates."),
            ),
            models.CheckConstraint(
                name="billing_vatrule_rate_of_category",
                condition=Q(category=VatCategory.STANDARD, rate__gt=0, rate__isnull=False)
                | Q(category=VatCategory.OUT_OF_SCOPE, rate=None)
                | Q(category__in=[VatCategory.ZERO, VatCategory.EXEMPT, VatCategory.REVERSE_CHARGE], rate=0),
                violation_error_message=_("Le taux ne va pas avec la catégorie."),
            ),
            models.CheckConstraint(
                name="billing_vatrule_exemption_says_why",
                condition=~Q(category=VatCategory.EXEMPT) | ~Q(exemption_text=""),
                violation_error_message=_("Une exonération cite son article."),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def last_day(self) -> dt.date | None:
        """The last day in force, as it is said; None while it goes on."""
        return self.ends_on - dt.timedelta(days=1) if self.ends_on else None


class Issuer(HubModel):
    """The legal body that invoices for the hub, by period. A hub that has none issues no invoice.

    Another legal body is another row, whose numbers begin at 1. A new address or IBAN of the same
    body changes its row: an issued invoice keeps a copy of what it showed.
    """

    legal_name = models.CharField(_("dénomination"), max_length=160)
    legal_form = models.CharField(_("forme juridique"), max_length=80)
    capital = models.CharField(_("capital"), max_length=60, blank=True)
    siren = models.CharField(_("SIREN"), max_length=9, blank=True)
    siret = models.CharField(_("SIRET"), max_length=14, blank=True)
    vat_number = models.CharField(_("numéro de TVA"), max_length=20, blank=True)
    rna = models.CharField(_("numéro RNA"), max_length=10, blank=True)
    address = models.CharField(_("adresse du siège"), max_length=200)
    postcode = models.CharField(_("code postal"), max_length=10)
    town = models.CharField(_("commune"), max_length=80)
    email = models.EmailField(_("adresse électronique"), blank=True)
    website = models.URLField(_("site"), blank=True)
    iban = models.CharField(_("IBAN"), max_length=34, blank=True)
    bic = models.CharField(_("BIC"), max_length=11, blank=True)
    # The creditor's identifier that its bank asked the Banque de France for: who has none debits nobody.
    ics = models.CharField(_("ICS"), max_length=35, blank=True, default="", db_default="")
    debit_notice_days = models.PositiveSmallIntegerField(
        _("préavis des prélèvements (jours)"), default=14, db_default=14
    )
    payment_days = models.PositiveSmallIntegerField(_("délai de paiement (jours)"), default=30)
    vat_regime = models.CharField(
        _("régime de TVA"), max_length=10, choices=VatRegime.choices, default=VatRegime.NORMAL
    )
    # BT-34 of EN 16931; empty, it is the SIREN.
    einvoice_address = models.CharField(_("adresse de facturation électronique"), max_length=125, blank=True)
    vat_on_debits = models.BooleanField(_("TVA d’après les débits"), default=False)
    starts_on = models.DateField(_("à partir du"))
    ends_on = models.DateField(_("jusqu’au (exclu)"), null=True, blank=True)

    objects = hub_objects(DatedQuerySet)

    class Meta:
        verbose_name = _("émetteur des factures")
        constraints = [
            *hub_guards("billing_issuer"),
            ExclusionConstraint(
                name="billing_issuer_no_overlap",
                expressions=[("hub", RangeOperators.EQUAL), (dates_in_force(), RangeOperators.OVERLAPS)],
                violation_error_message=_("Un autre émetteur couvre déjà ces dates."),
            ),
            models.CheckConstraint(
                name="billing_issuer_siret_of_siren",
                condition=Q(siret="") | Q(siret__startswith=F("siren")),
                violation_error_message=_("Le SIRET commence par le SIREN."),
            ),
            models.CheckConstraint(
                name="billing_issuer_einvoice_address",
                condition=Q(einvoice_address__regex=r"^[A-Za-z0-9._-]*$"),
                violation_error_message=_("Cette adresse ne compte que des lettres, des chiffres, - _ et le point."),
            ),
            # C. com. L441-10: sixty days at most from the date of the invoice.
            models.CheckConstraint(
                name="billing_issuer_payment_days",
                condition=Q(payment_days__lte=60),
                violation_error_message=_("Le délai de paiement est de 60 jours au plus."),
            ),
            # Fourteen days unless both agreed on fewer, and never the same day (SEPA Core rulebook, 4.3.4).
            models.CheckConstraint(
                name="billing_issuer_debit_notice",
                condition=Q(debit_notice_days__range=(1, 60)),
                violation_error_message=_("Un prélèvement s’annonce au moins un jour avant, 60 au plus."),
            ),
        ]

    def __str__(self) -> str:
        return self.legal_name

    @property
    def last_day(self) -> dt.date | None:
        """The last day in force, as it is said; None while it goes on."""
        return self.ends_on - dt.timedelta(days=1) if self.ends_on else None
