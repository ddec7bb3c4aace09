import datetime as dt

from django.utils.translation import gettext_lazy as _

from hubs.actors import Actor
from hubs.parts import HubAppConfig, NavItem
from hubs.rules import staff


def _works_somewhere(actor: Actor) -> bool:
    return bool(actor.organisations)


class PartiesConfig(HubAppConfig):
    name = "parties"
    verbose_name = _("structures et personnes")
    staff_nav = (NavItem(_("Structures"), "parties:structures", "building-office-2", staff, rank=30),)
    member_nav = (NavItem(_("Ma structure"), "parties:my_structure", "building-office-2", _works_somewhere, rank=60),)
    trail_words = {
        "parties.structure_added": _("Structure ajoutée"),
        "parties.structure_changed": _("Fiche modifiée"),
        "parties.structure_imported": _("Importée"),
        "parties.figures_recorded": _("Chiffres enregistrés"),
        "parties.role_given": _("Rôle donné"),
        "parties.role_ended": _("Rôle terminé"),
        "parties.address_changed": _("Adresse de connexion changée"),
    }

    def welcome_coordinator(self, email: str, today: dt.date) -> None:
        """A person with an account and every right, told by mail how to sign in."""
        from hubs.actors import system
        from hubs.scope import current_hub_id
        from parties.actions import welcome_coordinator

        welcome_coordinator(email=email, by=system(current_hub_id()), on=today)

    def tidy(self, now: dt.datetime) -> None:
        """Files dropped for an import and left there."""
        from parties.imports.writes import drop_drafts

        drop_drafts(now=now)
