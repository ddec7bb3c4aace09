"""Invoices and credit notes. Issued, they are frozen by triggers of the database (billing/sql.py)."""

from typing import Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Case, DecimalField, F, FilteredRelation, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Concat, Greatest, Least, Round
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from billing.enums import MONTHLY, OWED, InvoiceKind, VatCategory
from billing.models.account import Account, Charge
from billing.models.issuer import Issuer, VatRule
from billing.models.quote import Quote
from billing.money import ZERO
from hubs.isolation import hub_guards
from hubs.models import HubModel, Run, hub_objects


def holder_of_invoice() -> Coalesce:
    """The name an invoice is listed under."""
    person = Concat("account__person__family_name", Value(" "), "account__person__given_name")
    return Coalesce("account__organisation__name", person)


class MonthClose(HubModel):
    """The closing of a month by an issuer; once its run has started, the month is issued for good."""

    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="closes", verbose_name=_("émetteur"))
    month = models.DateField(_("mois"))
    run = models.ForeignKey(
        Run, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("émission")
    )
    issued_at = models.DateTimeField(_("émis le"), null=True, blank=True)

    class Meta:
        verbose_name = _("clôture de mois")
        constraints = [
            *hub_guards("billing_monthclose", "issuer", "run"),
            models.UniqueConstraint(fields=["hub", "issuer", "month"], name="billing_monthclose_once"),
            models.CheckConstraint(name="billing_monthclose_is_month", condition=Q(month__day=1)),
            models.CheckConstraint(
                name="billing_monthclose_issued_has_run",
                condition=Q(run=None, issued_at=None) | Q(run__isnull=False, issued_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return date_format(self.month, "F Y")


class NumberSeries(HubModel):
    """The last number given, per issuer, series and year; locked by the transaction that issues."""

    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="+", verbose_name=_("émetteur"))
    series = models.CharField(_("série"), max_length=4)
    year = models.PositiveSmallIntegerField(_("année"))
    last = models.PositiveIntegerField(_("dernier numéro"), default=0)
    # Numbers follow dates: a job that comes late takes the date of the number before its own.
    last_date = models.DateField(_("date du dernier numéro"), null=True, blank=True)

    class Meta:
        verbose_name = _("série de numéros")
        constraints = [
            *hub_guards("billing_numberseries", "issuer"),
            models.UniqueConstraint(fields=["hub", "issuer", "series", "year"], name="billing_numberseries_once"),
        ]

    def __str__(self) -> str:
        return f"{self.series}-{self.year}"


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    def drafts(self) -> "InvoiceQuerySet":
        return self.filter(issued_at=None)

    def issued(self) -> "InvoiceQuerySet":
        return self.filter(issued_at__isnull=False)

    def opening_balances(self) -> "InvoiceQuerySet":
        """What accounts owed in one sum when they were brought in."""
        return self.filter(is_opening=True, number__startswith=Invoice.OPENING_BALANCE)

    def in_order(self) -> "InvoiceQuerySet":
        return self.order_by("-issue_date", "-sequence", "-pk")

    def payable(self) -> "InvoiceQuerySet":
        """What asks for money: all but credit notes."""
        return self.exclude(kind=InvoiceKind.CREDIT_NOTE)

    def with_due(self) -> "InvoiceQuerySet":
        """Adds `paid`, `credited`, `is_credited` (in full) and `due`, what remains to be paid."""
        allocations = apps.get_model("billing", "Allocation").objects.live().filter(invoice=OuterRef("pk"))
        paid = allocations.order_by().values("invoice").annotate(sum=Sum("amount")).values("sum")
        nothing = Value(ZERO, output_field=DecimalField())
        notes = Invoice.objects.issued().filter(corrects=OuterRef("pk"))
        credited = notes.order_by().values("corrects").annotate(sum=Sum("total_incl")).values("sum")
        return self.annotate(
            paid=Coalesce(Subquery(paid), nothing), credited=Coalesce(Subquery(credited), nothing)
        ).annotate(
            is_credited=Q(credited__gt=0, credited__gte=F("total_incl")),
            due=Case(
                When(Q(kind=InvoiceKind.CREDIT_NOTE) | Q(issued_at=None), then=nothing),
                default=F("total_incl") - F("credited") - F("paid"),
                output_field=DecimalField(max_digits=12, decimal_places=2),
            ),
        )

    def in_parts(self) -> "InvoiceQuerySet":
        """One row for each date agreed, one for an invoice with no schedule; those still to be paid only.

        Adds to `with_due` what is due on that date: `part_on`, and `part_left` of it. The first dates are paid first.
        """
        up_to = Coalesce("schedule__instalments__up_to", "total_incl")
        part = Coalesce("schedule__instalments__amount", "total_incl")
        money = DecimalField(max_digits=12, decimal_places=2)
        return (
            self.with_due()
            .annotate(schedule=FilteredRelation("schedules", condition=Q(schedules__ended_at=None)))
            .annotate(
                part_on=Coalesce("schedule__instalments__due_on", "due_date"),
                part_left=Greatest(Value(ZERO), Least(part, up_to - F("paid")), output_field=money),
            )
            .filter(due__gt=0, part_left__gt=0)
        )


class Invoice(HubModel):
    """An invoice, a call for dues or a credit note; a draft until it has its number, and then frozen."""

    # How a balance that is brought in is numbered, before the id of its account.
    OPENING_BALANCE = "REPRISE-"

    kind = models.CharField(_("nature"), max_length=12, choices=InvoiceKind.choices, default=InvoiceKind.INVOICE)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="invoices", verbose_name=_("compte"))
    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="invoices", verbose_name=_("émetteur"))
    period = models.DateField(_("mois"))
    # Set when the month is issued, before the number: from then on the draft is no longer rebuilt.
    close = models.ForeignKey(
        MonthClose, on_delete=models.PROTECT, null=True, blank=True, related_name="invoices", verbose_name=_("clôture")
    )
    corrects = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrections", verbose_name=_("corrige")
    )
    reason = models.CharField(_("motif"), max_length=300, blank=True)
    quote = models.ForeignKey(
        Quote, on_delete=models.PROTECT, null=True, blank=True, related_name="deposits", verbose_name=_("acompte sur")
    )
    total_excl = models.DecimalField(_("total HT"), max_digits=12, decimal_places=2)
    total_vat = models.DecimalField(_("total TVA"), max_digits=12, decimal_places=2)
    total_incl = models.DecimalField(_("total TTC"), max_digits=12, decimal_places=2)
    # What the account held in advance on the day: the paper says « déjà réglé ».
    paid_on_issue = models.DecimalField(_("déjà réglé à l’émission"), max_digits=12, decimal_places=2, default=ZERO)
    series = models.CharField(_("série"), max_length=4, blank=True)
    year = models.PositiveSmallIntegerField(_("année"), null=True, blank=True)
    sequence = models.PositiveIntegerField(_("rang"), null=True, blank=True)
    # Null and not empty on drafts: numbers are unique, and a draft has none.
    number = models.CharField(_("numéro"), max_length=35, null=True, blank=True)  # noqa: DJ001
    issue_date = models.DateField(_("date d’émission"), null=True, blank=True)
    due_date = models.DateField(_("échéance"), null=True, blank=True)
    issued_at = models.DateTimeField(_("émise le"), null=True, blank=True)
    # Issued before the hub kept its accounts here: its number is its own, and its paper is elsewhere.
    is_opening = models.BooleanField(_("reprise"), default=False, db_default=False)
    # Seller and buyer as they were on the day (billing.papers).
    seller = models.JSONField(_("vendeur"), null=True, blank=True, encoder=DjangoJSONEncoder)
    buyer = models.JSONField(_("acheteur"), null=True, blank=True, encoder=DjangoJSONEncoder)

    objects = hub_objects(InvoiceQuerySet)

    class Meta:
        verbose_name = _("facture")
        constraints = [
            *hub_guards("billing_invoice", "account", "issuer", "close", "corrects", "quote"),
            models.UniqueConstraint(
                fields=["hub", "issuer", "series", "year", "sequence"], name="billing_invoice_sequence_once"
            ),
            models.UniqueConstraint(fields=["hub", "issuer", "number"], name="billing_invoice_number_once"),
            models.UniqueConstraint(
                fields=["hub", "account", "issuer", "kind"],
                condition=Q(issued_at=None, close=None, kind__in=MONTHLY, is_opening=False),
                name="billing_invoice_one_draft",
            ),
            models.CheckConstraint(
                name="billing_invoice_number_iff_issued",
                condition=Q(
                    issued_at=None,
                    number=None,
                    sequence=None,
                    year=None,
                    series="",
                    issue_date=None,
                    due_date=None,
                    seller__isnull=True,
                    buyer__isnull=True,
                )
                | (
                    Q(
                        issued_at__isnull=False,
                        number__isnull=False,
                        sequence__gte=1,
                        year__isnull=False,
                        issue_date__isnull=False,
                        seller__isnull=False,
                        buyer__isnull=False,
                    )
                    & ~Q(series="")
                ),
            ),
            models.CheckConstraint(
                name="billing_invoice_due_after_issue",
                condition=Q(issued_at=None)
                | Q(kind=InvoiceKind.CREDIT_NOTE, due_date=None)
                | Q(kind__in=OWED, due_date__isnull=False, due_date__gte=F("issue_date")),
            ),
            models.CheckConstraint(
                name="billing_invoice_totals_tie", condition=Q(total_incl=F("total_excl") + F("total_vat"))
            ),
            models.CheckConstraint(name="billing_invoice_total_not_negative", condition=Q(total_incl__gte=0)),
            models.CheckConstraint(
                name="billing_invoice_paid_within_total",
                condition=Q(paid_on_issue__gte=0, paid_on_issue__lte=F("total_incl")),
            ),
            models.CheckConstraint(
                name="billing_invoice_credit_note_corrects",
                condition=Q(kind=InvoiceKind.CREDIT_NOTE, corrects__isnull=False) | Q(kind__in=OWED, corrects=None),
            ),
            models.CheckConstraint(
                name="billing_invoice_deposit_of_quote",
                condition=Q(kind=InvoiceKind.DEPOSIT, quote__isnull=False)
                | (Q(quote=None) & ~Q(kind=InvoiceKind.DEPOSIT)),
                violation_error_message=_("Une facture d’acompte porte sur un devis."),
            ),
            models.CheckConstraint(name="billing_invoice_period_is_month", condition=Q(period__day=1)),
        ]
        indexes = [
            models.Index(fields=["hub", "account", "issue_date"], name="billing_invoice_of_account"),
            models.Index(fields=["hub", "period"], name="billing_invoice_of_period"),
        ]

    def __str__(self) -> str:
        return self.number or f"projet {self.pk}"

    @property
    def is_issued(self) -> bool:
        return self.issued_at is not None

    @property
    def frozen(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The seller and the buyer of an issued invoice, as they were on the day."""
        if self.seller is None or self.buyer is None:
            raise ValueError("A draft has no seller and no buyer yet.")
        return self.seller, self.buyer

    @property
    def is_opening_balance(self) -> bool:
        return self.is_opening and (self.number or "").startswith(self.OPENING_BALANCE)

    @property
    def is_credit_note(self) -> bool:
        return self.kind == InvoiceKind.CREDIT_NOTE

    @property
    def is_dues(self) -> bool:
        return self.kind == InvoiceKind.DUES

    @property
    def is_deposit(self) -> bool:
        return self.kind == InvoiceKind.DEPOSIT


class InvoiceLine(HubModel):
    """A line, copied from the charge it invoices: the paper says what was agreed.

    A month writes thousands: their keys are held once, by those that name the hub (`hub_guards`).
    """

    # Lines of a draft go with it; those of an issued invoice are held by the database (billing/sql_lines.py).
    invoice = models.ForeignKey(
        Invoice, on_delete=models.CASCADE, db_constraint=False, related_name="lines", verbose_name=_("facture")
    )
    position = models.PositiveSmallIntegerField(_("rang"))
    charge = models.ForeignKey(
        Charge,
        on_delete=models.PROTECT,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="lines",
        verbose_name=_("mouvement"),
    )
    # On a credit note: the line of the invoice that it takes back, in whole or in part.
    corrects = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="corrections",
        verbose_name=_("corrige"),
    )
    on = models.DateField(_("date de la prestation"))
    description = models.CharField(_("libellé"), max_length=200)
    detail = models.CharField(_("précision"), max_length=300, blank=True)
    quantity = models.DecimalField(_("quantité"), max_digits=12, decimal_places=4)
    unit_label = models.CharField(_("unité"), max_length=30, blank=True)
    unit_price_excl = models.DecimalField(_("prix unitaire HT"), max_digits=12, decimal_places=4)
    vat_rule = models.ForeignKey(
        VatRule, on_delete=models.PROTECT, db_constraint=False, related_name="+", verbose_name=_("règle de TVA")
    )
    vat_category = models.CharField(_("catégorie de TVA"), max_length=2, choices=VatCategory.choices)
    vat_rate = models.DecimalField(_("taux de TVA"), max_digits=5, decimal_places=2, null=True)
    exemption_text = models.CharField(_("mention d’exonération"), max_length=200, blank=True)
    exemption_code = models.CharField(_("code d’exonération"), max_length=40, blank=True)
    amount_excl = models.DecimalField(_("montant HT"), max_digits=12, decimal_places=2)

    class Meta:
        verbose_name = _("ligne de facture")
        constraints = [
            *hub_guards("billing_invoiceline", "invoice", "charge", "vat_rule", "corrects"),
            models.UniqueConstraint(fields=["hub", "invoice", "position"], name="billing_invoiceline_position"),
            models.UniqueConstraint(fields=["hub", "charge"], name="billing_invoiceline_charge_once"),
            models.CheckConstraint(name="billing_invoiceline_price_not_negative", condition=Q(unit_price_excl__gte=0)),
            models.CheckConstraint(
                name="billing_invoiceline_amount_ties",
                condition=Q(amount_excl=Round(F("quantity") * F("unit_price_excl"), precision=2)),
            ),
        ]

    def __str__(self) -> str:
        return self.description
