"""Checking the lines of the RPPS extraction while they pass, at a cost of half a microsecond each.

A line goes on with a mark, `t` when it is the first of its person in a run of lines, so that the
database need not sort two million lines to find the persons.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from ronde.directory.imports.layout import Layout, read_header
from ronde.directory.imports.reading import FORBIDDEN, BadFile, Block, check_encoding

REPORTED = 1_000
RPPS, ADELI = re.compile(rb"[0-9]{11}"), re.compile(rb"[0-9][0-9AB][0-9]{7}")
_DOUBLED = bytes((2 * (byte - 48) - 9 * (byte > 52)) % 256 for byte in range(256))
_DIGITS = bytes((byte - 48) % 256 for byte in range(256))
# No line that is kept starts so.
NOBODY = b"\0"


def luhn(number: bytes) -> bool:
    """Check the key of a number of eleven digits."""
    plain = sum(number[::2].translate(_DIGITS))
    return (plain + sum(number[1::2].translate(_DOUBLED))) % 10 == 0


@dataclass(slots=True)
class Report:
    """What is said about lines: at most `REPORTED` of them, and how many there were in all."""

    lines: list[tuple[int, str, bool]] = field(default_factory=list)
    refused: int = 0
    doubtful: int = 0

    def refuse(self, line: int, reason: str) -> None:
        self.refused += 1
        self._note(line, reason, kept=False)

    def doubt(self, line: int, reason: str) -> None:
        """Note a line that is imported all the same."""
        self.doubtful += 1
        self._note(line, reason, kept=True)

    def _note(self, line: int, reason: str, *, kept: bool) -> None:
        if len(self.lines) < REPORTED:
            self.lines.append((line, reason[:250], kept))


class LineFilter:
    """Gives the lines to copy, marked, and reports the others."""

    def __init__(self) -> None:
        self.report = Report()
        self.layout: Layout
        self.kept = 0
        self._former = NOBODY
        self._person: Callable[[bytes], tuple[bytes, bytes | None] | None]

    def start(self, block: Block) -> None:
        """Learn the layout from the title line, taken out of the block, and from its lines."""
        check_encoding(block)
        layout = read_header(block.lines.pop(0))
        block.number += 1
        counts = Counter(line.count(b"|") for line in block.lines if line)
        self.layout = layout.fitted(counts.most_common(1)[0][0]) if counts else layout
        self._person = _person_reader(layout)

    def marked(self, block: Block) -> list[bytes]:
        """Answer the lines to copy."""
        wanted, former, person = self.layout.separators, self._former, self._person
        kept: list[bytes] = []
        keep = kept.append
        for place, line in enumerate(block.lines, block.number):
            if line.count(b"|") != wanted or not (block.clean or _is_clean(line)):
                self._refuse(
                    place, line, last=block.cut and place == block.number + len(block.lines) - 1
                )
            elif line.startswith(former):
                keep(b"f|" + line)
            elif found := person(line):
                former, number = found
                if number is not None and not luhn(number):
                    self.report.doubt(place, f"clé du numéro RPPS {number.decode()} fausse")
                keep(b"t|" + line)
            else:
                former = NOBODY
                self._refuse(place, line, last=False)
        self._former = former
        self.kept += len(kept)
        return kept

    def _refuse(self, place: int, line: bytes, *, last: bool) -> None:
        columns, wanted = line.count(b"|") + 1, self.layout.separators + 1
        if last and columns < wanted:
            message = f"Le fichier s'arrête au milieu de la ligne {place} : il est tronqué."
            raise BadFile(message)
        if not line:
            return
        if columns != wanted:
            self.report.refuse(place, f"{columns} colonnes au lieu de {wanted}")
        elif not _is_clean(line):
            self.report.refuse(place, "caractère de contrôle dans la ligne")
        else:
            values = line.split(b"|")
            names = ("id_type", "id_number", "family_name")
            self.report.refuse(place, _trouble(*(values[self.layout.place(n)] for n in names)))


def _is_clean(line: bytes) -> bool:
    return not any(sign in line for sign in FORBIDDEN)


def _person_reader(layout: Layout) -> Callable[[bytes], tuple[bytes, bytes | None] | None]:
    """Make what reads the person of a line: how its next lines start, and its RPPS number.

    The reader answers None for a line without person. When the identifier does not come first,
    each line counts as a first one and the database sorts them out.
    """
    kind, number, name = (layout.place(n) for n in ("id_type", "id_number", "family_name"))
    if (kind, number) == (0, 1) and name > 1:
        pattern = rb"(8\|([0-9]{11})\||0\|[0-9][0-9AB][0-9]{7}\|)(?:[^|]*\|){%d}[^|]" % (name - 2)
        match = re.compile(pattern).match

        def read(line: bytes) -> tuple[bytes, bytes | None] | None:
            found = match(line)
            return found.groups() if found else None  # type: ignore[return-value]

        return read

    def read_any(line: bytes) -> tuple[bytes, bytes | None] | None:
        values = line.split(b"|")
        if _trouble(values[kind], values[number], values[name]):
            return None
        return NOBODY, values[number] if values[kind] == b"8" else None

    return read_any


def _trouble(kind: bytes, number: bytes, name: bytes) -> str:
    """Say why a line names nobody; nothing when it does."""
    if kind == b"8":
        if not RPPS.fullmatch(number):
            return "numéro RPPS : 11 chiffres attendus"
    elif kind == b"0":
        if not ADELI.fullmatch(number):
            return "numéro ADELI : 9 caractères attendus"
    else:
        return "type d'identifiant inconnu : 0 (ADELI) ou 8 (RPPS) attendu"
    return "" if name else "nom d'exercice absent"
