"""A few real communes and countries (COG 2026), for tests that type a place."""

from collections.abc import Iterator

import pytest
from django.utils import timezone

from ronde.core.db.roles import as_owner
from ronde.core.text import fold
from ronde.terminology import queries
from ronde.terminology.models import CodeSystem, Commune, Concept

COMMUNES = {
    "83126": ("La Seyne-sur-Mer", ["83500"]),
    "83137": ("Toulon", ["83000", "83100", "83200"]),
    "83069": ("Hyères", ["83400"]),
    "13028": ("La Ciotat", ["13600"]),
    "83119": ("Saint-Tropez", ["83990"]),
    "83118": ("Saint-Raphaël", ["83530", "83700"]),
}
COUNTRIES = {"99100": "France", "99352": "Algérie", "99127": "Italie"}


@pytest.fixture
def places(db: None) -> Iterator[None]:
    with as_owner():
        Commune.objects.bulk_create([_commune(code) for code in COMMUNES], ignore_conflicts=True)
        CodeSystem.objects.get_or_create(
            name="countries", defaults={"title": "Pays", "imported_at": timezone.now()}
        )
        Concept.objects.bulk_create(
            [Concept(system_id="countries", code=c, display=d) for c, d in COUNTRIES.items()],
            ignore_conflicts=True,
        )
    queries.forget()
    yield
    queries.forget()


def _commune(code: str) -> Commune:
    name, postcodes = COMMUNES[code]
    return Commune(
        code=code,
        name=name,
        key=fold(name),
        search=f" {queries.place_key(name)} {' '.join(postcodes)}",
        kind=Commune.Kind.CURRENT,
        departement=code[:2],
        region="93",
        postcodes=postcodes,
        population=10_000,
    )
