"""Telling a person at a terminal how far an import is; silent anywhere else."""

import sys
import time
from typing import TextIO

WIDTH = 30
EVERY = 0.2


class Progress:
    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self.shown = self.stream.isatty()
        self._label, self._last = "", 0.0

    def step(self, label: str, place: int, total: int) -> None:
        """Start a line for one step."""
        self._label = f"{place}/{total} {label}"
        self._write(f"{self._label} …")

    def share(self, value: float) -> None:
        """Draw how much of the step is done, from 0 to 1."""
        now = time.monotonic()
        if now - self._last >= EVERY:
            self._last = now
            done = round(WIDTH * min(value, 1))
            bar = "█" * done + "·" * (WIDTH - done)
            self._write(f"{self._label} {bar} {100 * min(value, 1):3.0f} %")

    def done(self, seconds: float) -> None:
        self._write(f"{self._label} : {seconds:.1f} s\n")

    def _write(self, text: str) -> None:
        if self.shown:
            self.stream.write(f"\r\033[K{text}")
            self.stream.flush()
