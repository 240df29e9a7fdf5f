"""Files that are not what they should be: each gets a sentence, and nothing is written."""

import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from ronde.core.db.roles import as_owner
from ronde.directory.imports import reading
from ronde.directory.imports.layout import HEADER
from ronde.directory.models import ImportRun, Party, RefusedLine
from tests.directory.rpps import ALIX, JEAN, LOU, NOOR, five, line, write

pytestmark = pytest.mark.django_db
MEMBER = "PS_LibreAcces_Personne_activite_202611210000.txt"


@pytest.fixture(autouse=True)
def owner():
    with as_owner():
        yield


def refused(path: Path) -> str:
    """Import what cannot be; answer the sentence, which the account of the run keeps too."""
    with pytest.raises(CommandError) as error:
        call_command("import_rpps", path, verbosity=0)
    assert not Party.objects.exists()
    account = ImportRun.objects.latest("started_at")
    assert (account.status, account.error) == (ImportRun.Status.FAILED, str(error.value))
    return str(error.value)


def reported(path: Path) -> list[tuple[int, str, bool]]:
    """Import a file with some bad lines; answer what is said of them."""
    call_command("import_rpps", path, verbosity=0)
    account = ImportRun.objects.latest("started_at")
    assert account.status == ImportRun.Status.DONE
    return list(account.refused.order_by("line").values_list("line", "reason", "kept"))


@pytest.fixture
def text(tmp_path):
    return tmp_path / "ps.txt"


@pytest.fixture
def archive(tmp_path):
    """Make an archive of members given as name and content."""

    def make(**members: bytes) -> Path:
        path = tmp_path / "ps.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
            for name, content in members.items():
                out.writestr(name.replace("__", "."), content)
        return path

    return make


GOOD = "\n".join([HEADER, *five(), ""]).encode()


# The file as a whole


def test_a_missing_file(tmp_path):
    assert "Fichier illisible" in refused(tmp_path / "absent.txt")


def test_an_empty_file(text):
    text.write_bytes(b"")
    assert refused(text) == "Le fichier ps.txt est vide."


def test_a_file_with_titles_alone(text):
    assert refused(write(text, [])) == "Le fichier ne contient aucune ligne utilisable."


def test_ten_columns(text):
    header = "|".join(HEADER.split("|")[:10])
    message = refused(write(text, ["|".join(line().split("|")[:10])], header=header))
    assert message.startswith("Ligne 1 : 10 colonnes, sans «Identifiant technique de la structure»")
    assert "Ce n'est pas l'extraction «Personne_activite»" in message


def test_another_separator(text):
    assert "Ligne 1 : 1 colonnes" in refused(write(text, [], header=HEADER.replace("|", ";")))


def test_another_encoding_names_the_line(text):
    text.write_bytes("\n".join([HEADER, line(), line(JEAN, given="Rémi"), ""]).encode("latin-1"))
    assert refused(text).startswith("Ligne 1 : le fichier n'est pas en UTF-8 (octet 0xE9).")
    content = HEADER.encode() + "\n".join(["", line(), line(JEAN, given="Rémi"), ""]).encode(
        "latin-1"
    )
    text.write_bytes(content)
    assert refused(text).startswith("Ligne 3 : le fichier n'est pas en UTF-8 (octet 0xE9).")


def test_a_bad_letter_far_in_the_file_names_its_line(text):
    lines = [line(f"99{n:09d}") for n in range(2_000)]
    content = "\n".join([HEADER, *lines, line(JEAN, given="Rémi"), line(NOOR), ""])
    text.write_bytes(content.encode().replace("Rémi".encode(), b"R\xe9mi"))
    assert refused(text).startswith("Ligne 2002 : le fichier n'est pas en UTF-8 (octet 0xE9).")


def test_two_bytes_a_letter(text):
    text.write_text(GOOD.decode(), encoding="utf-16")
    assert refused(text).startswith("Ligne 1 :")


def test_a_mark_of_utf_8_at_the_start_is_nothing(text):
    text.write_bytes(b"\xef\xbb\xbf" + GOOD)
    assert reported(text) == []
    assert Party.objects.filter(kind=1).count() == 5


def test_a_truncated_file(text):
    text.write_bytes(GOOD[:-20])
    assert refused(text) == "Le fichier s'arrête au milieu de la ligne 6 : il est tronqué."


def test_a_line_without_end(text):
    text.write_bytes(GOOD + b"8|990" + b"x" * 3_000_000)
    assert refused(text) == "Ligne 7 : plus de 100000 octets sans fin de ligne."


def test_a_picture(text):
    text.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 50)
    assert refused(text).startswith("Ligne 1 :")


def test_a_file_whose_lines_are_mostly_refused(text):
    lines = [*five(), line("1"), line("2"), line("3")]
    assert refused(write(text, lines)) == "3 lignes refusées : ce n'est pas le fichier attendu."
    account = ImportRun.objects.latest("started_at")
    assert account.refused.count() == 3
    assert account.counts["lines_refused"] == 3


# Lines


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (line(NOOR)[:-1], "56 colonnes au lieu de 57"),
        (line(NOOR) + "|", "58 colonnes au lieu de 57"),
        (line("9900000001"), "numéro RPPS : 11 chiffres attendus"),
        (line("9900000001A"), "numéro RPPS : 11 chiffres attendus"),
        (line("12345", kind="0"), "numéro ADELI : 9 caractères attendus"),
        (line(kind="5"), "type d'identifiant inconnu : 0 (ADELI) ou 8 (RPPS) attendu"),
        (line("99000000069", family=""), "nom d'exercice absent"),
        (line("99000000069", given="A\1B"), "caractère de contrôle dans la ligne"),
        (line("99000000069", given="A\0B"), "caractère de contrôle dans la ligne"),
        (line("99000000069", given="A\rB"), "caractère de contrôle dans la ligne"),
    ],
)
def test_a_bad_line_is_left_out_and_told(text, bad, reason):
    lines = [*five()[:3], bad, *five()[3:]]
    assert reported(write(text, lines)) == [(5, reason, False)]
    assert Party.objects.filter(kind=1).count() == 5


def test_every_line_of_somebody_refused_is_refused(text):
    lines = [line("123"), line("123"), *five(), line(ALIX), *[line(f"{LOU}") for _ in range(4)]]
    assert [place for place, _, _ in reported(write(text, lines))] == [2, 3]


def test_a_wrong_key_is_told_and_the_person_kept(text):
    lines = [*five(), line("99000000011")]
    assert reported(write(text, lines)) == [
        (7, "clé du numéro RPPS 99000000011 fausse", True),
    ]
    assert Party.objects.filter(kind=1).count() == 6


def test_empty_lines_are_nothing(text):
    assert reported(write(text, ["", *five(), "", ""])) == []


def test_the_report_stops_before_it_is_a_second_file(text, monkeypatch):
    monkeypatch.setattr("ronde.directory.imports.lines.REPORTED", 3)
    monkeypatch.setattr("ronde.directory.imports.rpps.REFUSED_LIMIT", 1)
    reported(write(text, [*five(), *[line("1")] * 9]))
    assert RefusedLine.objects.count() == 3
    assert ImportRun.objects.get().counts["lines_refused"] == 9


@pytest.mark.parametrize("tail", ["header", "lines"])
def test_the_bar_at_the_end_of_lines_may_be_missing_on_one_side(text, tail):
    lines = five() if tail == "lines" else [one.removesuffix("|") for one in five()]
    header = HEADER if tail == "header" else HEADER.removesuffix("|")
    assert reported(write(text, lines, header=header)) == []
    assert Party.objects.filter(kind=1).count() == 5


# Archives


def test_what_is_called_zip_and_is_not(tmp_path):
    path = tmp_path / "ps.zip"
    path.write_bytes(GOOD)
    assert refused(path) == "ps.zip n'est pas une archive zip, ou elle est tronquée."


def test_a_truncated_archive(archive):
    path = archive(**{MEMBER: GOOD * 50})
    path.write_bytes(path.read_bytes()[:-40])
    assert refused(path) == "ps.zip n'est pas une archive zip, ou elle est tronquée."


def test_a_damaged_archive(archive):
    path = archive(**{MEMBER: GOOD})
    content = bytearray(path.read_bytes())
    content[len(MEMBER) + 200] ^= 0xFF
    path.write_bytes(content)
    assert refused(path) == "L'archive est abîmée ou tronquée : téléchargez-la de nouveau."


def test_an_archive_without_the_file(archive):
    message = refused(archive(autre__txt=GOOD))
    assert (
        "un seul fichier «Personne_activite» ; elle en contient 0 (dedans : autre.txt)" in message
    )


def test_an_archive_with_two_of_them(archive):
    message = refused(archive(**{MEMBER: GOOD, f"copie/{MEMBER}": GOOD}))
    assert "elle en contient 2" in message


def test_an_archive_that_unfolds_without_end(archive, monkeypatch):
    monkeypatch.setattr(reading, "ZIP_RATIO_FROM", 1 << 20)
    content = GOOD + b"\n".join([line().encode()] * 20_000)
    assert "se déplie au-delà de ce qui est permis" in refused(archive(**{MEMBER: content}))


def test_an_archive_that_unfolds_beyond_the_limit(archive, monkeypatch):
    monkeypatch.setattr(reading, "ZIP_LIMIT", 1_000)
    assert "se déplie au-delà de ce qui est permis" in refused(archive(**{MEMBER: GOOD}))


def test_a_path_that_climbs_is_only_a_name(archive):
    assert reported(archive(**{f"../../{MEMBER}": GOOD})) == []
