from governance.models.assembly import Assembly
from governance.models.ballots import HandCount, NominalVote, SecretCount, SecretMarker
from governance.models.contest import RollContest, RollContestQuerySet
from governance.models.decisions import Decision, Minutes, Poll, PollAnswer
from governance.models.meetings import Invitee, InviteeQuerySet, Meeting, MeetingPaper
from governance.models.notice import AgendaItem, Notice, Paper
from governance.models.resolutions import CollegeResult, Resolution
from governance.models.roll import Attendance, Proxy, ProxyQuerySet, RollEntry, RollEntryQuerySet
from governance.models.statutes import AssemblyRules, Statutes
from governance.models.voices import AssemblyVoice, CollegeVoice

__all__ = [
    "AgendaItem",
    "Assembly",
    "AssemblyRules",
    "AssemblyVoice",
    "Attendance",
    "CollegeResult",
    "CollegeVoice",
    "Decision",
    "HandCount",
    "Invitee",
    "InviteeQuerySet",
    "Meeting",
    "MeetingPaper",
    "Minutes",
    "NominalVote",
    "Notice",
    "Paper",
    "Poll",
    "PollAnswer",
    "Proxy",
    "ProxyQuerySet",
    "Resolution",
    "RollContest",
    "RollContestQuerySet",
    "RollEntry",
    "RollEntryQuerySet",
    "SecretCount",
    "SecretMarker",
    "Statutes",
]
