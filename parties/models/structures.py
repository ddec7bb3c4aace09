import datetime as dt

from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from hubs.enums import LegalForm
from hubs.isolation import hub_guards
from hubs.models import HubModel, hub_objects, public_id


class PlainText(Func):
    """Text without accents or capitals, as names are sorted and searched: « Élan » beside « elan »."""

    function = "coursive_plain"
    output_field = models.TextField()


class Trade(HubModel):
    """A trade of the hub's members: « spectacle vivant », « graphisme »… Each hub has its own list."""

    name = models.CharField(_("métier"), max_length=80)

    class Meta:
        verbose_name = _("métier")
        constraints = [
            *hub_guards("parties_trade"),
            models.UniqueConstraint("hub", PlainText("name"), name="parties_trade_once"),
        ]

    def __str__(self) -> str:
        return self.name


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def standing(self) -> "OrganisationQuerySet":
        """Those that are not merged into another: whoever is listed, searched or chosen."""
        return self.filter(merged_into=None)

    def live(self, on: dt.date) -> "OrganisationQuerySet":
        return self.standing().filter(Q(closed_on=None) | Q(closed_on__gt=on))

    def by_name(self) -> "OrganisationQuerySet":
        return self.order_by(PlainText("name"), "pk")

    def named_like(self, text: str) -> "OrganisationQuerySet":
        """Structures whose name or short name holds `text`, accents and capitals forgiven."""
        wanted = PlainText(Value(text))
        return self.annotate(_plain=PlainText(F("name"))).filter(_plain__contains=wanted)


class Organisation(HubModel):
    """Any legal body that the hub deals with. Member, supplier, funder… are dated rows on it."""

    public_id = models.CharField(max_length=12, default=public_id, editable=False)
    name = models.CharField(_("nom"), max_length=160)
    legal_form = models.CharField(_("forme juridique"), max_length=20, choices=LegalForm.choices)
    siren = models.CharField(_("SIREN"), max_length=9, blank=True)
    siret = models.CharField(_("SIRET"), max_length=14, blank=True)
    vat_number = models.CharField(_("numéro de TVA"), max_length=20, blank=True)
    # A project carried by a CAE has no number of its own: its host signs.
    hosted_by = models.ForeignKey(
        "self", verbose_name=_("portée par"), on_delete=models.PROTECT, null=True, blank=True, related_name="hosted"
    )
    trade = models.ForeignKey(
        Trade, verbose_name=_("métier"), on_delete=models.PROTECT, null=True, blank=True, related_name="organisations"
    )
    email = models.EmailField(_("adresse électronique"), blank=True)
    invoice_email = models.EmailField(_("adresse pour les factures"), blank=True)
    phone = models.CharField(_("téléphone"), max_length=30, blank=True)
    address = models.CharField(_("adresse"), max_length=200, blank=True)
    postcode = models.CharField(_("code postal"), max_length=10, blank=True)
    town = models.CharField(_("commune"), max_length=80, blank=True)
    website = models.URLField(_("site"), blank=True)
    founded_on = models.DateField(_("créée le"), null=True, blank=True)
    closed_on = models.DateField(_("fermée le"), null=True, blank=True)
    # Twice on file: what is this row's is read on the other's sheet, and nothing of it is moved.
    merged_into = models.ForeignKey(
        "self",
        verbose_name=_("fusionnée dans"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="merged",
        editable=False,
    )

    objects = hub_objects(OrganisationQuerySet)

    class Meta:
        verbose_name = _("structure")
        constraints = [
            *hub_guards("parties_organisation", "hosted_by", "trade", "merged_into"),
            models.UniqueConstraint(fields=["hub", "public_id"], name="parties_organisation_public_id"),
            models.UniqueConstraint(
                fields=["hub", "siret"],
                condition=~Q(siret="") & Q(merged_into=None),
                name="parties_organisation_siret_once",
                violation_error_message=_("Une structure du pôle porte déjà ce SIRET."),
            ),
            models.CheckConstraint(
                name="parties_organisation_siret_of_siren",
                condition=Q(siret="") | Q(siret__startswith=F("siren")),
                violation_error_message=_("Le SIRET commence par le SIREN."),
            ),
            models.CheckConstraint(
                name="parties_organisation_not_own_host", condition=Q(hosted_by=None) | ~Q(hosted_by=F("id"))
            ),
        ]
        indexes = [models.Index("hub", PlainText("name"), name="parties_organisation_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def stands_as(self) -> "Organisation":
        """The structure on whose sheet this one is read: itself, unless it was merged."""
        return self.merged_into or self

    @property
    def address_lines(self) -> list[str]:
        """The postal address as printed, without the name: empty lines left out."""
        return [line for line in (self.address, f"{self.postcode} {self.town}".strip()) if line]

    @property
    def billing_email(self) -> str:
        return self.invoice_email or self.email
