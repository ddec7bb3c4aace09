from django.utils.translation import gettext_lazy as _

from hubs.parts import HubAppConfig


class SpacesConfig(HubAppConfig):
    name = "spaces"
    verbose_name = _("espaces")
    module = "spaces"
