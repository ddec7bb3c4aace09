import datetime as dt

from django.utils.translation import gettext_lazy as _

from governance.enums import Choice, Outcome
from governance.rules import keeps_desk, runs_assemblies
from hubs.parts import HubAppConfig, NavItem, TrailField, label_in
from hubs.rules import person_of_hub


class GovernanceConfig(HubAppConfig):
    name = "governance"
    verbose_name = _("assemblées")
    member_nav = (NavItem(_("Assemblées"), "governance:my_assemblies", "hand-raised", person_of_hub, rank=75),)
    staff_nav = (NavItem(_("Assemblées"), "governance:assemblies", "hand-raised", keeps_desk, rank=36),)
    settings_nav = (NavItem(_("Poids des collèges"), "governance:voices", "scale", runs_assemblies, rank=48),)
    trail_words = {
        "governance.prepared": _("Assemblée préparée"),
        "governance.roll_drawn": _("Liste électorale établie"),
        "governance.moved": _("Assemblée avancée"),
        "governance.proxy_given": _("Pouvoir donné"),
        "governance.proxy_revoked": _("Pouvoir révoqué"),
        "governance.arrived": _("Arrivée à l’assemblée"),
        "governance.arrival_undone": _("Arrivée annulée"),
        "governance.voices_set": _("Poids des collèges réglés"),
        "governance.weight_set": _("Voix d’un membre notées"),
        "governance.resolution_written": _("Résolution écrite"),
        "governance.resolution_changed": _("Résolution corrigée"),
        "governance.resolution_dropped": _("Résolution retirée"),
        "governance.resolution_raised": _("Résolution remontée"),
        "governance.vote_opened": _("Vote ouvert"),
        "governance.vote_closed": _("Vote clos"),
        "governance.hands_counted": _("Mains levées comptées"),
        "governance.voted": _("A voté"),
        "governance.result_published": _("Résultat proclamé"),
    }
    trail_fields = {
        "memberships": TrailField(_("adhésions")),
        "weights": TrailField(_("poids")),
        "choice": TrailField(_("vote"), label_in(Choice)),
        "outcome": TrailField(_("résultat"), label_in(Outcome)),
    }

    def settle_demo(self, today: dt.date) -> None:
        """An assembly in three weeks."""
        from governance import demo

        demo.fill(today)
