"""How a surname or a given name sounds in French, coarsely, so that spellings of one name meet.

A reduction, not a transcription: it merges too much rather than too little, because its result
only brings identities together to be scored (`matching`). Letters that French sounds leave free
stand for others: X for «ch», J for soft «g», Y for a final «é», Q, H and W for the nasal vowels of
«an», «on», «in» — so that JEAN and JEANNE, MARTIN and MARTINE stay apart.
"""

import re
from functools import lru_cache

from ronde.core.text import words

# Detached particles that come and go from one document to another.
_PARTICLES = (
    "D DE DU DES L LE LA LES DA DAS DI DO DOS DEL DELLA EL AL BEN BENT BIN IBN OULD VAN VON DEN "
    "DER TEN TER SAN SANTA MAC MC O Y"
)
PARTICLES = frozenset(_PARTICLES.split())

# Applied in this order to one folded word; each line sees what the former ones left.
_RULES = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        # X is read KS inside a word, is silent at its end; then X is free to mean «ch».
        (r"X(?=.)", "KS"),
        # Foreign spellings of «ch», «s», «v», «ou».
        (r"TSCH|TCH|TSH|SCH|CZ|SH", "X"),
        (r"SZ|TZ|TS(?=.)|Z(?=.)", "S"),
        (r"^OU(?=[AEI])|W", "V"),
        (r"DJ|DG(?=[EI])", "J"),
        # CH is hard before a consonant: CHRISTIAN, CHLOE.
        (r"CH(?=[RLNT])", "K"),
        (r"CH", "X"),
        (r"PH", "F"),
        # C, G and Q by what follows them.
        (r"QU|Q|CK|CC(?![EIY])", "K"),
        (r"C(?=[EIY])", "S"),
        (r"C", "K"),
        (r"GN", "NI"),
        (r"G(?=[EIY])", "J"),
        (r"GU(?=[EIY])", "G"),
        (r"JE(?=[AOU])", "J"),
        # H is never heard, nor B before V (LEFEBVRE); Y is a vowel; E tied to another vowel.
        (r"H|B(?=V)", ""),
        (r"Y", "I"),
        (r"OEU|EU|[OA]E(?=.)", "E"),
        # ILL as in GUILLAUME, then doubled letters.
        (r"ILL", "I"),
        (r"(.)\1+", r"\1"),
        # The many spellings of O.
        (r"E?AUL?[TDXSZ]*$", "O"),
        (r"E?AU", "O"),
        (r"O[TDSXZ]+$", "O"),
        # Nasal vowels; before a vowel N and M are heard as consonants.
        (r"M(?=[BPF])", "N"),
        (r"(?:AI|EI|I|U)[NM](?![AEIOU])", "W"),
        (r"[AE][NM](?![AEIOU])", "Q"),
        (r"O[NM](?![AEIOU])", "H"),
        # One code for the endings ER, ET, EZ, AIS; then the mute ones: an E keeps its consonant.
        (r"(?<=..)(?:E(?:R[TDSKG]*|Z|TS?|ST)|(?:AI|EI)[STX]*)$", "Y"),
        (r"(?<=[QHWU])P+[TS]*$", ""),
        (r"(?<=[QHWR])[TDKGS]+$", ""),
        (r"(?:(?<=..)E+S?|(?<=.)[TDSXZ]+)$", ""),
        (r"AI|EI", "E"),
        (r"OU", "U"),
        (r"(.)\1+", r"\1"),
    )
)


@lru_cache(maxsize=65_536)
def word_sound(word: str) -> str:
    """Reduce one folded word. A word that would vanish (Y, HE) stays as it is written."""
    sound = word
    for pattern, replacement in _RULES:
        sound = pattern.sub(replacement, sound)
    return sound or word


def core_words(name: str) -> list[str]:
    """The words of a name without its particles; all of them if it has nothing else (LE, BEN)."""
    spelled = words(name)
    return [word for word in spelled if word not in PARTICLES] or spelled


@lru_cache(maxsize=32_768)
def sound(name: str) -> str:
    """Reduce a whole name: words in order, particles dropped, nothing between the words."""
    return "".join(map(word_sound, core_words(name)))
