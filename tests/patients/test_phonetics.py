"""Spellings of one name meet; different names stay apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronde.patients.phonetics import core_words, sound, word_sound


@pytest.mark.parametrize(
    "spellings",
    [
        "THIBAULT THIBAUT THIBAUD THIBEAU TIBO",
        "MOREAU MORAUD MOREAUX MORAUX MORO",
        "PHILIPPE FILIPPE PHILIP FILIPE",
        "CHRISTOPHE CRISTOPHE KRISTOF",
        "QUENTIN KENTIN CANTIN",
        "CATHERINE KATHERINE CATERINE",
        "JACQUES JAQUES JACK",
        "AGNES ANIES",
        "DUPONT DUPOND DUPON",
        "LEFEBVRE LEFEVRE",
        "LECLERC LECLERCQ LECLERQ LECLER",
        "GAUTHIER GAUTIER GOTHIER",
        "BERTHELOT BERTELOT BERTELO",
        "PICARD PICART",
        "MARTIN MARTAIN",
        "LAMBERT LAMBER",
        "SYLVIE SILVIE",
        "YVES IVES",
        "WALTER VALTER",
        "OUALID WALID",
        "SZYMANSKI SIMANSKI",
        "TCHERNIA TSCHERNIA CHERNIA",
        "KATARZYNA CATARZINA",
        "DJAMEL JAMEL",
        "YOUSSEF YOUSEF IOUSSEF",
        "MICHEL MICHELLE MICHELE",
        "GEORGES JORGES",
        "HELENE ELENE",
        "CHLOE CLOE KLOE",
        "AUBERT OBERT HAUBERT",
        "LEROUX LEROU",
    ],
)
def test_spellings_of_one_name_sound_alike(spellings: str) -> None:
    assert len({sound(name) for name in spellings.split()}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("MARTIN", "MOREAU"),
        ("CHRISTINE", "CHARLINE"),
        ("JEAN", "JEANNE"),
        ("BERNARD", "BERTRAND"),
        ("PERRIN", "PERROT"),
        ("GARCIA", "GARNIER"),
        ("LUC", "LUCIE"),
        ("PAUL", "PAULA"),
    ],
)
def test_different_names_stay_apart(one: str, other: str) -> None:
    assert sound(one) != sound(other)


@pytest.mark.parametrize(
    ("name", "same"),
    [
        ("DE LA FONTAINE", "FONTAINE"),
        ("d'Épreuve", "EPREUVE"),
        ("EL AMRANI", "AMRANI"),
        ("BEN AMRANI", "AMRANI"),
        ("Van der Meer", "MEER"),
        ("Jean-Pierre", "JEAN PIERRE"),
        ("Hélène", "HELENE"),
    ],
)
def test_particles_hyphens_and_accents_do_not_count(name: str, same: str) -> None:
    assert sound(name) == sound(same)


def test_a_name_made_of_particles_alone_is_kept_whole() -> None:
    assert core_words("LE") == ["LE"]
    assert core_words("Ben Ben") == ["BEN", "BEN"]
    assert sound("DO") == word_sound("DO") != ""


@given(st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=30))
def test_every_word_has_a_sound_no_longer_than_twice_itself(word: str) -> None:
    assert 1 <= len(word_sound(word)) <= 2 * len(word)


def test_nothing_sounds_like_nothing() -> None:
    assert sound("") == ""
    assert sound(" - ") == ""
