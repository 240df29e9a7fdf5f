"""Drawing a page of a document, in a process apart that may use little and dies of little."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

DRAWER = Path(__file__).with_name("drawer.py")
PATIENCE = 20.0
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One page as a JPEG, with its text when it has some, and how many pages there are."""

    image: bytes
    text: str
    pages: int


def draw(kind: str, content: Iterable[bytes], page: int) -> Drawn | None:
    """Draw that page, from 1; None when the document cannot be drawn, or has no such page."""
    command = [sys.executable, "-I", str(DRAWER), kind, str(page)]
    try:
        done = subprocess.run(  # noqa: S603 - our own program, numbers as arguments
            command,
            input=b"".join(content),
            capture_output=True,
            timeout=PATIENCE,
            check=True,
            env={},
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        log.warning("a document could not be drawn: %s", type(error).__name__)
        return None
    head, _, image = done.stdout.partition(b"\n")
    told = json.loads(head)
    return Drawn(image, told["text"], told["pages"])
