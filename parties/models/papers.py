import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from documents.models import StoredFile
from documents.uploads import ENDINGS
from hubs.isolation import hub_guards
from hubs.models import DatedQuerySet, HubModel, hub_objects, public_id
from parties.enums import FieldOf, FieldReach, PaperState
from parties.models.people import Person
from parties.models.structures import Organisation, PlainText


class PaperKind(HubModel):
    """A document that the hub wants of its structures or people: statutes, insurance, RIB… What it is about stays."""

    about = models.CharField(_("à propos de"), max_length=12, choices=FieldOf.choices)
    name = models.CharField(_("nom"), max_length=80)
    help = models.CharField(_("aide"), max_length=200, blank=True)
    expires = models.BooleanField(_("a une date de fin"), default=False)
    reach = models.CharField(_("qui le voit"), max_length=5, choices=FieldReach.choices, default=FieldReach.WRITE)
    rank = models.PositiveSmallIntegerField(_("rang"), default=10)
    starts_on = models.DateField(_("depuis le"))
    # Ended, it is no longer asked for; what was given stays.
    ends_on = models.DateField(_("jusqu’au (exclu)"), null=True, blank=True)

    objects = hub_objects(DatedQuerySet)

    class Meta:
        verbose_name = _("sorte de document")
        constraints = [
            *hub_guards("parties_paperkind"),
            models.UniqueConstraint(
                "hub",
                "about",
                PlainText("name"),
                condition=Q(ends_on=None),
                name="parties_paperkind_name_once",
                violation_error_message=_("Un document porte déjà ce nom."),
            ),
            models.CheckConstraint(
                name="parties_paperkind_period", condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on"))
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PaperQuerySet(models.QuerySet["Paper"]):
    def current(self) -> "PaperQuerySet":
        """The last version of each, those withdrawn left out."""
        return self.filter(ended_at=None)

    def expiring(self, on: dt.date) -> "PaperQuerySet":
        """Those in use that are over on that day, or will be within the notice."""
        return self.current().filter(expires_on__lte=on + Paper.NOTICE)

    def for_display(self) -> "PaperQuerySet":
        return self.select_related(
            "kind", "organisation__merged_into", "person__merged_into", "person__user", "file", "depositor"
        )


class Paper(HubModel):
    """A document given by a structure or a person, in one version: the next one ends it, and it is kept.

    `expires_on` is its last good day.
    """

    NOTICE = dt.timedelta(days=30)

    public_id = models.CharField(max_length=12, default=public_id, editable=False)
    kind = models.ForeignKey(PaperKind, on_delete=models.PROTECT, related_name="papers", verbose_name=_("document"))
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="papers",
        verbose_name=_("structure"),
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="papers", verbose_name=_("personne")
    )
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("fichier"))
    issued_on = models.DateField(_("établi le"), null=True, blank=True)
    expires_on = models.DateField(_("valable jusqu’au"), null=True, blank=True)
    deposited_at = models.DateTimeField(_("déposé le"))
    # None when the portal itself did.
    depositor = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("déposé par")
    )
    # When the structure was told that it ends soon.
    announced_at = models.DateTimeField(_("fin annoncée le"), null=True, blank=True)
    ended_at = models.DateTimeField(_("plus en usage depuis le"), null=True, blank=True)
    # Why it was withdrawn; empty for a version that the next one replaced.
    reason = models.CharField(_("motif"), max_length=200, blank=True)

    objects = hub_objects(PaperQuerySet)

    class Meta:
        verbose_name = _("document remis")
        constraints = [
            *hub_guards("parties_paper", "kind", "organisation", "person", "file", "depositor"),
            models.UniqueConstraint(fields=["hub", "public_id"], name="parties_paper_public_id"),
            models.UniqueConstraint(
                fields=["hub", "kind", "organisation"],
                condition=Q(ended_at=None, person=None),
                name="parties_paper_one_of_structure",
            ),
            models.UniqueConstraint(
                fields=["hub", "kind", "person"],
                condition=Q(ended_at=None, organisation=None),
                name="parties_paper_one_of_person",
            ),
            models.CheckConstraint(
                name="parties_paper_one_thing",
                condition=Q(organisation=None, person__isnull=False) | Q(organisation__isnull=False, person=None),
            ),
            models.CheckConstraint(
                name="parties_paper_period",
                condition=Q(issued_on=None) | Q(expires_on=None) | Q(expires_on__gte=F("issued_on")),
                violation_error_message=_("La fin vient après la date du document."),
            ),
            models.CheckConstraint(
                name="parties_paper_withdrawn_has_end", condition=Q(reason="") | Q(ended_at__isnull=False)
            ),
        ]
        indexes = [
            models.Index(fields=["hub", "organisation"], name="parties_paper_organisation"),
            models.Index(fields=["hub", "person"], name="parties_paper_person"),
            models.Index(fields=["hub", "expires_on"], condition=Q(ended_at=None), name="parties_paper_end"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}, {self.about}"

    @property
    def about(self) -> Organisation | Person:
        """Whose it is; of a sheet that was merged, the one that stays."""
        return (self.organisation or self.person).stands_as  # type: ignore[union-attr]

    @property
    def file_name(self) -> str:
        """How it is called once downloaded: what it is and whose, whatever its sender named it."""
        return f"{slugify(self.kind.name)}-{slugify(str(self.about))}.{ENDINGS.get(self.file.content_type, 'bin')}"

    def state(self, on: dt.date) -> PaperState:
        if self.ended_at is not None:
            return PaperState.WITHDRAWN if self.reason else PaperState.REPLACED
        if self.expires_on is None or self.expires_on > on + self.NOTICE:
            return PaperState.VALID
        return PaperState.EXPIRED if self.expires_on < on else PaperState.EXPIRING
