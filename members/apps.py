import datetime as dt

from django.utils.translation import gettext_lazy as _

from hubs.parts import HubAppConfig


class MembersConfig(HubAppConfig):
    name = "members"
    verbose_name = _("adhésions")
    module = "members"

    def furnish(self, preset: str, today: dt.date) -> None:
        """The preset's colleges, and the calendar years of today and before."""
        from hubs.actors import system
        from hubs.scope import current_hub_id
        from members.actions import open_college, open_fiscal_year
        from members.presets import COLLEGES

        by = system(current_hub_id())
        last_year = dt.date(today.year - 1, 1, 1)
        for rank, name in enumerate(COLLEGES[preset], start=1):
            open_college(name=name, rank=rank, starts_on=last_year, by=by)
        for year in (today.year - 1, today.year):
            open_fiscal_year(
                label=str(year), starts_on=dt.date(year, 1, 1), ends_on=dt.date(year + 1, 1, 1), by=by
            )

    def demo(self, preset: str, today: dt.date) -> None:
        """The members of the seeds, their figures, and the demo accounts."""
        from members import demo

        demo.fill(preset, today)
