"""Reminders of renewal, and what a member asks about the dates of its dues."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hubs.isolation import hub_guards
from hubs.models import HubModel, Mail, hub_objects
from members.models.dues import DuesCall
from members.models.membership import Membership
from parties.models import Person


def usual_days_before() -> list[int]:
    return [30, 7]


def usual_days_after() -> list[int]:
    return [15]


class RenewalPolicy(HubModel):
    """When members are told that their year ends, in days before and after its end: one row for the hub."""

    is_on = models.BooleanField(_("envoyer les rappels chaque matin"), default=False)
    days_before = ArrayField(
        models.PositiveSmallIntegerField(), verbose_name=_("jours avant"), default=usual_days_before
    )
    days_after = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("jours après"), default=usual_days_after)

    class Meta:
        verbose_name = _("réglage des rappels de renouvellement")
        constraints = [
            *hub_guards("members_renewalpolicy"),
            models.UniqueConstraint(fields=["hub"], name="members_renewalpolicy_once"),
        ]

    def __str__(self) -> str:
        return str(_("Rappels de renouvellement"))


class RenewalReminder(HubModel):
    """One mail about the end of a membership: `days` after its last day, below zero before. Never changed: it is the log."""

    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="renewal_reminders", verbose_name=_("adhésion")
    )
    days = models.SmallIntegerField(_("jours après la fin"))
    ended_on = models.DateField(_("fin de l’adhésion (exclue)"))
    sent_on = models.DateField(_("envoyé le"))
    mail = models.ForeignKey(Mail, on_delete=models.PROTECT, related_name="+", verbose_name=_("courriel"))

    class Meta:
        verbose_name = _("rappel de renouvellement")
        constraints = [
            *hub_guards("members_renewalreminder", "membership", "mail"),
            models.UniqueConstraint(fields=["hub", "membership", "days"], name="members_renewalreminder_once"),
        ]
        indexes = [models.Index(fields=["hub", "-sent_on"], name="members_renewalreminder_log")]

    def __str__(self) -> str:
        return f"{self.membership}, {self.sent_on}"


class DatesRequestQuerySet(models.QuerySet["DatesRequest"]):
    def waiting(self) -> "DatesRequestQuerySet":
        return self.filter(answered_at=None)


class DatesRequest(HubModel):
    """A member asks to pay its dues in several dates; the team grants it or says why not."""

    call = models.ForeignKey(
        DuesCall, on_delete=models.PROTECT, related_name="dates_requests", verbose_name=_("cotisation")
    )
    parts = models.PositiveSmallIntegerField(_("en combien de fois"))
    reason = models.CharField(_("pourquoi"), max_length=300, blank=True)
    asked_at = models.DateTimeField(_("demandé le"))
    asked_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("demandé par")
    )
    is_granted = models.BooleanField(_("accordé"), null=True, blank=True)
    answer = models.CharField(_("réponse"), max_length=300, blank=True)
    answered_at = models.DateTimeField(_("répondu le"), null=True, blank=True)
    answered_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("répondu par")
    )

    objects = hub_objects(DatesRequestQuerySet)

    class Meta:
        verbose_name = _("demande de paiement en plusieurs fois")
        constraints = [
            *hub_guards("members_datesrequest", "call", "asked_by", "answered_by"),
            models.UniqueConstraint(
                fields=["hub", "call"],
                condition=Q(answered_at=None),
                name="members_datesrequest_one_waiting",
                violation_error_message=_("Une demande attend déjà une réponse."),
            ),
            models.CheckConstraint(
                name="members_datesrequest_parts",
                condition=Q(parts__range=(2, 12)),
                violation_error_message=_("De 2 à 12 fois."),
            ),
            models.CheckConstraint(
                name="members_datesrequest_answered",
                condition=Q(answered_at=None, is_granted=None, answer="", answered_by=None)
                | Q(answered_at__gte=F("asked_at"), is_granted=True)
                | (Q(answered_at__gte=F("asked_at"), is_granted=False) & ~Q(answer="")),
                violation_error_message=_("Dites pourquoi c’est refusé."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.call}, {self.parts}"
