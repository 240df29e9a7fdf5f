"""Numbers and addresses that any organisation has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronde.core import checks
from ronde.core.checks import CheckError


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("06 12 34 56 78", "+33612345678"),
        ("01.99.00.12.34", "+33199001234"),
        ("0033 6 12 34 56 78", "+33612345678"),
        ("0692 12 34 56", "+262692123456"),
        ("0262 40 12 34", "+262262401234"),
        ("0596 50 12 34", "+596596501234"),
        ("0690 12 34 56", "+590690123456"),
        ("+262 692 12 34 56", "+262692123456"),
        ("+687 75 12 34", "+687751234"),
        ("+44 7911 123456", "+447911123456"),
        ("06 39 98 12 34", "+33639981234"),
    ],
)
def test_a_telephone_number_is_stored_in_its_international_form(typed: str, stored: str) -> None:
    assert checks.phone(typed) == stored


@pytest.mark.parametrize("typed", ["06 12 34 56 7", "061234567890", "3949", "15", "abc", "", "+33"])
def test_a_wrong_telephone_number_is_refused(typed: str) -> None:
    with pytest.raises(CheckError, match="téléphone non valable"):
        checks.phone(typed)


@pytest.mark.parametrize(
    "typed", ["06 12 34 56 78", "0692123456", "0696 20 12 34", "06 39 98 12 34"]
)
def test_a_stored_number_can_be_typed_again(typed: str) -> None:
    assert checks.phone(checks.phone(typed)) == checks.phone(typed)


def test_a_mail_address_keeps_its_name_and_loses_the_capitals_of_its_domain() -> None:
    assert checks.email(" Jeanne.Durand@Exemple.FR ") == "Jeanne.Durand@exemple.fr"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("jeanne.durand", "arobase"),
        ("jeanne@", "non valable"),
        ("jeanne durand@exemple.fr", "non valable"),
        ("jeanne@exemple", "non valable"),
        ("Jeanne <jeanne@exemple.fr>", "non valable"),
    ],
)
def test_a_wrong_mail_address_is_refused_in_french(typed: str, said: str) -> None:
    with pytest.raises(CheckError, match=said):
        checks.email(typed)


def test_siren_and_siret_lose_their_spaces() -> None:
    assert checks.siren("732 829 320") == "732829320"
    assert checks.siret("732 829 320 00074") == "73282932000074"


def test_la_poste_is_allowed_its_own_rule() -> None:
    assert checks.siret("35600000049837") == "35600000049837"
    with pytest.raises(CheckError, match="clé est fausse"):
        checks.siret("35600000049838")


@pytest.mark.parametrize(
    ("check", "typed", "said"),
    [
        (checks.siren, "732829321", "SIREN n'existe pas"),
        (checks.siren, "73282932", "9 chiffres"),
        (checks.siret, "73282932000075", "SIRET n'existe pas"),
        (checks.siret, "732829320", "14 chiffres"),
        (checks.siret, "7328293200007A", "14 chiffres"),
        (checks.siren, "٧٣٢٨٢٩٣٢٠", "n"),
    ],
)
def test_a_wrong_number_of_a_company_is_refused(check: object, typed: str, said: str) -> None:
    with pytest.raises(CheckError, match=said):
        check(typed)  # type: ignore[operator]


@given(st.integers(0, 8), st.integers(1, 9))
def test_no_single_wrong_digit_passes_for_a_siren(at: int, more: int) -> None:
    right = "732829320"
    wrong = right[:at] + str((int(right[at]) + more) % 10) + right[at + 1 :]
    with pytest.raises(CheckError):
        checks.siren(wrong)


def test_what_may_be_empty_is_checked_only_when_it_is_filled() -> None:
    assert checks.optional(checks.siren, "  ") == ""
    with pytest.raises(CheckError):
        checks.optional(checks.siren, "1")
