import datetime as dt

from django.utils.translation import gettext_lazy as _

from hubs.parts import HubAppConfig


class BillingConfig(HubAppConfig):
    name = "billing"
    verbose_name = _("comptes et factures")
    module = "billing"
    jobs = {
        "billing.issue_invoice": "billing.tasks.issue_invoice",
        "billing.render_invoice": "billing.tasks.render_invoice",
    }

    def furnish(self, preset: str, today: dt.date) -> None:
        from billing.presets import furnish

        furnish(preset, today)
