import datetime as dt

from django.db.backends.signals import connection_created
from django.utils.translation import gettext_lazy as _

from hubs.parts import HubAppConfig, NavItem
from hubs.roles import refuse_owner
from hubs.rules import anyone, coordinator, known, person_of_hub, staff


class HubsConfig(HubAppConfig):
    name = "hubs"
    verbose_name = _("pôle")
    public_nav = (NavItem(_("Le lieu"), "hubs:home", "home", anyone, rank=10),)
    member_nav = (NavItem(_("Mon espace"), "hubs:member_home", "home", known, rank=10),)
    staff_nav = (
        NavItem(_("À faire"), "hubs:staff_home", "check-circle", staff, rank=10),
        NavItem(_("Réglages"), "hubs:identity", "cog-6-tooth", coordinator, rank=90),
    )

    settings_nav = (
        NavItem(_("Le pôle"), "hubs:identity", "home-modern", coordinator, rank=10),
        NavItem(_("Statut"), "hubs:legal", "scale", coordinator, rank=20),
        NavItem(_("Sécurité"), "hubs:security", "shield-check", coordinator, rank=30),
    )
    own_nav = (
        NavItem(_("Sécurité"), "mfa_index", "shield-check", person_of_hub, rank=10),
        NavItem(_("Appareils"), "hubs:devices", "device-phone-mobile", person_of_hub, rank=20),
    )
    trail_words = {
        "hubs.security_changed": _("Sécurité réglée"),
        "hubs.session_ended": _("Appareil déconnecté"),
        "hubs.sessions_ended": _("Autres appareils déconnectés"),
        "hubs.factor_added": _("Seconde étape ajoutée"),
        "hubs.factor_removed": _("Seconde étape retirée"),
        "hubs.password_changed": _("Mot de passe changé"),
        "hubs.role_given": _("Rôle donné pour le pôle"),
        "hubs.role_ended": _("Rôle pour le pôle terminé"),
    }

    def ready(self) -> None:
        from hubs import receivers

        connection_created.connect(refuse_owner)
        receivers.listen()

    def tidy(self, now: dt.datetime) -> None:
        """Sessions that have expired, and counts of tries that are over."""
        from hubs.actions import forget_sessions
        from hubs.limits import forget_tallies

        forget_sessions(now=now)
        forget_tallies(now=now)
