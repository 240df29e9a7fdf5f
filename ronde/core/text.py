"""The one way in which text becomes comparable: search keys, sort keys, look-alike keys.

Columns such as `name_key` or `sort_key` are made by `fold` when a row is written, and what a user
types goes through the same `fold` before it is compared with them. SQL never folds by itself: two
foldings would differ one day on one letter.
"""

import re
import unicodedata

# Letters that Unicode does not decompose into a base letter and a mark.
_LETTERS = str.maketrans(
    {
        "œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L",
        "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "TH", "ı": "i", "ß": "ss",
    }
)  # fmt: skip
_SEPARATORS = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """Reduce to capitals without accents, every run of other signs being one space.

    «Marie-Françoise  d'Œuvre» gives «MARIE FRANCOISE D OEUVRE». Letters of other scripts stay.
    Folding twice changes nothing.
    """
    if text.isascii():
        text = text.upper()
        if text.isalnum():
            return text
    else:
        text = unicodedata.normalize("NFKD", text).translate(_LETTERS).upper()
        text = "".join(
            sign
            for sign in unicodedata.normalize("NFKD", text)
            if unicodedata.category(sign)[0] != "M"
        )
    return _SEPARATORS.sub(" ", text).strip()


def words(text: str) -> list[str]:
    """Split a folded text: «d'Épreuve-Testard» gives D, EPREUVE, TESTARD."""
    return fold(text).split()
