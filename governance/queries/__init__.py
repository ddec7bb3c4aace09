from governance.queries.members import Voice, contests_of, is_called, my_contests, proxies_of, speaks_as, voices_of
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

__all__ = [
    "CollegeCount",
    "ProofCount",
    "ToCall",
    "Voice",
    "addresses_of",
    "contests_of",
    "counts_of",
    "is_called",
    "members_to_call",
    "my_contests",
    "proof_counts",
    "proofs_of",
    "proxies_of",
    "roll_of",
    "speaks_as",
    "statutes_on",
    "things_named",
    "to_call",
    "voices_of",
]
