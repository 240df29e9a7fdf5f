"""Reading the directory."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from ronde.directory import search as searching
from ronde.directory.models import Kind, Party, Post
from ronde.directory.search import Level
from ronde.terminology import queries as terminology

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Found:
    """A party as a search shows it: who, what they do, where, and their national number."""

    party: Party
    profession: str = ""
    workplace: str = ""
    number: str = ""

    @property
    def place(self) -> str:
        return f"{self.party.postcode} {self.party.city}".strip()


def search(
    text: str,
    kind: Kind = Kind.PERSON,
    *,
    profession: str = "",
    category: str = "",
    place: str = "",
    structure: str = "",
    level: Level | None = None,
    limit: int = SHOWN,
) -> list[Found]:
    """Find persons or structures from a few words: names, town or postcode, profession, workplace
    or national number, in any order; accents, hyphens and one wrong letter are forgiven.

    Those gone from the directory are left out. `profession` and `category` are codes; `place` is a
    town or the beginning of a postcode; `structure` words of a workplace; `level` keeps the units
    of other structures, or leaves them out.
    """
    asked = searching.Asked(kind, profession, category, place, structure, level)
    keys = searching.found(text, asked, limit)
    return shown(keys, kind)


def shown(keys: Iterable[UUID], kind: Kind) -> list[Found]:
    """The parties of these keys, in their order, with what a line says of them."""
    order = list(keys)
    parties = Party.objects.filter(kind=kind, gone_on=None).select_related("person", "structure")
    found = parties.in_bulk(order)
    posts = _posts(found) if kind == Kind.PERSON else {}
    return [_found(found[key], posts.get(key, [])) for key in order if key in found]


def _posts(persons: Iterable[UUID]) -> dict[UUID, list[Post]]:
    rows = Post.objects.filter(person_id__in=list(persons), gone_on=None)
    held: dict[UUID, list[Post]] = {}
    for post in rows.select_related("structure__party").order_by("pk"):
        held.setdefault(post.person_id, []).append(post)
    return held


def _found(party: Party, posts: list[Post]) -> Found:
    if party.is_structure:
        structure = party.structure
        label = terminology.display("establishment-categories", structure.category_code)
        return Found(party, label, number=structure.finess or structure.siret)
    person = party.person
    skills = {
        terminology.display("know-how", post.know_how_code) for post in posts if post.know_how_code
    }
    profession = terminology.display("professions", person.profession_code)
    places = [post.structure.party.display_name for post in posts if post.structure_id]
    return Found(
        party,
        " · ".join([profession, *sorted(skills)]) if profession else "",
        ", ".join(dict.fromkeys(places)),
        person.rpps or person.adeli,
    )
