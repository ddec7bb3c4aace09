import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from hubs.enums import Role
from hubs.isolation import hub_guards
from hubs.models import HubModel, hub_objects, public_id
from parties.enums import (
    InvitationState,
    LinkRole,
)
from parties.models.people import Link, Person
from parties.models.structures import Organisation


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def unanswered(self) -> "InvitationQuerySet":
        """Neither accepted nor withdrawn, be it too late to accept."""
        return self.filter(accepted_at=None, withdrawn_at=None)

    def pending(self, now: dt.datetime) -> "InvitationQuerySet":
        return self.unanswered().filter(expires_at__gt=now)

    def to_person(self, person: Person) -> "InvitationQuerySet":
        """Those that name the person, or went to an address of theirs."""
        mails = {mail.lower() for mail in (person.email, person.user.email if person.user else "") if mail}
        return self.filter(Q(person=person) | Q(person__merged_into=person) | Q(email__in=mails))

    def for_display(self) -> "InvitationQuerySet":
        return self.select_related("person", "organisation", "inviter").order_by("-created_at", "-pk")


class Invitation(HubModel):
    """A link sent to an address, for whoever reads its mail: a way into the hub, and the role that waits there.

    It is for a role in a structure, for a role of the hub, or only for someone on file to sign in. The token
    of the link is not kept, only its hash: sent again, the link is another.
    """

    public_id = models.CharField(max_length=12, default=public_id, editable=False)
    token_hash = models.CharField(max_length=64, editable=False)
    email = models.EmailField(_("adresse électronique"))
    given_name = models.CharField(_("prénom"), max_length=80)
    family_name = models.CharField(_("nom"), max_length=80)
    # Who is invited, when they are on file already; who accepted, afterwards.
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="invitations", verbose_name=_("personne")
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="invitations",
        verbose_name=_("structure"),
    )
    role = models.CharField(_("rôle dans la structure"), max_length=20, choices=LinkRole.choices, blank=True)
    staff_role = models.CharField(_("rôle pour le pôle"), max_length=20, choices=Role.choices, blank=True)
    # The role held since it was accepted.
    link = models.ForeignKey(
        Link, on_delete=models.PROTECT, null=True, blank=True, related_name="invitations", verbose_name=_("rôle donné")
    )
    starts_on = models.DateField(_("à partir du"))
    ends_on = models.DateField(_("jusqu’au (exclu)"), null=True, blank=True)
    # None when the portal itself invites.
    inviter = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("invitée par")
    )
    created_at = models.DateTimeField(_("invitée le"))
    sent_at = models.DateTimeField(_("envoyée le"))
    expires_at = models.DateTimeField(_("expire le"))
    accepted_at = models.DateTimeField(_("acceptée le"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("retirée le"), null=True, blank=True)
    withdrawn_by = models.CharField(_("retirée par"), max_length=200, blank=True)

    objects = hub_objects(InvitationQuerySet)

    class Meta:
        verbose_name = _("invitation")
        constraints = [
            *hub_guards("parties_invitation", "person", "organisation", "link", "inviter"),
            models.UniqueConstraint(fields=["hub", "public_id"], name="parties_invitation_public_id"),
            models.UniqueConstraint(fields=["hub", "token_hash"], name="parties_invitation_token_once"),
            models.UniqueConstraint(
                fields=["hub", "email", "organisation", "staff_role"],
                condition=Q(accepted_at=None, withdrawn_at=None),
                nulls_distinct=False,
                name="parties_invitation_once",
                violation_error_message=_("Cette adresse a déjà une invitation sans réponse."),
            ),
            models.CheckConstraint(
                name="parties_invitation_to_one_thing",
                condition=Q(organisation__isnull=False, staff_role="") & ~Q(role="")
                | Q(organisation=None, role="") & (~Q(staff_role="") | Q(person__isnull=False)),
            ),
            models.CheckConstraint(
                name="parties_invitation_guest_has_end", condition=~Q(role=LinkRole.GUEST) | Q(ends_on__isnull=False)
            ),
            models.CheckConstraint(
                name="parties_invitation_period", condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on"))
            ),
            models.CheckConstraint(
                name="parties_invitation_accepted_by", condition=Q(accepted_at=None) | Q(person__isnull=False)
            ),
            models.CheckConstraint(
                name="parties_invitation_withdrawn_by",
                condition=Q(withdrawn_at=None, withdrawn_by="") | Q(withdrawn_at__isnull=False) & ~Q(withdrawn_by=""),
            ),
            models.CheckConstraint(name="parties_invitation_email_lower", condition=Q(email=Lower("email"))),
        ]
        indexes = [models.Index(fields=["hub", "organisation"], name="parties_invitation_structure")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return str(self.person) if self.person else f"{self.given_name} {self.family_name}".strip() or self.email

    @property
    def is_for_guest(self) -> bool:
        """Whether the link itself lets its holder in, time after time, without an account."""
        return self.role == LinkRole.GUEST

    @property
    def what(self) -> str:
        """What is offered, as a word: a role, or the way in alone."""
        if self.staff_role:
            return self.get_staff_role_display()
        return self.get_role_display() if self.role else str(_("accès au portail"))

    @property
    def last_day(self) -> dt.date | None:
        """The last day of the role offered, as it is said."""
        return self.ends_on - dt.timedelta(days=1) if self.ends_on else None

    def state(self, now: dt.datetime) -> InvitationState:
        if self.withdrawn_at is not None:
            return InvitationState.WITHDRAWN
        if self.accepted_at is not None and not (self.is_for_guest and self.expires_at <= now):
            return InvitationState.ACCEPTED
        return InvitationState.EXPIRED if self.expires_at <= now else InvitationState.PENDING
