import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from django.db.backends.signals import connection_created
from django.utils.translation import gettext_lazy as _

from hubs.actors import Actor
from hubs.parts import HubAppConfig, NavItem, Thing, Todo, TrailField
from hubs.roles import refuse_owner
from hubs.rules import anyone, coordinator, follows_up, person_of_hub, staff


class HubsConfig(HubAppConfig):
    name = "hubs"
    verbose_name = _("pôle")
    public_nav = (NavItem(_("Le lieu"), "hubs:home", "home", anyone, rank=10),)
    member_nav = (NavItem(_("Mon espace"), "hubs:member_home", "home", person_of_hub, rank=10),)
    staff_nav = (
        NavItem(_("À faire"), "hubs:staff_home", "check-circle", staff, rank=10),
        NavItem(_("Suivi"), "hubs:journal", "clipboard-document-list", staff, rank=80, section="/gestion/suivi/"),
        NavItem(_("Réglages"), "hubs:identity", "cog-6-tooth", coordinator, rank=90),
    )

    settings_nav = (
        NavItem(_("Le pôle"), "hubs:identity", "home-modern", coordinator, rank=10),
        NavItem(_("Statut"), "hubs:legal", "scale", coordinator, rank=20),
        NavItem(_("Annonces"), "hubs:announcements", "megaphone", coordinator, rank=30),
    )
    follow_nav = (
        NavItem(_("Journal"), "hubs:journal", "book-open", staff, rank=10),
        NavItem(_("Courriels"), "hubs:mails", "envelope", follows_up, rank=20),
        NavItem(_("Travaux"), "hubs:runs", "arrow-path", follows_up, rank=30),
    )
    trail_words = {
        "hubs.changed": _("Réglages du pôle modifiés"),
        "hubs.settings_changed": _("Statut du pôle changé"),
        "hubs.role_given": _("Rôle dans l’équipe donné"),
        "hubs.mail_sent_again": _("Courriel renvoyé"),
        "hubs.mail_dropped": _("Courriel laissé là"),
        "hubs.run_cancelled": _("Travail annulé"),
        "hubs.run_retried": _("Travail relancé"),
        "hubs.announced": _("Annonce écrite"),
        "hubs.announcement_ended": _("Annonce terminée"),
    }
    trail_fields = {
        "from": TrailField(_("à partir du")),
        "items": TrailField(_("éléments")),
    }
    # Subjects and addresses tell who is invoiced.
    trail_rules = {
        "hubs.mail_sent_again": follows_up,
        "hubs.mail_dropped": follows_up,
        "hubs.run_cancelled": follows_up,
        "hubs.run_retried": follows_up,
    }

    def ready(self) -> None:
        connection_created.connect(refuse_owner)

    def todos(self, actor: Actor) -> Sequence[Todo]:
        """The mails that did not leave, and the work that did not come to its end."""
        from hubs.todos import failed_mails, failed_runs

        return [*failed_mails(actor), *failed_runs()] if follows_up(actor) else []

    def things(self, names: Collection[str], actor: Actor) -> Mapping[str, Thing]:
        """The mails and the runs, for those who follow them; the hub's settings, for who changes them."""
        from hubs.queries import things_of_ground

        return things_of_ground(names, actor)

    def tidy(self, now: dt.datetime) -> None:
        """Sessions that have expired, and who sees to what is done."""
        from hubs.actions import forget_claims, forget_sessions

        forget_sessions(now=now)
        forget_claims()
