import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from governance.rules import keeps_desk
from hubs.parts import HubAppConfig, NavItem, TrailField
from hubs.rules import person_of_hub

if TYPE_CHECKING:
    from members.parts import CertificateKind
    from parties.parts import Held


class GovernanceConfig(HubAppConfig):
    name = "governance"
    verbose_name = _("assemblées")
    member_nav = (NavItem(_("Assemblées"), "governance:my_assemblies", "hand-raised", person_of_hub, rank=75),)
    staff_nav = (NavItem(_("Assemblées"), "governance:assemblies", "hand-raised", keeps_desk, rank=36),)
    trail_words = {
        "governance.prepared": _("Assemblée préparée"),
        "governance.roll_drawn": _("Liste électorale établie"),
        "governance.moved": _("Assemblée avancée"),
        "governance.proxy_given": _("Pouvoir donné"),
        "governance.proxy_revoked": _("Pouvoir révoqué"),
        "governance.arrived": _("Arrivée à l’assemblée"),
        "governance.arrival_undone": _("Arrivée annulée"),
    }
    trail_fields = {"memberships": TrailField(_("adhésions"))}

    def held_of_structures(self) -> "Sequence[Held]":
        """The electoral roll."""
        from governance.held import HELD

        return HELD

    def certificates(self) -> "Sequence[CertificateKind]":
        """The assemblies of a year that the member took part in."""
        from governance.certificates import KINDS

        return KINDS

    def settle_demo(self, today: dt.date) -> None:
        """An assembly in three weeks."""
        from governance import demo

        demo.fill(today)
