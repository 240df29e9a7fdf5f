"""Twenty ways in which the identity typed in a search differs from the one that is stored."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from random import Random

from bench.identities import Identity
from bench.names import COUNTRIES
from ronde.core.text import fold
from ronde.patients.conventions import (
    UNKNOWN_DATE,
    UNKNOWN_PLACE,
    date_is_known,
)
from ronde.patients.matching import Traits, swapped
from ronde.patients.phonetics import PARTICLES

Mistake = Callable[[Traits, Random], Traits | None]

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ACCENTED = str.maketrans({"E": "É", "A": "À", "O": "Ô", "I": "Ï", "C": "Ç", "U": "Ù"})
# Spellings that sound alike; each pair is used both ways.
_RESPELLINGS = (
    ("PH", "F"), ("QU", "K"), ("Y", "I"), ("EAU", "AU"), ("AU", "O"), ("TH", "T"), ("EN", "AN"),
    ("AI", "EI"), ("W", "V"), ("LL", "L"), ("NN", "N"), ("TT", "T"), ("SS", "Z"), ("RR", "R"),
    ("OUX", "OU"), ("ET", "EY"), ("CK", "K"), ("IN", "AIN"), ("CA", "KA"), ("CO", "KO"),
    ("GE", "JE"), ("AULT", "AUD"), ("ART", "ARD"), ("ONT", "OND"), ("MB", "NB"), ("MP", "NP"),
    ("LE", "LLE"), ("OT", "AUD"),
)  # fmt: skip


def typo(word: str, rng: Random) -> str:
    """One letter changed, missing, added, or exchanged with the next: another word once folded."""
    while True:
        at = rng.randrange(len(word))
        kind = rng.randrange(4)
        if kind == 0:
            changed = word[:at] + rng.choice(_LETTERS) + word[at + 1 :]
        elif kind == 1:
            changed = word[:at] + word[at + 1 :]
        elif kind == 2:
            changed = word[:at] + rng.choice(_LETTERS) + word[at:]
        else:
            changed = word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :]
        if len(changed) > 1 and fold(changed) != fold(word):
            return changed


def _typo_name(traits: Traits, rng: Random) -> Traits:
    return replace(traits, birth_name=typo(traits.birth_name, rng))


def _typo_given(traits: Traits, rng: Random) -> Traits:
    return replace(traits, first_given=typo(traits.first_given, rng))


def _two_typos(traits: Traits, rng: Random) -> Traits:
    return _typo_given(_typo_name(traits, rng), rng)


def _swapped_names(traits: Traits, _rng: Random) -> Traits:
    return replace(traits, birth_name=traits.first_given, first_given=traits.birth_name)


def _used_name(traits: Traits, _rng: Random) -> Traits | None:
    return replace(traits, birth_name=traits.used_name) if traits.used_name else None


def _truncated(traits: Traits, rng: Random) -> Traits | None:
    """One half of a compound name or given name."""
    compounds = [field for field in ("birth_name", "first_given") if "-" in getattr(traits, field)]
    if not compounds:
        return None
    field = rng.choice(compounds)
    return replace(traits, **{field: rng.choice(getattr(traits, field).split("-"))})


def _marks(traits: Traits, rng: Random) -> Traits:
    """Typed with accents, in small letters, its hyphens and apostrophes lost or replaced."""

    def retyped(text: str) -> str:
        text = re.sub("[-']", rng.choice((" ", "", "-")), text)
        return text.translate(_ACCENTED).capitalize()

    return replace(
        traits,
        birth_name=retyped(traits.birth_name),
        first_given=retyped(traits.first_given),
    )


def respell(name: str, rng: Random) -> str | None:
    """The same sound in another spelling, or nothing if no rule applies."""
    rules = [*_RESPELLINGS, *((new, old) for old, new in _RESPELLINGS)]
    fitting = [(old, new) for old, new in rules if old in name]
    if not fitting:
        return None
    old, new = rng.choice(fitting)
    return name.replace(old, new, 1)


def _respelled(traits: Traits, rng: Random) -> Traits | None:
    name, given = respell(traits.birth_name, rng), respell(traits.first_given, rng)
    if not name and not given:
        return None
    return replace(
        traits, birth_name=name or traits.birth_name, first_given=given or traits.first_given
    )


def _day_month(traits: Traits, _rng: Random) -> Traits | None:
    if not date_is_known(traits.birth_date):
        return None
    other = swapped(traits.birth_date)
    return replace(traits, birth_date=other) if other else None


def _year_moved(traits: Traits, years: int) -> Traits | None:
    day = traits.birth_date
    if not date_is_known(day):
        return None
    last = 28 if day.month == 2 else day.day
    return replace(traits, birth_date=day.replace(year=day.year + years, day=min(day.day, last)))


def _year_off_by_one(traits: Traits, rng: Random) -> Traits | None:
    return _year_moved(traits, rng.choice((-1, 1)))


def _year_off_by_ten(traits: Traits, rng: Random) -> Traits | None:
    return _year_moved(traits, rng.choice((-10, 10)))


def _date_digit(traits: Traits, rng: Random) -> Traits | None:
    """One digit of JJMMAAAA typed wrong, the date still possible and between 1900 and 2026."""
    if not date_is_known(traits.birth_date):
        return None
    right = f"{traits.birth_date:%d%m%Y}"
    while True:
        at = rng.randrange(8)
        wrong = right[:at] + rng.choice("0123456789") + right[at + 1 :]
        try:
            day = date(int(wrong[4:]), int(wrong[2:4]), int(wrong[:2]))
        except ValueError:
            continue
        if wrong != right and 1900 <= day.year <= 2026:
            return replace(traits, birth_date=day)


def _date_unknown(traits: Traits, _rng: Random) -> Traits:
    return replace(traits, birth_date=UNKNOWN_DATE)


def _place_wrong(traits: Traits, rng: Random) -> Traits:
    if rng.random() < 0.2:
        return replace(traits, birth_place=rng.choice(COUNTRIES))
    return replace(traits, birth_place=f"{rng.randint(1, 95):02d}{rng.randint(1, 400):03d}")


def _place_unknown(traits: Traits, _rng: Random) -> Traits:
    return replace(traits, birth_place=UNKNOWN_PLACE)


def _sex_wrong(traits: Traits, _rng: Random) -> Traits:
    return replace(traits, sex={"F": "M", "M": "F"}.get(traits.sex, "F"))


def _second_given(traits: Traits, _rng: Random) -> Traits | None:
    others = traits.given_names.split()[1:]
    return replace(traits, first_given=others[0]) if others else None


def _particle_lost(traits: Traits, _rng: Random) -> Traits | None:
    parts = traits.birth_name.replace("'", " ").split()
    left = [part for part in parts if part not in PARTICLES]
    return replace(traits, birth_name=" ".join(left)) if left and left != parts else None


def _almost_nothing(traits: Traits, rng: Random) -> Traits:
    """A given name typed wrong, no date, no place: only name and sex are left."""
    return _date_unknown(_place_unknown(_typo_given(traits, rng), rng), rng)


def _three_errors(traits: Traits, rng: Random) -> Traits:
    simple = (_typo_name, _typo_given, _date_digit, _day_month, _place_wrong, _sex_wrong)
    done = 0
    for mistake in rng.sample(simple, len(simple)):
        wrong = mistake(traits, rng)
        if wrong is not None:
            traits, done = wrong, done + 1
        if done == 3:
            break
    return traits


KINDS: dict[str, Mistake] = {
    "typo_name": _typo_name,
    "typo_given": _typo_given,
    "two_typos": _two_typos,
    "swapped_names": _swapped_names,
    "used_name_as_birth_name": _used_name,
    "compound_truncated": _truncated,
    "marks_and_case": _marks,
    "respelled": _respelled,
    "day_month_swapped": _day_month,
    "year_off_by_1": _year_off_by_one,
    "year_off_by_10": _year_off_by_ten,
    "date_digit": _date_digit,
    "date_unknown": _date_unknown,
    "place_wrong": _place_wrong,
    "place_unknown": _place_unknown,
    "sex_wrong": _sex_wrong,
    "second_given": _second_given,
    "particle_lost": _particle_lost,
    "given_typo_no_date_no_place": _almost_nothing,
    "three_errors": _three_errors,
}


def perturb(traits: Traits, kind: str, rng: Random) -> Traits | None:
    """Mistype an identity as one searches for it: with the five traits of the search form alone.

    Nothing when the identity has nothing of that kind to get wrong (no compound, no particle…).
    """
    wrong = KINDS[kind](traits, rng)
    if wrong is None:
        return None
    return Traits(
        birth_name=wrong.birth_name,
        first_given=wrong.first_given,
        birth_date=wrong.birth_date,
        sex=wrong.sex,
        birth_place=wrong.birth_place,
    )


def questions(
    pool: Sequence[Identity], count: int, *, seed: int = 2
) -> Iterator[tuple[str, Identity, Traits]]:
    """Draw `count` searches, the kinds in turn: kind, identity to be found, what is typed."""
    rng = Random(seed)
    kinds = list(KINDS)
    for turn in range(count):
        kind = kinds[turn % len(kinds)]
        while True:
            identity = rng.choice(pool)
            asked = perturb(identity.traits, kind, rng)
            if asked is not None:
                yield kind, identity, asked
                break
