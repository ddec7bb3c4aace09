from django.utils.translation import gettext_lazy as _

from hubs.parts import HubAppConfig


class MembersConfig(HubAppConfig):
    name = "members"
    verbose_name = _("adhésions")
    module = "members"
