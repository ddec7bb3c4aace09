import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from django.db.backends.signals import connection_created
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hubs.actors import Actor
from hubs.enums import FactorKind
from hubs.parts import Card, HubAppConfig, NavItem, Thing, Todo, TrailField, label_in
from hubs.roles import refuse_owner
from hubs.rules import anyone, coordinator, follows_up, known, person_of_hub, staff

if TYPE_CHECKING:
    from hubs.personal import Hindrance, Keeping, Section, Subject


def _absence_cards() -> list[Card]:
    from hubs.leaves import absence_to_tell

    absence = absence_to_tell(timezone.localdate())
    return [Card("hubs/absence_card.html", {"absence": absence}, rank=1)] if absence else []


def _stand_in_cards() -> list[Card]:
    from hubs.leaves import leaves_on

    leaves = [leave for leave in leaves_on(timezone.localdate()).values() if leave.colleague_name]
    return [Card("hubs/stand_in_card.html", {"leaves": leaves}, rank=1)] if leaves else []


class HubsConfig(HubAppConfig):
    name = "hubs"
    verbose_name = _("pôle")
    public_nav = (NavItem(_("Le lieu"), "hubs:home", "home", anyone, rank=10),)
    member_nav = (NavItem(_("Mon espace"), "hubs:member_home", "home", known, rank=10),)
    staff_nav = (
        NavItem(_("À faire"), "hubs:staff_home", "check-circle", staff, rank=10),
        NavItem(_("Suivi"), "hubs:journal", "clipboard-document-list", staff, rank=80, section="/gestion/suivi/"),
        NavItem(_("Réglages"), "hubs:identity", "cog-6-tooth", coordinator, rank=90),
    )

    settings_nav = (
        NavItem(_("Identité"), "hubs:identity", "home-modern", coordinator, rank=10, group=_("Le pôle")),
        NavItem(_("Statut"), "hubs:legal", "scale", coordinator, rank=20, group=_("Le pôle")),
        NavItem(_("Sécurité"), "hubs:security", "shield-check", coordinator, rank=30, group=_("Le pôle")),
        NavItem(_("Annonces"), "hubs:announcements", "megaphone", coordinator, rank=35, group=_("Le pôle")),
        NavItem(_("Conservation"), "hubs:retention", "archive-box", coordinator, rank=80, group=_("Le pôle")),
    )
    own_nav = (
        NavItem(_("Sécurité"), "mfa_index", "shield-check", person_of_hub, rank=10),
        NavItem(_("Appareils"), "hubs:devices", "device-phone-mobile", person_of_hub, rank=20),
    )
    follow_nav = (
        NavItem(_("Journal"), "hubs:journal", "book-open", staff, rank=10),
        NavItem(_("Courriels"), "hubs:mails", "envelope", follows_up, rank=20),
        NavItem(_("Travaux"), "hubs:runs", "arrow-path", follows_up, rank=30),
    )
    trail_words = {
        "hubs.changed": _("Réglages du pôle modifiés"),
        "hubs.settings_changed": _("Statut du pôle changé"),
        "hubs.security_changed": _("Sécurité réglée"),
        "hubs.session_ended": _("Appareil déconnecté"),
        "hubs.sessions_ended": _("Autres appareils déconnectés"),
        "hubs.factor_added": _("Seconde étape ajoutée"),
        "hubs.factor_removed": _("Seconde étape retirée"),
        "hubs.password_changed": _("Mot de passe changé"),
        "hubs.role_given": _("Rôle pour le pôle donné"),
        "hubs.role_ended": _("Rôle pour le pôle terminé"),
        "hubs.mail_sent_again": _("Courriel renvoyé"),
        "hubs.mail_dropped": _("Courriel laissé là"),
        "hubs.run_cancelled": _("Travail annulé"),
        "hubs.run_retried": _("Travail relancé"),
        "hubs.leave_taken": _("Absence notée"),
        "hubs.leave_ended": _("Absence terminée"),
        "hubs.closed": _("Pôle fermé"),
        "hubs.closure_ended": _("Fermeture terminée"),
        "hubs.announced": _("Annonce écrite"),
        "hubs.announcement_ended": _("Annonce terminée"),
        "hubs.person_erased": _("Personne effacée"),
        "hubs.retention_changed": _("Durée de conservation changée"),
    }
    trail_fields = {
        "from": TrailField(_("à partir du")),
        "items": TrailField(_("éléments")),
        "count": TrailField(_("nombre")),
        "agent": TrailField(_("appareil")),
        "asked_by": TrailField(_("demandé par")),
        "asked_on": TrailField(_("demandé le")),
        "kept": TrailField(_("gardé")),
        "colleague": TrailField(_("relais")),
        "moved": TrailField(_("dates déplacées")),
        "to_read": TrailField(_("à relire")),
        "type": TrailField(_("moyen"), label_in(FactorKind)),
    }
    # Subjects and addresses tell who is invoiced.
    trail_rules = {
        "hubs.mail_sent_again": follows_up,
        "hubs.mail_dropped": follows_up,
        "hubs.run_cancelled": follows_up,
        "hubs.run_retried": follows_up,
    }
    mended_texts = (
        "hubs.AuditEntry",
        "hubs.Mail",
        "hubs.Run",
        "hubs.RunItem",
        "hubs.TodoClaim",
        "hubs.Leave",
        "hubs.Reading",
        "hubs.RetentionNight",
        "hubs.Retention",
    )

    def ready(self) -> None:
        from hubs import receivers

        connection_created.connect(refuse_owner)
        receivers.listen()

    def home_cards(self, actor: Actor) -> Sequence[Card]:
        """When the team is back, beside the ways to reach it."""
        return _absence_cards()

    def member_cards(self, actor: Actor) -> Sequence[Card]:
        """The same, for those who wait for an answer; and who answers instead of whom."""
        return _absence_cards() or _stand_in_cards()

    def todos(self, actor: Actor) -> Sequence[Todo]:
        """The mails that did not leave, and the work that did not come to its end."""
        from hubs.todos import failed_mails, failed_runs

        return [*failed_mails(actor), *failed_runs()] if follows_up(actor) else []

    def things(self, names: Collection[str], actor: Actor) -> Mapping[str, Thing]:
        """The mails and the runs, for those who follow them; the hub's settings, for who changes them."""
        from hubs.queries import things_of_ground

        return things_of_ground(names, actor)

    def tidy(self, now: dt.datetime) -> None:
        """Sessions that have expired, counts of tries that are over, and who sees to what is done."""
        from hubs.actions import forget_claims, forget_sessions
        from hubs.limits import forget_tallies

        forget_sessions(now=now)
        forget_tallies(now=now)
        forget_claims()

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
