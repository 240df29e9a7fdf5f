"""Bringing FINESS into the directory. `files/finess.csv`: eight establishments, five of which as
the public extraction gives them (finess.esante.gouv.fr, Licence Ouverte 2.0), three invented.
"""

import zipfile
from datetime import date
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection

from ronde.core.db.roles import as_owner
from ronde.directory.imports import finess, reading
from ronde.directory.keys import name_key
from ronde.directory.models import ImportRun, Kind, Party, Structure
from tests import factories as f

pytestmark = pytest.mark.django_db
FILE = Path(__file__).parent / "files" / "finess.csv"
BOURG, CAYENNE, MAYOTTE = "010000024", "970302287", "980501506"
DAC, CORSICA, ST_BARTH = "830990008", "2A0990008", "970990008"


@pytest.fixture(autouse=True)
def owner():
    with as_owner():
        yield


@pytest.fixture
def lines() -> list[str]:
    return FILE.read_text(encoding="utf-8").splitlines()


@pytest.fixture
def write(tmp_path):
    def write(lines: list[str], encoding: str = "utf-8") -> Path:
        path = tmp_path / "finess.csv"
        path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
        return path

    return write


def run(path: Path, **options) -> ImportRun:
    """Import the file; answer the account of the run."""
    known = {account.pk for account in ImportRun.objects.all() if not options.get("resume")}
    call_command("import_finess", path, verbosity=0, **options)
    return ImportRun.objects.exclude(pk__in=known).get()


def structure(number: str) -> Structure:
    return Structure.objects.select_related("party").get(finess=number)


def told(account: ImportRun) -> list[tuple[int, str, bool]]:
    return list(account.refused.order_by("line").values_list("line", "reason", "kept"))


def rows() -> list[tuple]:
    """Every row of the directory with the transaction that wrote it, and its place."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.id, p.xmin::text, p.ctid::text, s.xmin::text, s.ctid::text, p.gone_on"
            " FROM directory_party p LEFT JOIN directory_structure s ON s.party_id = p.id"
            " ORDER BY p.id"
        )
        return cursor.fetchall()


def refused_whole(path: Path, **options) -> str:
    """Import what must be refused; answer the sentence shown, which the account keeps too."""
    before = rows()
    with pytest.raises(CommandError) as error:
        run(path, **options)
    account = ImportRun.objects.order_by("-started_at", "-pk").first()
    assert (account.status, account.error) == (ImportRun.Status.FAILED, str(error.value))
    assert account.finished_at is not None
    assert rows() == before
    return str(error.value)


def test_an_establishment_is_in_the_directory_with_its_traits():
    account = run(FILE)
    bourg = structure(BOURG)
    assert bourg.pk == name_key(f"finess:{BOURG}")
    assert bourg.legal_name == "CENTRE HOSPITALIER DE BOURG-EN-BRESSE FLEYRIAT"
    assert bourg.short_name == "CH DE FLEYRIAT"
    assert bourg.party.sort_key == ("CENTRE HOSPITALIER DE BOURG EN BRESSE FLEYRIAT CH DE FLEYRIAT")
    assert (bourg.finess_legal, bourg.siret, bourg.siren) == (
        "010780054",
        "26010004500012",
        "260100045",
    )
    assert (bourg.category_code, bourg.is_coordination) == ("355", False)
    party = bourg.party
    assert (party.kind, party.source, party.gone_on) == (Kind.STRUCTURE, "finess", None)
    assert (party.address_line, party.postcode, party.city) == (
        "900 RTE DE PARIS",
        "01440",
        "VIRIAT",
    )
    assert (party.phone, party.email) == ("+33474454647", "")
    assert not bourg.acts_as_legal_person
    assert account.status == ImportRun.Status.DONE
    assert account.counts == {
        "lines": 9,
        "lines_ignored": 1,
        "lines_refused": 0,
        "lines_doubtful": 0,
        "structures_read": 8,
        "structures_changed": 0,
        "structures_added": 8,
        "structures_gone": 0,
        "present": 0,
    }
    assert set(account.seconds) == {"read", "prepare", "structures", "departures"}
    assert (account.file_name, len(account.file_hash)) == ("finess.csv", 64)


def test_the_short_name_serves_when_there_is_no_long_one():
    run(FILE)
    assert structure("980600027").party.display_name == "HOPITAL DE SIA"


def test_doubled_quotes_are_read_once():
    run(FILE)
    assert structure(MAYOTTE).legal_name == 'LIEU DE VIE ET D\'ACCUEIL "MAVOUNA MEMA 1"'


@pytest.mark.parametrize(
    ("number", "commune"),
    [
        (BOURG, "01451"),
        (DAC, "83126"),
        (CORSICA, "2A004"),
        (ST_BARTH, "97701"),
        ("970216057", "97209"),
        (CAYENNE, "97302"),
        (MAYOTTE, "97606"),
        ("980600027", "98613"),
    ],
)
def test_a_commune_of_three_digits_gets_its_whole_code(number, commune):
    run(FILE)
    assert structure(number).party.commune_code == commune


@pytest.mark.parametrize(
    ("departement", "digits", "code"),
    [
        ("9A", "105", "97105"),
        ("9A", "123", "97123"),
        ("9D", "411", "97411"),
        ("75", "113", "75113"),
        ("2B", "033", "2B033"),
        ("83", "", ""),
        ("", "126", ""),
        ("83", "83126", "83126"),
    ],
)
def test_the_departement_leads_the_code(write, lines, departement, digits, code):
    line = lines[1].replace(";451;01;", f";{digits};{departement};")
    run(write([lines[0], line]))
    assert structure(BOURG).party.commune_code == code


def test_overseas_numbers_have_their_own_country_code():
    run(FILE)
    assert structure(CAYENNE).party.phone == "+594594395050"
    assert structure(MAYOTTE).party.phone == "+262269666815"
    assert structure(CAYENNE).party.address_line == "AV ALEXIS BLAISE, BP 6006"
    assert structure(CAYENNE).party.city == "CAYENNE CEDEX"


def test_a_dac_is_known_to_coordinate():
    run(FILE)
    assert structure(DAC).is_coordination


def test_the_same_file_again_changes_nothing():
    run(FILE)
    before = rows()
    account = run(FILE)
    assert rows() == before
    assert account.counts["structures_added"] == account.counts["structures_changed"] == 0


def test_a_change_touches_only_its_establishment(write, lines):
    run(FILE)
    before = {row[0]: row for row in rows()}
    run(write([line.replace("0474454647", "0474454600") for line in lines]))
    changed = {row[0] for row in rows() if row != before[row[0]]}
    assert changed == {structure(BOURG).pk}
    assert structure(BOURG).party.phone == "+33474454600"


def test_latin1_is_recognised(write, lines):
    named = [line.replace("HOPITAL DE SIA", "HÔPITAL DE SIA À UVÉA") for line in lines]
    run(write(named, "latin-1"))
    sia = structure("980600027").party
    assert (sia.display_name, sia.sort_key) == ("HÔPITAL DE SIA À UVÉA", "HOPITAL DE SIA A UVEA")


def test_one_line_in_another_encoding_is_refused_alone(tmp_path, lines):
    text = [line.encode() for line in lines]
    text[4] = text[4].replace(b"HOPITAL", b"H\xd4PITAL")
    path = tmp_path / "finess.csv"
    path.write_bytes(b"\n".join(text) + b"\n")
    account = run(path)
    assert told(account) == [(5, "octet 0xD4 illisible dans un fichier en UTF-8", False)]
    assert account.counts["structures_added"] == 7


def test_a_structure_known_from_the_rpps_is_the_same(write, lines):
    known = f.structure("CH Fleyriat (Annuaire Santé)", email="contact@exemple.test")
    Structure.objects.filter(pk=known.pk).update(
        finess=BOURG, technical_id=f"F{BOURG}", sector_code="SA57", siret="1" * 14
    )
    Party.objects.filter(pk=known.pk).update(source="rpps", phone="+33474000000")
    run(write([line.replace("0474454647", "").replace("26010004500012", "") for line in lines]))
    found = structure(BOURG)
    assert found.pk == known.pk
    assert (found.party.source, found.legal_name) == (
        "finess",
        "CENTRE HOSPITALIER DE BOURG-EN-BRESSE FLEYRIAT",
    )
    assert found.category_code == "355"
    # What FINESS does not say stays.
    assert (found.party.phone, found.party.email) == ("+33474000000", "contact@exemple.test")
    assert (found.siret, found.technical_id) == ("1" * 14, f"F{BOURG}")
    assert found.acts_as_legal_person
    assert found.is_coordination
    before = rows()
    run(write([line.replace("0474454647", "").replace("26010004500012", "") for line in lines]))
    assert rows() == before


def test_what_the_region_maintains_is_left_alone():
    known = f.structure("DAC tenu par la région")
    Structure.objects.filter(pk=known.pk).update(finess=DAC)
    account = run(FILE)
    assert structure(DAC).party.display_name == "DAC tenu par la région"
    assert account.counts["structures_added"] == 7


def test_an_absent_establishment_leaves_then_comes_back(write, lines, settings):
    settings.DIRECTORY_VANISHING_LIMIT = 20
    run(FILE)
    with time_machine.travel("2026-12-01 10:00 +0100", tick=True):
        account = run(write(lines[:4] + lines[5:]))
        assert account.counts["structures_gone"] == 1
        assert structure("980600027").party.gone_on == date(2026, 12, 1)
        assert structure(BOURG).party.gone_on is None
    account = run(FILE)
    assert account.counts["structures_changed"] == 1
    assert structure("980600027").party.gone_on is None


def test_too_many_absences_are_refused_unless_forced(write, lines, settings):
    settings.DIRECTORY_VANISHING_LIMIT = 20
    run(FILE)
    short = write(lines[:3])
    assert "6 fiches sur 8 disparaîtraient" in refused_whole(short)
    account = run(short, partial=True)
    assert "structures_gone" not in account.counts
    assert run(short, force=True).counts["structures_gone"] == 6


def test_each_refused_line_has_its_number_and_reason(write, lines):
    broken = [
        *lines,
        lines[1].removesuffix(";") + ";trop;",
        lines[1].replace(BOURG, "01000002"),
        lines[2],
        lines[1].replace(BOURG, "010000065").replace("CH DE FLEYRIAT", ""),
        "entitejuridique;1;2",
    ]
    broken[-2] = broken[-2].replace("CENTRE HOSPITALIER DE BOURG-EN-BRESSE FLEYRIAT", "")
    # Twenty good lines more, so that few are refused.
    broken += [lines[1].replace(BOURG, f"01009{n:04d}") for n in range(20)]
    account = run(write(broken))
    assert [line for line in told(account) if not line[2]] == [
        (11, "32 valeurs au lieu de 31", False),
        (12, "numéro FINESS : 9 chiffres attendus (2A ou 2B en tête pour la Corse)", False),
        (13, f"numéro FINESS {CAYENNE} déjà lu à la ligne 3", False),
        (14, "raison sociale absente", False),
        (15, "type de ligne «entitejuridique» inconnu", False),
    ]
    assert account.counts["lines_refused"] == 5
    assert account.counts["structures_added"] == 28


def test_a_wrong_key_and_an_unknown_category_are_imported_and_said(write, lines):
    lines[1] = lines[1].replace(BOURG, "010000025").replace(";355;", ";999;")
    account = run(write(lines))
    assert told(account) == [
        (2, "clé du numéro FINESS 010000025 fausse", True),
        (2, "catégorie «999» inconnue", True),
    ]
    assert structure("010000025").category_code == "999"


def test_an_empty_file_is_refused(tmp_path):
    path = tmp_path / "finess.csv"
    path.touch()
    assert refused_whole(path) == "Le fichier finess.csv est vide."


def test_a_missing_file_is_said(tmp_path):
    assert "Fichier illisible" in refused_whole(tmp_path / "finess.csv")


def test_another_file_is_refused(write):
    headed = ["nofinesset;nofinessej;rs;rslongue", "010000024;010780054;CH;CH"]
    assert "«finess;etalab;…» attendu" in refused_whole(write(headed))


def test_a_file_of_ten_columns_is_refused(write, lines):
    run(FILE)
    ten = [";".join(line.split(";")[:10]) for line in lines]
    assert "aucun établissement utilisable" in refused_whole(write(ten))
    account = ImportRun.objects.order_by("-started_at", "-pk").first()
    assert told(account)[0] == (2, "10 valeurs au lieu de 31", False)


def test_utf16_is_refused(write, lines):
    assert "Ligne 1" in refused_whole(write(lines, "utf-16"))


@pytest.mark.parametrize("lost", [2, 5, 30, 150])
def test_a_truncated_last_line_is_refused(tmp_path, lines, lost):
    run(FILE)
    path = tmp_path / "finess.csv"
    path.write_text("\n".join(lines[:-1])[:-lost], encoding="utf-8")
    assert refused_whole(path) == "Le fichier s'arrête au milieu de la ligne 9 : il est tronqué."


def test_a_last_line_without_end_is_read(tmp_path, lines):
    path = tmp_path / "finess.csv"
    path.write_text("\n".join(lines[:-1]), encoding="utf-8")
    assert run(path).counts["structures_added"] == 8


def zipped(path: Path, name: str, content: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return path


def test_an_archive_is_read(tmp_path):
    name = "etalab-cs1100502-stock-20260512-0336.csv"
    path = zipped(tmp_path / "finess.zip", name, FILE.read_bytes())
    assert run(path).counts["structures_added"] == 8


def test_what_is_not_an_archive_is_refused(tmp_path):
    path = tmp_path / "finess.zip"
    path.write_bytes(FILE.read_bytes())
    assert "n'est pas une archive zip" in refused_whole(path)


def test_a_truncated_archive_is_refused(tmp_path):
    path = zipped(tmp_path / "finess.zip", "etalab-cs1100502-stock.csv", FILE.read_bytes())
    path.write_bytes(path.read_bytes()[:-40])
    assert "n'est pas une archive zip, ou elle est tronquée" in refused_whole(path)


def test_an_archive_that_unfolds_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "ZIP_RATIO_FROM", 1 << 20)
    content = FILE.read_bytes() + b"geolocalisation;010000024;1;1;x;2026-05-12\n" * 200_000
    path = zipped(tmp_path / "finess.zip", "etalab-cs1100502-stock.csv", content)
    assert "se déplie au-delà" in refused_whole(path)


def test_an_import_goes_on_from_the_step_that_failed(monkeypatch):
    with monkeypatch.context() as patch:
        broken = finess.Step("structures", "Établissements", _fail)
        patch.setattr(finess, "STEPS", [*finess.STEPS[:2], broken, finess.STEPS[3]])
        assert refused_whole(FILE) == "panne"
    account = run(None, resume=True)
    assert account.counts["structures_added"] == 8
    assert account.status == ImportRun.Status.DONE


def _fail(run, cursor):
    raise finess.BadFile("panne")  # noqa: EM101
