"""Search keys: two identities that may be one person share at least one of them.

The same functions make the keys of a stored identity (`blocking_keys`, a `text[]` column under a
GIN index) and those of a search (`query_keys`), so they meet by plain equality (`keys && query`).
The letter that begins a key says what it is made of. The date alone (D) catches whatever happens to
the names; the names together (N) whatever happens to the date; two thirds of the date with the
initials (A, B, C) an error on both sides. The second pass is for searches without a date, or with
three errors: one name with the place (L), the name with a letter of the given name (I, E).
"""

from datetime import date
from functools import lru_cache
from itertools import product

from ronde.patients.conventions import date_is_known, name_is_known, place_is_known
from ronde.patients.matching.identity import Traits
from ronde.patients.phonetics import core_words, sound, word_sound

_LONGEST_SOUND = 14
_SHORTEST_PART = 3

# Arrondissements of Paris, Marseille and Lyon are searched as their city.
_CITIES = {"751": "75056", "132": "13055", "6938": "69123"}


@lru_cache(maxsize=65_536)
def sounds(name: str) -> tuple[str, ...]:
    """The sound of a name, then those of its parts when it is a compound; nothing if unknown."""
    if not name_is_known(name):
        return ()
    found = [sound(name)]
    parts = core_words(name)
    if len(parts) > 1:
        found += [word_sound(part) for part in parts if len(part) >= _SHORTEST_PART]
    return tuple(dict.fromkeys(part[:_LONGEST_SOUND] for part in found))


def city(place: str) -> str:
    """The commune, or the whole city for an arrondissement of Paris, Lyon or Marseille."""
    return _CITIES.get(place[:3]) or _CITIES.get(place[:4]) or place


def swapped(day: date) -> date | None:
    """The date read month first, when that is another date."""
    if day.day > 12 or day.day == day.month:
        return None
    return date(day.year, day.day, day.month)


class _Parts:
    """What the keys of one identity are made from; an unknown trait leaves its list empty."""

    __slots__ = ("dates", "givens", "initials", "names", "place", "whole_givens", "whole_names")

    def __init__(self, traits: Traits, dates: list[date]) -> None:
        names = [sounds(traits.birth_name), sounds(traits.used_name)]
        givens = [sounds(traits.first_given), sounds(traits.used_given)]
        self.dates = dates
        self.whole_names = list(dict.fromkeys(found[0] for found in names if found))
        self.whole_givens = list(dict.fromkeys(found[0] for found in givens if found))
        self.names = list(dict.fromkeys(part for found in names for part in found))
        self.givens = list(dict.fromkeys(part for found in givens for part in found))
        self.initials = sorted(
            {
                "".join(sorted(name[0] + given[0]))
                for name, given in product(self.whole_names, self.whole_givens)
            }
        )
        self.place = city(traits.birth_place) if place_is_known(traits.birth_place) else ""


def _number_keys(traits: Traits) -> list[str]:
    return [f"S{traits.nir}"] if traits.nir else []


def _date_keys(parts: _Parts) -> list[str]:
    return [f"D{day:%Y%m%d}" for day in parts.dates]


def _initials_keys(parts: _Parts) -> list[str]:
    """Two of day, month and year with both initials, in either order: one number is wrong."""
    return [
        key
        for day in parts.dates
        for pair in parts.initials
        for key in (f"A{day:%Y%m}{pair}", f"B{day:%m%d}{pair}", f"C{day:%Y-%d}{pair}")
    ]


def _pair_keys(parts: _Parts) -> list[str]:
    """Name and given name by sound, in either order; compounds also by each of their parts."""
    pairs = [*product(parts.names, parts.whole_givens), *product(parts.whole_names, parts.givens)]
    return ["N" + "|".join(sorted(pair)) for pair in pairs]


def _place_keys(parts: _Parts) -> list[str]:
    if not parts.place:
        return []
    return [f"L{name}|{parts.place}" for name in parts.whole_names + parts.whole_givens]


def _letter_keys(parts: _Parts) -> list[str]:
    """Name by sound, with the first, then the last letter heard of the given name."""
    pairs = [(name, given) for name in parts.names for given in parts.whole_givens]
    return [f"I{name}|{given[0]}" for name, given in pairs] + [
        f"E{name}|{given[-1]}" for name, given in pairs
    ]


def _first_pass(parts: _Parts) -> list[str]:
    return _pair_keys(parts) + _initials_keys(parts) + _date_keys(parts)


def _second_pass(parts: _Parts) -> list[str]:
    return _place_keys(parts) + _letter_keys(parts)


def blocking_keys(traits: Traits) -> list[str]:
    """Make the keys to store with an identity: eleven on average, none for what is unknown.

    No key is longer than 40 characters.
    """
    parts = _Parts(traits, [traits.birth_date] if date_is_known(traits.birth_date) else [])
    return list(dict.fromkeys(_number_keys(traits) + _first_pass(parts) + _second_pass(parts)))


def query_keys(traits: Traits, *, second_pass: bool = False) -> list[str]:
    """Make the keys to search by, those that fewest identities share first.

    The first pass also searches by the date with day and month exchanged. A year off by one, by ten
    or by any number needs no key of its own: names alone, or day, month and initials, still meet.
    The second pass, for when the first convinces nobody, returns wider keys and those only.
    """
    if second_pass:
        return list(dict.fromkeys(_second_pass(_Parts(traits, []))))
    dates = []
    if date_is_known(traits.birth_date):
        dates = [day for day in (traits.birth_date, swapped(traits.birth_date)) if day]
    return list(dict.fromkeys(_number_keys(traits) + _first_pass(_Parts(traits, dates))))
