"""RPPS, ADELI and FINESS as people type them."""

import pytest

from ronde.core.checks import CheckError
from ronde.directory import numbers


# The invented professionals of the sample files.
@pytest.mark.parametrize("number", ["99000000010", "99000000028", "99000000036", "99000000044"])
def test_the_rpps_numbers_of_the_samples_are_accepted(number: str) -> None:
    assert numbers.rpps(number) == number


def test_an_rpps_number_may_have_spaces_or_the_prefix_of_a_national_identifier() -> None:
    assert numbers.rpps("990 0000 0010") == "99000000010"
    assert numbers.rpps("899000000010") == "99000000010"


# Establishments published in FINESS (Ain, Guyane, Mayotte, Wallis, Nord); the last one is the
# hospital of Bastia.
@pytest.mark.parametrize(
    "number",
    ["010000024", "010780054", "970302287", "980501506", "980600027", "590799730", "2B0000012"],
)
def test_finess_numbers_of_every_territory_are_accepted(number: str) -> None:
    assert numbers.finess(number) == number


def test_small_letters_and_spaces_are_forgiven_in_finess() -> None:
    assert numbers.finess("2b 000 001 2") == "2B0000012"


@pytest.mark.parametrize("start", ["13", "2A", "2B", "9A", "9F"])
def test_adeli_accepts_the_one_key_of_each_body(start: str) -> None:
    accepted = []
    for key in "0123456789":
        try:
            accepted.append(numbers.adeli(f"{start}600012{key}"))
        except CheckError:
            continue
    assert len(accepted) == 1
    assert accepted[0].startswith(start)
    assert numbers.adeli("0" + accepted[0]) == accepted[0]


@pytest.mark.parametrize(
    ("check", "typed", "said"),
    [
        (numbers.rpps, "99000000011", "RPPS n'existe pas"),
        (numbers.rpps, "9900000001", "11 chiffres"),
        (numbers.rpps, "99000000O10", "11 chiffres"),
        (numbers.rpps, "", "11 chiffres"),
        (numbers.adeli, "13600012", "9 signes"),
        (numbers.adeli, "003600012", "département"),
        (numbers.adeli, "2C6000121", "département"),
        (numbers.finess, "010000025", "FINESS n'existe pas"),
        (numbers.finess, "2C0000012", "9 chiffres"),
        (numbers.finess, "10000024", "9 chiffres"),
    ],
)
def test_a_wrong_number_is_refused_in_french(check: object, typed: str, said: str) -> None:
    with pytest.raises(CheckError, match=said):
        check(typed)  # type: ignore[operator]
