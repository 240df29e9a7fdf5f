"""Typed traits, and the statuses of an identity."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronde.core.checks import CheckError
from ronde.patients import traits
from ronde.patients.conventions import UNKNOWN_DATE
from ronde.patients.models import IdentityStatus, Proof

TODAY = date(2026, 11, 21)


def refused(check: Callable[..., object], *typed: object, **options: object) -> str:
    with pytest.raises(CheckError) as caught:
        check(*typed, **options)
    return str(caught.value)


# --- Names


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  Lefèvre ", "LEFEVRE"),
        ("d’Épreuve - Testard", "D'EPREUVE-TESTARD"),
        ("d' Artagnan", "D'ARTAGNAN"),
        ("de  la   Tour", "DE LA TOUR"),
        ("Dupont--Martin", "DUPONT--MARTIN"),
        ("Jean‑Noël", "JEAN-NOEL"),
        ("Œuvrard Cœur", "OEUVRARD COEUR"),
        ("Łukasz", "LUKASZ"),
        ("E\u0301mile", "EMILE"),
        ("Y", "Y"),
        ("à demander", "A DEMANDER"),
        ("Inconnue", "A DEMANDER"),
        ("sans nom", "SANS NOM"),
    ],
)
def test_a_name_is_stored_in_capitals_with_its_hyphens_and_apostrophes(
    typed: str, stored: str
) -> None:
    assert traits.name(typed) == stored
    assert traits.name(stored) == stored


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "À DEMANDER"),
        ("   ", "À DEMANDER"),
        ("-", "À DEMANDER"),
        ("Dupont2", "chiffre"),
        ("Dupont²", "chiffre"),
        ("Du_pont", "« _ »"),
        ("dupont@exemple.fr", "« @ »"),
        ("Martin (veuve)", "« ( »"),
        ("-Dupont", "commence et finit par une lettre"),
        ("Dupont-", "commence et finit par une lettre"),
        ("Иванов", "lettres latines"),
        ("A" * 101, "100 caractères au plus, 101 saisis"),
        ("Vide", "réservé aux identités fictives"),
    ],
)
def test_a_name_that_cannot_be_kept_is_refused_with_what_to_do(typed: str, said: str) -> None:
    assert said in refused(traits.name, typed)


def test_an_empty_convention_is_for_a_fictitious_identity() -> None:
    assert traits.name("vide", fictitious=True) == "VIDE"


def test_a_name_of_a_hundred_letters_is_kept() -> None:
    assert traits.name("a" * 100) == "A" * 100


@given(st.text(max_size=120))
def test_a_name_is_either_refused_in_french_or_stored_for_good(typed: str) -> None:
    try:
        stored = traits.name(typed)
    except CheckError:
        return
    assert traits.name(stored) == stored
    assert stored.isascii()
    assert 0 < len(stored) <= 100


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("Durand", "DURAND"), ("Marchetti", ""), ("", ""), ("À DEMANDER", "")],
)
def test_a_used_name_is_kept_only_when_it_differs_from_the_birth_name(
    typed: str, stored: str
) -> None:
    assert traits.used_name(typed, "MARCHETTI") == stored


def test_the_list_of_given_names_begins_with_the_first_one() -> None:
    assert traits.given_names("Jean-Noël Pierre", "JEAN-NOEL") == "JEAN-NOEL PIERRE"
    assert traits.given_names("Marie Anne Louise", "MARIE ANNE") == "MARIE ANNE LOUISE"
    assert traits.given_names("", "MARIE") == ""
    assert "premier prénom, MARIE" in refused(traits.given_names, "Louise Marie", "MARIE")
    assert "premier prénom, JEAN" in refused(traits.given_names, "Jean-Noël", "JEAN")


# --- Dates


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("07/03/1941", date(1941, 3, 7)),
        ("7/3/1941", date(1941, 3, 7)),
        ("07.03.1941", date(1941, 3, 7)),
        ("07-03-1941", date(1941, 3, 7)),
        ("07031941", date(1941, 3, 7)),
        ("1941-03-07", date(1941, 3, 7)),
        ("29/02/2024", date(2024, 2, 29)),
        ("01/01/1900", UNKNOWN_DATE),
        ("31/12/1900", date(1900, 12, 31)),
        ("21/11/2026", TODAY),
    ],
)
def test_a_date_is_read_day_first(typed: str, day: date) -> None:
    assert traits.birth_date(typed, TODAY) == day


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "01/01/1900"),
        ("31/02/1980", "Le 31/02/1980 n'existe pas"),
        ("29/02/2023", "Le 29/02/2023 n'existe pas"),
        ("12/13/1980", "Le 12/13/1980 n'existe pas"),
        ("0/1/1980", "Le 00/01/1980 n'existe pas"),
        ("07/03/41", "quatre chiffres"),
        ("07/03/19411", "quatre chiffres"),
        ("mars 1941", "JJ/MM/AAAA"),
        ("07/03", "JJ/MM/AAAA"),
        ("22/11/2026", "futur"),
        ("01/01/1895", "Plus de 130 ans"),
        ("01/01/0001", "Plus de 130 ans"),
        ("00/00/0000", "n'existe pas"),
    ],
)
def test_a_wrong_date_is_refused_with_its_reason(typed: str, said: str) -> None:
    assert said in refused(traits.birth_date, typed, TODAY)


@given(st.dates(min_value=date(1897, 1, 1), max_value=TODAY))
def test_every_possible_date_is_read_as_it_is_shown(day: date) -> None:
    assert traits.birth_date(f"{day:%d/%m/%Y}", TODAY) == day


@given(st.text(alphabet="0123456789/-. ", max_size=12))
def test_no_text_makes_the_reading_of_a_date_fail_otherwise(typed: str) -> None:
    try:
        day = traits.birth_date(typed, TODAY)
    except CheckError:
        return
    assert day <= TODAY


# --- Place, sex, twin rank


@pytest.mark.parametrize("code", ["13055", "2A004", "97411", "99352", "99999"])
def test_a_place_is_a_code_of_five_signs(code: str) -> None:
    assert traits.birth_place(f" {code.lower()} ") == code


@pytest.mark.parametrize("code", ["", "1305", "130555", "2C004", "ABCDE", "13O55"])
def test_a_wrong_place_is_refused(code: str) -> None:
    assert refused(traits.birth_place, code)


def test_sex_is_read_as_people_write_it() -> None:
    assert [traits.sex(typed) for typed in "fFmHuI"] == ["F", "F", "M", "M", "U", "U"]
    assert refused(traits.sex, "") == "Veuillez indiquer le sexe."
    assert refused(traits.sex, "X")


def test_a_twin_rank_is_a_small_number_or_nothing() -> None:
    assert traits.twin_rank(" 2 ") == 2
    assert traits.twin_rank("") is None
    for typed in ("0", "10", "-1", "deux", "1.5", "²"):
        assert "rang gémellaire" in refused(traits.twin_rank, typed)


def test_the_traits_that_hold_a_convention_are_named() -> None:
    assert traits.provisional("A DEMANDER", "VIDE", UNKNOWN_DATE, "99999") == [
        "birth_name",
        "first_given",
        "birth_date",
        "birth_place_code",
    ]
    assert traits.provisional("SANS NOM", "JEANNE", date(1941, 3, 7), "13055") == []


# --- Statuses


@pytest.mark.parametrize(
    ("retrieved", "proof", "status"),
    [
        (False, False, IdentityStatus.PROVISOIRE),
        (True, False, IdentityStatus.RECUPEREE),
        (False, True, IdentityStatus.VALIDEE),
        (True, True, IdentityStatus.QUALIFIEE),
    ],
)
def test_the_status_follows_the_insi_call_and_the_document(
    retrieved: bool, proof: bool, status: IdentityStatus
) -> None:
    """RNIV 1, EXI SI 07: the four statuses exclude one another."""
    assert traits.reachable_status(retrieved=retrieved, proof=proof) == status


@pytest.mark.parametrize("case", ["doubtful", "fictitious", "incomplete"])
def test_a_special_case_stays_provisional_whatever_was_seen(case: str) -> None:
    """RNIV 1, EXI SI 09."""
    for retrieved, proof in product((False, True), repeat=2):
        status = traits.reachable_status(retrieved=retrieved, proof=proof, **{case: True})
        assert status == IdentityStatus.PROVISOIRE


def test_an_identity_is_not_both_doubtful_and_fictitious() -> None:
    said = refused(
        traits.reachable_status, retrieved=False, proof=False, doubtful=True, fictitious=True
    )
    assert "douteuse et fictive" in said


def test_only_a_qualified_identity_carries_the_ins() -> None:
    assert [status.name for status in IdentityStatus if traits.carries_ins(status)] == ["QUALIFIEE"]


def test_five_documents_prove_an_identity() -> None:
    """AZUREZO, «Création patient»: neither a driving licence nor a carte Vitale is one."""
    assert [proof.label for proof in Proof] == [
        "Carte nationale d'identité",
        "Passeport",
        "Livret de famille",
        "Extrait d'acte de naissance",
        "Titre permanent de séjour",
    ]


def test_a_strict_trait_undoes_the_proof_and_another_does_not() -> None:
    for changed in traits.STRICT_TRAITS:
        assert traits.undoes_the_proof(["email", changed])
    assert not traits.undoes_the_proof(["used_name", "email", "mobile"])


def test_somebody_of_exactly_a_hundred_and_thirty_is_accepted() -> None:
    oldest = TODAY.replace(year=TODAY.year - 130)
    assert traits.birth_date(f"{oldest:%d/%m/%Y}", TODAY) == oldest
    assert refused(traits.birth_date, f"{oldest - timedelta(days=366):%d/%m/%Y}", TODAY)
