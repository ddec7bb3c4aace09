import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from hubs.actors import Actor
from hubs.parts import HubAppConfig, NavItem, Todo
from hubs.rules import coordinator, person_of_hub, staff

if TYPE_CHECKING:
    from hubs.personal import Keeping, Section, Subject


def _works_somewhere(actor: Actor) -> bool:
    return bool(actor.organisations)


class PartiesConfig(HubAppConfig):
    name = "parties"
    verbose_name = _("structures et personnes")
    staff_nav = (
        NavItem(_("Structures"), "parties:structures", "building-office-2", staff, rank=30),
        NavItem(_("Personnes"), "parties:people", "users", staff, rank=31),
    )
    member_nav = (NavItem(_("Ma structure"), "parties:my_structure", "building-office-2", _works_somewhere, rank=60),)
    settings_nav = (NavItem(_("Champs"), "parties:fields", "list-bullet", coordinator, rank=50),)
    own_nav = (NavItem(_("Mes données"), "parties:my_data", "finger-print", person_of_hub, rank=80),)
    trail_words = {
        "parties.person_added": _("Personne ajoutée"),
        "parties.person_changed": _("Coordonnées modifiées"),
        "parties.account_given": _("Accès ouvert"),
        "parties.account_closed": _("Accès fermé"),
        "parties.file_imported": _("Fichier importé"),
        "parties.erasure_asked": _("Effacement demandé"),
        "parties.erasure_withdrawn": _("Demande d’effacement retirée"),
        "parties.erasure_refused": _("Réponse donnée sans effacer"),
        "parties.data_seen": _("Données personnelles consultées"),
        "parties.data_exported": _("Données personnelles exportées"),
        "parties.people_exported": _("Liste des personnes exportée"),
        "parties.figures_seen": _("Chiffres consultés"),
        "parties.field_defined": _("Champ défini"),
        "parties.field_changed": _("Champ modifié"),
        "parties.field_ended": _("Champ retiré des formulaires"),
        "parties.field_revived": _("Champ remis dans les formulaires"),
        "parties.fields_answered": _("Informations propres au pôle modifiées"),
        "parties.structure_added": _("Structure ajoutée"),
        "parties.structure_changed": _("Fiche modifiée"),
        "parties.structure_imported": _("Importée"),
        "parties.figures_recorded": _("Chiffres enregistrés"),
        "parties.role_given": _("Rôle donné"),
        "parties.role_ended": _("Rôle terminé"),
    }

    mended_texts = ("parties.Person", "parties.Link", "parties.ImportDraft", "parties.ErasureRequest")

    def todos(self, actor: Actor) -> Sequence[Todo]:
        """Whoever asked to be erased waits for an answer, within the month."""
        from parties.personal.queries import erasures_to_do

        return erasures_to_do() if coordinator(actor) else ()

    def personal_data(self, subject: "Subject") -> "Sequence[Section]":
        from parties.personal import held

        return held.personal_data(subject)

    def erase(self, subject: "Subject", now: dt.datetime) -> Sequence[str]:
        from parties.personal import held

        return held.erase(subject, now)

    def keepings(self) -> "Sequence[Keeping]":
        from parties.personal import held

        return held.keepings()

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

    def settle_demo(self, today: dt.date) -> None:
        """A few own fields, with answers."""
        from parties.demo import ask

        ask(today)
