from governance.queries.assemblies import CollegeCount, counts_of, roll_of
from governance.queries.decisions import Advice, advice_of, answering, belenios_roll, is_on_roll, register_of
from governance.queries.votes import (
    Voice,
    lone_voters,
    sheets_of,
    tallies_of,
    tally_of,
    turnout_of,
    voices_here_of,
    voices_of,
    voted_among,
)

__all__ = [
    "Advice",
    "CollegeCount",
    "Voice",
    "advice_of",
    "answering",
    "belenios_roll",
    "counts_of",
    "is_on_roll",
    "lone_voters",
    "register_of",
    "roll_of",
    "sheets_of",
    "tallies_of",
    "tally_of",
    "turnout_of",
    "voices_here_of",
    "voices_of",
    "voted_among",
]
