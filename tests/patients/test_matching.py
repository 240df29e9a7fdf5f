"""Who looks like whom: keys that meet, scores that read, and the search as a whole."""

from collections import defaultdict
from dataclasses import replace
from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.identities import Identity, identities
from bench.mistakes import KINDS, perturb, questions
from ronde.patients.conventions import UNKNOWN_DATE, UNKNOWN_PLACE
from ronde.patients.matching import (
    LOOKALIKE_FROM,
    PROBABLE_FROM,
    Traits,
    Verdict,
    blocking_keys,
    query_keys,
    rank,
    score,
    search,
    swapped,
)

COMMUNES = [f"{department:02}{rank:03}" for rank in range(1, 80) for department in (13, 6, 83, 84)]

JEANNE = Traits(
    birth_name="MARCHETTI",
    first_given="JEANNE",
    given_names="JEANNE LOUISE",
    used_name="DURAND",
    birth_date=date(1941, 3, 7),
    sex="F",
    birth_place="13055",
)


def asked(stored: Traits, **wrong: object) -> Traits:
    """The five traits of the search form, some of them wrong."""
    strict = Traits(
        birth_name=stored.birth_name,
        first_given=stored.first_given,
        birth_date=stored.birth_date,
        sex=stored.sex,
        birth_place=stored.birth_place,
    )
    return replace(strict, **wrong)  # type: ignore[arg-type]


def words(one: Traits, other: Traits) -> dict[str, str]:
    return {part.trait: str(part.words) for part in score(one, other).parts}


def bits(one: Traits, other: Traits) -> dict[str, float]:
    return {part.trait: part.bits for part in score(one, other).parts}


# --- The verdict and its reasons


def test_the_same_five_traits_are_a_probable_duplicate_and_every_trait_says_why() -> None:
    result = score(asked(JEANNE), JEANNE)
    assert result.verdict is Verdict.PROBABLE
    assert words(asked(JEANNE), JEANNE) == {
        "birth_name": "même nom de naissance",
        "first_given": "même prénom",
        "birth_date": "même date de naissance",
        "birth_place": "même lieu de naissance",
        "sex": "même sexe",
    }


@pytest.mark.parametrize(
    ("wrong", "trait", "said"),
    [
        ({"birth_name": "MARCHETI"}, "birth_name", "nom proche"),
        ({"birth_name": "DURAND"}, "birth_name", "nom utilisé semblable"),
        ({"birth_name": "DE MARCHETTI"}, "birth_name", "nom proche"),
        ({"first_given": "JANE"}, "first_given", "prénom qui se prononce pareil"),
        ({"first_given": "JEANNE-MARIE"}, "first_given", "prénom composé en partie commun"),
        ({"first_given": "LOUISE"}, "first_given", "autre prénom de naissance"),
        ({"birth_date": date(1941, 7, 3)}, "birth_date", "jour et mois inversés"),
        ({"birth_date": date(1942, 3, 7)}, "birth_date", "même jour et même mois, année proche"),
        ({"birth_date": date(1931, 3, 7)}, "birth_date", "même jour et même mois, année proche"),
        ({"birth_date": date(1941, 3, 1)}, "birth_date", "date de naissance à un chiffre près"),
        ({"birth_date": date(1914, 3, 7)}, "birth_date", "date de naissance à un chiffre près"),
        ({"birth_date": UNKNOWN_DATE}, "birth_date", "date de naissance inconnue"),
        ({"birth_place": "13205"}, "birth_place", "même ville de naissance"),
        ({"birth_place": "13001"}, "birth_place", "même département de naissance"),
        ({"birth_place": "75056"}, "birth_place", "lieu de naissance différent"),
        ({"birth_place": UNKNOWN_PLACE}, "birth_place", "lieu de naissance inconnu"),
        ({"sex": "M"}, "sex", "sexe différent"),
        ({"sex": "U"}, "sex", "sexe non précisé"),
    ],
)
def test_one_wrong_trait_is_named_and_the_person_is_still_recognised(
    wrong: dict[str, object], trait: str, said: str
) -> None:
    typed = asked(JEANNE, **wrong)
    assert words(typed, JEANNE)[trait] == said
    assert score(typed, JEANNE).verdict is not Verdict.UNRELATED
    assert score(typed, JEANNE).bits < score(asked(JEANNE), JEANNE).bits


def test_name_and_given_name_exchanged_cost_two_bits() -> None:
    typed = asked(JEANNE, birth_name="JEANNE", first_given="MARCHETTI")
    assert score(typed, JEANNE).bits == score(asked(JEANNE), JEANNE).bits - 2
    assert words(typed, JEANNE)["birth_name"] == "nom et prénom inversés"


def test_two_strangers_born_the_same_day_in_the_same_town_are_unrelated() -> None:
    stranger = asked(JEANNE, birth_name="LEBRUN", first_given="COLETTE")
    assert score(stranger, JEANNE).verdict is Verdict.UNRELATED


def test_a_namesake_of_another_age_is_not_a_probable_duplicate() -> None:
    grandchild = asked(JEANNE, birth_date=date(1998, 11, 20))
    assert score(grandchild, JEANNE).verdict is Verdict.LOOKALIKE
    assert score(replace(grandchild, birth_place="75056"), JEANNE).verdict is Verdict.UNRELATED


def test_a_date_that_stands_for_a_year_says_less_than_a_real_one() -> None:
    vague = replace(JEANNE, birth_date=date(1941, 12, 31))
    assert 0 < bits(vague, vague)["birth_date"] < bits(JEANNE, JEANNE)["birth_date"]
    assert (
        bits(vague, JEANNE)["birth_date"]
        > bits(JEANNE, asked(JEANNE, birth_date=date(1941, 9, 25)))["birth_date"]
    )


def test_a_country_of_birth_says_less_than_a_commune() -> None:
    abroad = replace(JEANNE, birth_place="99352")
    assert 0 < bits(abroad, abroad)["birth_place"] < bits(JEANNE, JEANNE)["birth_place"]


# --- Twins

TWIN = Traits(
    birth_name="PERROT",
    first_given="HUGO",
    given_names="HUGO",
    birth_date=date(2011, 5, 23),
    sex="M",
    birth_place="84007",
)


@pytest.mark.parametrize(("given_name", "sex"), [("MATTEO", "M"), ("CHLOE", "F")])
def test_a_twin_is_a_lookalike_and_not_a_duplicate(given_name: str, sex: str) -> None:
    sibling = replace(TWIN, first_given=given_name, given_names=given_name, sex=sex)
    assert score(TWIN, sibling).verdict is Verdict.LOOKALIKE
    assert words(TWIN, sibling)["first_given"] == "prénom différent"


def test_a_near_given_name_is_taken_for_a_mistake_unless_the_twin_rank_differs() -> None:
    first = replace(TWIN, twin_rank=1)
    second = replace(TWIN, first_given="HUGUO", given_names="HUGUO", twin_rank=2)
    assert score(TWIN, replace(second, twin_rank=None)).verdict is Verdict.PROBABLE
    assert score(first, second).verdict is Verdict.LOOKALIKE
    assert words(first, second)["twin_rank"] == "rang gémellaire différent"


def test_the_twin_rank_alone_does_not_make_another_person_of_the_same_traits() -> None:
    assert score(replace(TWIN, twin_rank=1), replace(TWIN, twin_rank=2)).verdict is Verdict.PROBABLE


def test_the_nir_speaks_when_both_have_one() -> None:
    assert "nir" not in bits(replace(TWIN, nir="1"), TWIN)
    assert bits(replace(TWIN, nir="1"), replace(TWIN, nir="1"))["nir"] > 0
    assert bits(replace(TWIN, nir="1"), replace(TWIN, nir="2"))["nir"] < 0


# --- What is not known


@pytest.mark.parametrize(
    "unknown", ["À DEMANDER", "A DEMANDER", "inconnu", "INCONNUE", "VIDE", "", " - ", "?"]
)
def test_an_unknown_name_makes_no_key_and_weighs_nothing(unknown: str) -> None:
    nameless = Traits(birth_name=unknown, first_given=unknown)
    assert blocking_keys(nameless) == []
    assert query_keys(nameless) == query_keys(nameless, second_pass=True) == []
    assert score(nameless, JEANNE).bits == 0
    assert score(nameless, nameless).bits == 0


@pytest.mark.parametrize("unknown", [None, date(1900, 1, 1), date(1900, 12, 31)])
def test_an_unknown_date_makes_no_key_and_weighs_nothing(unknown: date | None) -> None:
    dateless = replace(JEANNE, birth_date=unknown)
    assert not [key for key in blocking_keys(dateless) if key[0] in "ABCD"]
    assert bits(dateless, dateless)["birth_date"] == 0


def test_an_unknown_place_makes_no_key_and_weighs_nothing() -> None:
    placeless = replace(JEANNE, birth_place=UNKNOWN_PLACE)
    assert not [key for key in blocking_keys(placeless) if key[0] == "L"]
    assert bits(placeless, placeless)["birth_place"] == 0


# --- Properties over invented identities

POOL = list(identities(3_000, seed=7, communes=COMMUNES))
some_traits = st.sampled_from(POOL).map(lambda identity: identity.traits)
chance = st.integers(0, 10**6).map(Random)


@given(some_traits, some_traits, st.sampled_from(sorted(KINDS)), chance)
@settings(max_examples=400)
def test_the_order_of_the_two_does_not_matter(
    one: Traits, other: Traits, kind: str, rng: Random
) -> None:
    for pair in (other, perturb(one, kind, rng) or one):
        assert score(one, pair).bits == pytest.approx(score(pair, one).bits)


@given(some_traits, some_traits)
def test_the_parts_add_up_to_the_score(one: Traits, other: Traits) -> None:
    result = score(one, other)
    assert sum(part.bits for part in result.parts) == pytest.approx(result.bits)
    assert all(str(part.words) for part in result.parts)


@given(some_traits)
def test_nobody_looks_more_like_a_person_than_that_person(traits: Traits) -> None:
    strangers = rank(traits, [(one.number, one.traits) for one in POOL[:200]])
    assert strangers[0].score.bits <= score(traits, traits).bits


# With the date right, it is found by the date; with both names right, by the names.
FIRST_PASS = [kind for kind in KINDS if kind not in ("given_typo_no_date_no_place", "three_errors")]


@given(some_traits, st.sampled_from(FIRST_PASS), chance)
@settings(max_examples=400)
def test_one_mistake_leaves_a_key_of_the_first_pass_in_common(
    stored: Traits, kind: str, rng: Random
) -> None:
    typed = perturb(stored, kind, rng)
    if typed is not None and stored.birth_date != UNKNOWN_DATE:
        assert set(blocking_keys(stored)) & set(query_keys(typed)), kind


@given(some_traits, chance)
def test_a_wrong_date_and_a_wrong_name_still_meet_by_their_initials(
    stored: Traits, rng: Random
) -> None:
    typed = replace(stored, birth_name=stored.birth_name + "X", birth_place="01001")
    typed = perturb(typed, "date_digit", rng) or typed
    if stored.birth_date != UNKNOWN_DATE:
        assert set(blocking_keys(stored)) & set(query_keys(typed))


@given(some_traits)
def test_keys_are_few_short_and_each_once(traits: Traits) -> None:
    keys = blocking_keys(traits)
    assert len(keys) == len(set(keys)) <= 40
    assert max(map(len, keys)) <= 40
    assert not set(query_keys(traits)) & set(query_keys(traits, second_pass=True))


def test_an_identity_has_about_eleven_keys() -> None:
    assert 9 <= sum(len(blocking_keys(one.traits)) for one in POOL) / len(POOL) <= 12


def test_day_and_month_are_exchanged_only_when_that_is_another_date() -> None:
    assert swapped(date(1970, 3, 7)) == date(1970, 7, 3)
    assert swapped(date(1970, 3, 13)) is None
    assert swapped(date(1970, 5, 5)) is None


def test_a_name_of_a_hundred_signs_keeps_its_keys_short() -> None:
    longest = replace(JEANNE, birth_name="ABCDEFGHIJ" * 10, first_given="KLMNOPQRST" * 10)
    assert max(map(len, blocking_keys(longest))) <= 40


# --- The search, on an index in memory


class Index:
    """What the database does: identities by key."""

    def __init__(self, pool: list[Identity]) -> None:
        self.traits = {one.number: one.traits for one in pool}
        self.holders: dict[str, list[int]] = defaultdict(list)
        self.asked: list[list[str]] = []
        for one in pool:
            for key in blocking_keys(one.traits):
                self.holders[key].append(one.number)

    def fetch(self, keys: list[str]) -> list[tuple[int, Traits]]:
        self.asked.append(keys)
        found = dict.fromkeys(number for key in keys for number in self.holders.get(key, ()))
        return [(number, self.traits[number]) for number in found]


@pytest.fixture(scope="module")
def region() -> tuple[list[Identity], Index]:
    pool = list(identities(20_000, seed=11, communes=COMMUNES))
    return pool, Index(pool)


def test_the_person_is_among_the_first_five_in_spite_of_any_of_the_twenty_mistakes(
    region: tuple[list[Identity], Index],
) -> None:
    pool, index = region
    found: dict[str, list[bool]] = defaultdict(list)
    taken_for_another = 0
    for kind, wanted, typed in questions(pool, 400, seed=3):
        matches = search(typed, index.fetch, limit=10)
        found[kind].append(wanted.number in [match.ref for match in matches[:5]])
        taken_for_another += any(
            match.ref != wanted.number and match.score.bits >= PROBABLE_FROM for match in matches
        )
    share = {kind: sum(hits) / len(hits) for kind, hits in found.items()}
    assert sum(share.values()) / len(share) >= 0.98, share
    assert min(share.values()) >= 0.8, share
    assert taken_for_another <= 4


def test_a_stranger_to_the_region_is_nobody_s_probable_duplicate(
    region: tuple[list[Identity], Index],
) -> None:
    _, index = region
    strangers = identities(20_300, seed=99, communes=COMMUNES)
    probable = 0
    for stranger in list(strangers)[20_000:]:
        matches = search(stranger.traits, index.fetch, limit=1)
        probable += bool(matches) and matches[0].score.verdict is Verdict.PROBABLE
    assert probable <= 3


def test_a_convincing_candidate_spares_the_second_pass() -> None:
    index = Index([Identity(0, 0, "adult", JEANNE)])
    assert [match.ref for match in search(asked(JEANNE), index.fetch)] == [0]
    assert len(index.asked) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"birth_date": UNKNOWN_DATE},
        {"birth_name": "LEBRUN", "birth_date": date(1977, 8, 30)},
    ],
)
def test_the_second_pass_widens_the_search_and_names_nobody_twice(
    wrong: dict[str, object],
) -> None:
    index = Index([Identity(0, 0, "adult", JEANNE), Identity(1, 1, "adult", TWIN)])
    matches = search(asked(JEANNE, **wrong), index.fetch)
    assert [match.ref for match in matches] == [0]
    assert len(index.asked) == 2
    assert not set(index.asked[0]) & set(index.asked[1])


def test_an_empty_search_finds_nobody() -> None:
    assert search(Traits(), Index(POOL).fetch) == []


def test_ranking_puts_the_most_alike_first_and_keeps_the_order_of_equals() -> None:
    near, far = asked(JEANNE, birth_name="MARCHETI"), asked(JEANNE, birth_name="LEBRUN")
    candidates = [("far", far), ("near", near), ("same", JEANNE), ("also", JEANNE)]
    order = [match.ref for match in rank(asked(JEANNE), candidates)]
    assert order == ["same", "also", "near", "far"]
    assert [match.ref for match in rank(asked(JEANNE), candidates, limit=3)] == order[:3]


def test_the_thresholds_part_duplicates_lookalikes_and_others() -> None:
    assert PROBABLE_FROM == 24
    assert LOOKALIKE_FROM == 15
