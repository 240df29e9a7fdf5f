"""What may be done to a document, by whoever reads it."""

from django.conf import settings
from django.utils import timezone

from ronde.careteam.access import Access
from ronde.documents.models import Document


def is_mine(access: Access, document: Document) -> bool:
    """Whether it was deposited in the name of the party that acts."""
    return document.owner_party == access.actor.party_id and not access.is_break_glass


def may_edit(access: Access, document: Document) -> bool:
    return access.can_write(document.own_section)


def may_share(access: Access, document: Document) -> bool:
    """Only who deposited it says to whom it is shown."""
    return is_mine(access, document)


def is_fresh(access: Access, document: Document) -> bool:
    """Whether the depositor may still take it back without any right."""
    age = timezone.now() - document.added_at
    return is_mine(access, document) and age <= settings.DOCUMENT_DEPOSITOR_DELAY


def may_withdraw(access: Access, document: Document) -> bool:
    return may_edit(access, document) or is_fresh(access, document)
