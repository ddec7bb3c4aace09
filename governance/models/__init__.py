from governance.models.assembly import Assembly
from governance.models.ballots import HandCount, NominalVote, SecretCount, SecretMarker
from governance.models.decisions import Decision, Minutes, Poll, PollAnswer
from governance.models.resolutions import CollegeResult, Resolution
from governance.models.roll import Attendance, Proxy, ProxyQuerySet, RollEntry, RollEntryQuerySet
from governance.models.voices import AssemblyVoice, CollegeVoice

__all__ = [
    "Assembly",
    "AssemblyVoice",
    "Attendance",
    "CollegeResult",
    "CollegeVoice",
    "Decision",
    "HandCount",
    "Minutes",
    "NominalVote",
    "Poll",
    "PollAnswer",
    "Proxy",
    "ProxyQuerySet",
    "Resolution",
    "RollEntry",
    "RollEntryQuerySet",
    "SecretCount",
    "SecretMarker",
]
