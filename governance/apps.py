from django.utils.translation import gettext_lazy as _

from hubs.parts import HubAppConfig


class GovernanceConfig(HubAppConfig):
    name = "governance"
    verbose_name = _("assemblées")
    trail_words = {
        "governance.roll_drawn": _("Liste électorale établie"),
        "governance.moved": _("Assemblée avancée"),
        "governance.proxy_given": _("Pouvoir donné"),
        "governance.proxy_revoked": _("Pouvoir révoqué"),
        "governance.arrived": _("Arrivée à l’assemblée"),
        "governance.arrival_undone": _("Arrivée annulée"),
    }
