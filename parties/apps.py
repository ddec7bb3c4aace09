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
    }

    def welcome_coordinator(self, email: str, today: dt.date) -> None:
        """A person with an account and the role; their mail says how to sign in. They correct their name later."""
        from hubs.actions import give_role
        from hubs.actors import system
        from hubs.enums import Role
        from hubs.scope import current_hub
        from parties.actions import add_person, give_account

        hub = current_hub()
        by = system(hub.pk)
        person = add_person(given_name="Coordination", family_name=hub.name[:80], email=email, by=by)
        give_role(user=give_account(person=person, by=by), role=Role.COORDINATOR, on=today, by=by)
