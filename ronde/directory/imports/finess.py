"""The public extraction of FINESS, «etalab-cs1100502-stock»: establishments, without title line.

The first line says what the file is; the others are `structureet` (an establishment) or
`geolocalisation` (its coordinates, which the directory does not keep). The file is in UTF-8 since
2026, in Latin-1 before.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from django.db.backends.utils import CursorWrapper

from ronde.core.checks import CheckError
from ronde.directory import numbers
from ronde.directory.imports.lines import Report
from ronde.directory.imports.progress import Progress
from ronde.directory.imports.reading import FORBIDDEN, BadFile, Block, line_blocks, opened
from ronde.directory.imports.rpps import REFUSED_LIMIT, refuse_exodus
from ronde.directory.imports.runs import Run, Step, empty_staging, perform, save_report
from ronde.directory.imports.statements import execute
from ronde.directory.models import ImportRun
from ronde.directory.models import Source as Register
from ronde.terminology import queries as terminology

MEMBER = "cs1100502"
CATEGORIES = "establishment-categories"
NAMES = {"utf-8": "UTF-8", "cp1252": "Latin-1"}
FIRST_LINE = b"finess;etalab;"
FINESS = re.compile(r"[0-9][0-9AB][0-9]{7}")
# The place of what the import reads, among the 31 values of an establishment.
COLUMNS = {
    "finess": 1, "finess_legal": 2, "short_name": 3, "long_name": 4, "distribution": 6,
    "street_number": 7, "street_type": 8, "street": 9, "street_repeat": 10, "locality": 11,
    "commune": 12, "departement": 13, "routing": 15, "phone": 16, "category": 18, "siret": 22,
}  # fmt: skip
VALUES = {"structureet": 31, "geolocalisation": 6}


def import_finess(
    path: Path | None,
    *,
    resume: bool = False,
    force: bool = False,
    partial: bool = False,
    progress: Progress | None = None,
) -> ImportRun:
    """Import the file; a full one (not `partial`) makes inactive what it no longer names."""
    return perform(
        Register.FINESS, STEPS, path, resume=resume, progress=progress, force=force, partial=partial
    )


def find_encoding(path: Path) -> str:
    """Choose for the whole file what most of its lines with accents are written in.

    Windows-1252 stands for Latin-1: it is the same, with a few more letters and signs.
    """
    utf8 = other = 0
    with opened(path, MEMBER) as source:
        for block in line_blocks(source):
            for line in block.lines:
                if not line.isascii():
                    try:
                        line.decode()
                        utf8 += 1
                    except UnicodeDecodeError:
                        other += 1
    return "utf-8" if utf8 >= other else "cp1252"


class Lines:
    """Gives the establishments of the file and reports the lines that are left out."""

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding
        self.report = Report()
        self.kept = self.coordinates = 0
        self._categories = {entry.code for entry in terminology.everything(CATEGORIES)}
        self._seen: dict[str, int] = {}

    def establishments(self, block: Block) -> Iterator[list[str]]:
        """Answer the values of `COLUMNS` for each establishment of the block."""
        last = block.number + len(block.lines) - 1 if block.cut else 0
        for place, line in enumerate(block.lines, block.number):
            if place == 1:
                _check_first(line)
            elif line:
                values = self._values(place, line, last=place == last)
                if values and (row := self._row(place, values)):
                    yield row

    def _values(self, place: int, line: bytes, *, last: bool) -> list[str] | None:
        """Split a line, or report it; the last one may be cut anywhere."""
        try:
            values = _split(_decoded(line, self.encoding))
            if last and values[0] == "structureet" and not line.endswith(b";"):
                raise ValueError  # The date of the last update may lack its end.
        except ValueError as trouble:
            if last:
                message = f"Le fichier s'arrête au milieu de la ligne {place} : il est tronqué."
                raise BadFile(message) from trouble
            self.report.refuse(place, str(trouble))
            return None
        return values

    def _row(self, place: int, values: list[str]) -> list[str] | None:
        if values[0] == "geolocalisation":
            self.coordinates += 1
            return None
        row = {name: values[index].strip() for name, index in COLUMNS.items()}
        if trouble := self._trouble(row):
            self.report.refuse(place, trouble)
            return None
        self._doubt(place, row)
        self._seen[row["finess"]] = place
        self.kept += 1
        return list(row.values())

    def _trouble(self, row: dict[str, str]) -> str:
        number = row["finess"]
        if not FINESS.fullmatch(number):
            return "numéro FINESS : 9 chiffres attendus (2A ou 2B en tête pour la Corse)"
        if number in self._seen:
            return f"numéro FINESS {number} déjà lu à la ligne {self._seen[number]}"
        return "" if row["short_name"] or row["long_name"] else "raison sociale absente"

    def _doubt(self, place: int, row: dict[str, str]) -> None:
        try:
            numbers.finess(row["finess"])
        except CheckError:
            self.report.doubt(place, f"clé du numéro FINESS {row['finess']} fausse")
        if row["category"] not in self._categories:
            self.report.doubt(place, f"catégorie «{row['category'][:20]}» inconnue")


def _decoded(line: bytes, encoding: str) -> str:
    """Read the signs of a line; `ValueError` says in words what is wrong with them."""
    if any(sign in line for sign in FORBIDDEN):
        message = "caractère de contrôle dans la ligne"
        raise ValueError(message)
    try:
        return line.decode(encoding)
    except UnicodeDecodeError as error:
        message = f"octet 0x{line[error.start]:02X} illisible dans un fichier en {NAMES[encoding]}"
        raise ValueError(message) from error


def _check_first(line: bytes) -> None:
    if not line.startswith(FIRST_LINE):
        message = (
            "Ligne 1 : «finess;etalab;…» attendu. Ce n'est pas l'extraction"
            " «etalab-cs1100502-stock» de FINESS."
        )
        raise BadFile(message)


def _split(text: str) -> list[str]:
    """Split a line at its semicolons, and check how many values it has."""
    if '"' in text:
        try:
            values = next(csv.reader([text], delimiter=";", strict=True))
        except csv.Error as error:
            message = "guillemets mal fermés"
            raise ValueError(message) from error
    else:
        values = text.split(";")
    wanted = VALUES.get(values[0])
    if wanted is None:
        message = f"type de ligne «{values[0][:40]}» inconnu"
        raise ValueError(message)
    found = len(values) - (len(values) > wanted and not values[-1])
    if found != wanted:
        message = f"{found} valeurs au lieu de {wanted}"
        raise ValueError(message)
    return values


def read(run: Run, cursor: CursorWrapper) -> None:
    """Copy the establishments into a table of the staging schema."""
    assert run.path is not None  # noqa: S101
    empty_staging(cursor, run.row)
    lines = Lines(find_encoding(run.path))
    run.report = lines.report
    declared = ", ".join(f"{name} text" for name in COLUMNS)
    cursor.execute(f"CREATE UNLOGGED TABLE directory_import.finess ({declared})")
    with opened(run.path, MEMBER, run.progress.share) as source:
        with cursor.copy("COPY directory_import.finess FROM STDIN") as copy:
            for block in line_blocks(source):
                for row in lines.establishments(block):
                    copy.write_row(row)
        run.row.file_hash = source.hash
    establishments = lines.kept + lines.report.refused
    run.add({"lines": establishments + lines.coordinates, "lines_ignored": lines.coordinates})
    save_report(run)
    if not lines.kept:
        message = "Le fichier ne contient aucun établissement utilisable."
        raise BadFile(message)
    if lines.report.refused > REFUSED_LIMIT * establishments:
        message = f"{lines.report.refused} lignes refusées : ce n'est pas le fichier attendu."
        raise BadFile(message)


def prepare(run: Run, cursor: CursorWrapper) -> None:
    """Draw from the lines what the directory should hold, then see what would leave it."""
    run.add(execute(cursor, "finess_prepare"))
    refuse_exodus(run, cursor, "directory_import.structure", kind=2)


def structures(run: Run, cursor: CursorWrapper) -> None:
    run.add(execute(cursor, "finess_structures"))


def departures(run: Run, cursor: CursorWrapper) -> None:
    if not run.options["partial"]:
        run.add(execute(cursor, "finess_departures"))


STEPS: list[Step] = [
    Step("read", "Lecture du fichier", read),
    Step("prepare", "Contrôle et rapprochement", prepare),
    Step("structures", "Établissements", structures),
    Step("departures", "Départs", departures),
]
