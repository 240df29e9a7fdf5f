"""Finding somebody in the directory from a few words, in any order, with small mistakes.

Each party has one row of tokens (`Entry`): the words of its name, and marked with CONTEXT those of
where it stands. What is typed becomes groups of tokens, one of each being wanted; PostgreSQL starts
from the rarest. The tiers go from the closest way to read the text to the loosest, and end once
enough is found. See docs/adr/0014.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise
from uuid import UUID

from django.db import connection
from rapidfuzz.distance import OSA

from ronde.core.text import words
from ronde.directory.models import Kind
from ronde.terminology import queries as terminology

# The marks of a word of the town or of a workplace, and of the two first digits of a postcode.
CONTEXT, AREA = "x", "d"
# Words that no place is told apart by: contexts do not hold them (directory_context).
IDLE = frozenset(
    {"DE", "DU", "DES", "LA", "LE", "LES", "ET", "EN", "SUR", "AUX", "AU", "SOUS"}
    | {"CABINET", "DR", "DOCTEUR", "SELARL", "SCM", "SCP"}
)
SAINTS = {"ST": "SAINT", "STE": "SAINTE", "SAINT": "ST", "SAINTE": "STE"}
PAST_ALL = "\U0010ffff"  # Sorts after every character that a folded word may hold.
MOST_WORDS = 12
SHORTEST, SHORTEST_MISTYPED = 2, 4
# From so many letters on, two mistakes still leave the word to be known.
LONG, TWICE = 8, 2
MOST_ALIKE, MOST_BEGINNINGS = 24, 60
# How many fitting parties are looked at, and how many names are walked through, at most.
LOOKED_AT, WALKED = 500, 5_000
# Looser ways to read the text are left once so many are found; one, when as many words tell of it.
ENOUGH, TELLING = 10, 3
NUMBERS = {9: ("finess", "adeli"), 11: ("rpps",), 14: ("siret",)}

Group = frozenset[str]
Row = tuple[UUID, str]


class Level(Enum):
    """Whether a structure stands by itself, or is a unit or a service of another."""

    ESTABLISHMENT = "etablissement"
    UNIT = "unite"


# In SQL, of the party `p`.
LEVELS = {
    Level.ESTABLISHMENT: "NOT EXISTS (SELECT FROM directory_structure s WHERE s.party_id = p.id"
    " AND s.parent_id IS NOT NULL)",
    Level.UNIT: "EXISTS (SELECT FROM directory_structure s WHERE s.party_id = p.id"
    " AND s.parent_id IS NOT NULL)",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked beside the text: a kind of party, and the filters of the dialog."""

    kind: Kind
    profession: str = ""
    category: str = ""
    place: str = ""
    structure: str = ""
    level: Level | None = None


@dataclass(slots=True)
class Bounds:
    """What the filters of the dialog come to: groups of tokens, and conditions on the party."""

    groups: list[Group] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    values: dict[str, object] = field(default_factory=dict)


def found(text: str, asked: Asked, limit: int) -> list[UUID]:
    """The keys of at most `limit` parties, the closest to the text first."""
    numbered = _by_number(text)
    if numbered:
        return numbered
    said = words(text)[:MOST_WORDS]
    typed = [word for word in said if not _is_postcode(word)]
    postcode = "".join(word for word in said if _is_postcode(word))
    bounds = _bounds(asked, postcode)
    if bounds is None or not (typed or bounds.groups):
        return []
    keys: dict[UUID, None] = {}
    with _by_index():
        for enough, rows in _tiers(typed, bounds):
            ranked = sorted(rows, key=lambda row: _rank(typed, row[1]))
            keys.update((key, None) for key, _ in ranked)
            if len(keys) >= enough:
                break
    return list(keys)[:limit]


@contextmanager
def _by_index() -> Iterator[None]:
    """Go through the indexes. Believing that many fit, the planner would rather read the table from
    its start until enough of them came: a second, when it is wrong.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        yield
        cursor.execute("SET LOCAL enable_seqscan = on")


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


def _bounds(asked: Asked, postcode: str = "") -> Bounds | None:
    """What the filters of the dialog and a postcode bound; None when a place is nowhere."""
    bounds = Bounds(conditions=["p.kind = %(kind)s"], values={"kind": asked.kind})
    if asked.level:
        bounds.conditions.append(LEVELS[asked.level])
    for code in (asked.profession, asked.category):
        if code:
            bounds.groups.append(frozenset({code}))
    if workplace := _telling(words(asked.structure)):
        begun = _with_beginnings(workplace)
        bounds.groups += [frozenset(CONTEXT + known for known in group) for group in begun]
    places = [place for place in (asked.place.strip(), postcode) if place]
    return bounds if all(_placed(place, bounds) for place in places) else None


def _placed(place: str, bounds: Bounds) -> bool:
    """Bound by a postcode or its beginning, or by the communes that bear a name, if there are."""
    if _is_postcode(place):
        bounds.groups.append(frozenset({AREA + place[:2]}))
        bounds.conditions.append("p.postcode ^@ %(postcode)s")
        bounds.values["postcode"] = place
        return True
    communes = terminology.communes(place, limit=60)
    codes = [commune.code for commune in communes]
    postcodes = [code for commune in communes for code in commune.postcodes]
    bounds.groups.append(frozenset(AREA + code[:2] for code in codes + postcodes))
    bounds.conditions.append("p.commune_code = ANY (%(communes)s)")
    bounds.values["communes"] = codes
    return bool(communes)


def _is_postcode(word: str) -> bool:
    return word.isdigit() and 2 <= len(word) <= 5


def _telling(typed: Sequence[str]) -> list[str]:
    """The words that tell places apart; all of them when none does."""
    return [word for word in typed if word not in IDLE and len(word) > 1] or list(typed)


def _tiers(typed: Sequence[str], bounds: Bounds) -> Iterator[tuple[int, list[Row]]]:
    """From the closest way to read the text to the loosest; how many found make it the last."""
    if not typed:
        yield 1, _ask([], bounds)
        return
    told = _telling(typed)
    groups, named = [_as_context(word) for word in told], frozenset(told)
    enough = ENOUGH if len(told) < TELLING else 1
    if len(typed) == 1:
        yield enough, _beginning_with(typed[0], bounds)
    exact = _ask([frozenset({word}) for word in typed], bounds)
    yield enough if len(typed) == 1 else 1, exact
    yield enough, _ask([*groups, named], bounds)
    begun = _with_beginnings(told)
    yield enough, _ask(begun, bounds)
    yield enough, _ask(groups, bounds)
    yield enough, _near(told, groups, begun, bounds)


def _as_context(word: str) -> Group:
    """The word as a name, a town, a workplace or the beginning of a profession."""
    same = {word, SAINTS.get(word, word)}
    return frozenset(same | {CONTEXT + one for one in same} | _professions(word))


def _professions(word: str) -> set[str]:
    """The professions that have a word beginning so: «INFIRM» is INFIRMIER."""
    if len(word) < SHORTEST_MISTYPED:
        return set()
    return {
        entry.code
        for entry in terminology.current("professions")
        if any(one.startswith(word) for one in words(entry.label))
    }


def _near(
    told: Sequence[str], groups: Sequence[Group], begun: Sequence[Group], bounds: Bounds
) -> list[Row]:
    """One word in turn read as the known words that it begins or resembles by one letter."""
    rows: list[Row] = []
    for place, (known, alike) in enumerate(zip(begun, _alike(told), strict=True)):
        names = known | alike
        if len(names) > 1:
            loose = groups[place] | names | {CONTEXT + name for name in names}
            named = names.union(told)
            rows += _ask([*groups[:place], loose, *groups[place + 1 :], named], bounds)
    return rows


def _with_beginnings(told: Sequence[str]) -> list[Group]:
    """Each word, and the most frequent of the known ones that begin so."""
    begun = {word: {word} for word in told}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.word, k.word FROM unnest(%s::text[]) AS t (word), LATERAL ("
            " SELECT word FROM directory_word WHERE word > t.word AND word < t.word || %s"
            " ORDER BY frequency DESC LIMIT %s) k",
            [[word for word in begun if len(word) >= SHORTEST], PAST_ALL, MOST_BEGINNINGS],
        )
        for word, known in cursor.fetchall():
            begun[word].add(known)
    return [frozenset(begun[word]) for word in told]


def _alike(told: Sequence[str]) -> list[Group]:
    """For each word the known ones at one letter of it, the most frequent of them; of a long word
    that nothing resembles so, those at two.

    One mistake leaves one half of the word as it is, unless it swaps the two letters in the middle;
    two are seen when they are in the same half.
    """
    near: dict[str, list[tuple[int, str]]] = {word: [] for word in told}
    farther: dict[str, list[tuple[int, str]]] = {word: [] for word in told}
    exact: set[str] = set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.word, k.word, k.frequency FROM unnest(%s::text[], %s::text[], %s::text[],"
            " %s::text[]) AS t (word, first, last, swapped), LATERAL ("
            " SELECT word, frequency FROM directory_word WHERE word >= first AND word < first || %s"
            " OR reverse(word) >= last AND reverse(word) < last || %s OR word = swapped) k"
            " WHERE length(k.word) BETWEEN length(t.word) - 1 AND length(t.word) + 1",
            [
                *_halves([word for word in near if len(word) >= SHORTEST_MISTYPED]),
                PAST_ALL,
                PAST_ALL,
            ],
        )
        for word, known, frequency in cursor.fetchall():
            distance = OSA.distance(word, known, score_cutoff=2)
            if distance == 0:
                exact.add(word)
            elif distance == 1:
                near[word].append((frequency, known))
            elif distance == TWICE and len(word) >= LONG:
                farther[word].append((frequency, known))
    alike = {word: near[word] or ([] if word in exact else farther[word]) for word in told}
    return [
        frozenset(known for _, known in sorted(alike[word], reverse=True)[:MOST_ALIKE])
        for word in told
    ]


def _halves(told: Sequence[str]) -> tuple[list[str], ...]:
    """The words, their first halves, their last ones from the end, and their middles swapped."""
    places = [(word, len(word) // 2) for word in told]
    return (
        list(told),
        [word[:half] for word, half in places],
        [word[half:][::-1] for word, half in places],
        [
            word[: half - 1] + word[half] + word[half - 1] + word[half + 1 :]
            for word, half in places
        ],
    )


def _rank(typed: Sequence[str], sort_key: str) -> tuple[int, bool, str]:
    """How far a name is from what was typed, then its place in the alphabet."""
    name = sort_key.split()
    name += [first + second for first, second in pairwise(name)]
    far = sum(_distance(word, name) for word in typed)
    return far, not sort_key.startswith(typed[0] if typed else ""), sort_key


def _distance(word: str, name: Sequence[str]) -> int:
    """0: the name has the word; 1: one that begins so; 2: one that resembles it; 3: nothing so."""
    if word in name:
        return 0
    if any(one.startswith(word) for one in name):
        return 1
    return 2 if any(OSA.distance(word, one, score_cutoff=1) <= 1 for one in name) else 3


def _beginning_with(word: str, bounds: Bounds) -> list[Row]:
    """The names that begin with a word, by name; not so many are walked through when few fit."""
    values = {**bounds.values, "first": word, "past": word + PAST_ALL}
    where = " AND ".join([*bounds.conditions, *_having(bounds.groups, values)])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.id, p.sort_key FROM (SELECT * FROM directory_party WHERE gone_on IS NULL"  # noqa: S608
            f" AND sort_key >= %(first)s AND sort_key < %(past)s ORDER BY sort_key LIMIT {WALKED})"
            f" p JOIN directory_entry e ON e.party_id = p.id WHERE {where}"
            f" ORDER BY p.sort_key LIMIT {2 * ENOUGH}",
            values,
        )
        return cursor.fetchall()


def _having(groups: Sequence[Group], values: dict[str, object]) -> list[str]:
    conditions = []
    for group in groups:
        name = f"group_{len(values)}"
        values[name] = sorted(group)
        conditions.append(f"e.words && directory_tokens(%({name})s::text[])")
    return conditions


def _ask(groups: Sequence[Group], bounds: Bounds) -> list[Row]:
    """The present parties that hold a token of each group."""
    values: dict[str, object] = dict(bounds.values)
    conditions = _having([*groups, *bounds.groups], values)
    where = " AND ".join([*conditions, *bounds.conditions, "p.gone_on IS NULL"])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.id, p.sort_key FROM directory_entry e JOIN directory_party p"  # noqa: S608
            f" ON p.id = e.party_id WHERE {where} LIMIT {LOOKED_AT}",
            values,
        )
        return cursor.fetchall()
