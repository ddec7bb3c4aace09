from django.db.backends.signals import connection_created
from django.utils.translation import gettext_lazy as _

from hubs.parts import HubAppConfig


class HubsConfig(HubAppConfig):
    name = "hubs"
    verbose_name = _("pôle")
