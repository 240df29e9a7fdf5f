"""From stored candidates to what the screen says: who looks alike, how much, and why."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from heapq import nlargest
from operator import itemgetter
from typing import Any

from ronde.patients.conventions import date_is_known
from ronde.patients.matching.compare import Marks, compare
from ronde.patients.matching.identity import Traits
from ronde.patients.matching.keys import query_keys
from ronde.patients.matching.wording import wording

PROBABLE_FROM, LOOKALIKE_FROM = 24.0, 15.0
# With a best candidate under this many bits, the search is made again with wider keys.
SURE_ENOUGH = 20.0


class Verdict(Enum):
    """What the user has to do: decide and say why, have a look, or nothing."""

    PROBABLE = "probable"
    LOOKALIKE = "lookalike"
    UNRELATED = "unrelated"


@dataclass(frozen=True, slots=True)
class Part:
    """One trait's share in the score: bits, and the French words that say what was seen."""

    trait: str
    bits: float
    words: str


@dataclass(frozen=True, slots=True)
class Score:
    """How much two identities look like one person, in bits; `parts` add up to `bits`."""

    bits: float
    parts: tuple[Part, ...]

    @property
    def verdict(self) -> Verdict:
        if self.bits >= PROBABLE_FROM:
            return Verdict.PROBABLE
        return Verdict.LOOKALIKE if self.bits >= LOOKALIKE_FROM else Verdict.UNRELATED


@dataclass(frozen=True, slots=True)
class Match:
    """A candidate with its score; `ref` is whatever the caller knows it by."""

    ref: Any
    traits: Traits
    score: Score


Candidate = tuple[Any, Traits]


def _score(bits: float, marks: Marks) -> Score:
    parts = (Part(trait, mark.bits, wording(trait, mark.word)) for trait, mark in marks)
    return Score(bits, tuple(parts))


def score(a: Traits, b: Traits) -> Score:
    """Compare two identities; the order of the two does not matter."""
    return _score(*compare(a, b))


def rank(query: Traits, candidates: Iterable[Candidate], limit: int | None = None) -> list[Match]:
    """Sort candidates from the most to the least alike; of equals, the first given stays first.

    Only the matches that are returned have their reasons put into words.
    """
    compared = [(*compare(query, traits), ref, traits) for ref, traits in candidates]
    if limit is None:
        compared.sort(key=itemgetter(0), reverse=True)
    else:
        compared = nlargest(limit, compared, key=itemgetter(0))
    return [Match(ref, traits, _score(bits, marks)) for bits, marks, ref, traits in compared]


def needs_second_pass(query: Traits, best: Match | None) -> bool:
    """Whether to search again with the wider keys: nobody convincing, or no date to search by."""
    if not date_is_known(query.birth_date):
        return True
    return best is None or best.score.bits < SURE_ENOUGH


def search(
    query: Traits, fetch: Callable[[list[str]], Iterable[Candidate]], limit: int = 20
) -> list[Match]:
    """Find the stored identities that look like `query`, best first.

    `fetch` returns the candidates that hold any of the keys, each once; it is called once, or twice
    when the first pass convinces nobody.
    """
    found = list(fetch(query_keys(query)))
    matches = rank(query, found, limit)
    if needs_second_pass(query, matches[0] if matches else None):
        seen = {ref for ref, _ in found}
        wider = fetch(query_keys(query, second_pass=True))
        more = rank(query, ((ref, traits) for ref, traits in wider if ref not in seen), limit)
        matches = sorted(matches + more, key=lambda match: match.score.bits, reverse=True)[:limit]
    return matches
