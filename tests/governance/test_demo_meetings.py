from django.utils import timezone

from documents.models import Document
from governance import demo_meetings
from governance.models import Decision, Invitee, Meeting, Minutes
from governance.todos_meetings import meetings_waiting
from hubs.models import Mail
from hubs.scope import open_hub


def test_the_demo_holds_a_steering_committee_and_calls_the_next(nord):
    today = timezone.localdate()
    with open_hub(nord.hub):
        demo_meetings.fill(today)
        demo_meetings.fill(today)

        held, bureau, coming = Meeting.objects.order_by("starts_at")
        assert held.starts_at < bureau.starts_at < timezone.now() < coming.starts_at
        assert [todo.verb for todo in meetings_waiting(timezone.now())] == ["Écrire le compte rendu"]
        assert Minutes.objects.get().number == f"CR-{held.day.year}-001"
        assert (Decision.objects.get().meeting, Document.objects.count()) == (held, 1)
        assert Invitee.objects.filter(person=nord.observer, called_at__isnull=False).count() == 2
        assert not Mail.objects.filter(state="queued", about__startswith="governance.").exists()
