from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hubs.isolation import hub_guards
from hubs.models import HubModel, hub_objects
from members.enums import LetterKind
from members.models.application import Application
from parties.models import Organisation, Person


class LetterQuerySet(models.QuerySet["Letter"]):
    def latest_first(self) -> "LetterQuerySet":
        return self.order_by("-written_on", "-pk")


class Letter(HubModel):
    """What the hub wrote on paper to a member or to whom applied, in the words of that day. Its PDF is a Document.

    Frozen; the erasure of the person whom it was for empties it.
    """

    kind = models.CharField(_("nature"), max_length=12, choices=LetterKind.choices)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="letters",
        verbose_name=_("structure"),
    )  # fmt: skip
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="letters", verbose_name=_("personne")
    )
    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, null=True, blank=True, related_name="letters",
        verbose_name=_("candidature"),
    )  # fmt: skip
    written_on = models.DateField(_("du"))
    subject = models.CharField(_("objet"), max_length=160)
    body = models.TextField(_("texte"))
    # As they were that day: name, address_lines; and the head of the paper.
    recipient = models.JSONField(_("destinataire"))
    issuer = models.JSONField(_("en-tête"))
    emptied_on = models.DateField(_("vidée le"), null=True, blank=True)

    objects = hub_objects(LetterQuerySet)

    class Meta:
        verbose_name = _("lettre")
        constraints = [
            *hub_guards("members_letter", "organisation", "person", "application"),
            models.CheckConstraint(
                name="members_letter_about_someone",
                condition=Q(organisation__isnull=False) | Q(person__isnull=False) | Q(application__isnull=False),
            ),
            models.CheckConstraint(name="members_letter_one_member", condition=Q(organisation=None) | Q(person=None)),
        ]

    def __str__(self) -> str:
        return f"{self.subject}, {self.written_on:%d/%m/%Y}"
