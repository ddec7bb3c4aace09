import datetime as dt

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from hubs.enums import LegalForm, Role
from hubs.isolation import hub_guards
from hubs.models import DatedQuerySet, HubModel, dates_in_force, hub_objects, public_id
from parties.enums import ACTING_ROLES, FiguresSource, InvitationState, LinkRole


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
    def live(self, on: dt.date) -> "OrganisationQuerySet":
        return self.filter(Q(closed_on=None) | Q(closed_on__gt=on))

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

    objects = hub_objects(OrganisationQuerySet)

    class Meta:
        verbose_name = _("structure")
        constraints = [
            *hub_guards("parties_organisation", "hosted_by", "trade"),
            models.UniqueConstraint(fields=["hub", "public_id"], name="parties_organisation_public_id"),
            models.UniqueConstraint(
                fields=["hub", "siret"],
                condition=~Q(siret=""),
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
    def address_lines(self) -> list[str]:
        """The postal address as printed, without the name: empty lines left out."""
        return [line for line in (self.address, f"{self.postcode} {self.town}".strip()) if line]

    @property
    def billing_email(self) -> str:
        return self.invoice_email or self.email


class PersonQuerySet(models.QuerySet["Person"]):
    def let_in(self, on: dt.date) -> "PersonQuerySet":
        """Those whose way into the hub is not closed on that day."""
        return self.filter(Q(access_ends_on=None) | Q(access_ends_on__gt=on))

    def by_name(self) -> "PersonQuerySet":
        return self.order_by(PlainText("family_name"), PlainText("given_name"), "pk")


class Person(HubModel):
    """Someone the hub knows. Who may sign in has a user; rights come from live links, never from here."""

    public_id = models.CharField(max_length=12, default=public_id, editable=False)
    given_name = models.CharField(_("prénom"), max_length=80)
    family_name = models.CharField(_("nom"), max_length=80)
    email = models.EmailField(_("adresse électronique"), blank=True)
    phone = models.CharField(_("téléphone"), max_length=30, blank=True)
    # The account is shared with the person's other hubs and goes with the last of them.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    access_ends_on = models.DateField(_("plus d’accès à partir du"), null=True, blank=True, editable=False)
    # Whom a booking is for, last time: asked again, never assumed of someone with one structure.
    last_acted_for = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )

    objects = hub_objects(PersonQuerySet)

    class Meta:
        verbose_name = _("personne")
        constraints = [
            *hub_guards("parties_person", "last_acted_for"),
            models.UniqueConstraint(fields=["hub", "public_id"], name="parties_person_public_id"),
            models.UniqueConstraint(fields=["hub", "user"], name="parties_person_user_once"),
        ]

    def __str__(self) -> str:
        return f"{self.given_name} {self.family_name}"

    def may_sign_in(self, on: dt.date) -> bool:
        """Whether the person has an account, and a way in on that day."""
        return self.user_id is not None and (self.access_ends_on is None or self.access_ends_on > on)


class LinkQuerySet(DatedQuerySet):
    def acting(self, on: dt.date) -> "LinkQuerySet":
        """Links that let the person act that day, on the portal, for a structure that is not closed."""
        still_open = Q(organisation__closed_on=None) | Q(organisation__closed_on__gt=on)
        return self.live(on).filter(still_open, role__in=ACTING_ROLES)


class Link(HubModel):
    """The role a person holds in a structure, from a date to a date."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="links", verbose_name=_("personne"))
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="links", verbose_name=_("structure")
    )
    role = models.CharField(_("rôle"), max_length=20, choices=LinkRole.choices)
    title = models.CharField(_("fonction"), max_length=80, blank=True)
    starts_on = models.DateField(_("depuis le"))
    ends_on = models.DateField(_("jusqu’au (exclu)"), null=True, blank=True)

    objects = hub_objects(LinkQuerySet)

    class Meta:
        verbose_name = _("rôle dans une structure")
        constraints = [
            *hub_guards("parties_link", "person", "organisation"),
            models.CheckConstraint(
                name="parties_link_period",
                # Taken back before it began, it ends on the day it starts: it was never held.
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("Le rôle finit après avoir commencé."),
            ),
            models.CheckConstraint(
                name="parties_link_guest_has_end",
                condition=~Q(role=LinkRole.GUEST) | Q(ends_on__isnull=False),
                violation_error_message=_("Une personne invitée l’est pour un temps."),
            ),
            ExclusionConstraint(
                name="parties_link_no_overlap",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("organisation", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    (dates_in_force(), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Cette personne a déjà ce rôle dans la structure à ces dates."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.get_role_display()} ({self.organisation})"

    @property
    def last_day(self) -> dt.date | None:
        """The last day the role is held, as it is said; None while it goes on."""
        return self.ends_on - dt.timedelta(days=1) if self.ends_on else None


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def unanswered(self) -> "InvitationQuerySet":
        """Neither accepted nor withdrawn, be it too late to accept."""
        return self.filter(accepted_at=None, withdrawn_at=None)

    def pending(self, now: dt.datetime) -> "InvitationQuerySet":
        return self.unanswered().filter(expires_at__gt=now)

    def to_person(self, person: Person) -> "InvitationQuerySet":
        """Those that name the person, or went to an address of theirs."""
        mails = {mail.lower() for mail in (person.email, person.user.email if person.user else "") if mail}
        return self.filter(Q(person=person) | Q(email__in=mails))

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


class ImportDraftQuerySet(models.QuerySet["ImportDraft"]):
    def live(self, now: dt.datetime) -> "ImportDraftQuerySet":
        return self.filter(created_at__gt=now - ImportDraft.KEPT)


class ImportDraft(HubModel):
    """A file dropped by its owner, kept for a day between the dry run and the import. Nobody else reads it."""

    KEPT = dt.timedelta(days=1)

    public_id = models.CharField(max_length=12, default=public_id, editable=False)
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("déposé par"))
    # Which import it is for: `members`.
    purpose = models.CharField(_("pour"), max_length=20)
    name = models.CharField(_("fichier"), max_length=160)
    content = models.BinaryField(_("contenu"))
    options = models.JSONField(_("choix"), default=dict, encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField(_("déposé le"))
    imported_at = models.DateTimeField(_("importé le"), null=True, blank=True)
    result = models.JSONField(_("résultat"), null=True, blank=True, encoder=DjangoJSONEncoder)

    objects = hub_objects(ImportDraftQuerySet)

    class Meta:
        verbose_name = _("fichier à importer")
        constraints = [
            *hub_guards("parties_importdraft", "owner"),
            models.UniqueConstraint(fields=["hub", "public_id"], name="parties_importdraft_public_id"),
            models.CheckConstraint(
                name="parties_importdraft_imported_has_result",
                condition=Q(imported_at=None, result=None) | Q(imported_at__isnull=False, result__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class YearFigures(HubModel):
    """What a structure weighed in a year. Budget and turnover differ: seed S1, lines 43-45."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="figures", verbose_name=_("structure")
    )
    year = models.PositiveSmallIntegerField(_("année"))
    fte = models.DecimalField(_("ETP"), max_digits=8, decimal_places=2, null=True, blank=True)
    permanent = models.PositiveIntegerField(_("salariés permanents"), null=True, blank=True)
    budget = models.DecimalField(_("budget (€)"), max_digits=14, decimal_places=2, null=True, blank=True)
    turnover = models.DecimalField(_("chiffre d’affaires (€)"), max_digits=14, decimal_places=2, null=True, blank=True)
    equity = models.DecimalField(_("fonds propres (€)"), max_digits=14, decimal_places=2, null=True, blank=True)
    area = models.DecimalField(_("bureaux occupés (m²)"), max_digits=8, decimal_places=2, null=True, blank=True)
    source = models.CharField(_("source"), max_length=10, choices=FiguresSource.choices)

    class Meta:
        verbose_name = _("chiffres de l’année")
        constraints = [
            *hub_guards("parties_yearfigures", "organisation"),
            models.UniqueConstraint(fields=["hub", "organisation", "year"], name="parties_yearfigures_once"),
            models.CheckConstraint(name="parties_yearfigures_year", condition=Q(year__range=(1950, 2100))),
            models.CheckConstraint(
                name="parties_yearfigures_not_negative",
                condition=(Q(fte=None) | Q(fte__gte=0))
                & (Q(area=None) | Q(area__gte=0))
                & (Q(budget=None) | Q(budget__gte=0)),
                violation_error_message=_("Les ETP, le budget et les surfaces ne sont pas négatifs."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {self.year}"
