from functools import cached_property
from zoneinfo import ZoneInfo

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from hubs.enums import LegalForm, SecondFactor
from hubs.isolation import hub_guards
from hubs.models.base import DatedQuerySet, HubModel, dates_in_force, hub_objects


def french_first() -> list[str]:
    return ["fr"]


class Hub(models.Model):
    """A PTCE: what one address of the instance shows. Its rows are closed to every other hub."""

    slug = models.SlugField(_("identifiant"), unique=True)
    name = models.CharField(_("nom"), max_length=120)
    tagline = models.CharField(_("qui nous sommes, en une phrase"), max_length=240, blank=True)
    accent = models.CharField(
        _("couleur"), max_length=7, default="#b3261e", validators=[RegexValidator(r"^#[0-9a-f]{6}$")]
    )
    logo = models.FileField(_("logo"), upload_to="logos", blank=True)
    contact_email = models.EmailField(_("adresse de contact"))
    phone = models.CharField(_("téléphone"), max_length=30, blank=True)
    time_zone = models.CharField(_("fuseau horaire"), max_length=40, default="Europe/Paris")
    language = models.CharField(_("langue"), max_length=5, default="fr")
    languages = ArrayField(
        models.CharField(max_length=5), verbose_name=_("langues proposées aux visiteurs"), default=french_first
    )
    modules = ArrayField(models.CharField(max_length=20), verbose_name=_("modules ouverts"), default=list)
    opened_on = models.DateField(_("ouvert le"))
    second_factor = models.CharField(
        _("seconde étape demandée"),
        max_length=10,
        choices=SecondFactor.choices,
        default=SecondFactor.NOBODY,
        db_default="nobody",
    )
    # The end of the last announcement, left out: on a day without any, no page asks for them.
    announcing_until = models.DateField(_("des annonces jusqu’au (exclu)"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("pôle")
        constraints = [
            models.CheckConstraint(
                name="hubs_hub_accent_is_colour",
                condition=Q(accent__regex=r"^#[0-9a-f]{6}$"),
                violation_error_message=_("La couleur s’écrit comme #b3261e."),
            ),
            models.CheckConstraint(
                name="hubs_hub_speaksfrench_first",
                condition=Q(languages__contains=["fr"]),
                violation_error_message=_("Le français est toujours proposé."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone in which the hub's days and hours are thought."""
        return ZoneInfo(self.time_zone)

    @property
    def stylesheet_url(self) -> str:
        """The hub's colour as a stylesheet: a new colour is a new address."""
        return reverse("hubs:style", args=[self.accent.removeprefix("#")])


class HubAddress(models.Model):
    """A host name that shows this hub. Read before any hub is open, hence of no hub."""

    hub = models.ForeignKey(Hub, on_delete=models.CASCADE, related_name="addresses")
    host = models.CharField(_("adresse"), max_length=253, unique=True)
    is_main = models.BooleanField(_("adresse des liens envoyés"), default=False)

    class Meta:
        verbose_name = _("adresse du pôle")
        constraints = [
            models.UniqueConstraint(fields=["hub"], condition=Q(is_main=True), name="hubs_hubaddress_one_main"),
            models.CheckConstraint(condition=Q(host=Lower("host")), name="hubs_hubaddress_lower"),
        ]

    def __str__(self) -> str:
        return self.host


class HubSettings(HubModel):
    """What a hub is in law, by period: a later change leaves the past as it was."""

    starts_on = models.DateField(_("à partir du"))
    ends_on = models.DateField(_("jusqu’au (exclu)"), null=True, blank=True)
    legal_form = models.CharField(
        _("forme juridique"), max_length=20, choices=LegalForm.choices, default=LegalForm.ASSOCIATION
    )
    fiscal_year_starts_month = models.PositiveSmallIntegerField(_("premier mois de l’exercice"), default=1)

    objects = hub_objects(DatedQuerySet)

    class Meta:
        verbose_name = _("réglages du pôle")
        constraints = [
            *hub_guards("hubs_hubsettings"),
            ExclusionConstraint(
                name="hubs_hubsettings_no_overlap",
                expressions=[
                    ("hub", RangeOperators.EQUAL),
                    (
                        dates_in_force(),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=_("Des réglages couvrent déjà ces dates."),
            ),
            models.CheckConstraint(name="hubs_hubsettings_month", condition=Q(fiscal_year_starts_month__range=(1, 12))),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on}"
