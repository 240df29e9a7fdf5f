"""Somebody signed in, as a test client is: in their own name, or acting for somebody else."""

from uuid import UUID

from django.test import Client

from ronde.accounts.models import User


def signed_in(user: User, acting_as: UUID | None = None) -> Client:
    web = Client()
    web.force_login(user)
    if acting_as is not None:
        act_as(web, acting_as)
    return web


def act_as(web: Client, party: UUID) -> None:
    """What the menu of identities does; nothing is checked before the next request."""
    session = web.session
    session["acting_party"] = str(party)
    session.save()
