"""What the apps above say of the members of a circle, each in its own column of the table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from ronde.careteam.access import Access


@dataclass(frozen=True, slots=True)
class Mark:
    """A status as `ui.status` draws it; `since` is what its title says."""

    label: str
    look: str
    since: str


Provider = Callable[[Access], Mapping[UUID, Mark]]
_providers: list[Provider] = []


def of_members(provider: Provider) -> Provider:
    """Register what is said of each party of a circle, for a reader who may read it."""
    _providers.append(provider)
    return provider


def marks(access: Access) -> dict[UUID, Mark]:
    known: dict[UUID, Mark] = {}
    for provider in _providers:
        known.update(provider(access))
    return known
