import datetime as dt
from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hubs.actors import Actor
from hubs.enums import Role
from hubs.parts import HubAppConfig, NavItem, Todo
from hubs.rules import coordinator, staff
from parties.rules import works_somewhere


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
        "parties.figures_recorded": _("Chiffres enregistrés"),
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

    def todos(self, actor: Actor) -> Sequence[Todo]:
        """Invitations that nobody has answered, and that will soon be too late."""
        from parties.actions import may_handle
        from parties.queries import invitations_about_to_expire
        from parties.views.invitations import listed_at

        if not actor.has(Role.COORDINATOR, Role.ACCOUNTANT):
            return ()
        return [
            Todo(
                kind=_("invitations"),
                label=str(_("%(person)s n’a pas répondu") % {"person": invitation.name}),
                reason=str(
                    _("%(what)s, envoyée à %(email)s. Renvoyez-la, ou retirez-la.")
                    % {"what": invitation.what.capitalize(), "email": invitation.email}
                ),
                url=listed_at(invitation, actor),
                since=timezone.localdate(invitation.sent_at),
            )
            for invitation in invitations_about_to_expire(timezone.now())
            if may_handle(actor, invitation)
        ]

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
