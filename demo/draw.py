"""Drawing at random, always the same way: one seeded generator a subject.

A subject has its own generator, so that a line added to the structures changes no patient.
"""

from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import TypeVar
from uuid import UUID, uuid5

T = TypeVar("T")
NAMESPACE = UUID("5e0c8d1e-9b0a-5c3b-8f53-0f5b7b1c2a11")


def key(kind: str, name: object) -> UUID:
    """The same row has the same key in every installation of the demonstration."""
    return uuid5(NAMESPACE, f"{kind}:{name}")


class Draw(Random):
    def chance(self, probability: float) -> bool:
        return self.random() < probability

    def weighted(self, choices: dict[T, float]) -> T:
        return self.choices(list(choices), list(choices.values()))[0]

    def some(self, values: Sequence[T], count: int) -> list[T]:
        return self.sample(values, min(count, len(values)))


def draw(subject: str) -> Draw:
    return Draw(f"ronde:{subject}")


def falling(length: int, offset: float, exponent: float) -> list[float]:
    """Cumulated weights of ranks 1 to `length`: 1 / (rank + offset) ** exponent."""
    return list(accumulate((rank + offset) ** -exponent for rank in range(1, length + 1)))
