"""Finding somebody of the directory as people type: in any order, with small mistakes."""

import pytest

from ronde.core.db.roles import as_owner
from ronde.directory.models import Kind, Party, Post
from ronde.directory.queries import search
from tests import factories as f

pytestmark = pytest.mark.django_db
TOULON = {"commune_code": "83137", "postcode": "83000", "city": "Toulon"}
SEYNE = {"commune_code": "83126", "postcode": "83500", "city": "La Seyne-sur-Mer"}


@pytest.fixture(autouse=True)
def people():
    practice = f.structure("Cabinet du Mas", **SEYNE)
    hospital = f.structure("CHITS Hôpital Sainte-Musse", **TOULON)
    anna = f.person("RICCIARDI", "Anna", profession="G15:91", **SEYNE)
    f.person("RICCI", "Gérard", profession="G15:10", **SEYNE)
    f.person("RICCI", "Paola", profession="G15:60", **TOULON)
    f.person("LE GOFF-MARTIN", "Jean-Noël", profession="G15:10", **TOULON)
    with as_owner():
        Post.objects.create(person=anna, structure=practice, profession_code="G15:91")
    return {"anna": anna, "practice": practice, "hospital": hospital}


def names(text: str, **asked) -> list[str]:
    return [one.party.display_name for one in search(text, **asked)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ricciardi", ["RICCIARDI Anna"]),
        ("anna ricciardi", ["RICCIARDI Anna"]),
        ("ricci paola", ["RICCI Paola"]),
        ("goff jean", ["LE GOFF-MARTIN Jean-Noël"]),
        ("jean-noel le goff martin", ["LE GOFF-MARTIN Jean-Noël"]),
        ("martin", ["LE GOFF-MARTIN Jean-Noël"]),
        ("ricci gérard", ["RICCI Gérard"]),
        ("ricci gerad", ["RICCI Gérard"]),
        ("riciardi", ["RICCIARDI Anna"]),
        ("ricciradi anna", ["RICCIARDI Anna"]),
        ("cabinet du mas", ["RICCIARDI Anna"]),
        ("paola infirmier", ["RICCI Paola"]),
        ("introuvable", []),
        ("", []),
        ("'; DROP TABLE", []),
    ],
)
def test_words_find_persons(text, expected):
    assert names(text) == expected


def test_a_town_or_a_postcode_bounds_the_names():
    assert sorted(names("ricci seyne")) == ["RICCI Gérard", "RICCIARDI Anna"]
    assert sorted(names("ricci la seyne")) == ["RICCI Gérard", "RICCIARDI Anna"]
    assert names("orthophoniste la seyne") == ["RICCIARDI Anna"]
    assert names("la seyne ricciardi") == ["RICCIARDI Anna"]
    assert names("ricci 83000") == ["RICCI Paola"]
    assert names("ricci", place="Toulon") == ["RICCI Paola"]
    assert names("ricci", place="83500") == ["RICCI Gérard", "RICCIARDI Anna"]
    assert names("ricci", place="Nullepart-les-Bains") == []


def test_a_profession_or_a_workplace_bounds_the_names():
    assert names("ricci", profession="G15:60") == ["RICCI Paola"]
    assert names("", profession="G15:60") == ["RICCI Paola"]
    assert names("ricci", structure="cabinet mas") == ["RICCIARDI Anna"]


def test_a_national_number_finds_its_bearer(people):
    number = people["anna"].rpps
    assert names(number) == ["RICCIARDI Anna"]
    assert names(f"{number[:3]} {number[3:]}") == ["RICCIARDI Anna"]
    assert names("99999999999") == []


def test_structures_are_searched_apart(people):
    assert names("sainte musse", kind=Kind.STRUCTURE) == ["CHITS Hôpital Sainte-Musse"]
    assert names("hopital toulon", kind=Kind.STRUCTURE) == ["CHITS Hôpital Sainte-Musse"]
    assert names("ricci", kind=Kind.STRUCTURE) == []


def test_whoever_is_gone_is_not_offered(people):
    with as_owner():
        Party.objects.filter(pk=people["anna"].pk).update(gone_on="2026-01-01")
    assert names("ricciardi") == []


def test_the_line_says_profession_workplace_and_number(people):
    (line,) = search("ricciardi")
    assert (line.profession, line.workplace) == ("Orthophoniste", "Cabinet du Mas")
    assert (line.number, line.place) == (people["anna"].rpps, "83500 La Seyne-sur-Mer")
