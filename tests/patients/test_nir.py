"""NIR and INS: keys, provisional numbers, agreement with the other traits."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronde.core.checks import CheckError
from ronde.patients import nir
from ronde.patients.conventions import UNKNOWN_DATE


def refused(check: Callable[..., object], *typed: object, **options: object) -> str:
    with pytest.raises(CheckError) as caught:
        check(*typed, **options)
    return str(caught.value)


# --- NIR. The first number is the example of python-stdnum; those of Corsica too.


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("2 95 10 99 126 111 93", "295109912611193"),
        ("253072B07300470", "253072B07300470"),
        ("253072a073004 43", "253072A07300443"),
    ],
)
def test_a_nir_with_a_right_key_is_kept_without_its_spaces(typed: str, stored: str) -> None:
    assert nir.check_nir(typed) == stored


def with_key(body: str) -> str:
    number = int(body.replace("2A", "19").replace("2B", "18"))
    return f"{body}{97 - number % 97:02}"


def test_the_example_of_the_care_circle_guide_has_a_wrong_key() -> None:
    """123456789012244, in the examples of the CI-SIS: its key should be 12."""
    assert with_key("1234567890122") == "123456789012212"
    assert "clé est fausse" in refused(nir.check_nir, "123456789012244")
    assert nir.check_nir("123456789012212")


@pytest.mark.parametrize("first", ["3", "4", "7", "8"])
def test_a_number_that_waits_for_the_nir_is_accepted_and_known_as_such(first: str) -> None:
    number = with_key(f"{first}850599352001")
    assert nir.check_nir(number) == number
    assert nir.is_waiting(number)
    assert not nir.is_waiting("2" + number[1:])


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("2951099126111", "Ajoutez la clé"),
        ("29510991261119", "15 signes avec sa clé ; 14 saisis"),
        ("", "0 saisis"),
        ("295109912611194", "clé est fausse"),
        ("995109912611193", "commence par 1 ou 2"),
        ("253072C07300443", "sans lettre"),
        ("29510991261119A", "sans lettre"),
    ],
)
def test_a_wrong_nir_is_refused_with_its_reason(typed: str, said: str) -> None:
    assert said in refused(nir.check_nir, typed)


@given(st.integers(0, 12), st.integers(1, 9))
def test_no_single_wrong_digit_passes_for_a_nir(at: int, more: int) -> None:
    right = "295109912611193"
    wrong = right[:at] + str((int(right[at]) + more) % 10) + right[at + 1 :]
    with pytest.raises(CheckError):
        nir.check_nir(wrong)


WOMAN_OF_MARSEILLE = with_key("2410313055012")


def warned(number: str, **other: object) -> list[str]:
    agreeing: dict[str, object] = {
        "sex": "F",
        "birth_date": date(1941, 3, 7),
        "birth_place": "13055",
    }
    return nir.warnings(number, **{**agreeing, **other})  # type: ignore[arg-type]


def test_a_nir_that_agrees_raises_no_doubt() -> None:
    assert warned(WOMAN_OF_MARSEILLE) == []


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"sex": "M"}, "autre sexe"),
        ({"birth_date": date(1942, 3, 7)}, "autre année"),
        ({"birth_date": date(1941, 4, 7)}, "autre mois"),
        ({"birth_place": "84007"}, "autre département"),
        ({"birth_place": "99352"}, "autre département"),
    ],
)
def test_a_nir_that_disagrees_is_doubted_for_that_trait_alone(
    other: dict[str, object], said: str
) -> None:
    doubts = warned(WOMAN_OF_MARSEILLE, **other)
    assert len(doubts) == 1
    assert said in doubts[0]


@pytest.mark.parametrize(
    "unknown", [{"sex": "U"}, {"birth_date": UNKNOWN_DATE}, {"birth_place": "99999"}]
)
def test_an_unknown_trait_is_no_reason_to_doubt(unknown: dict[str, object]) -> None:
    assert warned(WOMAN_OF_MARSEILLE, **unknown) == []


@pytest.mark.parametrize(
    ("number", "place", "year", "agrees"),
    [
        ("2410320004012", "2A004", 1941, True),  # Corsica had one code until 1976.
        ("2800320004012", "2A004", 1980, False),
        ("241032A004012", "2A004", 1941, True),
        ("2410375055012", "93066", 1941, True),  # Saint-Denis, once in the Seine.
        ("2800375055012", "93066", 1980, False),
        ("2410391352012", "99352", 1941, True),  # Algiers, then a département.
        ("2800391352012", "99352", 1980, False),
        ("2410399352012", "99352", 1941, True),
        ("2410397411012", "97411", 1941, True),
        ("2410397411012", "97105", 1941, False),  # Réunion, Guadeloupe.
        ("2412097411012", "97411", 1941, True),  # 20: the month was not known.
    ],
)
def test_the_place_of_a_nir_follows_the_history_of_departements(
    number: str, place: str, year: int, *, agrees: bool
) -> None:
    doubts = warned(with_key(number), birth_date=date(year, 3, 7), birth_place=place)
    assert (doubts == []) is agrees


# --- INS


def test_an_ins_carries_the_oid_of_its_nature() -> None:
    waiting = with_key("8850599352001")
    assert nir.check_ins(WOMAN_OF_MARSEILLE, nir.OID_NIR) == (WOMAN_OF_MARSEILLE, nir.OID_NIR)
    assert nir.check_ins(waiting, f"urn:oid:{nir.OID_NIA}") == (waiting, nir.OID_NIA)
    assert "nature" in refused(nir.check_ins, WOMAN_OF_MARSEILLE, nir.OID_NIA)
    assert "nature" in refused(nir.check_ins, waiting, nir.OID_NIR)
    assert "OID inconnu" in refused(nir.check_ins, WOMAN_OF_MARSEILLE, "1.2.3")


def test_a_test_ins_and_a_real_one_do_not_mix() -> None:
    for oid in (nir.OID_TEST, nir.OID_DEMO):
        assert "OID" in refused(nir.check_ins, WOMAN_OF_MARSEILLE, oid)
        assert nir.check_ins(WOMAN_OF_MARSEILLE, oid, invented=True)[1] == oid
    assert "OID" in refused(nir.check_ins, WOMAN_OF_MARSEILLE, nir.OID_NIR, invented=True)
