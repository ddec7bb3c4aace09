"""Chasing what is late: how, whom, whom not, and what was said."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from billing.models.account import Account
from billing.models.invoice import Invoice
from hubs.isolation import hub_guards
from hubs.models import DatedQuerySet, HubModel, Mail, dates_in_force, hub_objects
from parties.models import Person


class ReminderLevel(HubModel):
    """One step of the reminders, by period: so many days after the due date, that text; the last ones are calls."""

    rank = models.PositiveSmallIntegerField(_("niveau"))
    days = models.PositiveSmallIntegerField(_("jours après l’échéance"))
    title = models.CharField(_("objet du courriel"), max_length=120)
    # With the words of billing.reminders.PLACEHOLDERS between braces, and no others.
    text = models.TextField(_("texte du courriel"), max_length=4000, blank=True)
    attach_statement = models.BooleanField(_("joindre le relevé de compte"), default=False)
    says_penalties = models.BooleanField(_("demander les pénalités de retard aux structures"), default=False)
    is_human = models.BooleanField(_("un appel plutôt qu’un courriel"), default=False)
    starts_on = models.DateField(_("à partir du"))
    ends_on = models.DateField(_("jusqu’au (exclu)"), null=True, blank=True)

    objects = hub_objects(DatedQuerySet)

    class Meta:
        verbose_name = _("niveau de relance")
        constraints = [
            *hub_guards("billing_reminderlevel"),
            ExclusionConstraint(
                name="billing_reminderlevel_no_overlap",
                expressions=[
                    ("hub", RangeOperators.EQUAL),
                    ("rank", RangeOperators.EQUAL),
                    (dates_in_force(), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Ce niveau est déjà réglé à ces dates."),
            ),
            models.CheckConstraint(
                name="billing_reminderlevel_rank",
                condition=Q(rank__gte=1, rank__lte=9),
                violation_error_message=_("Neuf niveaux au plus."),
            ),
            models.CheckConstraint(
                name="billing_reminderlevel_days",
                condition=Q(days__gte=1, days__lte=365),
                violation_error_message=_("Entre 1 et 365 jours après l’échéance."),
            ),
            models.CheckConstraint(
                name="billing_reminderlevel_mail_has_text",
                condition=Q(is_human=True, attach_statement=False, says_penalties=False)
                | (Q(is_human=False) & ~Q(text="")),
                violation_error_message=_("Un courriel de relance a un texte."),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ReminderPolicy(HubModel):
    """Whether reminders leave by themselves, and whether the team gets its digest: one row for the hub."""

    is_on = models.BooleanField(_("envoyer les relances chaque matin"), default=True)
    digest = models.BooleanField(_("envoyer le point de la semaine à l’équipe"), default=True)
    digest_sent_on = models.DateField(_("dernier point envoyé le"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("réglage des relances")
        constraints = [
            *hub_guards("billing_reminderpolicy"),
            models.UniqueConstraint(fields=["hub"], name="billing_reminderpolicy_once"),
        ]

    def __str__(self) -> str:
        return str(_("Relances"))


class Reminder(HubModel):
    """What was said about one invoice at one level: by a mail, which may tell of several, or by a call."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="reminders", verbose_name=_("compte"))
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="reminders", verbose_name=_("facture"))
    level = models.ForeignKey(
        ReminderLevel, on_delete=models.PROTECT, related_name="reminders", verbose_name=_("niveau")
    )
    rank = models.PositiveSmallIntegerField(_("rang"))
    # The date that was missed: an invoice due in several dates is chased for each.
    due_on = models.DateField(_("échéance"))
    amount = models.DecimalField(_("en retard ce jour-là"), max_digits=12, decimal_places=2)
    sent_on = models.DateField(_("le"))
    sent_at = models.DateTimeField(_("noté le"), auto_now_add=True)
    mail = models.ForeignKey(
        Mail, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("courriel")
    )
    note = models.CharField(_("ce qui s’est dit"), max_length=500, blank=True)
    made_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("par")
    )

    class Meta:
        verbose_name = _("relance")
        constraints = [
            *hub_guards("billing_reminder", "account", "invoice", "level", "mail", "made_by"),
            models.UniqueConstraint(fields=["hub", "invoice", "due_on", "rank"], name="billing_reminder_once"),
            models.CheckConstraint(name="billing_reminder_amount", condition=Q(amount__gt=0)),
            models.CheckConstraint(name="billing_reminder_after_due", condition=Q(sent_on__gt=F("due_on"))),
            models.CheckConstraint(
                name="billing_reminder_mail_or_note",
                condition=Q(mail__isnull=False, note="") | (Q(mail=None) & ~Q(note="")),
            ),
        ]
        indexes = [models.Index(fields=["hub", "account", "sent_on"], name="billing_reminder_of_account")]

    def __str__(self) -> str:
        return f"{self.level}, {self.invoice}"


class ReminderException(HubModel):
    """An account that is not chased for a time, or until someone says so, with the reason."""

    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="reminder_exceptions", verbose_name=_("compte")
    )
    reason = models.CharField(_("motif"), max_length=300)
    starts_on = models.DateField(_("à partir du"))
    ends_on = models.DateField(_("jusqu’au (exclu)"), null=True, blank=True)
    made_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("par")
    )

    objects = hub_objects(DatedQuerySet)

    class Meta:
        verbose_name = _("compte sans relance")
        constraints = [
            *hub_guards("billing_reminderexception", "account", "made_by"),
            ExclusionConstraint(
                name="billing_reminderexception_no_overlap",
                expressions=[
                    ("hub", RangeOperators.EQUAL),
                    ("account", RangeOperators.EQUAL),
                    (dates_in_force(), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Ce compte est déjà sans relance à ces dates."),
            ),
            models.CheckConstraint(
                name="billing_reminderexception_says_why",
                condition=~Q(reason=""),
                violation_error_message=_("Dites pourquoi ce compte n’est pas relancé."),
            ),
        ]

    def __str__(self) -> str:
        return self.reason


class DisputeQuerySet(models.QuerySet["Dispute"]):
    def pending(self) -> "DisputeQuerySet":
        return self.filter(closed_at=None)


class Dispute(HubModel):
    """An invoice that its account contests: not chased until the team has answered."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="disputes", verbose_name=_("facture"))
    reason = models.CharField(_("ce qui est contesté"), max_length=1000)
    opened_at = models.DateTimeField(_("contestée le"))
    opened_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("contestée par")
    )
    answer = models.CharField(_("réponse"), max_length=1000, blank=True)
    closed_at = models.DateTimeField(_("répondue le"), null=True, blank=True)
    closed_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("répondue par")
    )

    objects = hub_objects(DisputeQuerySet)

    class Meta:
        verbose_name = _("contestation")
        constraints = [
            *hub_guards("billing_dispute", "invoice", "opened_by", "closed_by"),
            models.UniqueConstraint(
                fields=["hub", "invoice"],
                condition=Q(closed_at=None),
                name="billing_dispute_one_open",
                violation_error_message=_("Cette facture est déjà contestée."),
            ),
            models.CheckConstraint(
                name="billing_dispute_says_why",
                condition=~Q(reason=""),
                violation_error_message=_("Dites ce qui ne va pas."),
            ),
            models.CheckConstraint(
                name="billing_dispute_closed_is_answered",
                condition=Q(closed_at=None, closed_by=None, answer="") | (Q(closed_at__isnull=False) & ~Q(answer="")),
            ),
        ]

    def __str__(self) -> str:
        return self.reason


class PenaltyRate(HubModel):
    """The yearly rate of late penalties in per cent, by period: that of the ECB plus ten points (C. com. L441-10)."""

    rate = models.DecimalField(_("taux annuel (%)"), max_digits=5, decimal_places=2)
    starts_on = models.DateField(_("à partir du"))
    ends_on = models.DateField(_("jusqu’au (exclu)"), null=True, blank=True)

    objects = hub_objects(DatedQuerySet)

    class Meta:
        verbose_name = _("taux des pénalités de retard")
        constraints = [
            *hub_guards("billing_penaltyrate"),
            ExclusionConstraint(
                name="billing_penaltyrate_no_overlap",
                expressions=[("hub", RangeOperators.EQUAL), (dates_in_force(), RangeOperators.OVERLAPS)],
                violation_error_message=_("Un taux couvre déjà ces dates."),
            ),
            models.CheckConstraint(
                name="billing_penaltyrate_positive",
                condition=Q(rate__gt=0, rate__lte=100),
                violation_error_message=_("Le taux est entre 0 et 100\u00a0%."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rate}"
