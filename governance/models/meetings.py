import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from documents.models import StoredFile
from governance.enums import MeetingKind
from hubs.isolation import hub_guards
from hubs.models import HubModel, hub_objects, public_id
from parties.models import Person


class Meeting(HubModel):
    """A meeting that is no assembly: the Bureau, the board, the steering committee. Nobody has a voice in it by right."""

    public_id = models.CharField(_("identifiant"), max_length=12, default=public_id, editable=False)
    kind = models.CharField(_("nature"), max_length=10, choices=MeetingKind.choices)
    title = models.CharField(_("titre"), max_length=160)
    starts_at = models.DateTimeField(_("commence à"))
    place = models.CharField(_("lieu"), max_length=200, blank=True)
    # One point on each line.
    agenda = models.TextField(_("ordre du jour"), max_length=4000, blank=True)
    # When its day, its place or its agenda last changed: an invitation sent before says something else.
    changed_at = models.DateTimeField(_("changée le"))
    called_off_at = models.DateTimeField(_("annulée le"), null=True)

    class Meta:
        verbose_name = _("réunion")
        constraints = [
            *hub_guards("governance_meeting"),
            models.UniqueConstraint(fields=["hub", "public_id"], name="governance_meeting_public_id"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def day(self) -> dt.date:
        """The day it is held, in the hub's zone."""
        return timezone.localdate(self.starts_at)

    @property
    def kind_told(self) -> str:
        """Its kind, for beside its title; empty where the title is no more than that."""
        kind = str(self.get_kind_display())
        return "" if kind.casefold() == self.title.casefold() else kind

    @property
    def points(self) -> list[str]:
        return self.agenda.splitlines()


class InviteeQuerySet(models.QuerySet["Invitee"]):
    def to_call(self) -> "InviteeQuerySet":
        """Those whom no invitation told what the meeting has become."""
        return self.filter(Q(called_at=None) | Q(called_at__lt=models.F("meeting__changed_at")))

    def for_display(self) -> "InviteeQuerySet":
        return self.select_related("person__user", "person__merged_into__user").order_by("pk")


class Invitee(HubModel):
    """Someone invited to a meeting: a person of the hub, or a name and an address. It gives no right of a member."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="invitees", verbose_name=_("réunion"))
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("personne connue")
    )
    name = models.CharField(_("nom"), max_length=120, blank=True)
    email = models.EmailField(_("adresse électronique"), blank=True)
    represents = models.CharField(_("au nom de"), max_length=160, blank=True)
    called_at = models.DateTimeField(_("invité·e le"), null=True)
    came = models.BooleanField(_("présent·e"), default=False)

    objects = hub_objects(InviteeQuerySet)

    class Meta:
        verbose_name = _("personne invitée")
        constraints = [
            *hub_guards("governance_invitee", "meeting", "person"),
            models.UniqueConstraint(
                fields=["hub", "meeting", "person"],
                condition=Q(person__isnull=False),
                name="governance_invitee_person_once",
                violation_error_message=_("Cette personne est déjà invitée."),
            ),
            models.UniqueConstraint(
                fields=["hub", "meeting", "email"],
                condition=~Q(email=""),
                name="governance_invitee_email_once",
                violation_error_message=_("Cette adresse est déjà invitée."),
            ),
            models.CheckConstraint(
                name="governance_invitee_known_or_named",
                condition=Q(person__isnull=False, name="", email="") | (Q(person=None) & ~Q(name="")),
                violation_error_message=_("Choisissez une personne connue, ou écrivez un nom."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.person.stands_as) if self.person else self.name

    @property
    def signs_in(self) -> bool:
        """Whether they read the meeting in mon espace; the others have a link of their own."""
        return self.person is not None and self.person.stands_as.user_id is not None

    @property
    def address(self) -> str:
        """Where they are written to: the account of a person first. Empty where nothing is known."""
        if self.person is None:
            return self.email
        person = self.person.stands_as
        return person.user.email if person.user else person.email


class MeetingPaper(HubModel):
    """A file that the invited read: it goes no more once the report is published."""

    public_id = models.CharField(_("identifiant"), max_length=12, default=public_id, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="papers", verbose_name=_("réunion"))
    title = models.CharField(_("titre"), max_length=160)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("fichier"))
    added_at = models.DateTimeField(_("ajoutée le"))

    class Meta:
        verbose_name = _("pièce de la réunion")
        constraints = [
            *hub_guards("governance_meetingpaper", "meeting", "file"),
            models.UniqueConstraint(fields=["hub", "public_id"], name="governance_meetingpaper_public_id"),
            models.UniqueConstraint(
                fields=["hub", "meeting", "title"],
                name="governance_meetingpaper_once",
                violation_error_message=_("Une pièce porte déjà ce titre."),
            ),
        ]

    def __str__(self) -> str:
        return self.title
