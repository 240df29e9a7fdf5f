"""What a person keeps of their worklist."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from ronde.core.actor import Actor
from ronde.journal.actions import record
from ronde.worklist.events import WorklistExported
from ronde.worklist.filters import Filters
from ronde.worklist.models import Favourite, SavedSearch

MOST_SEARCHES = 30


@transaction.atomic
def save_search(actor: Actor, name: str, filters: Filters, *, default: bool) -> SavedSearch:
    """Keep the filters under a name; the same name replaces the former ones.

    Thirty searches at most. A new default takes the place of the other.
    """
    mine = SavedSearch.objects.select_for_update().filter(user_id=actor.user_id)
    found = next((search for search in mine if search.name == name), None)
    if found is None and len(mine) >= MOST_SEARCHES:
        raise ValidationError(_("30 recherches au plus : supprimez-en une d'abord."))
    if default:
        mine.filter(is_default=True).update(is_default=False)
    search = found or SavedSearch(user_id=actor.user_id, name=name)
    search.filters, search.is_default = filters.values(), default
    search.save()
    return search


@transaction.atomic
def make_default(actor: Actor, search: SavedSearch) -> None:
    """Apply this search on arrival; asked again, none is."""
    mine = SavedSearch.objects.select_for_update().filter(user_id=actor.user_id)
    wanted = not search.is_default
    mine.filter(is_default=True).update(is_default=False)
    mine.filter(pk=search.pk).update(is_default=wanted)


@transaction.atomic
def delete_search(actor: Actor, search: SavedSearch) -> None:
    """Delete a saved search for good (AZUREZO, sheet 10: «cette action est irréversible»)."""
    SavedSearch.objects.filter(user_id=actor.user_id, pk=search.pk).delete()


def star(actor: Actor, patient_id: UUID) -> bool:
    """Mark or unmark a record with a star; return whether it is marked now."""
    mine = Favourite.objects.filter(user_id=actor.user_id, patient_id=patient_id)
    if mine.delete()[0]:
        return False
    try:
        with transaction.atomic():
            Favourite(user_id=actor.user_id, patient_id=patient_id).save(force_insert=True)
    except IntegrityError:
        return True  # Marked by another click at the same moment.
    return True


@transaction.atomic
def exported(actor: Actor, patient_ids: list[UUID]) -> None:
    records = [str(key) for key in patient_ids]
    record(WorklistExported(count=len(records), records=records), actor=actor)
