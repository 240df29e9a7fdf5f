"""The import of the nomenclatures: idempotent, and nothing that was chosen becomes unreadable."""

import json
import shutil
import time
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from ronde.core.db.roles import as_owner
from ronde.terminology import queries
from ronde.terminology.imports import DATA, import_all
from ronde.terminology.models import CodeSystem, Commune, Concept, RegionalRole, Withheld

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small copy of the data that a test can change."""
    entries = json.loads((DATA / "manifest.json").read_text())
    chosen = [entry for entry in entries if entry["name"] in {"professions", "roles"}]
    (tmp_path / "manifest.json").write_text(json.dumps(chosen))
    for entry in chosen:
        shutil.copy(DATA / f"{entry['name']}.csv", tmp_path)
    return tmp_path


def load(folder: Path = DATA) -> dict:
    with as_owner():
        return {result.system: result for result in import_all(folder)}


def drop_line(path: Path, start: str) -> None:
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith(start)))


def test_the_second_import_changes_nothing_and_is_quick():
    with as_owner():
        call_command("import_terminology", verbosity=0)
        before = list(CodeSystem.objects.values_list("name", "imported_at"))
        start = time.monotonic()
        call_command("import_terminology", verbosity=0)
    assert time.monotonic() - start < 2
    assert list(CodeSystem.objects.values_list("name", "imported_at")) == before


def test_each_nomenclature_says_where_it_comes_from_and_under_which_licence():
    load()
    systems = list(CodeSystem.objects.all())
    assert {system.name for system in systems} == {
        entry["name"] for entry in json.loads((DATA / "manifest.json").read_text())
    }
    for system in systems:
        assert system.source
        assert system.licence
        assert system.version
        assert system.published_on
    assert Commune.objects.count() > 35_000


def test_a_concept_that_the_new_version_no_longer_has_is_retired_but_readable(folder):
    load(folder)
    drop_line(folder / "professions.csv", "G15:60;")
    assert load(folder)["professions"].retired == 1
    assert (
        Concept.objects.get(system="professions", code="G15:60").retired_on == timezone.localdate()
    )
    assert queries.display("professions", "G15:60") == "Infirmier"
    assert "G15:60" not in dict(queries.professions())


def test_a_concept_that_comes_back_can_be_chosen_again(folder):
    load(folder)
    line = next(
        line for line in (folder / "professions.csv").read_text().splitlines() if "G15:60;" in line
    )
    drop_line(folder / "professions.csv", "G15:60;")
    load(folder)
    with (folder / "professions.csv").open("a") as out:
        out.write(line + "\n")
    load(folder)
    assert dict(queries.professions())["G15:60"] == "Infirmier"


def test_a_new_label_is_seen_at_once_by_the_process_that_imported(
    folder, django_capture_on_commit_callbacks
):
    load(folder)
    assert queries.display("roles", "contributor") == "Intervenant"
    path = folder / "roles.csv"
    path.write_text(path.read_text().replace("Intervenant;", "Intervenant habituel;"))
    with django_capture_on_commit_callbacks(execute=True):
        result = load(folder)["roles"]
    assert result.changed == 1
    assert queries.display("roles", "contributor") == "Intervenant habituel"


def test_an_import_leaves_alone_what_the_region_chose(folder):
    load(folder)
    chosen = timezone.now()
    with as_owner():
        Withheld.objects.create(system_id="roles", code="contributor")
        RegionalRole.objects.create(code="r-1", display="Relais", close_to="contributor")
        CodeSystem.objects.filter(pk="roles").update(chosen_at=chosen)
    path = folder / "roles.csv"
    path.write_text(path.read_text().replace("Intervenant;", "Intervenant habituel;"))
    drop_line(path, "referent-nurse;")
    assert load(folder)["roles"].retired == 1
    assert CodeSystem.objects.get(pk="roles").chosen_at == chosen
    assert queries.display("roles", "contributor") == "Intervenant habituel"
    offered = dict(queries.choices("roles"))
    assert "contributor" not in offered
    assert offered["r-1"] == "Relais"
    drop_line(path, "contributor;")
    load(folder)
    relay = queries.concept("roles", "r-1")
    assert relay.offered
    assert relay.properties["fhir_code"] == "PROV", "it is exchanged as the role it was close to"


def test_another_process_sees_the_import_within_a_minute(folder, monkeypatch):
    load(folder)
    assert queries.display("roles", "contributor") == "Intervenant"
    monkeypatch.setattr("ronde.terminology.imports.queries.forget", lambda: None)
    path = folder / "roles.csv"
    path.write_text(path.read_text().replace("Intervenant;", "Autre;"))
    load(folder)
    assert queries.display("roles", "contributor") == "Intervenant"
    later = time.monotonic() + queries.FRESH_FOR + 1
    monkeypatch.setattr("ronde.terminology.queries.time.monotonic", lambda: later)
    assert queries.display("roles", "contributor") == "Autre"


def test_an_import_that_fails_leaves_the_former_version(folder):
    load(folder)
    path = folder / "roles.csv"
    path.write_text(path.read_text().replace("Intervenant;;", "Autre;pas une date;"))
    with pytest.raises(ValueError, match="isoformat"):
        load(folder)
    queries.forget()
    assert queries.display("roles", "contributor") == "Intervenant"


def test_the_application_may_read_and_not_write():
    load()
    with pytest.raises(Exception, match="permission denied"):
        Concept.objects.filter(code="contributor").update(display="Autre")


def test_roles_that_one_person_holds_are_marked():
    load()
    unique = {
        entry.code for entry in queries.entries("roles") if entry.properties.get("unique") == "yes"
    }
    assert unique == {"attending-physician", "main-caregiver"}
