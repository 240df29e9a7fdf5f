"""Figures: a value beside its goal, one line each, as `make bench` prints them."""

import operator
from dataclasses import dataclass

OPERATORS = {"<=": operator.le, ">=": operator.ge}


@dataclass(frozen=True, slots=True)
class Figure:
    name: str
    value: float
    unit: str
    comparison: str
    goal: float

    @property
    def ok(self) -> bool:
        return OPERATORS[self.comparison](self.value, self.goal)

    def line(self) -> str:
        state = "ok" if self.ok else "short"
        return (
            f"figure {self.name} {self.value:.4g} {self.unit}"
            f" goal {self.comparison} {self.goal:g} {state}"
        )


_figures: list[Figure] = []


def figure(name: str, value: float, unit: str, comparison: str, goal: float) -> bool:
    """Print one figure and keep it for the table; say whether the goal is met."""
    one = Figure(name, float(value), unit, comparison, goal)
    _figures.append(one)
    print(one.line(), flush=True)
    return one.ok


def figures() -> list[Figure]:
    return list(_figures)


def percentile(values: list[float], share: float) -> float:
    """The value under which `share` of the values lie (nearest rank)."""
    ranked = sorted(values)
    return ranked[min(int(share * len(ranked)), len(ranked) - 1)]
