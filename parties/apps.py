from django.utils.translation import gettext_lazy as _

from hubs.parts import HubAppConfig


class PartiesConfig(HubAppConfig):
    name = "parties"
    verbose_name = _("structures et personnes")
