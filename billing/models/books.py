"""The ledger: its accounts, its years, and entries that are never changed (billing/sql_books.py)."""

import datetime as dt
from decimal import Decimal

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from billing.enums import Journal, LedgerUse, PaymentMethod
from billing.models.account import Account
from billing.models.issuer import Issuer
from documents.models import StoredFile
from hubs import french
from hubs.isolation import hub_guards
from hubs.models import DatedQuerySet, HubModel, Run, dates_in_force, hub_objects

ACCOUNT_NUMBER = RegexValidator(
    r"^[1-8][0-9]{2,11}$", _("Un numéro de compte a 3 à 12 chiffres et suit le plan comptable (706000).")
)
# C000012: the auxiliary account of billing account 12.
AUX = "C%06d"


class LedgerAccount(HubModel):
    """An account of the hub's chart (ANC 2018-06). Its number stays: entries were written under it."""

    number = models.CharField(_("numéro"), max_length=12, validators=[ACCOUNT_NUMBER])
    label = models.CharField(_("libellé"), max_length=80)

    class Meta:
        verbose_name = _("compte comptable")
        constraints = [
            *hub_guards("billing_ledgeraccount"),
            models.UniqueConstraint(
                fields=["hub", "number"],
                name="billing_ledgeraccount_once",
                violation_error_message=_("Ce compte est déjà au plan comptable."),
            ),
            models.CheckConstraint(
                name="billing_ledgeraccount_number",
                condition=Q(number__regex=r"^[1-8][0-9]{2,11}$"),
                violation_error_message=_("Un numéro de compte a 3 à 12 chiffres et suit le plan comptable (706000)."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.label}"


class LedgerRule(HubModel):
    """Where something is written, by period.

    For what is sold, `key` is the beginning of « app.thing.kind » (`spaces.booking.booking`), the longest that fits
    and the empty one last; for tax, the rate (`20.00`); for money received, its method.
    """

    use = models.CharField(_("usage"), max_length=10, choices=LedgerUse.choices)
    key = models.CharField(_("précision"), max_length=60, blank=True)
    ledger_account = models.ForeignKey(
        LedgerAccount, on_delete=models.PROTECT, related_name="rules", verbose_name=_("compte")
    )
    analytic = models.CharField(_("code analytique"), max_length=20, blank=True)
    starts_on = models.DateField(_("à partir du"))
    ends_on = models.DateField(_("jusqu’au (exclu)"), null=True, blank=True)

    objects = hub_objects(DatedQuerySet)

    class Meta:
        verbose_name = _("règle d’imputation")
        constraints = [
            *hub_guards("billing_ledgerrule", "ledger_account"),
            ExclusionConstraint(
                name="billing_ledgerrule_no_overlap",
                expressions=[
                    ("hub", RangeOperators.EQUAL),
                    ("use", RangeOperators.EQUAL),
                    ("key", RangeOperators.EQUAL),
                    (dates_in_force(), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Une règle dit déjà où cela s’écrit, ces jours-là."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_use_display()} {self.key_label}".strip()

    @property
    def key_label(self) -> str:
        """The key as a page says it: « chèque », « 5,5 % », or the code as it is."""
        if self.use == LedgerUse.PAYMENT and self.key in PaymentMethod.values:
            return str(PaymentMethod(self.key).label)
        if self.use == LedgerUse.VAT and self.key.replace(".", "", 1).isdecimal():
            return f"{french.number(Decimal(self.key).normalize())}\u00a0%"
        return self.key


class BooksYear(HubModel):
    """An accounting year of an issuer; `ends_on` is the first day of the next."""

    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="years", verbose_name=_("émetteur"))
    starts_on = models.DateField(_("premier jour"))
    ends_on = models.DateField(_("fin (exclue)"))
    closed_at = models.DateTimeField(_("clos le"), null=True, blank=True)

    class Meta:
        verbose_name = _("exercice comptable")
        constraints = [
            *hub_guards("billing_booksyear", "issuer"),
            ExclusionConstraint(
                name="billing_booksyear_no_overlap",
                expressions=[
                    ("hub", RangeOperators.EQUAL),
                    ("issuer", RangeOperators.EQUAL),
                    (dates_in_force(), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Un autre exercice couvre déjà ces dates."),
            ),
            models.CheckConstraint(
                name="billing_booksyear_length",
                condition=Q(ends_on__gt=F("starts_on"), ends_on__lte=F("starts_on") + dt.timedelta(days=732)),
                violation_error_message=_("Un exercice dure deux ans au plus."),
            ),
        ]

    def __str__(self) -> str:
        first, last = self.starts_on, self.last_day
        return f"{first:%Y}" if first.year == last.year else f"{first:%Y}-{last:%Y}"

    @property
    def last_day(self) -> dt.date:
        return self.ends_on - dt.timedelta(days=1)


class LockDate(HubModel):
    """A decision on how far the books are stopped; the last one holds. None is changed or deleted."""

    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="locks", verbose_name=_("émetteur"))
    until = models.DateField(_("arrêtés au"))
    by = models.CharField(_("par"), max_length=200)
    reason = models.CharField(_("motif"), max_length=300, blank=True)
    locked_at = models.DateTimeField(_("décidé le"), auto_now_add=True)

    class Meta:
        verbose_name = _("arrêté des comptes")
        constraints = [*hub_guards("billing_lockdate", "issuer")]
        indexes = [models.Index(fields=["hub", "issuer", "-id"], name="billing_lockdate_last")]

    def __str__(self) -> str:
        return f"{self.until:%d/%m/%Y}"


class JournalEntry(HubModel):
    """An entry, written once from a frozen row that `source` names; numbered with no hole per journal and year."""

    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="+", verbose_name=_("émetteur"))
    year = models.ForeignKey(BooksYear, on_delete=models.PROTECT, related_name="entries", verbose_name=_("exercice"))
    journal = models.CharField(_("journal"), max_length=2, choices=Journal.choices)
    sequence = models.PositiveIntegerField(_("numéro"))
    on = models.DateField(_("date"))
    piece_ref = models.CharField(_("pièce"), max_length=80)
    piece_date = models.DateField(_("date de la pièce"))
    label = models.CharField(_("libellé"), max_length=200)
    source = models.CharField(_("origine"), max_length=80)
    # What its lines come to on each side: no line is added afterwards.
    total = models.DecimalField(_("total"), max_digits=12, decimal_places=2)
    posted_at = models.DateTimeField(_("écrite le"), auto_now_add=True)

    class Meta:
        verbose_name = _("écriture")
        constraints = [
            *hub_guards("billing_journalentry", "issuer", "year"),
            models.UniqueConstraint(fields=["hub", "source"], name="billing_journalentry_once"),
            models.UniqueConstraint(
                fields=["hub", "year", "journal", "sequence"], name="billing_journalentry_sequence"
            ),
            models.CheckConstraint(name="billing_journalentry_total", condition=Q(total__gte=0)),
        ]
        indexes = [models.Index(fields=["hub", "on"], name="billing_journalentry_on")]

    def __str__(self) -> str:
        return f"{self.journal} {self.sequence}"


class JournalLine(HubModel):
    """One side of an entry on one account. Only its lettering comes later."""

    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, related_name="lines", verbose_name=_("écriture"))
    rank = models.PositiveSmallIntegerField(_("rang"))
    ledger_account = models.ForeignKey(
        LedgerAccount, on_delete=models.PROTECT, related_name="lines", verbose_name=_("compte")
    )
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("compte auxiliaire")
    )
    # The holder as named that day.
    aux_label = models.CharField(_("libellé auxiliaire"), max_length=200, blank=True)
    label = models.CharField(_("libellé"), max_length=200)
    debit = models.DecimalField(_("débit"), max_digits=12, decimal_places=2, default=Decimal(0))
    credit = models.DecimalField(_("crédit"), max_digits=12, decimal_places=2, default=Decimal(0))
    analytic = models.CharField(_("code analytique"), max_length=20, blank=True)
    letter = models.CharField(_("lettrage"), max_length=6, blank=True)
    lettered_on = models.DateField(_("lettrée au"), null=True, blank=True)

    class Meta:
        verbose_name = _("ligne d’écriture")
        constraints = [
            *hub_guards("billing_journalline", "entry", "ledger_account", "account"),
            models.UniqueConstraint(fields=["hub", "entry", "rank"], name="billing_journalline_rank"),
            models.CheckConstraint(
                name="billing_journalline_one_side",
                condition=Q(debit__gte=0, credit=0) | Q(debit=0, credit__gte=0),
            ),
            models.CheckConstraint(
                name="billing_journalline_letter_has_date",
                condition=Q(letter="", lettered_on=None) | (~Q(letter="") & Q(lettered_on__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["hub", "ledger_account"], name="billing_journalline_of_ledger"),
            models.Index(fields=["hub", "account"], name="billing_journalline_of_account"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def aux_number(self) -> str:
        return AUX % self.account_id if self.account_id else ""


class BooksArchive(HubModel):
    """A year in one file, made by a run and kept thirty days."""

    year = models.ForeignKey(BooksYear, on_delete=models.PROTECT, related_name="archives", verbose_name=_("exercice"))
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+", verbose_name=_("préparation"))
    asked_by = models.CharField(_("demandée par"), max_length=200)
    asked_at = models.DateTimeField(_("demandée le"), auto_now_add=True)
    file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("fichier")
    )
    made_at = models.DateTimeField(_("prête le"), null=True)

    class Meta:
        verbose_name = _("archive d’exercice")
        constraints = [*hub_guards("billing_booksarchive", "year", "run", "file")]

    def __str__(self) -> str:
        return str(self.year)
