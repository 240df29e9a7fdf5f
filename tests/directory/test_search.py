"""Finding somebody of the directory as people type: in any order, with small mistakes."""

import pytest
from django.db import connection

from ronde.core.db.roles import as_owner
from ronde.directory import search as search_of
from ronde.directory.models import Kind, Party, Person, Post, Structure
from ronde.directory.queries import search
from ronde.directory.search import Level
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
        ("legoff", ["LE GOFF-MARTIN Jean-Noël"]),
        ("goffmartin jean", ["LE GOFF-MARTIN Jean-Noël"]),
        ("jean martn", ["LE GOFF-MARTIN Jean-Noël"]),
        ("jean mart", ["LE GOFF-MARTIN Jean-Noël"]),
        ("mar jea", ["LE GOFF-MARTIN Jean-Noël"]),
        ("paoal ricci", ["RICCI Paola"]),
        ("ricciorde", ["RICCIARDI Anna"]),
        ("ricciradu anna", ["RICCIARDI Anna"]),
        ("racciorde", []),
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


def test_a_mistyped_name_is_found_with_its_town():
    assert names("ricciadri la seyne") == ["RICCIARDI Anna"]
    assert names("ricci tuolon") == ["RICCI Paola"]
    assert names("ricci toul") == ["RICCI Paola"]
    assert names("goff st musse") == []


def test_a_name_is_found_with_the_words_of_its_workplace_in_any_order():
    assert names("anna cabinet du mas") == ["RICCIARDI Anna"]
    assert names("cabinet mas ricciardi orthophoniste la seyne") == ["RICCIARDI Anna"]
    assert names("paola cabinet du mas") == []


def test_the_closest_name_comes_first():
    f.person("RICCY", "Gérard", **TOULON)
    assert names("riccy gérard") == ["RICCY Gérard"]
    assert names("ricci toulon") == ["RICCI Paola", "RICCY Gérard"]


def test_the_search_follows_what_is_written(people):
    moved = f.structure("Maison des Lices", **TOULON)
    with as_owner():
        Post.objects.filter(person=people["anna"]).update(structure=moved)
        assert names("ricciardi lices") == ["RICCIARDI Anna"]
        assert names("ricciardi mas") == []
        Party.objects.filter(pk=moved.pk).update(sort_key="MAISON DES REMPARTS")
        assert names("ricciardi remparts") == ["RICCIARDI Anna"]
        Post.objects.filter(person=people["anna"]).delete()
        assert names("ricciardi remparts") == []
        Person.objects.filter(pk=people["anna"].pk).update(profession_code="G15:10")
    assert names("ricciardi medecin") == ["RICCIARDI Anna"]


def test_a_saint_is_written_in_two_ways():
    f.person("DUMAS", "Ève", city="Saint-Raphaël", postcode="83700", commune_code="83118")
    assert names("dumas st raphael") == names("dumas saint raphael") == ["DUMAS Ève"]


def test_the_words_that_tell_nothing_are_the_same_in_the_database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT directory_context(%s, 'TOULON')", [" ".join(sorted(search_of.IDLE))])
        kept = cursor.fetchone()[0]
        cursor.execute("SELECT directory_context(NULL, 'TOULON')")
        assert cursor.fetchone()[0] == kept


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


def test_a_structure_is_told_from_its_units(people):
    unit = f.structure("CHITS Équipe mobile de gériatrie")
    with as_owner():
        Structure.objects.filter(pk=unit.pk).update(parent=people["hospital"])
    asked = {"text": "chits", "kind": Kind.STRUCTURE}
    assert names(**asked, level=Level.UNIT) == ["CHITS Équipe mobile de gériatrie"]
    assert names(**asked, level=Level.ESTABLISHMENT) == ["CHITS Hôpital Sainte-Musse"]
    assert len(names(**asked)) == 2


def test_whoever_is_gone_is_not_offered(people):
    with as_owner():
        Party.objects.filter(pk=people["anna"].pk).update(gone_on="2026-01-01")
    assert names("ricciardi") == []


def test_the_line_says_profession_workplace_and_number(people):
    (line,) = search("ricciardi")
    assert (line.profession, line.workplace) == ("Orthophoniste", "Cabinet du Mas")
    assert (line.number, line.place) == (people["anna"].rpps, "83500 La Seyne-sur-Mer")
