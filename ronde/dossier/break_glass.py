"""The traits shown before breaking the glass: those that the identity search has just shown.

They travel signed, in the body of a request, for one person and one record. Without them the page
says nothing of the record, not even whether it exists.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.core import signing

from ronde.core.actor import Actor

SALT = "ronde.dossier.break_glass"
KEPT = timedelta(minutes=30)
Traits = Sequence[tuple[str, str]]


def sign(actor: Actor, patient_id: UUID, traits: Traits) -> str:
    """Seal the traits (label, value) that a search showed to this person."""
    shown = [[str(label), str(value)] for label, value in traits]
    return signing.dumps([str(actor.user_id), str(patient_id), shown], salt=SALT, compress=True)


def read(token: str, actor: Actor, patient_id: UUID) -> Traits:
    """Open the seal; nothing when it is missing, forged, too old, or another's."""
    try:
        user_id, sealed_id, shown = signing.loads(token, salt=SALT, max_age=KEPT)
    except signing.BadSignature:
        return []
    if (user_id, sealed_id) != (str(actor.user_id), str(patient_id)):
        return []
    return [(label, value) for label, value in shown]
