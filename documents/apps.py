from django.utils.translation import gettext_lazy as _

from hubs.parts import HubAppConfig


class DocumentsConfig(HubAppConfig):
    name = "documents"
    verbose_name = _("documents")

