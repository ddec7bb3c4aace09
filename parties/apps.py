import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hubs.actors import Actor
from hubs.parts import HubAppConfig, NavItem, Thing, Todo, TrailField, label_in
from hubs.rules import coordinator, staff
from parties.enums import FIGURES, LinkRole
from parties.rules import keeps_structures, sees_figures, works_somewhere


class PartiesConfig(HubAppConfig):
    name = "parties"
    verbose_name = _("structures et personnes")
    staff_nav = (NavItem(_("Structures"), "parties:structures", "building-office-2", staff, rank=30),)
    member_nav = (NavItem(_("Ma structure"), "parties:my_structure", "building-office-2", works_somewhere, rank=60),)
    settings_nav = (NavItem(_("Équipe"), "parties:team", "users", coordinator, rank=30),)
    trail_words = {
        "parties.structure_added": _("Structure ajoutée"),
        "parties.structure_changed": _("Fiche modifiée"),
        "parties.structure_imported": _("Importée"),
        "parties.file_imported": _("Fichier importé"),
        "parties.figures_recorded": _("Chiffres enregistrés"),
        "parties.person_added": _("Personne ajoutée"),
        "parties.person_changed": _("Coordonnées modifiées"),
        "parties.role_given": _("Rôle donné"),
        "parties.role_ended": _("Rôle terminé"),
        "parties.address_changed": _("Adresse de connexion changée"),
        "parties.invited": _("Invitation"),
        "parties.invited_again": _("Invitation renvoyée"),
        "parties.invitation_accepted": _("Invitation acceptée"),
        "parties.invitation_withdrawn": _("Invitation retirée"),
        "parties.account_given": _("Accès ouvert"),
        "parties.access_ended": _("Fin d’accès"),
    }
    trail_fields = {
        "person": TrailField(_("personne"), is_context=True),
        "role": TrailField(_("rôle"), label_in(LinkRole), is_context=True),
        "year": TrailField(_("année"), rule=sees_figures, is_context=True),
        **dict.fromkeys(FIGURES, TrailField(rule=sees_figures)),
        "created": TrailField(_("structures créées")),
        "updated": TrailField(_("mises à jour")),
        "unchanged": TrailField(_("inchangées")),
        "refused": TrailField(_("lignes refusées")),
    }
    trail_rules = {"parties.figures_recorded": sees_figures}

    def todos(self, actor: Actor) -> Sequence[Todo]:
        """The structures that nobody will administer any more, and the invitations that nobody answers."""
        from parties.todos import orphans, silent_invitations

        if not keeps_structures(actor):
            return ()
        return [*orphans(timezone.localdate()), *silent_invitations(actor, timezone.now())]

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
        """Files dropped for an import and left there; browsers and invitations of those who left."""
        from parties.actions import forget_unanswered, sign_out_leavers, withdraw_of_leavers
        from parties.imports.writes import drop_drafts

        drop_drafts(now=now)
        sign_out_leavers(today=timezone.localdate(now))
        withdraw_of_leavers(now=now)
        forget_unanswered(now=now)
