"""Folding: the base of every search key."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronde.core.text import fold, words


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("Hélène", "HELENE"),
        ("Marie-Françoise  d'Œuvre", "MARIE FRANCOISE D OEUVRE"),
        ("L’Haÿ-les-Roses", "L HAY LES ROSES"),
        ("Łukasz Køhler", "LUKASZ KOHLER"),
        ("Straße", "STRASSE"),
        ("E\u0301mile", "EMILE"),
        ("  12 bis, rue de l'Été ", "12 BIS RUE DE L ETE"),
        ("_-'", ""),
        ("", ""),
    ],
)
def test_a_text_is_folded_to_capitals_and_single_spaces(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_folding_is_stable_on_every_sign_of_unicode() -> None:
    signs = (chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000)
    assert [sign for sign in signs if fold(fold(sign)) != fold(sign)] == []


@given(st.text(alphabet=st.characters(max_codepoint=0x17F)))
def test_a_composed_and_a_decomposed_text_fold_alike(text: str) -> None:
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert fold(composed) == fold(decomposed)


def test_words_are_those_of_the_folded_text() -> None:
    assert words("d'Épreuve-Testard") == ["D", "EPREUVE", "TESTARD"]
