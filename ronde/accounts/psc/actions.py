"""What a sign-in by Pro Santé Connect changes."""

from django.db import transaction

from ronde.accounts import devices, queries
from ronde.accounts.access_events import ProSanteLinked, ProSanteRefused
from ronde.accounts.actions import record_of_account, switch_identity
from ronde.accounts.models import Device, ProSanteLink, User
from ronde.accounts.psc.queries import structure_here
from ronde.accounts.psc.refusal import Refusal, Refused
from ronde.core.actor import Actor
from ronde.core.context import acting
from ronde.journal.actions import record


@transaction.atomic
def refuse(reason: Refusal, user: User | None = None) -> None:
    """Keep that a sign-in was refused, and why; nothing of what the provider said."""
    event = ProSanteRefused(reason=reason.value, account=user.pk if user else None)
    with acting(party_id=None, user_id=None):  # Whoever is signed in is not who came.
        record(event, actor=None)


@transaction.atomic
def link(user: User, issuer: str, subject: str) -> bool:
    """Relate the account to who came; true the first time. Somebody else is refused."""
    kept, made = ProSanteLink.objects.get_or_create(
        user=user, defaults={"issuer": issuer, "subject": subject}
    )
    if (kept.issuer, kept.subject) != (issuer, subject):
        raise Refused(Refusal.OTHER_LINK)
    if made:
        record_of_account(user, ProSanteLinked(account=user.pk))
    return made


def start_at(user: User, workplace: dict[str, str], actor: Actor) -> Actor:
    """Act as the structure where one works now if one may, else in one's own name."""
    from_here = queries.identities(user)
    chosen = structure_here(workplace, from_here) or from_here[0]
    return switch_identity(user, actor, chosen)


def end_sessions(issuer: str, *, session: str, subject: str) -> int:
    """End what the provider ended: one session by its name, or all those of the person."""
    found = Device.objects.exclude(provider_session="")
    if session:
        return devices.close(found.filter(provider_session=session))
    return devices.close(
        found.filter(user__pro_sante__issuer=issuer, user__pro_sante__subject=subject)
    )
