"""What the report of a meeting says on paper."""

from typing import Any

from governance.models import Decision, Invitee, Minutes
from governance.papers_votes import minutes_title


def report_paper(minutes: Minutes) -> dict[str, Any]:
    """What templates/governance/report_pdf.html shows: who came, the agenda, what was said and decided."""
    invitees = list(Invitee.objects.filter(meeting=minutes.meeting_id).for_display())
    return {
        "heading": minutes_title(minutes),
        "meeting": minutes.meeting,
        "minutes": minutes,
        "present": [each for each in invitees if each.came],
        "absent": [each for each in invitees if not each.came],
        "decisions": list(Decision.objects.filter(meeting=minutes.meeting_id).order_by("number")),
    }
