"""What the worker does for the minutes."""

from governance import actions
from governance.models import Minutes


def render_minutes(*, run_id: int, minutes_id: int) -> None:
    actions.render_minutes(minutes=Minutes.objects.get(pk=minutes_id))
