"""What goes by the plateforme agréée: what it was handed, what it told of it, what it brought."""

import datetime as dt
import uuid

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from billing.einvoice.reasons import in_words
from billing.enums import LifeCode
from billing.models.invoice import Invoice
from billing.models.supplier import SupplierInvoice
from documents.models import StoredFile
from hubs.isolation import hub_guards
from hubs.models import HubModel, hub_objects


class PlatformLink(HubModel):
    """What the hub does with its platform, and how far it has read there: one row for the hub."""

    sends_from = models.DateField(_("envoyer les factures émises à partir du"), null=True, blank=True)
    # By the platform's clock.
    statuses_until = models.DateTimeField(_("statuts lus jusqu’au"), null=True, blank=True, editable=False)
    arrivals_until = models.DateTimeField(_("réceptions lues jusqu’au"), null=True, blank=True, editable=False)
    read_at = models.DateTimeField(_("dernière relève le"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("réglage de la plateforme")
        constraints = [
            *hub_guards("billing_platformlink"),
            models.UniqueConstraint(fields=["hub"], name="billing_platformlink_once"),
        ]

    def __str__(self) -> str:
        return str(_("Plateforme agréée"))


class TransmissionQuerySet(models.QuerySet["Transmission"]):
    def with_last(self) -> "TransmissionQuerySet":
        """Adds what was told last since it left: `last_code`, `last_text`, `last_at` and `last_noted_at`."""
        told = TransmissionStatus.objects.filter(transmission=OuterRef("pk"), noted_at__gte=OuterRef("sent_at"))
        last = told.order_by("-at", "-code", "-pk")
        return self.annotate(
            last_code=Subquery(last.values("code")[:1]),
            last_text=Subquery(last.values("text")[:1]),
            last_at=Subquery(last.values("at")[:1]),
            last_noted_at=Subquery(last.values("noted_at")[:1]),
        )

    def in_trouble(self) -> "TransmissionQuerySet":
        """Refused, disputed or held, and nobody has said that it is seen to; a credit note of the whole does."""
        credited = Invoice.objects.issued().filter(
            corrects=OuterRef("invoice"), total_incl__gte=OuterRef("invoice__total_incl")
        )
        seen_to = Q(handled_at__isnull=False) & Q(handled_at__gte=F("last_noted_at"))
        return self.with_last().filter(~Exists(credited), ~seen_to, last_code__in=LifeCode.troubles())


class Transmission(HubModel):
    """An invoice handed to the platform. `sent_at` is empty while it waits to be handed over once more."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="+", verbose_name=_("facture"))
    # Known before it leaves, and the same until it is sent again: the platform finds by it what it has already.
    key = models.UUIDField(_("clé d’envoi"))
    # The platform's own mark; empty when it would not take the document.
    reference = models.CharField(_("référence chez la plateforme"), max_length=100, blank=True)
    sent_at = models.DateTimeField(_("envoyée le"), null=True, blank=True)
    handled_at = models.DateTimeField(_("traitée le"), null=True, blank=True)

    objects = hub_objects(TransmissionQuerySet)

    # Set by `with_last`.
    last_code: str | None
    last_text: str | None
    last_at: dt.datetime | None
    # Set by `on_platform`.
    told: list["TransmissionStatus"]

    class Meta:
        verbose_name = _("envoi à la plateforme")
        constraints = [
            *hub_guards("billing_transmission", "invoice"),
            models.UniqueConstraint(fields=["hub", "invoice"], name="billing_transmission_once"),
            models.UniqueConstraint(fields=["hub", "key"], name="billing_transmission_key_once"),
        ]

    def __str__(self) -> str:
        return str(self.invoice)

    @property
    def label(self) -> str:
        """The name of what was told last, of a row that has it."""
        return LifeCode.label_of(self.last_code or "")

    @property
    def reason(self) -> str:
        """Why, of a row that has what was told last."""
        return in_words(self.last_text or "")

    @staticmethod
    def key_of(invoice: Invoice) -> uuid.UUID:
        """Two bodies of one hub number alike: the seller is part of it."""
        seller, _buyer = invoice.frozen
        return uuid.uuid5(uuid.NAMESPACE_URL, f"{seller['siren']}/{invoice.number}")


class TransmissionStatus(HubModel):
    """One moment of the life of what was sent, as it was told; never changed."""

    transmission = models.ForeignKey(
        Transmission, on_delete=models.PROTECT, related_name="statuses", verbose_name=_("envoi")
    )
    code = models.CharField(_("statut"), max_length=3)
    at = models.DateTimeField(_("le"))
    text = models.CharField(_("motif"), max_length=500, blank=True)
    noted_at = models.DateTimeField(_("relevé le"))

    class Meta:
        verbose_name = _("statut d’un envoi")
        constraints = [
            *hub_guards("billing_transmissionstatus", "transmission"),
            models.UniqueConstraint(
                fields=["hub", "transmission", "code", "at"], name="billing_transmissionstatus_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.at}"

    @property
    def label(self) -> str:
        """Its name in the list of XP Z12-012; the code where it is not of that list."""
        return LifeCode.label_of(self.code)

    @property
    def reason(self) -> str:
        return in_words(self.text)


class PlatformArrival(HubModel):
    """An invoice of a supplier that the platform announced; `fault` says why it could not be read into one."""

    reference = models.CharField(_("référence chez la plateforme"), max_length=100)
    name = models.CharField(_("fichier"), max_length=120)
    told_at = models.DateTimeField(_("annoncée le"))
    read_at = models.DateTimeField(_("lue le"), null=True, blank=True)
    invoice = models.ForeignKey(
        SupplierInvoice, on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("facture de fournisseur"),
    )  # fmt: skip
    file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("fichier reçu")
    )
    fault = models.CharField(_("défaut"), max_length=500, blank=True)
    handled_at = models.DateTimeField(_("traitée le"), null=True, blank=True)

    class Meta:
        verbose_name = _("facture reçue de la plateforme")
        constraints = [
            *hub_guards("billing_platformarrival", "invoice", "file"),
            models.UniqueConstraint(fields=["hub", "reference"], name="billing_platformarrival_once"),
            models.CheckConstraint(
                name="billing_platformarrival_read_once",
                condition=Q(read_at=None, invoice=None, file=None, fault="", handled_at=None)
                | Q(read_at__isnull=False, fault="", handled_at=None, file=None)
                | (Q(read_at__isnull=False, invoice=None) & ~Q(fault="")),
                violation_error_message=_("Une facture reçue est lue, ou dit pourquoi elle ne l’est pas."),
            ),
        ]
        indexes = [
            models.Index(fields=["hub"], name="billing_arrival_faulty", condition=~Q(fault="") & Q(handled_at=None))
        ]

    def __str__(self) -> str:
        return self.name
