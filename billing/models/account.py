"""Who owes, and what for: one account per structure or person, and what is added to it."""

from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import DecimalField, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Concat, Round
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from billing.enums import OWED, InvoiceKind, VatCategory
from billing.models.issuer import VatRule
from billing.money import ZERO, with_tax
from hubs.isolation import hub_guards
from hubs.models import HubModel, hub_objects
from parties.models import Organisation, Person, PlainText


def holder_name() -> Coalesce:
    """The name an account is listed under."""
    return Coalesce("organisation__name", Concat("person__family_name", Value(" "), "person__given_name"))


class AccountQuerySet(models.QuerySet["Account"]):
    def with_holders(self) -> "AccountQuerySet":
        return self.select_related("organisation", "person")

    def by_name(self) -> "AccountQuerySet":
        return self.annotate(holder_name=holder_name()).order_by(PlainText("holder_name"), "pk")

    def with_balance(self) -> "AccountQuerySet":
        """Adds `balance`, what the holder owes: invoices, less credit notes, less payments that were not given back."""

        def total(model: str, column: str, *conditions: Q, **filters: Any) -> Coalesce:
            rows = apps.get_model("billing", model).objects.filter(*conditions, account=OuterRef("pk"), **filters)
            summed = rows.order_by().values("account").annotate(sum=Sum(column)).values("sum")
            return Coalesce(Subquery(summed), Value(ZERO, output_field=DecimalField()))

        issued = {"issued_at__isnull": False}
        return self.annotate(
            balance=total("Invoice", "total_incl", kind__in=OWED, **issued)
            - total("Invoice", "total_incl", kind=InvoiceKind.CREDIT_NOTE, **issued)
            - total("Payment", "amount", cancelled_at=None)
            + total("Refund", "amount", cancelled_at=None)
        )


class Account(HubModel):
    """The account of one structure or of one person: dues, bookings, trainings all fall here."""

    # What was invoiced stays in the books when the structure or the person has left.
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("structure")
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("personne")
    )

    objects = hub_objects(AccountQuerySet)

    class Meta:
        verbose_name = _("compte")
        constraints = [
            *hub_guards("billing_account", "organisation", "person"),
            models.UniqueConstraint(fields=["hub", "organisation"], name="billing_account_organisation_once"),
            models.UniqueConstraint(fields=["hub", "person"], name="billing_account_person_once"),
            models.CheckConstraint(
                name="billing_account_one_holder",
                condition=Q(organisation=None, person__isnull=False) | Q(organisation__isnull=False, person=None),
            ),
        ]

    def __str__(self) -> str:
        return str(self.holder)

    @property
    def holder(self) -> Organisation | Person:
        return self.organisation or self.person

    @property
    def is_person(self) -> bool:
        """Whether prices are shown with tax only, and no indemnity is asked for."""
        return self.person_id is not None


class ChargeQuerySet(models.QuerySet["Charge"]):
    def live(self) -> "ChargeQuerySet":
        """Neither cancelled nor a cancellation."""
        return self.filter(reversed_at=None, reverses=None)

    def unbilled(self) -> "ChargeQuerySet":
        """Live, and on no invoice that is issued or being issued."""
        return self.live().exclude(lines__invoice__close__isnull=False)

    def in_order(self) -> "ChargeQuerySet":
        return self.order_by("on", "pk")


class Charge(HubModel):
    """Something sold, as agreed on the day: no later change of price, rate or wording touches it.

    It is never changed nor deleted. Before it is invoiced it may be cancelled by a row that
    `reverses` it; both stay, and neither is invoiced. Afterwards a credit note cancels it.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="charges", verbose_name=_("compte"))
    # Read by `billing.queries.recurring.charged_of`: on an invoice that is issued or being issued.
    is_sealed: bool
    # What it is for, as `spaces.booking:12`: the app that charges is named by no foreign key.
    source = models.CharField(_("origine"), max_length=80)
    kind = models.CharField(_("nature"), max_length=40)
    period = models.DateField(_("mois de facturation"))
    on = models.DateField(_("date de la prestation"))
    description = models.CharField(_("libellé"), max_length=200)
    detail = models.CharField(_("précision"), max_length=300, blank=True)
    quantity = models.DecimalField(_("quantité"), max_digits=12, decimal_places=4)
    unit_label = models.CharField(_("unité"), max_length=30, blank=True)
    unit_price_excl = models.DecimalField(_("prix unitaire HT"), max_digits=12, decimal_places=4)
    vat_rule = models.ForeignKey(VatRule, on_delete=models.PROTECT, related_name="+", verbose_name=_("règle de TVA"))
    vat_category = models.CharField(_("catégorie de TVA"), max_length=2, choices=VatCategory.choices)
    vat_rate = models.DecimalField(_("taux de TVA"), max_digits=5, decimal_places=2, null=True)
    exemption_text = models.CharField(_("mention d’exonération"), max_length=200, blank=True)
    exemption_code = models.CharField(_("code d’exonération"), max_length=40, blank=True)
    amount_excl = models.DecimalField(_("montant HT"), max_digits=12, decimal_places=2)
    reverses = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversals", verbose_name=_("annule")
    )
    reversed_at = models.DateTimeField(_("annulé le"), null=True, blank=True)
    created_at = models.DateTimeField(_("porté le"), auto_now_add=True)

    objects = hub_objects(ChargeQuerySet)

    class Meta:
        verbose_name = _("mouvement")
        constraints = [
            *hub_guards("billing_charge", "account", "vat_rule", "reverses"),
            models.UniqueConstraint(
                fields=["hub", "source", "kind", "period"],
                condition=Q(reverses=None, reversed_at=None),
                name="billing_charge_once",
            ),
            models.UniqueConstraint(fields=["hub", "reverses"], name="billing_charge_reversed_once"),
            models.CheckConstraint(name="billing_charge_period_is_month", condition=Q(period__day=1)),
            # A discount is a negative quantity: EN 16931 BR-27.
            models.CheckConstraint(name="billing_charge_price_not_negative", condition=Q(unit_price_excl__gte=0)),
            models.CheckConstraint(
                name="billing_charge_amount_ties",
                condition=Q(amount_excl=Round(F("quantity") * F("unit_price_excl"), precision=2)),
            ),
        ]
        indexes = [
            models.Index(fields=["hub", "account", "period"], name="billing_charge_of_account"),
            models.Index(
                fields=["hub", "period"], condition=Q(reverses=None, reversed_at=None), name="billing_charge_live"
            ),
        ]

    def __str__(self) -> str:
        return self.description

    @property
    def month_name(self) -> str:
        """« octobre 2026 »: the month that invoices it."""
        return date_format(self.period, "F Y")

    @property
    def amount_incl(self) -> Decimal:
        return with_tax(self.amount_excl, self.vat_rate)
