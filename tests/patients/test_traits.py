"""Typed traits, NIR and INS, and the statuses of an identity."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronde.core.checks import CheckError
from ronde.patients import nir, traits
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


def test_insi_is_not_called_for_a_doubtful_or_fictitious_identity() -> None:
    assert traits.insi_may_be_called(doubtful=False, fictitious=False)
    assert not traits.insi_may_be_called(doubtful=True, fictitious=False)
    assert not traits.insi_may_be_called(doubtful=False, fictitious=True)


def test_five_documents_prove_an_identity_and_two_do_not() -> None:
    assert [proof.label for proof in traits.ACCEPTED_PROOFS] == [
        "Carte nationale d'identité",
        "Passeport",
        "Livret de famille",
        "Extrait d'acte de naissance",
        "Titre permanent de séjour",
    ]
    refused_labels = " ".join(traits.REFUSED_PROOFS).lower()
    assert "permis" in refused_labels
    assert "vitale" in refused_labels
    assert not set(traits.REFUSED_PROOFS) & {proof.label for proof in Proof}


def test_a_strict_trait_undoes_the_proof_and_another_does_not() -> None:
    for changed in traits.STRICT_TRAITS:
        assert traits.undoes_the_proof(["email", changed])
    assert not traits.undoes_the_proof(["used_name", "email", "mobile"])


def test_somebody_of_exactly_a_hundred_and_thirty_is_accepted() -> None:
    oldest = TODAY.replace(year=TODAY.year - 130)
    assert traits.birth_date(f"{oldest:%d/%m/%Y}", TODAY) == oldest
    assert refused(traits.birth_date, f"{oldest - timedelta(days=366):%d/%m/%Y}", TODAY)
