"""What the worker does for members."""

from django.utils import timezone

from members import actions
from members.models import Certificate, Letter
from parties.models import ImportDraft
from parties.queries import actor_of


def import_dropped(*, run_id: int, draft_id: int, only_good: bool) -> None:
    """Import a long file as its owner, with the rights they have now."""
    draft = ImportDraft.objects.select_related("owner__user").get(pk=draft_id)
    now = timezone.now()
    by = actor_of(draft.owner.user, timezone.localdate(now))
    actions.import_draft(draft=draft, by=by, now=now, only_good=only_good)


def render_certificate(*, run_id: int, certificate_id: int) -> None:
    actions.render_certificate(certificate=Certificate.objects.get(pk=certificate_id))


def render_letter(*, run_id: int, letter_id: int) -> None:
    actions.render_letter(letter=Letter.objects.get(pk=letter_id))
