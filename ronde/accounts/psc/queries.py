"""Finding whom Pro Santé Connect speaks of, and for whom they may act there."""

from collections.abc import Iterable, Mapping

from ronde.accounts.models import User
from ronde.accounts.psc.claims import Professional
from ronde.accounts.queries import Identity
from ronde.directory.models import Structure


def user_of(found: Professional) -> User | None:
    """The account of this number, open or closed."""
    numbers = {"person__rpps": found.rpps} if found.rpps else {"person__adeli": found.adeli}
    return User.objects.select_related("person").filter(**numbers).first()


def structure_here(workplace: Mapping[str, str], identities: Iterable[Identity]) -> Identity | None:
    """Among whom one may act for, the structure of this workplace."""
    mine = {one.party_id: one for one in identities if one.is_structure}
    for name in ("finess", "technical_id", "siret", "finess_legal"):
        number = workplace.get(name)
        column = "finess" if name == "finess_legal" else name
        if number and mine:
            found = Structure.objects.filter(pk__in=mine, **{column: number}).first()
            if found is not None:
                return mine[found.pk]
    return None
