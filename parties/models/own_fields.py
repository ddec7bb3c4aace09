from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from hubs.isolation import hub_guards
from hubs.models import DatedQuerySet, HubModel, hub_objects
from parties.enums import (
    LISTED_KINDS,
    FieldKind,
    FieldOf,
    FieldReach,
)
from parties.models.people import Person
from parties.models.structures import Organisation, PlainText


class OwnFieldQuerySet(DatedQuerySet):
    def about(self, kind: FieldOf) -> "OwnFieldQuerySet":
        return self.filter(about=kind).order_by("rank", "pk")


class OwnField(HubModel):
    """Something that this hub alone wants to know of its structures or people. Its kind never changes."""

    about = models.CharField(_("à propos de"), max_length=12, choices=FieldOf.choices)
    kind = models.CharField(_("nature"), max_length=10, choices=FieldKind.choices)
    label = models.CharField(_("libellé"), max_length=80)
    help = models.CharField(_("aide"), max_length=200, blank=True)
    unit = models.CharField(_("unité"), max_length=20, blank=True)
    choices = ArrayField(models.CharField(max_length=80), verbose_name=_("choix"), default=list, blank=True)
    required = models.BooleanField(_("obligatoire"), default=False)
    reach = models.CharField(_("qui le voit"), max_length=5, choices=FieldReach.choices, default=FieldReach.STAFF)
    rank = models.PositiveSmallIntegerField(_("rang"), default=10)
    starts_on = models.DateField(_("depuis le"))
    # Ended, it leaves the forms; what was written stays, and is exported.
    ends_on = models.DateField(_("jusqu’au (exclu)"), null=True, blank=True)

    objects = hub_objects(OwnFieldQuerySet)

    class Meta:
        verbose_name = _("champ du pôle")
        constraints = [
            *hub_guards("parties_ownfield"),
            models.UniqueConstraint(
                "hub",
                "about",
                PlainText("label"),
                name="parties_ownfield_label_once",
                violation_error_message=_("Un champ porte déjà ce libellé."),
            ),
            models.CheckConstraint(
                name="parties_ownfield_lists_choices",
                condition=Q(kind__in=sorted(LISTED_KINDS), choices__len__gte=2)
                | (~Q(kind__in=sorted(LISTED_KINDS)) & Q(choices=[])),
                violation_error_message=_("Une liste a au moins deux choix."),
            ),
            models.CheckConstraint(
                name="parties_ownfield_period", condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on"))
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def title(self) -> str:
        """The label with its unit, as a column is headed."""
        return f"{self.label} ({self.unit})" if self.unit else self.label


class OwnValue(HubModel):
    """What one structure or person answers to one own field: a row, and a column per type.

    Rows and not a JSON on the thing: the database holds one value per field and thing, of one type, and sorts and
    sums numbers and dates as such; a field that ends keeps its values without a word in any form.
    """

    field = models.ForeignKey(OwnField, on_delete=models.PROTECT, related_name="values", verbose_name=_("champ"))
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="own_values"
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="own_values")
    text = models.TextField(_("texte"), null=True, blank=True)  # noqa: DJ001 one column of five has a value
    number = models.DecimalField(_("nombre"), max_digits=18, decimal_places=4, null=True, blank=True)
    day = models.DateField(_("date"), null=True, blank=True)
    yes = models.BooleanField(_("oui ou non"), null=True, blank=True)
    picks = ArrayField(models.CharField(max_length=80), verbose_name=_("choix"), null=True, blank=True)

    class Meta:
        verbose_name = _("valeur d’un champ du pôle")
        constraints = [
            *hub_guards("parties_ownvalue", "field", "organisation", "person"),
            models.UniqueConstraint(fields=["hub", "field", "organisation"], name="parties_ownvalue_of_organisation"),
            models.UniqueConstraint(fields=["hub", "field", "person"], name="parties_ownvalue_of_person"),
            models.CheckConstraint(
                name="parties_ownvalue_one_thing",
                condition=Q(organisation=None, person__isnull=False) | Q(organisation__isnull=False, person=None),
            ),
            models.CheckConstraint(
                name="parties_ownvalue_one_value",
                condition=Q(
                    Exact(
                        Func(
                            "text",
                            "number",
                            "day",
                            "yes",
                            "picks",
                            function="num_nonnulls",
                            output_field=models.IntegerField(),
                        ),
                        1,
                    )
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["hub", "organisation"], name="parties_ownvalue_org"),
            models.Index(fields=["hub", "person"], name="parties_ownvalue_person"),
        ]

    def __str__(self) -> str:
        return str(self.field)
