import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hubs.actors import Actor
from hubs.parts import HubAppConfig, NavItem, Thing, Todo, TrailField, label_in
from hubs.rules import coordinator, person_of_hub, staff
from parties.enums import FIGURES, LinkRole, tell_kind
from parties.rules import keeps_structures, sees_figures, works_somewhere

if TYPE_CHECKING:
    from hubs.personal import Keeping, Section, Subject
    from parties.parts import Held


class PartiesConfig(HubAppConfig):
    name = "parties"
    verbose_name = _("structures et personnes")
    staff_nav = (
        NavItem(_("Structures"), "parties:structures", "building-office-2", staff, rank=30),
        NavItem(_("Personnes"), "parties:people", "users", staff, rank=31),
        NavItem(_("Absences"), "parties:leaves", "sun", staff, rank=75),
        NavItem(_("Documents"), "parties:papers", "document-text", keeps_structures, rank=32),
    )
    member_nav = (NavItem(_("Ma structure"), "parties:my_structure", "building-office-2", works_somewhere, rank=60),)
    settings_nav = (
        NavItem(_("Équipe"), "parties:team", "users", coordinator, rank=25, group=_("Le pôle")),
        NavItem(_("Champs"), "parties:fields", "list-bullet", coordinator, rank=50, group=_("Les membres")),
        NavItem(_("Documents"), "parties:paper_kinds", "document-text", coordinator, rank=51, group=_("Les membres")),
    )
    own_nav = (
        NavItem(_("Mes documents"), "parties:my_papers", "document-text", person_of_hub, rank=75),
        NavItem(_("Mes données"), "parties:my_data", "finger-print", person_of_hub, rank=80),
    )
    trail_words = {
        "parties.file_imported": _("Fichier importé"),
        "parties.structure_added": _("Structure ajoutée"),
        "parties.structure_changed": _("Fiche modifiée"),
        "parties.structure_imported": _("Importée"),
        "parties.figures_recorded": _("Chiffres enregistrés"),
        "parties.figures_seen": _("Chiffres consultés"),
        "parties.person_added": _("Personne ajoutée"),
        "parties.person_changed": _("Coordonnées modifiées"),
        "parties.people_exported": _("Liste des personnes exportée"),
        "parties.role_given": _("Rôle donné"),
        "parties.role_ended": _("Rôle terminé"),
        "parties.address_changed": _("Adresse de connexion changée"),
        "parties.invited": _("Invitation"),
        "parties.invited_again": _("Invitation renvoyée"),
        "parties.invitation_accepted": _("Invitation acceptée"),
        "parties.invitation_withdrawn": _("Invitation retirée"),
        "parties.account_given": _("Accès ouvert"),
        "parties.access_ended": _("Fin d’accès"),
        "parties.account_closed": _("Compte de connexion retiré"),
        "parties.data_seen": _("Données personnelles consultées"),
        "parties.data_exported": _("Données personnelles exportées"),
        "parties.erasure_asked": _("Effacement demandé"),
        "parties.erasure_withdrawn": _("Demande d’effacement retirée"),
        "parties.erasure_refused": _("Réponse donnée sans effacer"),
        "parties.field_defined": _("Champ défini"),
        "parties.field_changed": _("Champ modifié"),
        "parties.field_ended": _("Champ retiré des formulaires"),
        "parties.field_revived": _("Champ remis dans les formulaires"),
        "parties.fields_answered": _("Informations propres au pôle modifiées"),
        "parties.relation_noted": _("Relation notée"),
        "parties.relation_ended": _("Relation terminée"),
        "parties.merged": _("Fiche fusionnée dans celle-ci"),
        "parties.parted": _("Fusion défaite"),
        "parties.paper_kind_defined": _("Document demandé"),
        "parties.paper_kind_changed": _("Document demandé autrement"),
        "parties.paper_kind_ended": _("Document plus demandé"),
        "parties.paper_deposited": _("Document déposé"),
        "parties.paper_dated": _("Dates d’un document corrigées"),
        "parties.paper_withdrawn": _("Document retiré"),
        "parties.paper_seen": _("Document consulté"),
    }
    trail_fields = {
        "name": TrailField(_("nom")),
        "person": TrailField(_("personne"), is_context=True),
        "role": TrailField(_("rôle"), label_in(LinkRole), is_context=True),
        "year": TrailField(_("année"), rule=sees_figures, is_context=True),
        **dict.fromkeys(FIGURES, TrailField(rule=sees_figures)),
        "created": TrailField(_("structures créées")),
        "updated": TrailField(_("mises à jour")),
        "unchanged": TrailField(_("inchangées")),
        "refused": TrailField(_("lignes refusées")),
        "due_on": TrailField(_("réponse attendue avant le")),
        "fields": TrailField(_("champs")),
        "other_trades": TrailField(_("autres métiers")),
        "kind": TrailField(_("nature"), tell_kind, is_context=True),
        "paper": TrailField(_("document"), is_context=True),
        "merged": TrailField(_("fiche"), is_context=True),
    }
    trail_rules = {"parties.figures_recorded": sees_figures}
    mended_texts = (
        "parties.Person",
        "parties.Link",
        "parties.Invitation",
        "parties.ImportDraft",
        "parties.ErasureRequest",
        "parties.Merge",
    )

    def todos(self, actor: Actor) -> Sequence[Todo]:
        """The structures that nobody will administer any more, the invitations that nobody answers, the documents that
        end, and whoever asked to be erased and waits for an answer.
        """
        from parties.personal.queries import erasures_to_do
        from parties.todos import ending_papers, orphans, silent_invitations

        asked = erasures_to_do() if coordinator(actor) else []
        if not keeps_structures(actor):
            return asked
        today = timezone.localdate()
        return [*asked, *orphans(today), *silent_invitations(actor, timezone.now()), *ending_papers(today)]

    def things(self, names: Collection[str], actor: Actor) -> Mapping[str, Thing]:
        """The structures and the people, for staff."""
        from parties.queries import things_named

        return things_named(names) if actor.is_staff else {}

    def held_of_structures(self) -> "Sequence[Held]":
        """The sheet, the people, the figures."""
        from parties.held import HELD

        return HELD

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
        """Files dropped for an import and left there; browsers and invitations of those who left."""
        from parties.actions import forget_unanswered, sign_out_leavers, withdraw_of_leavers
        from parties.imports.writes import drop_drafts

        drop_drafts(now=now)
        sign_out_leavers(today=timezone.localdate(now))
        withdraw_of_leavers(now=now)
        forget_unanswered(now=now)

    def settle_demo(self, today: dt.date) -> None:
        """Own fields with answers, a leave and a closure, relations, documents of structures, and what is on file twice."""
        from parties.demo import ask, be_away, relate
        from parties.demo_duplicates import spell_twice
        from parties.demo_papers import hand_in

        ask(today)
        be_away(today)
        relate(today)
        hand_in(today)
        spell_twice(today)
