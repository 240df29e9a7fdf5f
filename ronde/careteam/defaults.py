"""The rights matrix as delivered: `data/matrix.csv`, one rule a line, its source beside it.

`profession` and `section` may hold several codes, separated by spaces; an empty profession is
everybody, «structure» whoever acts as a structure. An administrator changes the matrix in the
console; the file only says where a region starts.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

FILE = Path(__file__).with_name("data") / "matrix.csv"
LEVELS = {"none": 0, "read": 1, "write": 2}
# Profession, role, section, level.
Right = tuple[str, str, str, int]


def rules() -> list[dict[str, str]]:
    """The lines of the file as they are written."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def rights() -> Iterator[Right]:
    """One right for each profession, role and section."""
    for rule in rules():
        for profession in rule["profession"].split() or [""]:
            for section in rule["section"].split():
                yield profession, rule["role"], section, LEVELS[rule["level"]]
