"""What pickers and screens read of the nomenclatures."""

from datetime import date

import pytest
from django.urls import reverse

from ronde.core.db.roles import as_owner
from ronde.terminology import queries
from ronde.terminology.models import Commune

pytestmark = pytest.mark.django_db


def names(text: str, **options) -> list[str]:
    return [str(commune) for commune in queries.communes(text, **options)]


def test_professions_of_both_worlds_have_distinct_codes():
    offered = dict(queries.professions())
    assert offered["G15:60"] == "Infirmier"
    assert offered["R95:93"] == "Psychologue"
    assert offered["R94:41"] == "Assistant de service social"
    assert "G15:93" not in offered
    assert queries.display("professions", "G15:93") == "Psychologue"


def test_an_unknown_code_is_shown_as_it_is_and_no_code_as_nothing():
    assert queries.display("professions", "G15:999") == "G15:999"
    assert queries.display("professions", "") == ""


def test_labels_are_read_once(django_assert_num_queries):
    queries.display("professions", "G15:10")
    with django_assert_num_queries(0):
        queries.display("professions", "G15:60")
        queries.choices("relationships")


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("la seyne", "La Seyne-sur-Mer (83)"),
        ("seyne mer", "La Seyne-sur-Mer (83)"),
        ("83500", "La Seyne-sur-Mer (83)"),
        ("st tropez", "Saint-Tropez (83)"),
        ("Sainte Maxime", "Sainte-Maxime (83)"),
        ("béziers", "Béziers (34)"),
        ("BEZIERS", "Béziers (34)"),
        ("marseille", "Marseille (13)"),
        ("marseille 5e", "Marseille 5e Arrondissement (13)"),
        ("paris 13e", "Paris 13e Arrondissement (75)"),
        ("l'hay", "L'Haÿ-les-Roses (94)"),
        ("saint denis 97400", "Saint-Denis (974)"),
        ("noumea", "Nouméa (988)"),
        ("arbignieu", "Arboys en Bugey (01)"),
    ],
)
def test_a_commune_is_found_as_people_type_it(text, first):
    assert names(text)[0] == first


@pytest.mark.parametrize("text", ["", "   ", "-", "%", "zzzzqq", "qq' OR 1=1 --"])
def test_what_is_no_place_finds_nothing(text):
    assert names(text) == []


def test_a_suppressed_commune_is_offered_for_a_birth_of_its_time():
    with as_owner():
        Commune.objects.filter(code="83126").update(retired_on=date(2000, 1, 1))
    assert names("la seyne sur mer") == []
    assert names("la seyne sur mer", on=date(1972, 3, 1)) == ["La Seyne-sur-Mer (83)"]
    assert queries.place("83126") == "La Seyne-sur-Mer (83)"


def test_countries_are_found_by_usual_and_official_name():
    assert queries.countries("belg")[0].code == "99131"
    assert queries.countries("hellenique")[0].label == "Grèce"
    assert [entry.code for entry in queries.countries("france")] == ["99100"]
    assert queries.place("99131") == "Belgique"


def test_the_picker_of_communes_answers_options_without_signing_in(client):
    response = client.get(reverse("terminology:communes"), {"q": "toulon"})
    assert response.status_code == 200
    html = response.content.decode()
    assert 'data-ronde-valeur="83137"' in html
    assert "Var (83)" in html
    assert "{{" not in html


def test_the_picker_of_countries_answers_options(client):
    html = client.get(reverse("terminology:countries"), {"q": "alger"}).content.decode()
    assert 'data-ronde-valeur="99352"' in html


@pytest.mark.parametrize(
    "query", [{}, {"q": "\0"}, {"q": "x" * 5000}, {"q": "toulon", "le": "2020-02-31"}]
)
def test_the_pickers_bear_any_request(client, query):
    for name in ("communes", "countries"):
        assert client.get(reverse(f"terminology:{name}"), query).status_code == 200


def test_the_pickers_only_read(client):
    assert client.post(reverse("terminology:communes"), {"q": "x"}).status_code == 405
