import datetime as dt

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Now
from django.utils.translation import gettext_lazy as _

from hubs.isolation import hub_guards
from hubs.models import DatedQuerySet, HubModel, dates_in_force, hub_objects, public_id
from parties.enums import (
    ACTING_ROLES,
    LinkRole,
)
from parties.models.structures import Organisation, PlainText


class PersonQuerySet(models.QuerySet["Person"]):
    def let_in(self, on: dt.date) -> "PersonQuerySet":
        """Those whose way into the hub is not closed on that day."""
        return self.filter(Q(access_ends_on=None) | Q(access_ends_on__gt=on))

    def by_name(self) -> "PersonQuerySet":
        return self.order_by(PlainText("family_name"), PlainText("given_name"), "pk")

    def standing(self) -> "PersonQuerySet":
        """Those who are not merged into another."""
        return self.filter(merged_into=None)

    def known(self) -> "PersonQuerySet":
        """Those whom the hub has not erased, once each."""
        return self.standing().filter(erased_at=None)

    def named_like(self, text: str) -> "PersonQuerySet":
        """People whose name, in either order, or address holds `text`, accents and capitals forgiven."""
        wanted = PlainText(Value(text))
        names = {
            "_named": PlainText(Concat("given_name", Value(" "), "family_name")),
            "_reversed": PlainText(Concat("family_name", Value(" "), "given_name")),
            "_mail": PlainText(F("email")),
        }
        return self.annotate(**names).filter(
            Q(_named__contains=wanted) | Q(_reversed__contains=wanted) | Q(_mail__contains=wanted)
        )


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
    known_at = models.DateTimeField(_("connu·e depuis"), db_default=Now(), editable=False)
    # Told that the account, long unused, will be closed.
    warned_at = models.DateTimeField(_("prévenu·e le"), null=True, blank=True, editable=False)
    # From then on the row is a pseudonym: « Personne effacée », whom past rows still point at.
    erased_at = models.DateTimeField(_("effacé·e le"), null=True, blank=True, editable=False)

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

    objects = hub_objects(PersonQuerySet)

    class Meta:
        verbose_name = _("personne")
        constraints = [
            *hub_guards("parties_person", "last_acted_for", "merged_into"),
            models.CheckConstraint(
                name="parties_person_merged_signs_in_as_other",
                condition=Q(merged_into=None) | Q(user=None),
                violation_error_message=_("Une fiche fusionnée ne sert pas à se connecter."),
            ),
            models.UniqueConstraint(fields=["hub", "public_id"], name="parties_person_public_id"),
            models.UniqueConstraint(fields=["hub", "user"], name="parties_person_user_once"),
            models.CheckConstraint(
                name="parties_person_erased_is_empty",
                condition=Q(erased_at=None) | Q(email="", phone="", user=None, last_acted_for=None, warned_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def stands_as(self) -> "Person":
        """The person on whose sheet this one is read: themself, unless they were merged."""
        return self.merged_into or self

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
