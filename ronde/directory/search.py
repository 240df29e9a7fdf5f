"""Finding somebody in the directory from a few words, in any order, with small mistakes.

A text is read in several ways, each an indexed query over names: first every word as a name, then
words that are also a town or a profession as filters, then mistyped words as the known words that
they resemble, and last the name of a workplace. The first ways come first in the answer.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from uuid import UUID

from django.db import connection
from rapidfuzz.distance import OSA

from ronde.core.text import fold, words
from ronde.directory.models import Kind
from ronde.terminology import queries as terminology

MOST_WORDS = 6
PAST_ALL = "\U0010ffff"  # Sorts after every character that a folded word may hold.
SHORTEST_MISTYPED = 4
SHORTEST_BEGINNING = 2
MOST_BEGINNINGS = 100
NUMBERS = {9: ("finess", "adeli"), 11: ("rpps",), 14: ("siret",)}


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read the text: words of the name, and what bounds the rest."""

    names: tuple[str, ...] = ()
    communes: frozenset[str] = frozenset()
    postcode: str = ""
    professions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked beside the text: a kind of party, and the filters of the dialog."""

    kind: Kind
    profession: str = ""
    category: str = ""
    place: str = ""
    structure: str = ""


def found(text: str, asked: Asked, limit: int) -> list[UUID]:
    """The keys of at most `limit` parties, the closest readings of the text first."""
    numbered = _by_number(text)
    if numbered:
        return numbered
    for readings in _tiers(text, asked):
        keys: dict[UUID, None] = {}
        for reading in readings:
            if len(keys) >= limit:
                break
            keys.update(dict.fromkeys(_parties(reading, asked, limit)))
        if keys:
            return list(keys)[:limit]
    return []


def _by_number(text: str) -> list[UUID]:
    """Whoever bears the national number typed (RPPS, ADELI, FINESS, SIRET), spaces or not."""
    number = "".join(text.split()).upper()
    if not number.isalnum() or not number[-1:].isdigit():
        return []
    tables = {"rpps": "person", "adeli": "person", "finess": "structure", "siret": "structure"}
    keys: list[UUID] = []
    with connection.cursor() as cursor:
        for column in NUMBERS.get(len(number), ()):
            cursor.execute(
                f"SELECT party_id FROM directory_{tables[column]} WHERE {column} = %s",  # noqa: S608
                [number],
            )
            keys += [row[0] for row in cursor.fetchall()]
    return keys


def _tiers(text: str, asked: Asked) -> Iterator[Iterable[Reading]]:
    """From the closest way to read the text to the loosest; the first to find somebody is kept."""
    typed = _typed(text)
    bounds = _bounds(asked)
    if bounds is None:
        return
    names = tuple(word for word in typed if not _is_postcode(word))
    digits = "".join(word for word in typed if _is_postcode(word))
    base = replace(bounds, postcode=digits or bounds.postcode)
    if not names and base == Reading():
        return
    yield [replace(base, names=names)]
    yield _with_filters(names, base)
    yield _mistyped(names, base)


def _is_postcode(word: str) -> bool:
    return word.isdigit() and 2 <= len(word) <= 5


def _bounds(asked: Asked) -> Reading | None:
    """What the filters of the dialog bound; None when a place is nowhere."""
    reading = Reading(professions=frozenset({asked.profession} - {""}))
    if asked.place:
        if _is_postcode(asked.place.strip()):
            return replace(reading, postcode=asked.place.strip())
        codes = _communes(asked.place)
        return replace(reading, communes=codes) if codes else None
    return reading


def _communes(text: str) -> frozenset[str]:
    return frozenset(commune.code for commune in terminology.communes(text, limit=60))


def _professions(word: str) -> frozenset[str]:
    """The professions that have a word beginning so: «INFIRM» is INFIRMIER."""
    if len(word) < SHORTEST_MISTYPED:
        return frozenset()
    return frozenset(
        code
        for code, label in terminology.professions()
        if any(one.startswith(word) for one in words(fold(label)))
    )


def _with_filters(names: tuple[str, ...], base: Reading) -> Iterator[Reading]:
    """Read words that are a town or a profession as filters.

    The last words together («ricci la seyne»), the first ones, then any single word.
    """
    last = len(names)
    slices = [(start, last) for start in range(last)] + [(0, end) for end in range(last - 1, 1, -1)]
    slices += [(place, place + 1) for place in range(last)]
    for start, end in dict.fromkeys(slices):
        rest, town = names[:start] + names[end:], " ".join(names[start:end])
        communes = _communes(town) if len(town) > 2 and not base.communes else frozenset()
        if communes:
            yield from _with_profession(rest, replace(base, communes=communes))
    yield from _with_profession(names, base, bare=False)


def _with_profession(
    names: tuple[str, ...], base: Reading, *, bare: bool = True
) -> Iterator[Reading]:
    """The words as names, then one of them as a profession."""
    if names and bare:
        yield replace(base, names=names)
    for place, word in enumerate(names):
        professions = _professions(word) if not base.professions else frozenset()
        if professions:
            rest = names[:place] + names[place + 1 :]
            yield replace(base, names=rest, professions=professions)


def _mistyped(names: tuple[str, ...], base: Reading) -> Iterator[Reading]:
    """Read each word as the known words that it resembles by one letter."""
    if not names:
        return
    alike = [_alike(word) for word in names]
    if all(len(known) == 1 for known in alike):
        return
    for chosen in list(product(*alike))[1:25]:
        yield replace(base, names=chosen)


def _alike(word: str) -> list[str]:
    """The word itself, then the known ones at one letter of it.

    One mistake leaves one half of the word as it is: the other half is looked for.
    """
    if len(word) < SHORTEST_MISTYPED or word.isdigit():
        return [word]
    half = len(word) // 2
    start, end = word[:half], word[half:][::-1]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word FROM directory_word WHERE length(word) BETWEEN %(low)s AND %(high)s AND"
            " ((word >= %(start)s AND word < %(start_end)s)"
            "  OR (reverse(word) >= %(end)s AND reverse(word) < %(end_end)s)) LIMIT 20000",
            {
                "low": len(word) - 1,
                "high": len(word) + 1,
                "start": start,
                "start_end": start + PAST_ALL,
                "end": end,
                "end_end": end + PAST_ALL,
            },
        )
        near = [
            known
            for (known,) in cursor.fetchall()
            if known != word and OSA.distance(word, known, score_cutoff=1) <= 1
        ]
    return [word, *sorted(near)[:8]]


def _parties(reading: Reading, asked: Asked, limit: int) -> list[UUID]:
    """Ask one reading: each word in turn as the beginning of the name, the others anywhere in it;
    nobody so, every word anywhere.
    """
    rows: list[UUID] = []
    for place, word in enumerate(reading.names):
        rest = reading.names[:place] + reading.names[place + 1 :]
        rows += [key for key in _rows(reading, asked, limit, word, rest) if key not in rows]
    if not rows:
        rows = _rows(reading, asked, limit, "", reading.names)
    return rows


def _rows(
    reading: Reading, asked: Asked, limit: int, first: str, others: Sequence[str]
) -> list[UUID]:
    conditions = ["p.gone_on IS NULL", "p.kind = %(kind)s"]
    values: dict[str, object] = {"kind": asked.kind, "limit": limit}
    if first:
        conditions.append("p.sort_key >= %(name)s AND p.sort_key < %(past)s")
        values |= {"name": first, "past": first + PAST_ALL}
    if others:
        conditions.append(_having("p.sort_key", others, values))
    _bound(reading, asked, conditions, values)
    return _ask(conditions, values)


def _having(column: str, typed: Sequence[str], values: dict[str, object]) -> str:
    """The condition that a name holds every word, each from its beginning.

    The index holds whole words: the beginnings are looked up among the known ones first.
    """
    parts = []
    for word in typed:
        name = f"word_{len(values)}"
        values[name] = [word, *_beginning(word)]
        parts.append(f"string_to_array({column}, ' ') && %({name})s::text[]")
    return " AND ".join(parts)


def _beginning(word: str) -> list[str]:
    if len(word) < SHORTEST_BEGINNING:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word FROM directory_word WHERE word > %s AND word < %s ORDER BY word LIMIT %s",
            [word, word + PAST_ALL, MOST_BEGINNINGS],
        )
        return [known for (known,) in cursor.fetchall()]


def _bound(
    reading: Reading, asked: Asked, conditions: list[str], values: dict[str, object]
) -> None:
    if reading.communes:
        conditions.append("p.commune_code = ANY (%(communes)s)")
        values["communes"] = sorted(reading.communes)
    if reading.postcode:
        conditions.append("p.postcode ^@ %(postcode)s")
        values["postcode"] = reading.postcode
    if reading.professions:
        conditions.append(
            "EXISTS (SELECT 1 FROM directory_person d WHERE d.party_id = p.id"
            " AND d.profession_code = ANY (%(professions)s))"
        )
        values["professions"] = sorted(reading.professions)
    if asked.category:
        conditions.append(
            "EXISTS (SELECT 1 FROM directory_structure s WHERE s.party_id = p.id"
            " AND s.category_code = %(category)s)"
        )
        values["category"] = asked.category
    if asked.structure:
        conditions.append(
            "EXISTS (SELECT 1 FROM directory_post o JOIN directory_party w"  # noqa: S608
            " ON w.id = o.structure_id WHERE o.person_id = p.id AND o.gone_on IS NULL"
            f" AND {_having('w.sort_key', _typed(asked.structure), values) or 'true'})"
        )


def _typed(text: str) -> list[str]:
    return words(fold(text))[:MOST_WORDS]


def _ask(conditions: Sequence[str], values: dict[str, object]) -> list[UUID]:
    """The parties that fit, by name. Those that hold a word are all taken from its index first:
    left to choose, the planner may walk the whole directory in order until enough of them come.
    """
    where = " AND ".join(conditions)
    kept = "MATERIALIZED" if "&&" in where else "NOT MATERIALIZED"
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH hits AS {kept} (SELECT p.id, p.sort_key FROM directory_party p WHERE {where})"  # noqa: S608
            " SELECT id FROM hits ORDER BY sort_key, id LIMIT %(limit)s",
            values,
        )
        return [row[0] for row in cursor.fetchall()]


def at_workplace(text: str, limit: int) -> list[UUID]:
    """Persons who work at a structure that the text names: the last reading."""
    typed = _typed(text)
    if not typed:
        return []
    values: dict[str, object] = {"kind": Kind.STRUCTURE, "limit": limit}
    named = _having("sort_key", typed, values)
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH places AS MATERIALIZED (SELECT id FROM directory_party WHERE gone_on IS NULL"  # noqa: S608
            f" AND kind = %(kind)s AND {named} LIMIT 50)"
            " SELECT DISTINCT p.id, p.sort_key FROM places JOIN directory_post o"
            " ON o.structure_id = places.id AND o.gone_on IS NULL"
            " JOIN directory_party p ON p.id = o.person_id AND p.gone_on IS NULL"
            " ORDER BY p.sort_key LIMIT %(limit)s",
            values,
        )
        return [row[0] for row in cursor.fetchall()]
