"""Drawing a page of a document, in a process apart that may use little and dies of little."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ronde.documents.kinds import KINDS

DRAWER = Path(__file__).with_name("drawer.py")
PATIENCE = 20.0
MOST_PAGES = 30_000
MANY_PAGES = {"pdf", "tiff"}
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One page as a JPEG, with its text when it has some, and how many pages there are."""

    image: bytes
    text: str
    pages: int


def draw(kind: str, content: Iterable[bytes], page: int) -> Drawn | None:
    """Draw that page, from 1; None when the document cannot be drawn, or has no such page."""
    answer = _run(kind, page, b"".join(content))
    if answer is None:
        return None
    head, _, image = answer.partition(b"\n")
    told = json.loads(head)
    return Drawn(image, told["text"], told["pages"])


def count(kind: str, content: BinaryIO) -> int:
    """How many pages can be drawn; 0 for what has none, or is protected, or broken."""
    if kind not in MANY_PAGES:
        return int(KINDS[kind].previewed)
    content.seek(0)
    answer = _run(kind, 0, content.read())
    return min(int(json.loads(answer)["pages"]), MOST_PAGES) if answer else 0


def _run(kind: str, page: int, content: bytes) -> bytes | None:
    try:
        done = subprocess.run(  # noqa: S603 - our own program, a kind and a number as arguments
            [sys.executable, "-I", str(DRAWER), kind, str(page)],
            input=content,
            capture_output=True,
            timeout=PATIENCE,
            check=True,
            env={},
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        log.warning("a document could not be drawn: %s", type(error).__name__)
        return None
    return done.stdout
