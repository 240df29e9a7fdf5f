"""Near identities: which stored patients may be the person whose traits are typed.

At write, `blocking_keys(traits)` goes into a column; at search, `search` asks for the identities
that share a key, then scores them. No database here: the caller brings the candidates.
"""

from ronde.patients.matching.identity import Traits
from ronde.patients.matching.keys import blocking_keys, query_keys, swapped
from ronde.patients.matching.ranking import (
    LOOKALIKE_FROM,
    PROBABLE_FROM,
    Match,
    Part,
    Score,
    Verdict,
    needs_second_pass,
    rank,
    score,
    search,
)

__all__ = [
    "LOOKALIKE_FROM",
    "PROBABLE_FROM",
    "Match",
    "Part",
    "Score",
    "Traits",
    "Verdict",
    "blocking_keys",
    "needs_second_pass",
    "query_keys",
    "rank",
    "score",
    "search",
    "swapped",
]
