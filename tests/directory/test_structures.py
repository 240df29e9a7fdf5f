"""Bringing the structures of a region into the directory."""

import zipfile
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.http import Http404

from ronde.careteam.access import access_to
from ronde.core.db.roles import as_owner
from ronde.directory.imports import reading
from ronde.directory.imports.table import COLUMNS
from ronde.directory.keys import name_key
from ronde.directory.models import ImportRun, Kind, Party, Source, Structure
from tests import factories as f

pytestmark = pytest.mark.django_db
HEADER = ";".join(COLUMNS)
DOCUMENTED = Path(__file__).parents[2] / "docs" / "directory-csv.md"
DAC = (
    "R-1;DAC Var Ouest;DAC VO;830990008;73282932000074;732829320;606;12 rue des Oliviers;83500;"
    "La Seyne-sur-Mer;83126;04 94 00 00 01;contact@dac.example;oui;oui;"
)
UNIT = "R-2;Antenne de Toulon;;;;;606;;83000;Toulon;83137;;;non;;R-1"


@pytest.fixture
def write(tmp_path):
    def write(*lines: str, header: str = HEADER, encoding: str = "utf-8") -> Path:
        path = tmp_path / "structures.csv"
        path.write_bytes(("\n".join([header, *lines]) + "\n").encode(encoding))
        return path

    return write


def run(path: Path, **options) -> str:
    """Import as the owner; answer what is shown."""
    shown = StringIO()
    with as_owner():
        call_command("import_structures", path, stdout=shown, **options)
    return shown.getvalue()


def structure(identifier: str) -> Structure:
    return Structure.objects.select_related("party").get(technical_id=identifier)


def rows() -> list[tuple]:
    """Every row of the directory with the transaction that wrote it, and its place."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.id, p.xmin::text, p.ctid::text, s.xmin::text, s.ctid::text"
            " FROM directory_party p LEFT JOIN directory_structure s ON s.party_id = p.id"
            " ORDER BY p.id"
        )
        return cursor.fetchall()


def refused(path: Path) -> tuple[str, list[tuple[int, str]]]:
    """Import what must be refused whole; answer the sentence and the lines of the report."""
    before = rows()
    with pytest.raises(CommandError) as error:
        run(path)
    assert rows() == before
    account = ImportRun.objects.get()
    assert (account.status, account.error) == (ImportRun.Status.FAILED, str(error.value))
    told = account.refused.filter(kept=False).order_by("line").values_list("line", "reason")
    return str(error.value), list(told)


def test_a_structure_comes_with_its_traits(write):
    shown = run(write(DAC, UNIT))
    dac = structure("R-1")
    assert dac.pk == name_key("finess:830990008")
    assert (dac.legal_name, dac.short_name, dac.finess) == ("DAC Var Ouest", "DAC VO", "830990008")
    assert (dac.siret, dac.siren, dac.category_code) == ("73282932000074", "732829320", "606")
    assert dac.acts_as_legal_person
    assert dac.is_coordination
    party = dac.party
    assert (party.kind, party.source, party.display_name) == (
        Kind.STRUCTURE,
        Source.REGION,
        "DAC Var Ouest",
    )
    assert party.sort_key == "DAC VAR OUEST DAC VO"
    assert (party.address_line, party.postcode, party.city, party.commune_code) == (
        "12 rue des Oliviers",
        "83500",
        "La Seyne-sur-Mer",
        "83126",
    )
    assert (party.phone, party.email) == ("+33494000001", "contact@dac.example")
    unit = structure("R-2")
    assert (unit.parent, unit.acts_as_legal_person, unit.is_coordination) == (dac, False, False)
    account = ImportRun.objects.get()
    assert account.status == ImportRun.Status.DONE
    assert account.source == Source.REGION
    assert account.counts == {
        "lines": 2,
        "lines_refused": 0,
        "lines_doubtful": 0,
        "structures_added": 2,
        "structures_changed": 0,
    }
    assert "2 lignes, 2 ajoutées, 0 modifiées" in shown


def test_the_documented_example_is_imported(tmp_path):
    example = DOCUMENTED.read_text(encoding="utf-8").split("```\nidentifiant")[1].split("```")[0]
    path = tmp_path / "structures.csv"
    path.write_text("identifiant" + example, encoding="utf-8")
    run(path)
    assert structure("ROR-0002").parent == structure("ROR-0001")


def test_the_same_file_again_changes_nothing(write):
    path = write(UNIT, DAC)
    run(path)
    before = rows()
    assert "0 ajoutées, 0 modifiées" in run(path)
    assert rows() == before


def test_commas_capitals_accents_and_any_order_of_titles_are_read(write):
    path = write(
        '"Équipe mobile, Toulon",R-9,oui,', header="Libellé,IDENTIFIANT,Personne morale,Téléphone"
    )
    run(path)
    assert structure("R-9").party.display_name == "Équipe mobile, Toulon"
    assert structure("R-9").acts_as_legal_person


def test_a_byte_order_mark_and_windows_ends_are_read(tmp_path):
    path = tmp_path / "structures.csv"
    path.write_bytes(f"\ufeff{HEADER}\r\n{UNIT[:-3]}\r\n\r\n;;;\r\n".encode())
    run(path)
    assert structure("R-2").parent is None


def test_a_change_touches_only_its_structure(write):
    run(write(DAC, UNIT))
    before = {row[0]: row for row in rows()}
    run(write(DAC, UNIT.replace("Antenne de Toulon", "Antenne du Mourillon")))
    unit = structure("R-2")
    assert {row[0] for row in rows() if row != before[row[0]]} == {unit.pk}
    assert (unit.legal_name, unit.party.sort_key) == (
        "Antenne du Mourillon",
        "ANTENNE DU MOURILLON",
    )


def test_an_empty_cell_changes_nothing(write):
    run(write(DAC))
    before = rows()
    run(write("R-1" + ";" * 15))
    assert rows() == before


@pytest.fixture
def national() -> Structure:
    known = f.structure("CENTRE HOSPITALIER D'ESSAI", legal_person=False)
    with as_owner():
        Structure.objects.filter(pk=known.pk).update(finess="830990008", siret="73282932000074")
        Party.objects.filter(pk=known.pk).update(source=Source.FINESS, fingerprint=1)
    return Structure.objects.get(pk=known.pk)


def test_the_flag_alone_leaves_the_structure_to_finess(write, national):
    run(write("830990008;oui", header="finess;personne_morale"))
    national.refresh_from_db()
    assert national.acts_as_legal_person
    assert (national.party.source, national.party.fingerprint) == (Source.FINESS, 1)


def test_another_trait_gives_the_structure_to_the_region(write, national):
    run(write("830990008;04 94 00 00 02", header="finess;telephone"))
    party = Party.objects.get(pk=national.pk)
    assert (party.source, party.phone, party.display_name) == (
        Source.REGION,
        "+33494000002",
        "CENTRE HOSPITALIER D'ESSAI",
    )


def test_a_siret_alone_finds_the_only_structure_that_has_it(write, national):
    run(write("73282932000074;contact@ch.example", header="siret;email"))
    assert Party.objects.get(pk=national.pk).email == "contact@ch.example"


def test_a_unit_with_its_own_identifier_is_not_the_site_of_its_siret(write, national):
    shown = run(
        write(
            "R-5;Équipe mobile;73282932000074;R-5b",
            "R-5b;Pôle;;",
            header="identifiant;libelle;siret;parent",
        )
    )
    assert structure("R-5").pk == name_key("region:R-5") != national.pk
    assert "«CENTRE HOSPITALIER D'ESSAI» a le même SIRET (importée)" in shown
    assert structure("R-5").parent == structure("R-5b")


def test_a_siret_that_several_have_is_not_enough(write, national):
    other = f.structure("Autre site")
    with as_owner():
        Structure.objects.filter(pk=other.pk).update(siret="73282932000074")
    _, told = refused(write("73282932000074;a@ch.example", header="siret;email"))
    assert "plusieurs structures l'ont" in told[0][1]


def test_a_structure_that_left_is_said_and_comes_back_when_the_region_describes_it(write, national):
    with as_owner():
        Party.objects.filter(pk=national.pk).update(gone_on=date(2026, 5, 1))
    shown = run(write("830990008;oui", header="finess;personne_morale"))
    assert "structure partie de l'annuaire le 01/05/2026 (importée)" in shown
    assert Party.objects.get(pk=national.pk).gone_on == date(2026, 5, 1)
    run(write("830990008;Centre d'essai", header="finess;libelle"))
    assert Party.objects.get(pk=national.pk).gone_on is None


def test_legal_person_opens_and_closes_the_record_at_once(write, as_actor):
    run(write(DAC.replace(";oui;oui;", ";non;oui;")))
    dac = structure("R-1")
    member = f.actor(f.user("ROUX", "Hugo", attached_to=dac), structure=dac)
    owner = f.actor(f.user())
    patient = f.patient(owner)
    f.member(owner, patient, dac.party, habilitated=True)

    def opens() -> bool:
        with as_actor(member):
            try:
                return bool(access_to(member, patient.pk))
            except Http404:
                return False

    assert not opens()
    run(write("R-1;oui", header="identifiant;personne_morale"))
    assert opens()
    run(write("R-1;non", header="identifiant;personne_morale"))
    assert not opens()


@pytest.mark.parametrize(
    ("title", "value", "said"),
    [
        ("finess", "830990009", "finess : Ce numéro FINESS n'existe pas : sa clé est fausse"),
        ("finess", "83099", "finess : Le numéro FINESS compte 9 chiffres"),
        ("siret", "73282932000075", "siret : Ce numéro SIRET n'existe pas"),
        ("siren", "732829321", "siren : Ce numéro SIREN n'existe pas"),
        ("siren", "542065479", "siren : ce n'est pas le début du SIRET"),
        ("categorie", "9999", "categorie : catégorie d'établissement «9999» inconnue"),
        ("code_insee", "83999", "code_insee : commune «83999» inconnue"),
        ("code_postal", "8350", "code_postal : cinq chiffres attendus"),
        ("telephone", "04 94", "telephone : Numéro de téléphone non valable"),
        ("email", "contact", "email : Adresse e-mail incomplète"),
        ("personne_morale", "peut-être", "personne_morale : «oui» ou «non» attendu"),
        ("coordination", "x", "coordination : «oui» ou «non» attendu"),
        ("libelle", "x" * 251, "libelle : 250 signes au plus"),
        ("libelle", "", "libelle : obligatoire pour une structure nouvelle"),
        ("libelle", "DAC\u200bVar", "libelle : caractère invisible"),
        ("parent", "R-404", "parent : «R-404» n'est pas dans l'annuaire"),
        ("parent", "R-1", "parent : les rattachements tournent en rond"),
    ],
)
def test_a_wrong_value_refuses_the_file_and_says_the_line(write, title, value, said):
    values = dict(zip(COLUMNS, DAC.split(";"), strict=True)) | {title: value}
    sentence, told = refused(write("R-3;Autre" + ";" * 14, ";".join(values.values())))
    assert sentence == "1 ligne refusée : rien n'a été importé."
    assert [line for line, _ in told] == [3]
    assert told[0][1].startswith(said)


def test_every_trouble_of_every_line_is_said_at_once(write):
    sentence, told = refused(
        write(
            UNIT.replace("83137", "99999").replace("83000", "x"),
            ";Sans numéro" + ";" * 14,
            "R-7;Dix colonnes" + ";" * 8,
            'R-8;"Guillemet' + ";" * 14,
            "R-9;Bonne" + ";" * 14,
            "R-9;Deux fois" + ";" * 14,
        )
    )
    assert sentence == "5 lignes refusées : rien n'a été importé."
    assert told == [
        (
            2,
            "code_postal : cinq chiffres attendus ; "
            "code_insee : commune «99999» inconnue du code officiel géographique",
        ),
        (3, "un identifiant, un numéro FINESS ou un SIRET est attendu"),
        (4, "10 colonnes au lieu de 16"),
        (5, "guillemets mal fermés"),
        (7, "même structure qu'à la ligne 6"),
    ]


def test_a_number_has_one_bearer(write):
    run(write(DAC, UNIT))
    with as_owner():
        ImportRun.objects.all().delete()
    _, told = refused(
        write(
            "R-2;830990008",
            "R-1;970302287",
            "R-5;980501506",
            "R-6;980501506",
            header="identifiant;finess",
        )
    )
    assert told == [
        (2, "identifiant : déjà celui de «Antenne de Toulon»"),
        (3, "finess : cette structure a déjà le numéro 830990008"),
        (4, "libelle : obligatoire pour une structure nouvelle"),
        (5, "libelle : obligatoire pour une structure nouvelle"),
    ]


def test_two_lines_may_not_give_one_finess_number(write):
    run(write(UNIT[:-3]))
    with as_owner():
        ImportRun.objects.all().delete()
    _, told = refused(
        write("R-2;;980501506", "R-6;Neuve;980501506", header="identifiant;libelle;finess")
    )
    assert told == [(3, "même numéro FINESS qu'à la ligne 2")]


def test_parents_may_not_turn_in_a_circle_through_the_directory(write):
    run(write(DAC, UNIT))
    with as_owner():
        ImportRun.objects.all().delete()
    _, told = refused(write("R-1;R-2", header="identifiant;parent"))
    assert told == [(2, "parent : les rattachements tournent en rond")]


def test_a_dry_run_shows_the_table_and_changes_nothing(write):
    before = rows()
    shown = StringIO()
    with as_owner(), pytest.raises(CommandError, match="corrigez ces lignes"):
        call_command(
            "import_structures",
            write(DAC, UNIT.replace("83137", "99999")),
            dry_run=True,
            stdout=shown,
        )
    assert "      3  code_insee : commune «99999» inconnue" in shown.getvalue()
    assert "2 lignes, 1 refusées" in shown.getvalue()
    shown = run(write(DAC, UNIT), dry_run=True)
    assert "2 structures seraient ajoutées, 0 modifiées" in shown
    assert rows() == before
    assert not ImportRun.objects.exists()


def test_an_empty_file_is_refused(tmp_path):
    path = tmp_path / "structures.csv"
    path.touch()
    assert refused(path) == ("Le fichier structures.csv est vide.", [])


def test_titles_alone_are_refused(write):
    assert refused(write())[0] == "Le fichier ne contient que la ligne de titres."


def test_another_encoding_is_refused_with_its_line(write):
    sentence, _ = refused(write(DAC, "R-3;Équipe" + ";" * 14, encoding="latin-1"))
    assert sentence.startswith("Ligne 3 : le fichier n'est pas en UTF-8 (octet 0xC9).")


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("identifiant;nom", "colonnes inconnues : «nom»"),
        ("libelle;sigle", "il faut une colonne identifiant, finess ou siret"),
        ("identifiant;libelle;Libellé", "colonnes en double : libelle"),
        ("a;b;c;d;e;f;g;h;i;j", "colonnes inconnues : «a», «b»"),
    ],
)
def test_wrong_titles_are_refused(write, header, said):
    assert said in refused(write("R-1;x", header=header))[0]


def test_a_truncated_file_is_refused(write):
    path = write(DAC, UNIT)
    path.write_bytes(path.read_bytes()[:-20])
    assert refused(path)[0] == "Le fichier s'arrête au milieu de la ligne 3 : il est tronqué."


def test_a_last_line_without_end_is_read(write):
    path = write(DAC, UNIT)
    path.write_bytes(path.read_bytes()[:-1])
    assert "2 ajoutées" in run(path)


def test_what_is_not_an_archive_is_refused(tmp_path):
    path = tmp_path / "structures.zip"
    path.write_text(f"{HEADER}\n{DAC}\n", encoding="utf-8")
    assert "n'est pas une archive zip" in refused(path)[0]


def test_an_archive_that_unfolds_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "ZIP_RATIO_FROM", 1 << 20)
    path = tmp_path / "structures.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("structures.csv", f"{HEADER}\n{DAC}\n" + ";\n" * 4_000_000)
    assert "se déplie au-delà" in refused(path)[0]
