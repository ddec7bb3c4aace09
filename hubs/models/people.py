import datetime as dt
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from hubs.enums import Role
from hubs.isolation import RowIsolation, hub_guards
from hubs.models.base import DatedQuerySet, HubModel, dates_in_force, hub_objects
from hubs.scope import current_hub_id


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None) -> "User":
        user = self.model(email=email.lower())
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser):
    """Who signs in, by mail. One person may work in several hubs: the account is of none.

    What a user may do in a hub comes from the Person (`parties`) and the staff roles there.
    """

    email = models.EmailField(_("adresse électronique"), unique=True)
    is_active = models.BooleanField(_("actif"), default=True)
    language = models.CharField(_("langue"), max_length=5, blank=True)
    date_joined = models.DateTimeField(_("créé le"), auto_now_add=True)

    USERNAME_FIELD = "email"
    objects = UserManager()

    class Meta:
        verbose_name = _("compte de connexion")
        constraints = [models.CheckConstraint(condition=Q(email=Lower("email")), name="hubs_user_email_lower")]

    def __str__(self) -> str:
        return self.email


class StaffRole(HubModel):
    """A role that a user holds for the hub itself, by period; rights are read from it, never copied."""

    # A user who leaves keeps past roles on record.
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(_("rôle"), max_length=20, choices=Role.choices)
    starts_on = models.DateField(_("depuis le"))
    ends_on = models.DateField(_("jusqu’au (exclu)"), null=True, blank=True)

    objects = hub_objects(DatedQuerySet)

    class Meta:
        verbose_name = _("rôle dans l’équipe")
        constraints = [
            *hub_guards("hubs_staffrole"),
            ExclusionConstraint(
                name="hubs_staffrole_no_overlap",
                expressions=[
                    ("hub", RangeOperators.EQUAL),
                    ("user", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    (dates_in_force(), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Cette personne a déjà ce rôle à ces dates."),
            ),
            # A role taken back before it began ends on the day it starts: it was never held.
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on")), name="hubs_staffrole_period"
            ),
        ]

    def __str__(self) -> str:
        return self.get_role_display()

    def is_live(self, on: dt.date) -> bool:
        return self.starts_on <= on and (self.ends_on is None or self.ends_on > on)

    @property
    def last_day(self) -> dt.date | None:
        """The last day the role is held, as it is said; None while it goes on."""
        return self.ends_on - dt.timedelta(days=1) if self.ends_on else None


class SessionManager(BaseSessionManager):
    def get_queryset(self) -> models.QuerySet["Session"]:
        """With the account: each request asks for both, in one query."""
        return super().get_queryset().select_related("user")


class Session(AbstractBaseSession):
    """A signed-in browser, of one hub: its cookie shown to another hub opens nothing there.

    Who, since when and on what device are read from its data each time it is saved (hubs/sessions.py).
    """

    hub = models.ForeignKey(
        "hubs.Hub", on_delete=models.CASCADE, default=current_hub_id, editable=False, related_name="+"
    )

    # Not held by the database: whoever deletes an account in one hub sees none of its sessions in the others.
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+", db_constraint=False)
    agent = models.CharField(_("navigateur"), max_length=240, blank=True, default="", db_default="")
    began_at = models.DateTimeField(_("ouverte le"), null=True)
    seen_at = models.DateTimeField(_("vue le"), null=True)

    objects = SessionManager()

    class Meta:
        verbose_name = _("session de connexion")
        constraints = [RowIsolation(name="hubs_session_of_hub")]

    @classmethod
    def get_session_store_class(cls) -> Any:
        from hubs.sessions import SessionStore

        return SessionStore
