"""Finding somebody in the directory from a few words, in any order, with small mistakes.

Each word of the text can be read in several ways: a word of a name, a town, a profession or a
know-how, a word of the name of a workplace. The readings are tried from the closest to the widest,
each by one query that an index drives, until enough is found:

1. every word is in the name;
2. words that are a town, a profession or a know-how bound the others;
3. words are in the name, or say the name or the town of one of the workplaces;
4. words of the name have one letter wrong.

Every list of words that goes to the database is short, so that a query reads some thousands of rows
at most. `docs/performance.md` holds what was measured.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection

from ronde.core.text import words
from ronde.directory.models import Kind
from ronde.terminology import queries as terminology

MOST_WORDS = 8
MOST_ENDINGS = 40
MOST_ALIKE = 10
MOST_WORKPLACES = 200
SHORTEST_BEGINNING = 3
SHORTEST_MISTYPED = 4
SHORTEST_STEM = 5
# With this many found, nobody need be looked for under a mistyped name.
ENOUGH = 5
# They tell nobody apart; a name made of them alone keeps them.
EMPTY = frozenset("D DE DES DU EN ET L LA LE LES SUR AU AUX CHEZ DR DOCTEUR MME MR".split())  # noqa: SIM905
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
NUMBERS = {9: ("finess", "adeli"), 11: ("rpps",), 14: ("siret",)}
TABLES = {"rpps": "person", "adeli": "person", "finess": "structure", "siret": "structure"}
NATIONAL = 12


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked beside the text: a kind of party, and the filters of the dialog."""

    kind: Kind
    profession: str = ""
    category: str = ""
    place: str = ""
    structure: str = ""


@dataclass(slots=True)
class Term:
    """A word of the text and its readings.

    `names` are known words that it is, or begins; `communes` the codes of towns that have it in
    their name; `skills` codes of know-how.
    """

    word: str
    names: list[str] = field(default_factory=list)
    communes: list[str] = field(default_factory=list)
    professions: list[str] = field(default_factory=list)
    skills: list[str] = field(default_factory=list)

    @property
    def is_trade(self) -> bool:
        return bool(self.professions or self.skills)


class Query:
    """Conditions on parties `p`, joined by AND, and their values."""

    def __init__(self, kind: Kind) -> None:
        self.conditions = ["p.gone_on IS NULL", "p.kind = %(kind)s"]
        self.values: dict[str, object] = {"kind": kind}

    def value(self, value: object) -> str:
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f"%({name})s"

    def add(self, condition: str) -> None:
        self.conditions.append(condition)

    @property
    def where(self) -> str:
        return " AND ".join(self.conditions)


def found(text: str, asked: Asked, limit: int) -> list[UUID]:
    """The keys of at most `limit` parties, the closest first."""
    typed = words(text)[:MOST_WORDS]
    if numbered := _by_number(typed, asked.kind):
        return numbered
    search = Search(typed, asked, limit)
    return search.keys() if search.possible else []


class Search:
    """One text, read; each reading adds to `_found` what it brings."""

    def __init__(self, typed: list[str], asked: Asked, limit: int) -> None:
        self.asked, self.limit = asked, limit
        telling = [word for word in typed if word not in EMPTY] or typed
        self.postcode = next((word for word in telling if _is_postcode(word)), "")
        self.terms = [Term(word) for word in telling if not _is_postcode(word)]
        self.order = " ".join(term.word for term in self.terms)
        self._found: dict[UUID, None] = {}
        self.possible = self._read_filters() and bool(
            self.terms or self._bounded or asked.profession or asked.category
        )

    def _read_filters(self) -> bool:
        """Turn the filters of the dialog into keys; false when a place or a structure is none."""
        self.communes: list[str] = []
        self.workplaces: list[UUID] = []
        place, structure = self.asked.place.strip(), self.asked.structure.strip()
        if _is_postcode(place):
            self.postcode = place
        elif place:
            self.communes = [one.code for one in terminology.communes(place, limit=60)]
        if structure:
            self.workplaces = _workplaces(words(structure))
        return bool(self.communes or not place or _is_postcode(place)) and bool(
            self.workplaces or not structure
        )

    def keys(self) -> list[UUID]:
        self._complete()
        for reading in (
            self._by_name,
            self._by_place_and_trade,
            self._by_workplace,
            self._mistyped,
        ):
            if len(self._found) >= self.limit:
                break
            reading()
        return list(self._found)[: self.limit]

    # The readings

    def _by_name(self) -> None:
        if len(self.terms) == 1:
            self._beginning(self.terms[0].word)
        if self.terms and len(self._found) < self.limit:
            query = self._query()
            for term in self.terms:
                query.add(_named("p", query, term))
            self._take(query)

    def _beginning(self, word: str) -> None:
        """Walk the names in their order from the first that begins so."""
        query = self._query()
        query.add(f"p.sort_key ^@ {query.value(word)}")
        values = {**query.values, "limit": self.limit}
        self._add(
            f"SELECT p.id FROM directory_party p WHERE {query.where}"  # noqa: S608
            " ORDER BY p.sort_key, p.id LIMIT %(limit)s",
            values,
        )

    def _by_place_and_trade(self) -> None:
        self._learn_places_and_trades()
        trades = [term for term in self.terms if term.is_trade]
        others = [term for term in self.terms if not term.is_trade]
        if self.terms and not trades and not any(term.communes for term in others):
            return
        if not (others or self._bounded):
            self._of_a_trade([code for term in trades for code in term.professions])
            return
        query = self._query(named=bool(others))
        for term in others:
            named = _named("p", query, term)
            query.add(f"({named} OR {_placed('p', query, term)})" if term.communes else named)
        for term in trades:
            query.add(_of_trade(query, term))
        self._take(query)

    @property
    def _bounded(self) -> bool:
        """Does a filter lead to few parties by an index?"""
        return bool(self.communes or self.postcode or self.workplaces)

    def _of_a_trade(self, professions: list[str]) -> None:
        """A profession, or a category of structures, and nothing else: any of those who are."""
        table, column, codes = "person", "profession_code", professions
        if self.asked.kind == Kind.STRUCTURE:
            table, column, codes = "structure", "category_code", []
        codes = codes or [self.asked.profession or self.asked.category]
        self._add(
            f"SELECT p.id FROM (SELECT party_id FROM directory_{table}"  # noqa: S608
            f" WHERE {column} = ANY (%(codes)s) LIMIT 2000) d JOIN directory_party p"
            " ON p.id = d.party_id AND p.gone_on IS NULL AND p.kind = %(kind)s"
            " ORDER BY p.sort_key LIMIT %(limit)s",
            {"codes": codes, "kind": self.asked.kind, "limit": self.limit},
        )

    def _by_workplace(self) -> None:
        if self.asked.kind != Kind.PERSON or self._found or not self.terms:
            return
        self._named_and_placed()
        if not self._found:
            self._attached(_workplaces([term.word for term in self.terms]))

    def _named_and_placed(self) -> None:
        """Read each word in the name of the person, or in that or the town of a workplace."""
        query = self._query()
        whole = sorted({term.word for term in self.terms if not term.is_trade})
        if not whole:
            return
        query.add(f"{_words_of('p')} && {query.value(whole)}::text[]")
        for term in self.terms:
            if term.is_trade:
                query.add(_of_trade(query, term))
        inner = Query(self.asked.kind)
        inner.values = query.values
        checks = [
            f"({_named('who', inner, term)} OR {_named('w', inner, term)}"
            f" OR {_placed('w', inner, term)})"
            for term in self.terms
            if not term.is_trade
        ]
        self._add(
            f"WITH who AS MATERIALIZED (SELECT p.id, p.sort_key FROM directory_party p"  # noqa: S608
            f" WHERE {query.where} LIMIT 4000)"
            " SELECT who.id FROM who JOIN directory_post o"
            " ON o.person_id = who.id AND o.gone_on IS NULL"
            " JOIN directory_party w ON w.id = o.structure_id"
            f" WHERE {' AND '.join(checks)}"
            " GROUP BY who.id, who.sort_key ORDER BY who.sort_key LIMIT %(limit)s",
            {**query.values, "limit": self.limit},
        )

    def _attached(self, structures: list[UUID]) -> None:
        if structures:
            query = self._query()
            query.add(_works_in(query, structures))
            self._take(query)

    def _mistyped(self) -> None:
        """Read each word as the known words that differ from it by one letter."""
        if len(self._found) >= ENOUGH or not self.terms:
            return
        alike = _alike([term.word for term in self.terms if not term.is_trade])
        if not any(alike.values()):
            return
        query = self._query()
        for term in self.terms:
            if term.is_trade:
                query.add(_of_trade(query, term))
                continue
            near = Term(term.word, [*term.names, *alike.get(term.word, [])], term.communes)
            named = _named("p", query, near)
            query.add(f"({named} OR {_placed('p', query, near)})" if near.communes else named)
        self._take(query)

    # What they share

    def _query(self, *, named: bool = True) -> Query:
        """Start with what the filters say; unless a name is asked, the place leads the query."""
        query = Query(self.asked.kind)
        if self.communes:
            query.add(f"p.commune_code = ANY ({query.value(self.communes)})")
        if self.postcode:
            query.add(f"p.postcode ^@ {query.value(self.postcode)}")
            if not named:
                query.add(f"p.commune_code ^@ {query.value(_departement(self.postcode))}")
        if self.asked.profession:
            query.add(_of_trade(query, Term("", professions=[self.asked.profession])))
        if self.asked.category:
            query.add(
                "EXISTS (SELECT FROM directory_structure s WHERE s.party_id = p.id"
                f" AND s.category_code = {query.value(self.asked.category)})"
            )
        if self.workplaces:
            query.add(_works_in(query, self.workplaces))
        return query

    def _take(self, query: Query) -> None:
        """Add what the conditions find: the very name first, then names that begin with the text,
        then those that hold each word whole."""
        text = query.value(self.order)
        whole = query.value([term.word for term in self.terms])
        self._add(
            f"WITH near AS MATERIALIZED (SELECT p.id, p.sort_key FROM directory_party p"  # noqa: S608
            f" WHERE {query.where} LIMIT 20000)"
            f" SELECT id FROM near ORDER BY sort_key <> {text}, NOT sort_key ^@ {text},"
            f" NOT string_to_array(sort_key, ' ') @> {whole}::text[], sort_key, id"
            " LIMIT %(limit)s",
            {**query.values, "limit": self.limit},
        )

    def _add(self, statement: str, values: dict[str, object]) -> None:
        self._found.update(dict.fromkeys(_keys(statement, values)))

    def _complete(self) -> None:
        """Give each term the known words that it begins, the most frequent ones."""
        long = [term.word for term in self.terms if len(term.word) >= SHORTEST_BEGINNING]
        endings = _endings(long)
        for term in self.terms:
            term.names = [term.word, *endings.get(term.word, [])]

    def _learn_places_and_trades(self) -> None:
        places = terminology.commune_codes([term.word for term in self.terms])
        if not self._found and self.terms and not places.get(self.terms[-1].word):
            last = self.terms[-1].word
            if len(last) >= SHORTEST_MISTYPED:
                places[last] = [one.code for one in terminology.communes(last, limit=60)]
        for term in self.terms:
            term.communes = places.get(term.word, [])
            if self.asked.kind == Kind.PERSON:
                term.professions = _codes("professions", term.word)
                term.skills = _codes("know-how", term.word)


def _is_postcode(word: str) -> bool:
    return word.isdigit() and 2 <= len(word) <= 5


def _departement(postcode: str) -> str:
    """The beginning of the codes of the communes where this postcode can be.

    Corsica writes 20 in postcodes and 2A or 2B in codes; a few towns have the postcode of the next
    département, and are found by name.
    """
    if postcode.startswith("20"):
        return "2"
    return postcode[:3] if postcode.startswith(("97", "98")) else postcode[:2]


def _codes(system: str, word: str) -> list[str]:
    """The codes whose label has a word of the same stem: «cardiologue» for Cardiologie."""
    if len(word) < SHORTEST_STEM:
        return []
    stem = word[: max(SHORTEST_STEM, len(word) - 3)]
    return [
        entry.code
        for entry in terminology.everything(system)
        if any(_same_stem(name, word, stem) for name in entry.names)
    ]


def _same_stem(name: str, word: str, stem: str) -> bool:
    return name.startswith(word) or (name.startswith(stem) and abs(len(name) - len(word)) <= 3)


def _words_of(alias: str) -> str:
    return f"string_to_array({alias}.sort_key, ' ')"


def _named(alias: str, query: Query, term: Term) -> str:
    if len(term.word) < SHORTEST_BEGINNING and not term.names[1:]:
        return f"(' ' || {alias}.sort_key) LIKE {query.value(f'% {term.word}%')}"
    return f"{_words_of(alias)} && {query.value(term.names)}::text[]"


def _placed(alias: str, query: Query, term: Term) -> str:
    return f"{alias}.commune_code = ANY ({query.value(term.communes)}::text[])"


def _of_trade(query: Query, term: Term) -> str:
    of_person = (
        "EXISTS (SELECT FROM directory_person d WHERE d.party_id = p.id"
        f" AND d.profession_code = ANY ({query.value(term.professions)}::text[]))"
    )
    if not term.skills:
        return of_person
    return (
        f"({of_person} OR EXISTS (SELECT FROM directory_post k WHERE k.person_id = p.id"
        f" AND k.gone_on IS NULL AND k.know_how_code = ANY ({query.value(term.skills)}::text[])))"
    )


def _works_in(query: Query, structures: Iterable[UUID]) -> str:
    return (
        "p.id IN (SELECT o.person_id FROM directory_post o WHERE o.gone_on IS NULL"
        f" AND o.structure_id = ANY ({query.value(list(structures))}))"
    )


def _keys(statement: str, values: dict[str, object]) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [row[0] for row in cursor.fetchall()]


def _by_number(typed: list[str], kind: Kind) -> list[UUID]:
    """Whoever bears a national number of the text, written in one go or with spaces."""
    keys: list[UUID] = []
    for number in dict.fromkeys([*typed, "".join(typed)]):
        national = number[1:] if len(number) == NATIONAL and number.startswith("8") else number
        for column in NUMBERS.get(len(national), ()):
            if national[2:].isdigit() and TABLES[column] == Kind(kind).name.lower():
                keys += _keys(
                    f"SELECT party_id FROM directory_{TABLES[column]} d"  # noqa: S608
                    " JOIN directory_party p ON p.id = d.party_id"
                    f" WHERE {column} = %(number)s AND p.gone_on IS NULL",
                    {"number": national},
                )
    return keys


def _endings(beginnings: list[str]) -> dict[str, list[str]]:
    """The most frequent known words that begin with each of these."""
    return _grouped(
        "SELECT b, w.word FROM unnest(%(asked)s::text[]) AS b CROSS JOIN LATERAL ("
        " SELECT word FROM directory_word WHERE word ^@ b AND word <> b"
        " ORDER BY frequency DESC LIMIT %(most)s) w",
        {"asked": beginnings, "most": MOST_ENDINGS},
    )


def _alike(typed: list[str]) -> dict[str, list[str]]:
    """The most frequent known words that one letter, or two swapped, set apart from each."""
    long = [word for word in typed if len(word) >= SHORTEST_MISTYPED and not word.isdigit()]
    pairs = [(word, near) for word in long for near in _one_letter_away(word)]
    near = _grouped(
        "SELECT t, w.word FROM unnest(%(typed)s::text[], %(near)s::text[]) AS u (t, n)"
        " JOIN directory_word w ON w.word = n ORDER BY w.frequency DESC",
        {"typed": [pair[0] for pair in pairs], "near": [pair[1] for pair in pairs]},
    )
    return {word: known[:MOST_ALIKE] for word, known in near.items()}


def _one_letter_away(word: str) -> set[str]:
    """Every word made by forgetting, adding, changing one letter, or swapping two neighbours."""
    halves = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    near = {left + right[1:] for left, right in halves if right}
    near |= {left + right[1] + right[0] + right[2:] for left, right in halves if len(right) > 1}
    for letter in LETTERS:
        near |= {left + letter + right for left, right in halves}
        near |= {left + letter + right[1:] for left, right in halves if right}
    return near - {word}


def _grouped(statement: str, values: dict[str, object]) -> dict[str, list[str]]:
    known: dict[str, list[str]] = {}
    for word, other in _pairs(statement, values):
        known.setdefault(word, []).append(other)
    return known


def _pairs(statement: str, values: dict[str, object]) -> Iterator[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        yield from cursor.fetchall()


def _workplaces(typed: list[str]) -> list[UUID]:
    """Structures whose name, or name and town, hold every word."""
    typed = [word for word in typed if word not in EMPTY] or typed
    if not typed:
        return []
    endings = _endings([word for word in typed if len(word) >= SHORTEST_BEGINNING])
    places = terminology.commune_codes(typed)
    query = Query(Kind.STRUCTURE)
    for word in typed:
        term = Term(word, [word, *endings.get(word, [])], places.get(word, []))
        named = _named("p", query, term)
        query.add(f"({named} OR {_placed('p', query, term)})" if term.communes else named)
    most = query.value(MOST_WORKPLACES)
    statement = f"SELECT p.id FROM directory_party p WHERE {query.where} LIMIT {most}"  # noqa: S608
    return _keys(statement, query.values)
