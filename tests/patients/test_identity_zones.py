"""Zones from a file of the region."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from ronde.core.db.roles import as_owner
from ronde.patients.models import Zone
from ronde.patients.zones import import_zones

pytestmark = pytest.mark.django_db


@pytest.fixture
def load(tmp_path: Path):
    def write(content: str | bytes, **options):
        path = tmp_path / "zones.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with as_owner():
            return import_zones(path, **options)

    return write


def stored() -> dict[str, list[str]]:
    in_use = Zone.objects.filter(retired_at=None)
    return dict(in_use.values_list("name", "commune_codes"))


def test_lines_of_one_name_add_up(load):
    report = load("nom;communes\nVar Ouest;83137 83126\nVar Ouest;83069\nRade;83137, 83126\n")
    assert report.added == ["Var Ouest", "Rade"]
    assert stored() == {"Var Ouest": ["83069", "83126", "83137"], "Rade": ["83126", "83137"]}


def test_the_same_file_changes_nothing_and_another_one_is_followed(load):
    load("nom;communes\nVar Ouest;83137\nRade;83126\n")
    again = load("nom;communes\nVar Ouest;83137\n")
    assert (again.added, again.changed, again.removed) == ([], [], [])
    after = load("\ufeffNom;Communes\nVar Ouest;83126", replace=True)
    assert (after.changed, after.removed) == (["Var Ouest"], ["Rade"])
    assert stored() == {"Var Ouest": ["83126"]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "La première ligne doit être : nom;communes"),
        ("zone;villes\nVar;83137\n", "La première ligne doit être : nom;communes"),
        ("nom;communes\n", "Le fichier ne contient aucune zone."),
        ("nom;communes\nVar;83137;x\n", "Ligne 2 : deux colonnes attendues, 3 lues."),
        ("nom;communes\nVar\n", "Ligne 2 : deux colonnes attendues, 1 lues."),
        ("nom;communes\n\nVar;83999\n", "Ligne 3 : commune inconnue : 83999."),
        ("nom;communes\n;83137\n", "Ligne 2 : le nom compte de 1 à 80 caractères."),
        (f"nom;communes\n{'x' * 81};83137\n", "Ligne 2 : le nom compte de 1 à 80 caractères."),
        ("nom;communes\nVar;\n", "Ligne 2 : aucune commune."),
        ("nom;communes\nHyères;83069\n".encode("latin-1"), "enregistrez-le en UTF-8."),
        (f"nom;communes\nVar;{'8' * 140_000}\n", "ce n'est pas un CSV."),
    ],
)
def test_a_wrong_file_is_said_and_nothing_is_written(load, content, message):
    load("nom;communes\nRade;83126\n")
    (said,) = load(content, replace=True).errors
    assert message in said
    assert stored() == {"Rade": ["83126"]}


def test_the_command_says_what_it_did_or_why_not(tmp_path, capsys):
    path = tmp_path / "zones.csv"
    with pytest.raises(CommandError, match="Fichier introuvable"):
        call_command("import_zones", str(path))
    path.write_text("nom;communes\nVar;83999\n", encoding="utf-8")
    with pytest.raises(CommandError, match="Rien n'a été importé"):
        call_command("import_zones", str(path))
    path.write_text("nom;communes\nVar;83137\n", encoding="utf-8")
    with as_owner():
        call_command("import_zones", str(path))
    assert "1 ajoutées, 0 modifiées, 0 retirées" in capsys.readouterr().out
