"""A dated item of a record, as each part of it gives them to the life line."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Dated:
    """A day, or a period when `end` is set or `open_ended`; to come as well as past.

    `kind` is the lane it stands in; `page` names the address that shows it, which takes the record
    and `key`, or the record alone without `key`.
    """

    kind: str
    start: date
    label: str
    detail: str = ""
    end: date | None = None
    open_ended: bool = False
    page: str = ""
    key: UUID | None = None
