"""How much each trait of two identities speaks for one person, in bits.

Weights follow Fellegi and Sunter (1969): the base-2 logarithm of how much likelier the observation
is for one person than for two. They are rounded, and set so that the sum reads on one scale: 24 and
more, only a person may say that these are two patients; under 15, nothing to look at. Twins, who
share all but the given name, fall between the two. Every comparison gives the same in both orders.
"""

from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from rapidfuzz.distance import JaroWinkler

from ronde.core.text import fold
from ronde.patients.conventions import date_is_known, name_is_known, place_is_known
from ronde.patients.matching.identity import Traits
from ronde.patients.matching.keys import city, swapped
from ronde.patients.phonetics import core_words, sound

NAME, GIVEN, DIFFERENT_NAME = 9.0, 7.0, -5.0
USED, LISTED, EXCHANGED = -1.0, -2.0, -2.0

# Names are tried exchanged when they fit badly in their places, and when the other traits leave a
# chance that the two identities look alike at all (15 bits).
_EXCHANGED_UNDER = 9.0
_EXCHANGED_FROM = 1.0

SAME_SOUND, SAME_CORE, SAME_PART = 0.88, 0.93, 0.6
# Jaro-Winkler similarity, and what it is worth: under the first, two names have nothing in common.
# The second is just under one wrong letter out of six (0.889).
_ALIKE, _ONE_TYPO, _ALL_BUT_SAME = (0.84, 0.35), (0.885, 0.72), (1.0, 0.95)
# Two spellings of one sound are hardly ever further apart: the costly reduction is not tried.
_MAY_SOUND_ALIKE = 0.65

_SAME_YEAR_ONLY, _OTHER_DATE = -3.0, -6.0
_VAGUE_DAYS = frozenset({(1, 1), (12, 31)})


class Mark(NamedTuple):
    """The bits that one trait brings, and the word of `wording` that says why."""

    bits: float
    word: str


_SAME, _DIFFERENT = Mark(1.0, "same"), Mark(-1.0, "different")
_UNKNOWN = Mark(0.0, "unknown")
_OTHER_NAME = Mark(DIFFERENT_NAME, "different")
_LISTED = Mark(GIVEN + LISTED, "listed")
_SAME_COMMUNE, _SAME_COUNTRY = Mark(5.0, "same"), Mark(3.5, "same")
_OTHER_PLACE = Mark(-3.0, "different")
_bits = attrgetter("bits")


class _Form(NamedTuple):
    """One name in the ways in which it is compared."""

    compact: str
    core: str
    parts: frozenset[str]


@lru_cache(maxsize=32_768)
def _form(name: str) -> _Form | None:
    folded = fold(name)
    if not name_is_known(folded):
        return None
    core = core_words(folded)
    parts = core if len(core) == 1 else [part for part in core if len(part) > 2]
    return _Form(folded.replace(" ", ""), "".join(core), frozenset(parts))


@lru_cache(maxsize=32_768)
def closeness(one: str, other: str) -> Mark | None:
    """Say how alike two names are, from -1 (different) to 1 (same); nothing if one is unknown."""
    a, b = _form(one), _form(other)
    if a is None or b is None:
        return None
    if a.compact == b.compact:
        return _SAME
    if a.core == b.core or a.parts == b.parts:
        return Mark(SAME_CORE, "near")
    shared = not a.parts.isdisjoint(b.parts)
    first, second = (a.core, b.core) if a.core < b.core else (b.core, a.core)
    similarity = JaroWinkler.similarity(first, second, score_cutoff=_MAY_SOUND_ALIKE)
    if not similarity:
        return Mark(SAME_PART, "part") if shared else _DIFFERENT
    near = _worth(similarity)
    if near < SAME_SOUND and sound(one) == sound(other):
        return Mark(SAME_SOUND, "sound")
    if shared:
        return Mark(max(near, SAME_PART), "part")
    return Mark(near, "near") if near > 0 else _DIFFERENT


def _worth(similarity: float) -> float:
    """From -1 (different) to nearly 1, in two straight lines over the similarity."""
    if similarity < _ALIKE[0]:
        return -1.0
    low, high = (_ALIKE, _ONE_TYPO) if similarity < _ONE_TYPO[0] else (_ONE_TYPO, _ALL_BUT_SAME)
    return low[1] + (similarity - low[0]) / (high[0] - low[0]) * (high[1] - low[1])


def _weighed(mark: Mark | None, weight: float, toll: float = 0.0, word: str = "") -> Mark | None:
    if mark is None:
        return None
    if mark.bits < 0:
        return _OTHER_NAME
    return Mark(mark.bits * weight + toll, word or mark.word)


def _best(marks: list[Mark | None]) -> Mark:
    if len(marks) == 1:
        return marks[0] or _UNKNOWN
    return max((mark for mark in marks if mark is not None), key=_bits, default=_UNKNOWN)


def surname(a: Traits, b: Traits) -> Mark:
    """Birth names, or a used name with either name of the other, which counts a little less."""
    direct = _weighed(closeness(a.birth_name, b.birth_name), NAME)
    if direct is not None and direct.word == "same":
        return direct
    marks = [direct]
    if b.used_name:
        marks.append(_weighed(closeness(a.birth_name, b.used_name), NAME, USED, "used"))
    if a.used_name:
        marks.append(_weighed(closeness(a.used_name, b.birth_name), NAME, USED, "used"))
        marks.append(_weighed(closeness(a.used_name, b.used_name), NAME, USED, "used"))
    return _best(marks)


def _is_listed(one: Traits, other: Traits) -> bool:
    """The first given name of one is among the other birth given names of the other."""
    others = other.given_names.removeprefix(other.first_given)
    if not others or not name_is_known(one.first_given):
        return False
    return f" {fold(one.first_given)} " in f" {fold(others)} "


def given(a: Traits, b: Traits) -> Mark:
    """First given names, or a used given name, or another of the birth given names."""
    direct = _weighed(closeness(a.first_given, b.first_given), GIVEN)
    if direct is not None and direct.word == "same":
        return direct
    marks = [direct]
    if (direct is None or direct.bits < _LISTED.bits) and (_is_listed(a, b) or _is_listed(b, a)):
        marks.append(_LISTED)
    if b.used_given:
        marks.append(_weighed(closeness(a.first_given, b.used_given), GIVEN, USED, "used"))
    if a.used_given:
        marks.append(_weighed(closeness(a.used_given, b.first_given), GIVEN, USED, "used"))
        marks.append(_weighed(closeness(a.used_given, b.used_given), GIVEN, USED, "used"))
    return _best(marks)


def names(a: Traits, b: Traits, rest: float) -> tuple[Mark, Mark]:
    """Surname and given name, read in their places or, if that fits better, exchanged.

    `rest`: the bits of the other traits. The exchange is not tried when it could not matter.
    """
    name, first = surname(a, b), given(a, b)
    if name.bits + first.bits < _EXCHANGED_UNDER and rest >= _EXCHANGED_FROM:
        fit = _exchanged_fit(a, b)
        if fit >= SAME_PART:
            return (
                Mark(fit * NAME + EXCHANGED, "exchanged"),
                Mark(fit * GIVEN, "exchanged"),
            )
    return name, first


def _exchanged_fit(a: Traits, b: Traits) -> float:
    """How well name and given name fit crosswise: the mean of the two, 0 when one does not fit."""
    one = closeness(a.first_given, b.birth_name)
    if one is None or one.bits < SAME_PART:
        return 0.0
    other = closeness(a.birth_name, b.first_given)
    if other is None or other.bits < SAME_PART:
        return 0.0
    return (one.bits + other.bits) / 2


def birth_date(a: Traits, b: Traits) -> Mark:
    one, other = a.birth_date, b.birth_date
    if one is None or other is None or not (date_is_known(one) and date_is_known(other)):
        return _UNKNOWN
    if one == other:
        # Half of the dates that were never known are written 31/12 or 01/01: they say less.
        return Mark(9.0 if (one.month, one.day) in _VAGUE_DAYS else 12.0, "same")
    if swapped(one) == other:
        return Mark(8.0, "swapped")
    return _near_date(one, other)


def _near_date(one: date, other: date) -> Mark:
    same = (one.year == other.year) + (one.month == other.month) + (one.day == other.day)
    if same == 2:
        return _two_of_three(one, other)
    if one.year == other.year:
        vague = (one.month, one.day) in _VAGUE_DAYS or (other.month, other.day) in _VAGUE_DAYS
        return Mark(1.0 if vague else _SAME_YEAR_ONLY, "year")
    return Mark(_OTHER_DATE, "different")


def _two_of_three(one: date, other: date) -> Mark:
    if abs(one.year - other.year) in (1, 10):
        return Mark(7.5, "near_year")
    digits = f"{one.year}{one.month:02}{one.day:02}", f"{other.year}{other.month:02}{other.day:02}"
    wrong = [at for at in range(8) if digits[0][at] != digits[1][at]]
    if len(wrong) == 1:
        return Mark(7.0, "near")
    if sorted(digits[0]) == sorted(digits[1]) and wrong[1] - wrong[0] == 1:
        return Mark(6.5, "near")
    return Mark(3.0, "partly")


def birth_place(a: Traits, b: Traits) -> Mark:
    one, other = a.birth_place, b.birth_place
    if not (place_is_known(one) and place_is_known(other)):
        return _UNKNOWN
    if one == other:
        return _SAME_COUNTRY if one.startswith("99") else _SAME_COMMUNE
    if one[:2] != other[:2]:
        return _OTHER_PLACE
    if city(one) == city(other):
        return Mark(4.0, "city")
    # Overseas, the first two characters are those of every département.
    return _OTHER_PLACE if one[0] == "9" and one[1] in "789" else Mark(0.0, "department")


def sex(a: Traits, b: Traits) -> Mark:
    if a.sex == b.sex:
        return _UNKNOWN if a.sex == "U" else Mark(1.0, "same")
    return _UNKNOWN if "U" in (a.sex, b.sex) else Mark(-3.0, "different")


def twin_rank(a: Traits, b: Traits) -> Mark | None:
    if a.twin_rank is None or b.twin_rank is None:
        return None
    return Mark(0.5, "same") if a.twin_rank == b.twin_rank else Mark(-10.0, "different")


def nir(a: Traits, b: Traits) -> Mark | None:
    if not a.nir or not b.nir:
        return None
    return Mark(12.0, "same") if a.nir == b.nir else Mark(-5.0, "different")


Marks = list[tuple[str, Mark]]


def compare(a: Traits, b: Traits) -> tuple[float, Marks]:
    """Sum the bits, and list the marks by trait in the order in which the screen shows them."""
    day, place, gender = birth_date(a, b), birth_place(a, b), sex(a, b)
    rest = day.bits + place.bits + gender.bits
    name, first = names(a, b, rest)
    bits = name.bits + first.bits + rest
    marks: Marks = [
        ("birth_name", name),
        ("first_given", first),
        ("birth_date", day),
        ("birth_place", place),
        ("sex", gender),
    ]
    for trait, mark in (("twin_rank", twin_rank(a, b)), ("nir", nir(a, b))):
        if mark is not None:
            marks.append((trait, mark))
            bits += mark.bits
    return bits, marks
