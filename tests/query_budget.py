"""How many queries a page may cost; `query_budget.json` remembers.

`RONDE_BUDGET=write pytest …` writes what was counted: to be looked at before it is committed.
"""

import json
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from django.db import connection
from django.test.utils import CaptureQueriesContext

from ronde.accounts import terms
from ronde.followup import queries as followup
from ronde.terminology import queries as terminology

FILE = Path(__file__).with_name("query_budget.json")
# What opens and closes a transaction: a test nests them in its own, a request does not.
FRAME = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE SAVEPOINT")


@contextmanager
def budget(name: str) -> Iterator[None]:
    """Fail when the block makes more queries than the budget `name` allows, and list them."""
    with counted() as captured:
        yield
    made = [one["sql"] for one in captured if not one["sql"].startswith(FRAME)]
    allowed = json.loads(FILE.read_text(encoding="utf-8"))
    if os.environ.get("RONDE_BUDGET") == "write":
        allowed[name] = len(made)
        text = json.dumps(dict(sorted(allowed.items())), indent=2)
        FILE.write_text(f"{text}\n", encoding="utf-8")
    listing = "\n".join(f"{rank}. {sql[:300]}" for rank, sql in enumerate(made, 1))
    assert len(made) <= allowed[name], f"{len(made)} queries for {name!r}:\n{listing}"


@contextmanager
def counted() -> Iterator[CaptureQueriesContext]:
    """What the block asks of the database.

    What a process keeps for a minute is read before, and its minute does not end inside.
    """
    terminology.everything("professions")
    followup.status_kinds()
    terms.in_force()
    with (
        patch.object(terminology, "FRESH_FOR", math.inf),
        patch.object(followup, "FRESH_FOR", math.inf),
        patch.object(terms, "FRESH_FOR", math.inf),
        CaptureQueriesContext(connection) as captured,
    ):
        yield captured
