"""Pages of a list, with a total that is exact only while it is cheap."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

SIZES = (10, 20, 50, 100)
DEFAULT_SIZE = 20
COUNT_CAP = 1_000


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page; `total` stops at `COUNT_CAP` when `capped` is true."""

    rows: Sequence[Any]
    number: int
    size: int
    total: int
    capped: bool

    @property
    def first(self) -> int:
        return (self.number - 1) * self.size + 1 if self.rows else 0

    @property
    def last(self) -> int:
        return (self.number - 1) * self.size + len(self.rows)

    @property
    def has_next(self) -> bool:
        return self.capped or self.last < self.total

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    @property
    def pages(self) -> int:
        return max(-(-self.total // self.size), 1)


def asked(request: HttpRequest, name: str, default: int) -> int:
    value = request.GET.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 7 else default


def page_size(request: HttpRequest, default: int = DEFAULT_SIZE) -> int:
    size = asked(request, "taille", default)
    return size if size in SIZES else default


def capped_count(rows: QuerySet, cap: int = COUNT_CAP) -> tuple[int, bool]:
    """Count at most `cap` rows; the second value says that there are more."""
    count = rows.order_by()[: cap + 1].count()
    return min(count, cap), count > cap


def paginate(request: HttpRequest, rows: QuerySet, *, default_size: int = DEFAULT_SIZE) -> Page:
    """Cut the page that the address asks for (`page`, `taille`); past the end, the last one."""
    size = page_size(request, default_size)
    total, capped = capped_count(rows)
    number = max(asked(request, "page", 1), 1)
    if not capped:
        number = min(number, max(-(-total // size), 1))
    start = (number - 1) * size
    return Page(list(rows[start : start + size]), number, size, total, capped)
