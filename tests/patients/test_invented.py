"""The invented identities that the search is tried on, and the mistakes made in typing them."""

from dataclasses import fields
from datetime import date

from bench.identities import Identity, identities
from bench.mistakes import KINDS, questions
from ronde.patients.conventions import UNKNOWN_PLACE
from ronde.patients.matching import Traits

COMMUNES = [f"{department:02}{rank:03}" for rank in range(1, 80) for department in (13, 6, 83, 84)]
POOL = list(identities(3_000, seed=7, communes=COMMUNES))
TYPED = ("birth_name", "first_given", "birth_date", "sex", "birth_place")


def test_the_same_seed_gives_the_same_people_and_another_seed_others() -> None:
    def draw(seed: int) -> list[Identity]:
        return list(identities(500, seed=seed, communes=COMMUNES))

    assert draw(5) == draw(5)
    assert draw(5) != draw(6)


def test_identities_come_numbered_and_never_born_after_today() -> None:
    drawn = list(identities(2_000, seed=5, communes=COMMUNES, today=date(2020, 1, 1)))
    assert [one.number for one in drawn] == list(range(2_000))
    assert max(one.traits.birth_date for one in drawn if one.traits.birth_date) < date(2020, 1, 1)


def test_there_are_couples_children_twins_and_unknown_traits() -> None:
    assert {one.role for one in POOL} == {"adult", "sibling", "child", "twin"}
    assert any(one.traits.used_name for one in POOL)
    assert any(one.traits.birth_place == UNKNOWN_PLACE for one in POOL)


def test_there_are_twenty_kinds_of_mistake_and_each_changes_what_is_typed() -> None:
    assert len(KINDS) == 20
    untyped = [field.name for field in fields(Traits) if field.name not in TYPED]
    for kind, wanted, typed in questions(POOL, 400, seed=8):
        assert any(getattr(typed, name) != getattr(wanted.traits, name) for name in TYPED), kind
        assert not [name for name in untyped if getattr(typed, name)], kind
