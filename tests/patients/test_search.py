"""Near identities: what the door across all circles lets through, and what it does not."""

from datetime import date

import pytest
from django.db import connection

from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.patients import queries
from ronde.patients.actions import traits_of
from ronde.patients.matching import Traits, Verdict
from ronde.patients.models import Patient
from tests import factories as f

pytestmark = pytest.mark.django_db


def typed(**traits) -> Traits:
    return traits_of(Patient(**f.identity(**traits)))


@pytest.fixture
def theirs() -> Patient:
    return f.patient(f.actor(f.user("ROUX", "Hugo")), used_name="DURAND")


@pytest.fixture
def near(as_actor):
    who = f.actor(f.user())

    def search(**traits):
        with as_actor(who):
            return queries.near(typed(**traits))

    return search


def test_a_record_of_others_is_found_and_shown_by_its_traits_alone(near, theirs):
    (match,) = near()
    assert match.ref.id == theirs.pk
    assert match.score.verdict is Verdict.PROBABLE
    assert set(queries.Near.__slots__) == {
        "id", "birth_name", "first_given", "given_names", "used_name", "used_given", "birth_date",
        "sex", "birth_place_code", "birth_place", "twin_rank", "identity_status", "is_homonym",
    }  # fmt: skip


def test_nobody_searches_without_being_signed_in(theirs):
    assert queries.near(typed()) == []
    with acting(party_id=theirs.created_by_party, user_id=None):
        assert queries.near(typed()) == []


def test_the_door_opens_on_nothing_else(theirs):
    with acting(party_id=theirs.pk, user_id=theirs.pk), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM patients_patient")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM patients_near('{}', 10)")
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize(
    "mistake",
    [
        {"birth_name": "MARCHETI"},
        {"birth_name": "DURAND"},
        {"birth_name": "JEANNE", "first_given": "MARCHETTI"},
        {"birth_date": date(1942, 12, 3)},
        {"birth_date": date(1943, 3, 12)},
        {"birth_place_code": "83137"},
        {"birth_place_code": "99999"},
        {"sex": "M"},
    ],
)
def test_a_mistake_in_a_trait_does_not_hide_the_patient(near, theirs, mistake):
    assert [match.ref.id for match in near(**mistake)] == [theirs.pk]


def test_without_a_date_the_names_are_enough_to_look(near, theirs):
    (match,) = near(birth_date=date(1900, 1, 1), birth_place_code="99999")
    assert match.ref.id == theirs.pk
    assert match.score.verdict is not Verdict.PROBABLE


def test_who_only_shares_a_birth_date_is_not_shown(near, theirs):
    assert near(birth_name="BENSAID", first_given="YASMINE", birth_place_code="13055") == []


def test_reasons_are_in_words_and_the_best_comes_first(near, theirs):
    f.patient(f.actor(f.user("ROUX", "Hugo")), birth_date=date(1943, 3, 12))
    first, second = near()
    assert first.ref.id == theirs.pk
    words = {part.trait: str(part.words) for part in second.score.parts}
    assert words["birth_date"] == "même jour et même mois, année proche"


def test_ten_are_shown_and_every_probable_one(near):
    other = f.actor(f.user("ROUX", "Hugo"))
    for _again in range(12):
        f.patient(other)
    for given in ("LOUISE", "SIMONE", "ODETTE"):
        f.patient(other, first_given=given)
    found = near()
    assert len(found) == 12
    assert all(match.score.verdict is Verdict.PROBABLE for match in found)


def test_a_twin_is_told_from_the_same_person(near, theirs):
    (twin,) = near(first_given="LOUISE")
    assert queries.looks_like_a_twin(twin)
    assert twin.score.verdict is Verdict.LOOKALIKE
    (same,) = near()
    assert not queries.looks_like_a_twin(same)


def test_zones_follow_from_the_commune():
    with as_owner():
        queries.Zone.objects.create(name="Var Ouest", commune_codes=["83126", "83137"])
        queries.Zone.objects.create(name="Rade", commune_codes=["83137"])
    assert queries.zones_of("83137") == ["Rade", "Var Ouest"]
    assert queries.zones_of("83126") == ["Var Ouest"]
    assert queries.zones_of("") == []
