import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from hubs.actors import Actor
from hubs.parts import HubAppConfig, NavItem, Thing, Todo, TrailField, label_in
from hubs.rules import staff
from parties.enums import FIGURES, LinkRole


def _works_somewhere(actor: Actor) -> bool:
    return bool(actor.organisations)


def _sees_figures(actor: Actor) -> bool:
    from parties.rules import sees_figures

    return sees_figures(actor)


class PartiesConfig(HubAppConfig):
    name = "parties"
    verbose_name = _("structures et personnes")
    staff_nav = (NavItem(_("Structures"), "parties:structures", "building-office-2", staff, rank=30),)
    member_nav = (NavItem(_("Ma structure"), "parties:my_structure", "building-office-2", _works_somewhere, rank=60),)
    trail_words = {
        "parties.structure_added": _("Structure ajoutée"),
        "parties.structure_changed": _("Fiche modifiée"),
        "parties.structure_imported": _("Importée"),
        "parties.file_imported": _("Fichier importé"),
        "parties.figures_recorded": _("Chiffres enregistrés"),
        "parties.person_added": _("Personne ajoutée"),
        "parties.person_changed": _("Coordonnées modifiées"),
        "parties.account_given": _("Accès au portail ouvert"),
        "parties.role_given": _("Rôle donné"),
        "parties.role_ended": _("Rôle terminé"),
    }
    trail_fields = {
        "person": TrailField(_("personne"), is_context=True),
        "role": TrailField(_("rôle"), label_in(LinkRole), is_context=True),
        "year": TrailField(_("année"), rule=_sees_figures, is_context=True),
        **dict.fromkeys(FIGURES, TrailField(rule=_sees_figures)),
        "created": TrailField(_("structures créées")),
        "updated": TrailField(_("mises à jour")),
        "unchanged": TrailField(_("inchangées")),
        "refused": TrailField(_("lignes refusées")),
    }
    trail_rules = {"parties.figures_recorded": _sees_figures}

    def todos(self, actor: Actor) -> Sequence[Todo]:
        """The structures that nobody will administer any more."""
        from django.utils import timezone

        from parties.rules import keeps_structures
        from parties.todos import orphans

        return orphans(timezone.localdate()) if keeps_structures(actor) else ()

    def things(self, names: Collection[str], actor: Actor) -> Mapping[str, Thing]:
        """The structures and the people, for staff."""
        from parties.queries import things_named

        return things_named(names) if actor.is_staff else {}

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
