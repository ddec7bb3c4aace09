from governance.queries.decisions import Advice, advice_of, answering, belenios_roll, register_of
from governance.queries.meetings import invitee_at, meetings_listed, meetings_of
from governance.queries.members import (
    Voice,
    calls_of,
    contests_of,
    is_called,
    my_contests,
    proxies_of,
    speaks_as,
    voices_of,
)
from governance.queries.notices import (
    ProofCount,
    ToCall,
    addresses_of,
    members_to_call,
    proof_counts,
    proofs_of,
    to_call,
)
from governance.queries.roll import CollegeCount, counts_of, roll_of
from governance.queries.statutes import statutes_on
from governance.queries.things import things_named
from governance.queries.things_meetings import meetings_named
from governance.queries.things_votes import votes_named
from governance.queries.votes import (
    VoiceInHand,
    lone_voters,
    sheets_of,
    tallies_of,
    tally_of,
    turnout_of,
    voices_here_of,
    voices_in_hand,
    voted_among,
)

__all__ = [
    "Advice",
    "CollegeCount",
    "ProofCount",
    "ToCall",
    "Voice",
    "VoiceInHand",
    "addresses_of",
    "advice_of",
    "answering",
    "belenios_roll",
    "calls_of",
    "contests_of",
    "counts_of",
    "invitee_at",
    "is_called",
    "lone_voters",
    "meetings_listed",
    "meetings_named",
    "meetings_of",
    "members_to_call",
    "my_contests",
    "proof_counts",
    "proofs_of",
    "proxies_of",
    "register_of",
    "roll_of",
    "sheets_of",
    "speaks_as",
    "statutes_on",
    "tallies_of",
    "tally_of",
    "things_named",
    "to_call",
    "turnout_of",
    "voices_here_of",
    "voices_in_hand",
    "voices_of",
    "voted_among",
    "votes_named",
]
