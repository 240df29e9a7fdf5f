"""Whether the page on screen stays open after a change of identity.

Records are opened by a rule that lives higher up: the app that knows it registers its answer.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.urls import Resolver404, ResolverMatch, resolve

from ronde.core.actor import Actor

Check = Callable[[Actor, ResolverMatch], bool]
_checks: list[Check] = []


def stays_open(check: Check) -> Check:
    """Register who tells whether `actor` may open the page found by the resolver."""
    _checks.append(check)
    return check


def may_open(actor: Actor, address: str) -> bool:
    """Tell whether `actor` may go to `address`; what leads nowhere may not be opened."""
    try:
        match = resolve(urlsplit(address).path)
    except Resolver404:
        return False
    return all(check(actor, match) for check in _checks)
