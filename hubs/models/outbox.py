"""What is to be done after the commit: mail to send, work to do. The broker is never the memory."""

import datetime as dt

from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Count, Exists, F, Func, OuterRef, Q, Value
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hubs.enums import ItemFailure, ItemState, MailFailure, MailState
from hubs.isolation import hub_guards
from hubs.models.base import HubModel, hub_objects


class MailQuerySet(models.QuerySet["Mail"]):
    def due(self, now: dt.datetime) -> "MailQuerySet":
        """To send now, or so long in sending that its worker must be dead."""
        return self.filter(state__in=[MailState.QUEUED, MailState.SENDING], next_try_at__lte=now)

    def to_address(self, text: str) -> "MailQuerySet":
        """Sent to an address that holds `text`."""
        addresses = Func(F("to"), Value(" "), function="array_to_string", output_field=models.TextField())
        return self.annotate(addresses=addresses).filter(addresses__icontains=text)

    def unanswered(self) -> "MailQuerySet":
        """Failed, and nobody has written anew about the same thing; codes of sign-in are asked for again."""
        newer = Mail.objects.filter(about=OuterRef("about"), pk__gt=OuterRef("pk")).exclude(about="")
        return self.filter(~Exists(newer), state=MailState.FAILED, is_secret=False)


class Mail(HubModel):
    """A message to send, and the log of what was sent."""

    to = ArrayField(models.EmailField(), verbose_name=_("à"))
    subject = models.CharField(_("objet"), max_length=240)
    text = models.TextField(_("texte"))
    html = models.TextField(_("mise en forme"), blank=True)
    # Each: {"name": …, "type": …, "key": …}; the key is that of the private storage.
    attachments = models.JSONField(_("pièces jointes"), default=list)
    about = models.CharField(_("à propos de"), max_length=80, blank=True)
    # It holds a code or a link that opens the portal: what it says is shown to nobody, and it is not sent twice.
    is_secret = models.BooleanField(_("ouvre le portail"), default=False, db_default=False)
    state = models.CharField(_("état"), max_length=10, choices=MailState.choices, default=MailState.QUEUED)
    queued_at = models.DateTimeField(_("demandé le"), auto_now_add=True)
    next_try_at = models.DateTimeField(_("prochain essai"))
    sent_at = models.DateTimeField(_("envoyé le"), null=True)
    tries = models.PositiveSmallIntegerField(_("essais"), default=0)
    failure = models.CharField(
        _("raison"), max_length=12, choices=MailFailure.choices, blank=True, default="", db_default=""
    )
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
            models.Index(fields=["hub", "id"], condition=Q(state="failed"), name="hubs_mail_failed"),
            models.Index(fields=["hub", "about", "id"], condition=~Q(about=""), name="hubs_mail_about"),
        ]

    def __str__(self) -> str:
        return self.shown_subject

    @property
    def shown_subject(self) -> str:
        """The subject as staff and the log read it: that of a code is the code itself."""
        return gettext("Code ou lien de connexion") if self.is_secret else self.subject


class RunQuerySet(models.QuerySet["Run"]):
    def with_progress(self) -> "RunQuerySet":
        """Adds `total`, `done`, `failed`, `cancelled` and `left`, counted from the items."""

        def counted(state: ItemState) -> Count:
            return Count("items", filter=Q(items__state=state))

        return self.annotate(
            total=Count("items"),
            done=counted(ItemState.DONE),
            failed=counted(ItemState.FAILED),
            cancelled=counted(ItemState.CANCELLED),
            left=counted(ItemState.TODO),
        )


class Run(HubModel):
    """A long piece of work, cut into items that are done one by one in any order."""

    title = models.CharField(_("travail"), max_length=200)
    about = models.CharField(_("à propos de"), max_length=80, blank=True)
    started_by = models.CharField(_("lancé par"), max_length=200)
    started_at = models.DateTimeField(_("lancé le"), auto_now_add=True)
    cancelled_at = models.DateTimeField(_("annulé le"), null=True, blank=True)
    cancelled_by = models.CharField(_("annulé par"), max_length=200, blank=True, default="", db_default="")

    objects = hub_objects(RunQuerySet)

    class Meta:
        verbose_name = _("travail en cours")
        constraints = [
            *hub_guards("hubs_run"),
            models.CheckConstraint(
                name="hubs_run_cancelled_by_someone",
                condition=Q(cancelled_at=None, cancelled_by="") | (Q(cancelled_at__isnull=False) & ~Q(cancelled_by="")),
            ),
        ]

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
    failure = models.CharField(
        _("raison"), max_length=12, choices=ItemFailure.choices, blank=True, default="", db_default=""
    )
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
            models.Index(fields=["hub", "run"], condition=Q(state="failed"), name="hubs_runitem_failed"),
        ]

    def __str__(self) -> str:
        return self.label
