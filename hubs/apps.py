import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db.backends.signals import connection_created
from django.utils.translation import gettext_lazy as _

from hubs.parts import HubAppConfig, NavItem
from hubs.roles import refuse_owner
from hubs.rules import anyone, coordinator, person_of_hub, staff

if TYPE_CHECKING:
    from hubs.personal import Hindrance, Keeping, Section, Subject


class HubsConfig(HubAppConfig):
    name = "hubs"
    verbose_name = _("pôle")
    public_nav = (NavItem(_("Le lieu"), "hubs:home", "home", anyone, rank=10),)
    member_nav = (NavItem(_("Mon espace"), "hubs:member_home", "home", person_of_hub, rank=10),)
    staff_nav = (
        NavItem(_("À faire"), "hubs:staff_home", "check-circle", staff, rank=10),
        NavItem(_("Réglages"), "hubs:identity", "cog-6-tooth", coordinator, rank=90),
    )

    settings_nav = (
        NavItem(_("Le pôle"), "hubs:identity", "home-modern", coordinator, rank=10),
        NavItem(_("Statut"), "hubs:legal", "scale", coordinator, rank=20),
        NavItem(_("Conservation"), "hubs:retention", "archive-box", coordinator, rank=80),
    )
    trail_words = {
        "hubs.person_erased": _("Personne effacée"),
        "hubs.retention_changed": _("Durée de conservation changée"),
    }
    mended_texts = (
        "hubs.AuditEntry",
        "hubs.Mail",
        "hubs.Run",
        "hubs.RunItem",
        "hubs.Reading",
        "hubs.RetentionNight",
        "hubs.Retention",
    )

    def ready(self) -> None:
        connection_created.connect(refuse_owner)

    def tidy(self, now: dt.datetime) -> None:
        """Sessions that have expired."""
        from hubs.actions import forget_sessions

        forget_sessions(now=now)

    def personal_data(self, subject: "Subject") -> "Sequence[Section]":
        from hubs import held

        return held.personal_data(subject)

    def hindrances(self, subject: "Subject", now: dt.datetime) -> "Sequence[Hindrance]":
        from hubs import held

        return held.hindrances(subject, now)

    def erase(self, subject: "Subject", now: dt.datetime) -> Sequence[str]:
        from hubs.actions.erasure import erase_from_ground

        return erase_from_ground(subject, now)

    def keepings(self) -> "Sequence[Keeping]":
        from hubs import held

        return held.keepings()
