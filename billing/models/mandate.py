"""Permission to debit: whose account, for which creditor, signed when, ended why."""

import datetime as dt

from django.apps import apps
from django.db import models
from django.db.models import F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from billing.banking import REFERENCE, masked
from billing.models.account import Account
from billing.models.issuer import Issuer
from documents.models import StoredFile
from hubs.isolation import hub_guards
from hubs.models import HubModel, hub_objects

# A mandate that served no more lapses after so many months (SEPA Core rulebook, 4.3.3).
LAPSES_AFTER = 36


def lapse_of(day: dt.date) -> dt.date:
    """The first day on which a mandate last used on that day serves no more."""
    year, month = day.year + LAPSES_AFTER // 12, day.month
    try:
        return day.replace(year=year)
    except ValueError:
        return dt.date(year, month + 1, 1)


class MandateQuerySet(models.QuerySet["Mandate"]):
    def signed(self) -> "MandateQuerySet":
        """Signed and not ended, be they suspended or lapsed."""
        return self.filter(signed_on__isnull=False, revoked_on=None)

    def invited(self) -> "MandateQuerySet":
        """Waiting for the signature of who was invited."""
        return self.filter(signed_on=None, revoked_on=None)

    def with_last_collection(self) -> "MandateQuerySet":
        """Adds `last_collection`: the last day asked of the bank, even if it was refused, here or by the tool before."""
        asked = apps.get_model("billing", "Debit").objects.filter(mandate=OuterRef("pk")).exclude(end_to_end="")
        last = asked.order_by().values("mandate").annotate(last=Max("collect_on")).values("last")
        here = Subquery(last, output_field=models.DateField())
        return self.annotate(last_collection=Greatest(here, F("collected_before_on")))

    def for_display(self) -> "MandateQuerySet":
        return self.with_last_collection().select_related("account__organisation", "account__person", "issuer")


class Mandate(HubModel):
    """A SEPA Core mandate, always recurrent. Once signed it is frozen but for its end (billing/sql_debits.py).

    A new bank is a new mandate: signing it ends the one before.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="mandates", verbose_name=_("compte"))
    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="mandates", verbose_name=_("créancier"))
    rum = models.CharField(_("référence du mandat (RUM)"), max_length=35)
    # As it was signed: the creditor of another identifier asks for another mandate.
    ics = models.CharField(_("ICS"), max_length=35)
    debtor_name = models.CharField(_("titulaire du compte bancaire"), max_length=70, blank=True)
    iban = models.CharField(_("IBAN"), max_length=34, blank=True)
    bic = models.CharField(_("BIC"), max_length=11, blank=True)
    signed_on = models.DateField(_("signé le"), null=True, blank=True)
    signed_by = models.CharField(_("signé par"), max_length=160, blank=True)
    # How it is known: « signé sur le portail par … », or what the paper says.
    proof = models.CharField(_("preuve"), max_length=300, blank=True)
    scan = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("mandat papier")
    )
    # By the tool before, for a mandate that came with the opening.
    collected_before_on = models.DateField(_("dernier prélèvement ailleurs"), null=True, blank=True)
    suspended_on = models.DateField(_("suspendu le"), null=True, blank=True)
    suspend_reason = models.CharField(_("motif de la suspension"), max_length=200, blank=True)
    revoked_on = models.DateField(_("révoqué le"), null=True, blank=True)
    revoke_reason = models.CharField(_("motif de la révocation"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("préparé le"), auto_now_add=True)

    objects = hub_objects(MandateQuerySet)

    class Meta:
        verbose_name = _("mandat de prélèvement")
        constraints = [
            *hub_guards("billing_mandate", "account", "issuer", "scan"),
            models.UniqueConstraint(
                fields=["hub", "ics", "rum"],
                name="billing_mandate_reference_once",
                violation_error_message=_("Un autre mandat porte déjà cette référence."),
            ),
            models.UniqueConstraint(
                fields=["hub", "account", "issuer"],
                condition=Q(signed_on__isnull=False, revoked_on=None),
                name="billing_mandate_one_signed",
                violation_error_message=_("Ce compte a déjà un mandat signé."),
            ),
            models.UniqueConstraint(
                fields=["hub", "account", "issuer"],
                condition=Q(signed_on=None, revoked_on=None),
                name="billing_mandate_one_invited",
                violation_error_message=_("Un mandat attend déjà sa signature."),
            ),
            models.CheckConstraint(
                name="billing_mandate_reference",
                condition=Q(rum__regex=REFERENCE),
                violation_error_message=_("Une référence de mandat a 35 caractères au plus, sans accent."),
            ),
            models.CheckConstraint(name="billing_mandate_creditor", condition=~Q(ics="")),
            models.CheckConstraint(
                name="billing_mandate_signed_says_who",
                condition=Q(signed_on=None, signed_by="", proof="", iban="", scan=None, suspended_on=None)
                | (Q(signed_on__isnull=False) & ~Q(signed_by="") & ~Q(proof="") & ~Q(iban="") & ~Q(debtor_name="")),
            ),
            models.CheckConstraint(
                name="billing_mandate_revoked_says_why",
                condition=Q(revoked_on=None, revoke_reason="") | (Q(revoked_on__isnull=False) & ~Q(revoke_reason="")),
            ),
            models.CheckConstraint(
                name="billing_mandate_suspended_says_why",
                condition=Q(suspended_on=None, suspend_reason="")
                | (Q(suspended_on__isnull=False) & ~Q(suspend_reason="")),
            ),
            models.CheckConstraint(
                name="billing_mandate_ends_after_signature",
                condition=Q(revoked_on=None) | Q(signed_on=None) | Q(revoked_on__gte=F("signed_on")),
            ),
        ]
        indexes = [models.Index(fields=["hub", "account"], name="billing_mandate_of_account")]

    # Set by `with_last_collection`.
    last_collection: dt.date | None

    def __str__(self) -> str:
        return self.rum

    @property
    def masked_iban(self) -> str:
        return masked(self.iban)

    @property
    def is_signed(self) -> bool:
        return self.signed_on is not None

    @property
    def is_over(self) -> bool:
        return self.revoked_on is not None

    @property
    def lapses_on(self) -> dt.date | None:
        """The day from which it serves no more, if nothing is collected before."""
        if self.signed_on is None:
            return None
        return lapse_of(max(self.signed_on, self.last_collection or self.signed_on))
