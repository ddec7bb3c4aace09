"""How members leave: they resign, or are struck off step by step; when, by the rules that the hub set."""

import datetime as dt

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import DateField, ExpressionWrapper, F, Q
from django.utils.translation import gettext_lazy as _

from hubs.isolation import hub_guards
from hubs.models import DatedQuerySet, HubModel, dates_in_force, hub_objects
from members.enums import DecidingBody, ResignationEffect, StrikeCause
from members.models.membership import Membership


class DepartureTerms(HubModel):
    """What the statutes say of leaving, from a date on. The defaults stand for a hub that has set nothing."""

    effect = models.CharField(
        _("une démission prend effet"),
        max_length=10,
        choices=ResignationEffect.choices,
        default=ResignationEffect.AT_ONCE,
    )
    notice_days = models.PositiveSmallIntegerField(
        _("jours de préavis"), default=0, validators=[MaxValueValidator(730)]
    )
    answer_days = models.PositiveSmallIntegerField(_("jours pour répondre à une mise en demeure"), default=30)
    starts_on = models.DateField(_("à partir du"))
    ends_on = models.DateField(_("jusqu’au (exclu)"), null=True, blank=True)

    objects = hub_objects(DatedQuerySet)

    class Meta:
        verbose_name = _("règles de départ")
        constraints = [
            *hub_guards("members_departureterms"),
            models.CheckConstraint(
                name="members_departureterms_notice",
                condition=Q(effect=ResignationEffect.NOTICE, notice_days__range=(1, 730))
                | (~Q(effect=ResignationEffect.NOTICE) & Q(notice_days=0)),
                violation_error_message=_("Dites le préavis en jours, de 1 à 730."),
            ),
            models.CheckConstraint(
                name="members_departureterms_answer",
                condition=Q(answer_days__range=(1, 365)),
                violation_error_message=_("Entre 1 et 365 jours pour répondre."),
            ),
            ExclusionConstraint(
                name="members_departureterms_no_overlap",
                expressions=[("hub", RangeOperators.EQUAL), (dates_in_force(), RangeOperators.OVERLAPS)],
                violation_error_message=_("Des règles sont déjà notées à partir d’une date plus récente."),
            ),
        ]

    def __str__(self) -> str:
        return self.get_effect_display()


class ResignationQuerySet(models.QuerySet["Resignation"]):
    def live(self) -> "ResignationQuerySet":
        """Those that were not withdrawn."""
        return self.filter(withdrawn_on=None)

    def for_display(self) -> "ResignationQuerySet":
        return self.select_related(
            "membership__organisation", "membership__person", "membership__college", "membership__fiscal_year"
        )


class Resignation(HubModel):
    """A member leaves by a letter, or by a click in mon espace: from `effect_on` on it is no longer a member."""

    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="resignations", verbose_name=_("adhésion")
    )
    letter_on = models.DateField(_("date de la lettre"))
    received_on = models.DateField(_("reçue le"))
    effect_on = models.DateField(_("plus membre à partir du"))
    reason = models.CharField(_("pourquoi"), max_length=300, blank=True)
    # By whom, as they were named: an administrator of the structure, the person, or the staff that has the letter.
    by = models.CharField(_("notée par"), max_length=200)
    by_member = models.BooleanField(_("déposée sur le portail"), default=False)
    # The staff has read it: what a member wrote on the portal waits for that.
    noted_on = models.DateField(_("prise en note le"), null=True, blank=True)
    withdrawn_on = models.DateField(_("retirée le"), null=True, blank=True)

    objects = hub_objects(ResignationQuerySet)

    class Meta:
        verbose_name = _("démission")
        constraints = [
            *hub_guards("members_resignation", "membership"),
            models.UniqueConstraint(
                fields=["hub", "membership"],
                condition=Q(withdrawn_on=None),
                name="members_resignation_once",
                violation_error_message=_("Une démission est déjà notée."),
            ),
            models.CheckConstraint(
                name="members_resignation_dates",
                condition=Q(letter_on__lte=F("received_on"), effect_on__gt=F("letter_on")),
                violation_error_message=_("Une démission prend effet après la date de sa lettre."),
            ),
            models.CheckConstraint(
                name="members_resignation_withdrawn_before",
                condition=Q(withdrawn_on=None) | Q(withdrawn_on__lt=F("effect_on")),
                violation_error_message=_("Une démission se retire avant le jour où elle prend effet."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.membership.member)

    @property
    def last_day(self) -> dt.date:
        """The last day as a member."""
        return self.effect_on - dt.timedelta(days=1)


class StrikeOffQuerySet(models.QuerySet["StrikeOff"]):
    def under_way(self) -> "StrikeOffQuerySet":
        """Those that nobody has decided nor stopped; dues that were paid since are told by queries."""
        return self.filter(decided_on=None, stopped_on=None)

    def for_display(self) -> "StrikeOffQuerySet":
        return self.select_related(
            "membership__organisation", "membership__person", "membership__college", "membership__fiscal_year"
        )


class StrikeOff(HubModel):
    """The hub ends a membership: formal notice, time to answer, the member heard, a decision, its effect.

    Each step is written once, in this order; members/sql_departures.py holds it.
    """

    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="strike_offs", verbose_name=_("adhésion")
    )
    cause = models.CharField(_("motif"), max_length=10, choices=StrikeCause.choices)
    grounds = models.TextField(_("faits reprochés"), max_length=3_000, blank=True)
    notice_on = models.DateField(_("mise en demeure du"))
    # Days to answer, as the hub's terms were that day.
    answer_days = models.PositiveSmallIntegerField(_("jours pour répondre"))
    answer_by = models.DateField(_("réponse attendue jusqu’au"))
    heard_on = models.DateField(_("entendue le"), null=True, blank=True)
    heard = models.TextField(_("ce qu’elle a dit"), max_length=3_000, blank=True)
    decided_on = models.DateField(_("décidée le"), null=True, blank=True)
    decided_by = models.CharField(_("décidée par"), max_length=10, choices=DecidingBody.choices, blank=True)
    reference = models.CharField(_("référence de la décision"), max_length=120, blank=True)
    effect_on = models.DateField(_("plus membre à partir du"), null=True, blank=True)
    stopped_on = models.DateField(_("arrêtée le"), null=True, blank=True)
    stop_reason = models.CharField(_("pourquoi"), max_length=300, blank=True)

    objects = hub_objects(StrikeOffQuerySet)

    class Meta:
        verbose_name = _("radiation")
        constraints = [
            *hub_guards("members_strikeoff", "membership"),
            models.UniqueConstraint(
                fields=["hub", "membership"],
                condition=Q(stopped_on=None),
                name="members_strikeoff_once",
                violation_error_message=_("Une radiation est déjà engagée."),
            ),
            models.CheckConstraint(
                name="members_strikeoff_grounds",
                condition=Q(cause=StrikeCause.DUES) | ~Q(grounds=""),
                violation_error_message=_("Dites ce qui est reproché."),
            ),
            models.CheckConstraint(
                name="members_strikeoff_delay",
                condition=Q(
                    answer_days__gte=1,
                    answer_by__gte=ExpressionWrapper(F("notice_on") + F("answer_days"), output_field=DateField()),
                ),
                violation_error_message=_("Le délai de réponse court à partir de la mise en demeure."),
            ),
            models.CheckConstraint(
                name="members_strikeoff_heard",
                condition=Q(heard_on=None, heard="") | (Q(heard_on__gte=F("notice_on")) & ~Q(heard="")),
                violation_error_message=_("Dites ce que le membre a répondu, ou qu’il n’a pas répondu."),
            ),
            models.CheckConstraint(
                name="members_strikeoff_decided",
                condition=Q(decided_on=None, decided_by="", reference="", effect_on=None)
                | Q(
                    decided_on__gt=F("answer_by"),
                    effect_on__gt=F("decided_on"),
                    heard_on__isnull=False,
                    heard_on__lte=F("decided_on"),
                    stopped_on=None,
                )
                & ~Q(decided_by="")
                & ~Q(reference=""),
                violation_error_message=_(
                    "Une radiation se décide après le délai de la mise en demeure, une fois le membre entendu."
                ),
            ),
            models.CheckConstraint(
                name="members_strikeoff_stopped_with_reason",
                condition=Q(stopped_on=None, stop_reason="") | (Q(stopped_on__gte=F("notice_on")) & ~Q(stop_reason="")),
                violation_error_message=_("Dites pourquoi la procédure s’arrête."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.membership.member)

    @property
    def last_day(self) -> dt.date | None:
        """The last day as a member, once decided."""
        return self.effect_on - dt.timedelta(days=1) if self.effect_on else None
