"""Invented identities in any number, for benchmarks, tests and the demonstration region.

Same arguments, same identities: everything is drawn from one seeded generator. They come household
by household, with couples, used names, children, twins, births abroad and a few unknown traits, so
that the people who look most alike (twins, namesakes, relatives) are there to be told apart.
How they get mistyped is in `mistakes`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, chain, product
from random import Random

from bench import names
from ronde.patients.conventions import UNKNOWN_DATE, UNKNOWN_PLACE
from ronde.patients.matching import Traits

_BATCH = 4096
_BIRTHS_FROM = 1920
# Ten-year classes of birth of the heads of household: the people whom care circles form around.
_DECADES = (1920, 1930, 1940, 1950, 1960, 1970, 1980, 1990)
_DECADE_WEIGHTS = (4, 16, 22, 18, 13, 11, 9, 7)


@dataclass(frozen=True, slots=True)
class Identity:
    """One invented person; those of one household share `family`. `number` counts from 0."""

    number: int
    family: int
    role: str
    traits: Traits


def identities(
    count: int,
    *,
    seed: int = 1,
    communes: Sequence[str],
    today: date = date(2026, 1, 1),
) -> Iterator[Identity]:
    """Draw `count` identities born before `today`, without keeping them.

    `communes`: COG codes, those of the largest towns first, since births follow a Zipf law over
    them. Names are in capitals without accents, as they are stored.
    """
    rng = Random(seed)
    source = _Source(rng, communes)
    number = family = 0
    while number < count:
        for role, traits in _household(rng, source, today):
            if number == count:
                return
            yield Identity(number, family, role, traits)
            number += 1
        family += 1


def surnames() -> list[str]:
    """Every surname that can be drawn, without particle, most frequent first."""
    frequent = [name.replace("_", " ") for name in names.FREQUENT_SURNAMES.split()]
    tail = dict.fromkeys(
        _spelled(*parts)
        for onsets, middles, endings in names.SURNAME_SYLLABLES
        for parts in product(onsets.split(), ["", *middles.split()], endings.split())
    )
    rare = [name for name in tail if len(name) > 3 and name not in frequent]
    Random(0).shuffle(rare)
    return frequent + rare


def _spelled(onset: str, middle: str, ending: str) -> str:
    """Join syllables, the middle losing its vowel before another: VI + IER is VIER."""
    if middle and middle[-1] in "AEI" and ending[0] in "AEIOUY":
        middle = middle[:-1]
    return (onset + middle + ending).replace("_", " ")


def _zipf(length: int, offset: float, exponent: float) -> list[float]:
    """Cumulated weights of ranks 1 to `length`: 1 / (rank + offset) ** exponent."""
    return list(accumulate((rank + offset) ** -exponent for rank in range(1, length + 1)))


def _given_names(sex: str, decade: int) -> tuple[list[str], list[float]]:
    """The given names of one sex and decade with their cumulated weights, compounds included."""
    weights: dict[str, float] = {}
    for start, end, listed in names.GIVEN_NAMES[sex]:
        away = max(start - decade, decade + 10 - end, 0)
        for rank, name in enumerate(listed.split()):
            weights[name] = weights.get(name, 0) + (rank + 3) ** -0.8 / (1 + away / 5) ** 2
    total = sum(weights.values())
    for first, second in product(names.COMPOUND_FIRSTS[sex], names.COMPOUND_SECONDS[sex].split()):
        share = 0.004 if decade < 1980 else 0.0007
        weights[f"{first}-{second}"] = total * share / (1 + (first not in ("JEAN", "MARIE")) * 5)
    onsets, middles, endings = names.GIVEN_SYLLABLES
    for parts in product(onsets.split(), middles.split(), endings[sex]):
        weights["".join(parts)] = total * 0.00005
    return list(weights), list(accumulate(weights.values()))


class _Source:
    """Where traits are drawn from; surnames and communes in batches, for speed."""

    def __init__(self, rng: Random, communes: Sequence[str]) -> None:
        self.rng = rng
        listed = surnames()
        self._surnames = self._batches(listed, _zipf(len(listed), 25, 0.9))
        self._communes = self._batches(communes, _zipf(len(communes), 1, 0.85))
        self._given = {
            (sex, decade): _given_names(sex, decade)
            for sex in "FM"
            for decade in range(_BIRTHS_FROM - 10, 2040, 10)
        }

    def _batches(self, values: Sequence[str], cumulated: list[float]) -> Iterator[str]:
        draws = iter(lambda: self.rng.choices(values, cum_weights=cumulated, k=_BATCH), None)
        return chain.from_iterable(draws)

    def surname(self) -> str:
        name = next(self._surnames)
        if self.rng.random() < 0.03 and " " not in name:
            particle = self.rng.choice(names.PARTICLES)
            elided = particle == "D'" and name[0] not in "AEIOUY"
            return ("DE " if elided else particle) + name
        return name

    def given(self, sex: str, year: int) -> str:
        population, cumulated = self._given[sex, year // 10 * 10]
        return self.rng.choices(population, cum_weights=cumulated)[0]

    def place(self, home: str) -> str:
        draw = self.rng.random()
        if draw < 0.55:
            return home
        if draw < 0.9:
            return next(self._communes)
        if draw < 0.98:
            abroad = names.COUNTRIES
            return abroad[min(int(self.rng.expovariate(0.35)), len(abroad) - 1)]
        return UNKNOWN_PLACE

    def home(self) -> str:
        return next(self._communes)

    def birth_date(self, year: int, place: str) -> date:
        """A day of the year; abroad, one in ten is only known by its year and written 31/12."""
        if place.startswith("99") and self.rng.random() < 0.1:
            return date(year, 12, 31) if self.rng.random() < 0.7 else date(year, 1, 1)
        return date.fromordinal(date(year, 1, 1).toordinal() + int(self.rng.random() * 365))


def _person(
    source: _Source, name: str, sex: str, year: int, home: str, used_name: str = ""
) -> Traits:
    rng = source.rng
    first = source.given(sex, year)
    others = [source.given(sex, max(year - 30, _BIRTHS_FROM)) for _ in range(rng.randrange(3))]
    place = source.place(home)
    day = source.birth_date(year, place)
    return Traits(
        birth_name=name,
        first_given=first,
        birth_date=UNKNOWN_DATE if rng.random() < 0.0015 else day,
        sex="U" if rng.random() < 0.002 else sex,
        birth_place=place,
        given_names=" ".join(dict.fromkeys([first, *others])),
        used_name=used_name,
        used_given=others[0] if others and rng.random() < 0.04 else "",
    )


def _household(rng: Random, source: _Source, today: date) -> Iterator[tuple[str, Traits]]:
    """A person alone, a couple, or parents and children; now and then an unmarried sibling."""
    name, home = source.surname(), source.home()
    year = rng.choices(_DECADES, _DECADE_WEIGHTS)[0] + rng.randrange(10)
    if rng.random() < 0.42:
        sex = "F" if rng.random() < 0.62 else "M"
        married = sex == "F" and rng.random() < 0.4
        used = source.surname() if married else ""
        yield "adult", _person(source, name, sex, year, home, used)
        if rng.random() < 0.08:
            near = max(year + rng.randint(-8, 8), _BIRTHS_FROM)
            yield "sibling", _person(source, name, rng.choice("FM"), near, home)
        return
    yield "adult", _person(source, name, "M", year, home)
    her_name, her_year = source.surname(), max(year + rng.randint(-6, 3), _BIRTHS_FROM)
    used = name if rng.random() < (0.8 if her_year < 1960 else 0.4) else ""
    yield "adult", _person(source, her_name, "F", her_year, home, used)
    if rng.random() < 0.35:
        yield from _children(rng, source, (name, her_name), her_year, home, today)


def _children(
    rng: Random,
    source: _Source,
    parents: tuple[str, str],
    mother_year: int,
    home: str,
    today: date,
) -> Iterator[tuple[str, Traits]]:
    year = mother_year + rng.randint(19, 34)
    shared = "-".join(parents) if year >= 2000 and rng.random() < 0.25 else parents[0]
    for _ in range(rng.randint(1, 3)):
        if year >= today.year:
            return
        sex = rng.choice("FM")
        married = sex == "F" and year < 1995 and rng.random() < 0.4
        child = _person(source, shared, sex, year, home, source.surname() if married else "")
        if rng.random() < 0.016:
            yield from _twins(rng, source, child, year)
        else:
            yield "child", child
        year += rng.randint(1, 5)


def _twins(rng: Random, source: _Source, one: Traits, year: int) -> Iterator[tuple[str, Traits]]:
    """Two identities apart by given name and rank, or by sex too; the rank is often unsaid."""
    sex = one.sex if rng.random() < 0.65 else rng.choice("FM")
    first = source.given("M" if sex == "M" else "F", year)
    told = rng.random() < 0.3
    for rank, given, its_sex in ((1, one.first_given, one.sex), (2, first, sex)):
        yield (
            "twin",
            Traits(
                birth_name=one.birth_name,
                first_given=given,
                birth_date=one.birth_date,
                sex=its_sex,
                birth_place=one.birth_place,
                given_names=given,
                twin_rank=rank if told else None,
            ),
        )
