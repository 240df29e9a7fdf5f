"""How two patients are related: what the second one is to the first, and the other way round.

Codes of TRE_R216-HL7RoleCode (ANS). Each kinship has a word for a woman, for a man, and for whoever
is neither or unknown; its reverse is another kinship, or itself.
"""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from ronde.patients.models import Sex
from ronde.terminology.queries import display


@dataclass(frozen=True, slots=True)
class Kinship:
    """`older`: the second patient is normally the older one (1), the younger one (-1), or either
    (0): a link that says otherwise is probably the wrong way round.
    """

    name: str
    woman: str
    man: str
    either: str
    reverse: str
    older: int = 0

    def code(self, sex: str) -> str:
        """The word for a person of this sex."""
        return {Sex.FEMALE: self.woman, Sex.MALE: self.man}.get(Sex(sex), self.either)


KINSHIPS = {
    one.name: one
    for one in (
        Kinship("parent", "MTH", "FTH", "PRN", "child", 1),
        Kinship("child", "DAUC", "SONC", "CHILD", "parent", -1),
        Kinship("sibling", "SIS", "BRO", "SIB", "sibling"),
        Kinship("twin", "TWINSIS", "TWINBRO", "TWIN", "twin"),
        Kinship("half-sibling", "HSIS", "HBRO", "HSIB", "half-sibling"),
        Kinship("spouse", "WIFE", "HUSB", "SPS", "spouse"),
        Kinship("partner", "DOMPART", "DOMPART", "DOMPART", "partner"),
        Kinship("former-spouse", "FMRSPS", "FMRSPS", "FMRSPS", "former-spouse"),
        Kinship("grandparent", "GRMTH", "GRFTH", "GRPRN", "grandchild", 1),
        Kinship("grandchild", "GRNDDAU", "GRNDSON", "GRNDCHILD", "grandparent", -1),
        Kinship("step-parent", "STPMTH", "STPFTH", "STPPRN", "step-child", 1),
        Kinship("step-child", "STPDAU", "STPSON", "STPCHLD", "step-parent", -1),
        Kinship("adoptive-parent", "ADOPTM", "ADOPTF", "ADOPTP", "adopted-child", 1),
        Kinship("adopted-child", "DAUADOPT", "SONADOPT", "CHLDADOPT", "adoptive-parent", -1),
        Kinship("foster-parent", "MTHFOST", "FTHFOST", "PRNFOST", "foster-child", 1),
        Kinship("foster-child", "DAUFOST", "SONFOST", "CHLDFOST", "foster-parent", -1),
        Kinship("parent-in-law", "MTHINLAW", "FTHINLAW", "PRNINLAW", "child-in-law"),
        Kinship("child-in-law", "DAUINLAW", "SONINLAW", "CHLDINLAW", "parent-in-law"),
        Kinship("sibling-in-law", "SISINLAW", "BROINLAW", "SIBINLAW", "sibling-in-law"),
        Kinship("uncle", "AUNT", "UNCLE", "FAMMEMB", "nephew"),
        Kinship("nephew", "NIECE", "NEPHEW", "NIENEPH", "uncle"),
        Kinship("cousin", "COUSN", "COUSN", "COUSN", "cousin"),
        Kinship("family", "FAMMEMB", "FAMMEMB", "FAMMEMB", "family"),
        Kinship("household", "ROOM", "ROOM", "ROOM", "household"),
        Kinship("friend", "FRND", "FRND", "FRND", "friend"),
        Kinship("neighbour", "NBOR", "NBOR", "NBOR", "neighbour"),
    )
}


def label(name: str, sex: str) -> str:
    """«Sœur», «Frère», «Frère ou sœur»: what a person of this sex is, by this kinship."""
    return display("relationships", KINSHIPS[name].code(sex))


def reverse(name: str) -> str:
    return KINSHIPS[name].reverse


Option = tuple[str, str]


def choices(
    sex: str = Sex.UNKNOWN, born: date | None = None, other_born: date | None = None
) -> list[Option | tuple[str, list[Option]]]:
    """What a person of this sex may be to another; with both dates of birth, what these contradict
    comes last, under a heading.
    """
    known = [(name, label(name, sex)) for name in KINSHIPS]
    if born is None or other_born is None:
        return [*known]
    odd = [one for one in known if is_backwards(one[0], born, other_born)]
    likely = [one for one in known if one not in odd]
    return [*likely, *([(_("Contredit par les dates de naissance"), odd)] if odd else [])]


def is_backwards(name: str, born: date, other_born: date) -> bool:
    """A mother born after her child: the link is probably the wrong way round."""
    older = KINSHIPS[name].older
    unknown = date(1900, 1, 1)
    if not older or unknown in {born, other_born}:
        return False
    return other_born >= born if older > 0 else other_born <= born
