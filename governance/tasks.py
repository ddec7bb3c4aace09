"""The jobs of governance's runs, around which hubs.tasks.do_item opens the hub and the transaction."""

from governance import actions
from governance.models import Assembly


def render_notice(*, run_id: int, assembly_id: int) -> None:
    actions.render_notice(assembly=Assembly.objects.get(pk=assembly_id))
