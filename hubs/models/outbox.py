"""What is to be done after the commit: mail to send, work to do. The broker is never the memory."""

import datetime as dt

from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from hubs.enums import ItemState, MailState
from hubs.isolation import hub_guards
from hubs.models.base import HubModel, hub_objects


class MailQuerySet(models.QuerySet["Mail"]):
    def due(self, now: dt.datetime) -> "MailQuerySet":
        """To send now, or so long in sending that its worker must be dead."""
        return self.filter(state__in=[MailState.QUEUED, MailState.SENDING], next_try_at__lte=now)


class Mail(HubModel):
    """A message to send, and the log of what was sent."""

    to = ArrayField(models.EmailField(), verbose_name=_("à"))
    subject = models.CharField(_("objet"), max_length=240)
    text = models.TextField(_("texte"))
    html = models.TextField(_("mise en forme"), blank=True)
    # Each: {"name": …, "type": …, "key": …}; the key is that of the private storage.
    attachments = models.JSONField(_("pièces jointes"), default=list)
    about = models.CharField(_("à propos de"), max_length=80, blank=True)
    state = models.CharField(_("état"), max_length=10, choices=MailState.choices, default=MailState.QUEUED)
    queued_at = models.DateTimeField(_("demandé le"), auto_now_add=True)
    next_try_at = models.DateTimeField(_("prochain essai"))
    sent_at = models.DateTimeField(_("envoyé le"), null=True)
    tries = models.PositiveSmallIntegerField(_("essais"), default=0)
    error = models.TextField(_("erreur"), blank=True)

    objects = hub_objects(MailQuerySet)

    class Meta:
        verbose_name = _("courriel")
        constraints = [
            *hub_guards("hubs_mail"),
            models.CheckConstraint(
                name="hubs_mail_sent_has_date",
                condition=Q(state=MailState.SENT, sent_at__isnull=False)
                | (~Q(state=MailState.SENT) & Q(sent_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["hub", "next_try_at"], condition=Q(state__in=["queued", "sending"]), name="hubs_mail_to_send"
            ),
            # Counted each time the metrics are read, beside years of mail that left.
            models.Index(fields=["hub"], condition=Q(state="failed"), name="hubs_mail_failed"),
        ]

    def __str__(self) -> str:
        return self.subject


class RunQuerySet(models.QuerySet["Run"]):
    def with_progress(self) -> "RunQuerySet":
        """Adds `total`, `done` and `failed`, counted from the items."""
        return self.annotate(
            total=Count("items"),
            done=Count("items", filter=Q(items__state=ItemState.DONE)),
            failed=Count("items", filter=Q(items__state=ItemState.FAILED)),
        )


class Run(HubModel):
    """A long piece of work, cut into items that are done one by one in any order."""

    title = models.CharField(_("travail"), max_length=200)
    about = models.CharField(_("à propos de"), max_length=80, blank=True)
    started_by = models.CharField(_("lancé par"), max_length=200)
    started_at = models.DateTimeField(_("lancé le"), auto_now_add=True)

    objects = hub_objects(RunQuerySet)

    class Meta:
        verbose_name = _("travail en cours")
        constraints = [*hub_guards("hubs_run")]

    def __str__(self) -> str:
        return self.title


class RunItemQuerySet(models.QuerySet["RunItem"]):
    def due(self, now: dt.datetime, again_after: dt.timedelta) -> "RunItemQuerySet":
        """Items handed to a worker so long ago that it must be dead, or that the broker lost."""
        return self.filter(handed_at__lt=now - again_after, state=ItemState.TODO)


class RunItem(HubModel):
    """One unit of work: its own task, in its own transaction, safe to kill and to run again."""

    # An item has no meaning without its run, and runs are only swept whole.
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="items")
    job = models.CharField(_("tâche"), max_length=60)
    kwargs = models.JSONField(_("données"), default=dict, encoder=DjangoJSONEncoder)
    label = models.CharField(_("pour"), max_length=200)
    state = models.CharField(_("état"), max_length=10, choices=ItemState.choices, default=ItemState.TODO)
    handed_at = models.DateTimeField(_("confié le"))
    done_at = models.DateTimeField(_("fait le"), null=True)
    tries = models.PositiveSmallIntegerField(_("essais"), default=0)
    error = models.TextField(_("erreur"), blank=True)

    objects = hub_objects(RunItemQuerySet)

    class Meta:
        verbose_name = _("élément de travail")
        constraints = [
            *hub_guards("hubs_runitem", "run"),
            models.CheckConstraint(
                name="hubs_runitem_done_has_date",
                condition=Q(state=ItemState.DONE, done_at__isnull=False)
                | (~Q(state=ItemState.DONE) & Q(done_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(fields=["hub", "handed_at"], condition=Q(state="todo"), name="hubs_runitem_due"),
            models.Index(fields=["hub"], condition=Q(state="failed"), name="hubs_runitem_failed"),
        ]

    def __str__(self) -> str:
        return self.label
