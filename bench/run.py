"""Measure everything: `SIZE=small` in about a minute, `SIZE=full` in at most twenty.

Runs on a database of its own, dropped at the end; each figure stands beside its goal, and the run
fails when one is short. With SIZE=full the table of docs/performance.md is written again. PARTS
names some of the parts (worklist record lifeline habilitation identity directory) when not all are
wanted.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from datetime import date
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import django

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
TABLE = ROOT / "docs/performance.md"
START, END = "<!-- figures -->", "<!-- end of figures -->"


def main() -> int:
    if os.environ.get("RONDE_BENCH") != "1":
        return _again_on_a_scratch_database()
    django.setup()
    found = import_module("bench.figures").figures
    full = os.environ.get("SIZE", "small") == "full"
    asked = os.environ.get("PARTS", " ".join(PARTS)).split()
    for name in asked:
        _timed(name, lambda name=name: PARTS[name](full))
    if full and asked == list(PARTS):
        _write(found())
    return 0 if all(one.ok for one in found()) else 1


@cache
def _region(full: bool) -> list[int]:
    """Build the region once for the parts that need it; answer the classes of its parties."""
    region = import_module("bench.region")
    size = region.FULL if full else region.SMALL
    _timed("region", lambda: region.build(size))
    return sorted(size.classes)


def _worklist(full: bool) -> None:
    worklist = import_module("bench.worklist")
    classes = _region(full)
    worklist.requests(classes)
    worklist.counts()
    worklist.row_level_security(classes)
    worklist.bulk_habilitation(10_000 if full else 2_000)


def _record(full: bool) -> None:
    _region(full)
    import_module("bench.record").measure()


def _lifeline(full: bool) -> None:
    _region(full)
    import_module("bench.lifeline").measure()


def _habilitation(full: bool) -> None:
    _region(full)
    import_module("bench.habilitation").measure(1_000)


def _identity(full: bool) -> None:
    import_module("bench.identity").measure(2_000 if full else 300)


def _directory(full: bool) -> None:
    import_module("bench.directory").measure(2_200_000 if full else 100_000)


PARTS = {
    "worklist": _worklist,
    "record": _record,
    "lifeline": _lifeline,
    "habilitation": _habilitation,
    "identity": _identity,
    "directory": _directory,
}


def _timed(name: str, work: Callable[[], Any]) -> None:
    start = time.perf_counter()
    work()
    print(f"# {name}: {time.perf_counter() - start:.0f} s", flush=True)


def _again_on_a_scratch_database() -> int:
    """Create, migrate and fill the reference data of a scratch database, then run inside it."""
    python, manage = sys.executable, str(ROOT / "manage.py")
    script = (
        f"{python} {manage} migrate -v 0 && {python} {manage} import_terminology"
        f" && RONDE_BENCH=1 RONDE_AS_OWNER=1 {python} {__file__}"
    )
    settings = {"DJANGO_SETTINGS_MODULE": "config.settings.dev"}
    command = [python, str(ROOT / "tools/scratchdb.py"), "sh", "-c", script]
    return subprocess.run(command, env={**os.environ, **settings}, check=False).returncode


def _write(found: Iterable[Any]) -> None:
    lines = [
        f"Measured on {date.today():%Y-%m-%d} by `make bench SIZE=full`.",  # noqa: DTZ011
        "",
        "| figure | value | goal | |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| `{one.name}` | {one.value:.4g} {one.unit} | {one.comparison} {one.goal:g} |"
        f" {'ok' if one.ok else '**short**'} |"
        for one in found
    ]
    text = TABLE.read_text(encoding="utf-8")
    head, tail = text.split(START)[0], text.split(END)[1]
    TABLE.write_text(f"{head}{START}\n" + "\n".join(lines) + f"\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
