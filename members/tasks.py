"""What the worker does for members."""

from django.utils import timezone

from members.actions import import_draft
from members.actions import render_letter as make_letter
from members.models import Letter
from parties.models import ImportDraft
from parties.queries import actor_of


def import_dropped(*, run_id: int, draft_id: int, only_good: bool) -> None:
    """Import a long file as its owner, with the rights they have now."""
    draft = ImportDraft.objects.select_related("owner__user").get(pk=draft_id)
    now = timezone.now()
    by = actor_of(draft.owner.user, timezone.localdate(now))
    import_draft(draft=draft, by=by, now=now, only_good=only_good)


def render_letter(*, run_id: int, letter_id: int) -> None:
    make_letter(letter=Letter.objects.get(pk=letter_id))
