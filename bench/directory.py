"""The national directory: how long its file takes to come in, in how much memory, and the search.

The import runs in a process of its own, as `manage.py import_rpps` does, between two bare COPY of
the same file; its time is divided by their mean.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from random import Random

from django.db import connection, transaction

from bench.figures import figure, percentile
from bench.rpps_file import LINES_A_PERSON, rpps, write
from ronde.directory import queries
from ronde.directory.imports.layout import HEADER
from ronde.directory.models import ImportRun, Kind, Party, Person, Post
from ronde.terminology.queries import display

MANAGE = Path(__file__).resolve().parent.parent / "manage.py"
COLUMNS = len(HEADER.split("|"))
MEGABYTE = 1 << 20


def measure(lines: int) -> None:
    """Import a file of `lines` lines, import it again, then search among those it names."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "PS_LibreAcces_Personne_activite_invente.txt"
        write(path, lines)
        before = bare_copy(path)
        first, memory = imported(path)
        after = bare_copy(path)
        again, _ = imported(path)
    figure("rpps_import_ratio", seconds(first) / ((before + after) / 2), "times", "<=", 8)
    figure("rpps_import_rss", memory, "MB", "<=", 300)
    told(first, before, after)
    told(again, before, after)
    changed = [name for name, n in again.counts.items() if n and name.endswith(("added", "gone"))]
    if changed:
        message = f"A second import of the same file changed something: {changed}"
        raise RuntimeError(message)
    searches(lines, 1_000 if lines > 1_000_000 else 300)


def seconds(run: ImportRun) -> float:
    return (run.finished_at - run.started_at).total_seconds()


def told(run: ImportRun, before: float, after: float) -> None:
    steps = ", ".join(f"{name} {value}" for name, value in run.seconds.items())
    print(f"# import {seconds(run):.1f} s ({steps}); bare COPY {before:.1f} and {after:.1f} s")


def bare_copy(path: Path) -> float:
    """Seconds that COPY alone takes with this file, into text columns, without an index."""
    columns = ", ".join(f"c{number} text" for number in range(COLUMNS))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE UNLOGGED TABLE bare ({columns})")
        start = time.perf_counter()
        statement = r"COPY bare FROM STDIN (FORMAT csv, DELIMITER '|', QUOTE E'\x01', HEADER)"
        with path.open("rb") as source, cursor.copy(statement) as copy:
            while block := source.read(MEGABYTE):
                copy.write(block)
        spent = time.perf_counter() - start
        cursor.execute("DROP TABLE bare")
    return spent


def imported(path: Path) -> tuple[ImportRun, float]:
    """Import in another process; answer its account and the most memory it held, in MB."""
    command = [sys.executable, str(MANAGE), "import_rpps", "-v", "0", str(path)]
    child = subprocess.Popen(command)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        message = "The import failed."
        raise RuntimeError(message)
    kilobytes = usage.ru_maxrss if sys.platform != "darwin" else usage.ru_maxrss / 1024
    return ImportRun.objects.latest("started_at"), kilobytes / 1024


class Typed:
    """What somebody could type to find one person of the directory."""

    def __init__(self, person: Person, rng: Random) -> None:
        self.person, self.party, self.rng = person, person.party, rng
        self.post = Post.objects.filter(person=person, gone_on=None).first()
        self.name, self.given = person.family_name.lower(), person.given_name.lower()

    def whole(self) -> str:
        return f"{self.name} {self.given}"

    def given_first(self) -> str:
        return f"{self.given} {self.name}"

    def beginning(self) -> str:
        return self.name[: self.rng.randint(3, 6)]

    def beginnings(self) -> str:
        return f"{self.name[:4]} {self.given[:3]}"

    def town(self) -> str:
        return f"{self.name} {self.party.city or self.given}"

    def postcode(self) -> str:
        return f"{self.name} {self.party.postcode or self.given}"

    def profession(self) -> str:
        label = display("professions", self.person.profession_code)
        return f"{self.whole()} {label.split('-')[0].lower()}"

    def workplace(self) -> str:
        place = self.post.structure if self.post else None
        return f"{self.name} {place.party.display_name.lower() if place else self.given}"

    def mistyped(self) -> str:
        return f"{mistake(self.name, self.rng)} {self.given}"

    def mistyped_town(self) -> str:
        return f"{mistake(self.name, self.rng)} {self.party.city or self.given}"

    def number(self) -> str:
        return self.person.rpps


WAYS: list[Callable[[Typed], str]] = [
    Typed.whole, Typed.given_first, Typed.beginning, Typed.beginnings, Typed.town, Typed.postcode,
    Typed.profession, Typed.workplace, Typed.mistyped, Typed.mistyped_town, Typed.number,
]  # fmt: skip
# What names no person, or hardly tells anybody apart, is not counted in the recall.
UNNAMED = {"beginning", "beginnings", "structure"}
FIRST = 10


def mistake(name: str, rng: Random) -> str:
    """Forget, double or swap one letter."""
    place = rng.randrange(1, max(len(name) - 1, 2))
    return rng.choice(
        (
            name[:place] + name[place + 1 :],
            name[:place] + name[place - 1 :],
            name[:place] + name[place : place + 2][::-1] + name[place + 2 :],
        )
    )


def searches(lines: int, count: int) -> None:
    """Search `count` persons in every way in turn, and one structure for ten persons.

    Somebody is found when they stand among the first ten.
    """
    rng = Random(7)
    persons = sample(lines, count, rng)
    for text in ("martin lyon", "dr martin", "infirmier marseille"):
        queries.search(text)
    times: dict[str, list[float]] = defaultdict(list)
    hits: dict[str, list[bool]] = defaultdict(list)
    for rank, person in enumerate(persons):
        way = WAYS[rank % len(WAYS)]
        found = timed(times[way.__name__], way(Typed(person, rng)), Kind.PERSON)
        hits[way.__name__].append(person.party_id in found)
    structures = Party.objects.filter(kind=Kind.STRUCTURE, gone_on=None).order_by("pk")
    for structure in structures[: count // 10]:
        found = timed(times["structure"], structure.display_name.lower(), Kind.STRUCTURE)
        hits["structure"].append(structure.pk in found)
    for name, spent in times.items():
        half, most = percentile(spent, 0.5), percentile(spent, 0.95)
        right = f"found {sum(hits[name])}/{len(hits[name])}"
        print(f"# directory {name}: p50 {half:.1f} ms, p95 {most:.1f} ms, {right}", flush=True)
    every = [spent for some in times.values() for spent in some]
    named = [hit for name, some in hits.items() if name not in UNNAMED for hit in some]
    figure("directory_p95", percentile(every, 0.95), "ms", "<=", 50)
    figure("directory_recall", sum(named) / len(named), "share", ">=", 0.95)


def sample(lines: int, count: int, rng: Random) -> list[Person]:
    ranks = rng.sample(range(int(lines / LINES_A_PERSON * 0.9)), 2 * count)
    numbers = [rpps(rank) for rank in ranks if rank % 20 != 7][:count]
    rows = Person.objects.select_related("party").filter(rpps__in=numbers)
    known = {person.rpps: person for person in rows}
    return [known[number] for number in numbers]


def timed(times: list[float], text: str, kind: Kind) -> set:
    start = time.perf_counter()
    with transaction.atomic():
        found = {one.party.pk for one in queries.search(text, kind)[:FIRST]}
    times.append((time.perf_counter() - start) * 1_000)
    return found
