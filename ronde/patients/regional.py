"""The regional identity server, through a connector that an installation brings.

`settings.REGIONAL_IDENTITY_CONNECTOR` is the dotted path of a `(Traits) -> list[Proposal]`.
Empty, which is the default, searches stay in the application. Ronde ships no connector: the server
of each region speaks its own profile of the IHE transactions.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.utils.module_loading import import_string

from ronde.patients.matching import Match, Traits, rank

logger = logging.getLogger(__name__)
MOST = 10


@dataclass(frozen=True, slots=True)
class Proposal:
    """An identity that the server knows: its key there, its traits, the name of the birth place."""

    key: str
    traits: Traits
    birth_place: str


Connector = Callable[[Traits], list[Proposal]]


def connector() -> Connector | None:
    path: str = settings.REGIONAL_IDENTITY_CONNECTOR
    return import_string(path) if path else None


def near(traits: Traits) -> list[Match] | None:
    """Ask the server, best first; `match.ref` is a `Proposal`. None when it did not answer.

    A server that is down never stops a creation: the page says so and goes on. The connector bounds
    its own time. Its errors may quote the traits, so that only their kind is logged.
    """
    ask = connector()
    if ask is None:
        return []
    try:
        found = ask(traits)
    except Exception as error:  # noqa: BLE001
        logger.error("Regional identity server: %s", type(error).__name__)
        return None
    return rank(traits, [(proposal, proposal.traits) for proposal in found], MOST)
