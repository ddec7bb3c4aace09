"""What the hub offers to do, and at which price. Sent, a quote is frozen by triggers (billing/sql_quotes.py)."""

import datetime as dt
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Round
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.enums import QuoteDecision, QuoteState, VatCategory
from billing.models.account import Account
from billing.models.issuer import Issuer, VatRule
from hubs.isolation import hub_guards
from hubs.models import HubModel, hub_objects


class QuoteQuerySet(models.QuerySet["Quote"]):
    def sent(self) -> "QuoteQuerySet":
        return self.filter(sent_at__isnull=False)

    def accepted(self) -> "QuoteQuerySet":
        return self.filter(decision=QuoteDecision.ACCEPTED)

    def waiting(self, on: dt.date) -> "QuoteQuerySet":
        """Sent, not answered, and still good on that day."""
        return self.sent().filter(decision="", valid_until__gte=on)

    def with_state(self, on: dt.date) -> "QuoteQuerySet":
        """Adds `state_now`: `Quote.state` counted by the database, for lists."""
        return self.annotate(
            state_now=Case(
                When(sent_at=None, then=Value(QuoteState.DRAFT.value)),
                When(~Q(decision=""), then=F("decision")),
                When(valid_until__gte=on, then=Value(QuoteState.SENT.value)),
                default=Value(QuoteState.EXPIRED.value),
                output_field=models.CharField(),
            )
        )

    def in_order(self) -> "QuoteQuerySet":
        """Drafts first, then the last sent."""
        return self.order_by(F("sent_on").desc(nulls_first=True), "-sequence", "-pk")


class Quote(HubModel):
    """An offer to an account; a draft until it is sent under its number, and then only answered."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="quotes", verbose_name=_("compte"))
    title = models.CharField(_("objet"), max_length=160)
    note = models.CharField(_("conditions"), max_length=500, blank=True)
    valid_until = models.DateField(_("valable jusqu’au"))
    total_excl = models.DecimalField(_("total HT"), max_digits=12, decimal_places=2)
    total_vat = models.DecimalField(_("total TVA"), max_digits=12, decimal_places=2)
    total_incl = models.DecimalField(_("total TTC"), max_digits=12, decimal_places=2)
    created_at = models.DateTimeField(_("préparé le"), auto_now_add=True)
    issuer = models.ForeignKey(
        Issuer, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("émetteur")
    )
    year = models.PositiveSmallIntegerField(_("année"), null=True, blank=True)
    sequence = models.PositiveIntegerField(_("rang"), null=True, blank=True)
    # Null and not empty on drafts: numbers are unique, and a draft has none.
    number = models.CharField(_("numéro"), max_length=35, null=True, blank=True)  # noqa: DJ001
    sent_on = models.DateField(_("daté du"), null=True, blank=True)
    sent_at = models.DateTimeField(_("envoyé le"), null=True, blank=True)
    # Seller and buyer as they were on the day (billing.papers).
    seller = models.JSONField(_("vendeur"), null=True, blank=True, encoder=DjangoJSONEncoder)
    buyer = models.JSONField(_("acheteur"), null=True, blank=True, encoder=DjangoJSONEncoder)
    decision = models.CharField(_("réponse"), max_length=8, choices=QuoteDecision.choices, blank=True)
    decided_at = models.DateTimeField(_("répondu le"), null=True, blank=True)
    decided_on = models.DateField(_("date de la réponse"), null=True, blank=True)
    # Who wrote « bon pour accord », as typed: on paper or by mail, it is not who notes it.
    decided_by = models.CharField(_("réponse de"), max_length=120, blank=True)
    decision_note = models.CharField(_("mot de la réponse"), max_length=300, blank=True)
    order_number = models.CharField(_("numéro de commande"), max_length=50, blank=True)
    charged_at = models.DateTimeField(_("porté au compte le"), null=True, blank=True)

    objects = hub_objects(QuoteQuerySet)

    class Meta:
        verbose_name = _("devis")
        constraints = [
            *hub_guards("billing_quote", "account", "issuer"),
            models.UniqueConstraint(fields=["hub", "issuer", "year", "sequence"], name="billing_quote_sequence_once"),
            models.UniqueConstraint(fields=["hub", "issuer", "number"], name="billing_quote_number_once"),
            models.CheckConstraint(
                name="billing_quote_number_iff_sent",
                condition=Q(
                    sent_at=None,
                    number=None,
                    sequence=None,
                    year=None,
                    sent_on=None,
                    issuer=None,
                    seller__isnull=True,
                    buyer__isnull=True,
                )
                | Q(
                    sent_at__isnull=False,
                    number__isnull=False,
                    sequence__gte=1,
                    year__isnull=False,
                    sent_on__isnull=False,
                    issuer__isnull=False,
                    seller__isnull=False,
                    buyer__isnull=False,
                ),
                violation_error_message=_("Un devis envoyé a son numéro, un brouillon n’en a pas."),
            ),
            models.CheckConstraint(
                name="billing_quote_valid_after_sending",
                condition=Q(sent_on=None) | Q(valid_until__gte=F("sent_on")),
                violation_error_message=_("Un devis vaut au moins le jour de son envoi."),
            ),
            models.CheckConstraint(
                name="billing_quote_totals_tie",
                condition=Q(total_incl=F("total_excl") + F("total_vat")),
                violation_error_message=_("Le total TTC est la somme du total HT et de la TVA."),
            ),
            models.CheckConstraint(
                name="billing_quote_total_positive",
                condition=Q(sent_at=None) | Q(total_incl__gt=0),
                violation_error_message=_("Le total d’un devis est positif."),
            ),
            models.CheckConstraint(
                name="billing_quote_decided_says_who",
                condition=Q(decision="", decided_at=None, decided_on=None, decided_by="", order_number="")
                | (
                    Q(decided_at__isnull=False, decided_on__isnull=False, sent_at__isnull=False)
                    & ~Q(decision="")
                    & ~Q(decided_by="")
                ),
                violation_error_message=_("Une réponse dit qui l’a donnée, et quand."),
            ),
            models.CheckConstraint(
                name="billing_quote_accepted_in_time",
                condition=~Q(decision=QuoteDecision.ACCEPTED) | Q(decided_on__lte=F("valid_until")),
                violation_error_message=_("Un devis s’accepte tant qu’il est valable."),
            ),
            models.CheckConstraint(
                name="billing_quote_charged_is_accepted",
                condition=Q(charged_at=None) | Q(decision=QuoteDecision.ACCEPTED),
                violation_error_message=_("Seul un devis accepté se porte au compte."),
            ),
        ]
        indexes = [models.Index(fields=["hub", "account"], name="billing_quote_of_account")]

    def __str__(self) -> str:
        return (
            gettext("Devis %s") % self.number if self.number else gettext("Brouillon de devis\u00a0: %s") % self.title
        )

    @property
    def is_sent(self) -> bool:
        return self.sent_at is not None

    @property
    def frozen(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The seller and the buyer of a sent quote, as they were on the day."""
        if self.seller is None or self.buyer is None:
            raise ValueError("A draft has no seller and no buyer yet.")
        return self.seller, self.buyer

    def state(self, on: dt.date) -> QuoteState:
        if not self.is_sent:
            return QuoteState.DRAFT
        if self.decision:
            return QuoteState(self.decision)
        return QuoteState.SENT if on <= self.valid_until else QuoteState.EXPIRED


class QuoteLine(HubModel):
    """A line as it is offered: rate and wording are those of the day it was written, whatever changes later."""

    quote = models.ForeignKey(Quote, on_delete=models.CASCADE, related_name="lines", verbose_name=_("devis"))
    position = models.PositiveSmallIntegerField(_("rang"))
    description = models.CharField(_("libellé"), max_length=200)
    quantity = models.DecimalField(_("quantité"), max_digits=12, decimal_places=4)
    unit_label = models.CharField(_("unité"), max_length=30, blank=True)
    unit_price_excl = models.DecimalField(_("prix unitaire HT"), max_digits=12, decimal_places=4)
    vat_rule = models.ForeignKey(VatRule, on_delete=models.PROTECT, related_name="+", verbose_name=_("règle de TVA"))
    vat_category = models.CharField(_("catégorie de TVA"), max_length=2, choices=VatCategory.choices)
    vat_rate = models.DecimalField(_("taux de TVA"), max_digits=5, decimal_places=2, null=True)
    exemption_text = models.CharField(_("mention d’exonération"), max_length=200, blank=True)
    exemption_code = models.CharField(_("code d’exonération"), max_length=40, blank=True)
    amount_excl = models.DecimalField(_("montant HT"), max_digits=12, decimal_places=2)

    class Meta:
        verbose_name = _("ligne de devis")
        constraints = [
            *hub_guards("billing_quoteline", "quote", "vat_rule"),
            models.UniqueConstraint(fields=["hub", "quote", "position"], name="billing_quoteline_position"),
            models.CheckConstraint(
                name="billing_quoteline_price_not_negative",
                condition=Q(unit_price_excl__gte=0),
                violation_error_message=_("Une remise est une quantité négative, jamais un prix négatif."),
            ),
            models.CheckConstraint(
                name="billing_quoteline_amount_ties",
                condition=Q(amount_excl=Round(F("quantity") * F("unit_price_excl"), precision=2)),
                violation_error_message=_("Le montant d’une ligne est sa quantité par son prix."),
            ),
            # Membership dues, out of scope, share no document with anything else (EN 16931 BR-O-11).
            models.CheckConstraint(
                name="billing_quoteline_in_scope",
                condition=~Q(vat_category=VatCategory.OUT_OF_SCOPE),
                violation_error_message=_("Ce qui est hors du champ de la TVA ne figure pas sur un devis."),
            ),
        ]

    def __str__(self) -> str:
        return self.description
