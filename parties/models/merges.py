from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hubs.isolation import hub_guards
from hubs.models import HubModel
from parties.models.people import Person
from parties.models.structures import Organisation


class Merge(HubModel):
    """A sheet that was found twice: the one that left, and the values of the one that stays, before and after."""

    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="merges",
        verbose_name=_("structure"),
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="merges", verbose_name=_("personne")
    )
    merged_at = models.DateTimeField(_("fusionnée le"))
    # By column, as the one that stays had them and as it was given them; emptied when the person is erased.
    before = models.JSONField(_("avant"), default=dict, encoder=DjangoJSONEncoder)
    after = models.JSONField(_("après"), default=dict, encoder=DjangoJSONEncoder)
    undone_at = models.DateTimeField(_("défaite le"), null=True, blank=True)

    class Meta:
        verbose_name = _("fusion de fiches")
        constraints = [
            *hub_guards("parties_merge", "organisation", "person"),
            models.UniqueConstraint(
                fields=["hub", "organisation"], condition=Q(undone_at=None), name="parties_merge_one_of_structure"
            ),
            models.UniqueConstraint(
                fields=["hub", "person"], condition=Q(undone_at=None), name="parties_merge_one_of_person"
            ),
            models.CheckConstraint(
                name="parties_merge_one_thing",
                condition=Q(organisation=None, person__isnull=False) | Q(organisation__isnull=False, person=None),
            ),
        ]

    def __str__(self) -> str:
        return str(self.organisation or self.person)
