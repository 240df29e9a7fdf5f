"""Bringing Annuaire Santé into the directory. All persons of these files are invented."""

import io
import zipfile
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection

from ronde.core.db.roles import as_owner
from ronde.directory.imports import bulk, rpps
from ronde.directory.imports.layout import HEADER
from ronde.directory.imports.progress import Progress
from ronde.directory.imports.runs import Step
from ronde.directory.keys import name_key, person_key
from ronde.directory.models import (
    Entry,
    ImportRun,
    Party,
    Person,
    Post,
    Source,
    Structure,
    Word,
)
from ronde.directory.queries import search
from tests import factories as f
from tests.directory.rpps import ALIX, CAMILLE, FILES, JEAN, LOU, NOOR, five, line, write

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def owner():
    with as_owner():
        yield


@pytest.fixture
def file(tmp_path: Path):
    def make(lines: list[str], **options: str) -> Path:
        return write(
            tmp_path / "PS_LibreAcces_Personne_activite_202611210000.txt", lines, **options
        )

    return make


def run(path: Path | None, **options) -> ImportRun:
    known = set(ImportRun.objects.values_list("pk", flat=True)) if not options.get("resume") else ()
    call_command("import_rpps", *([path] if path else []), verbosity=0, **options)
    return ImportRun.objects.exclude(pk__in=known).latest("started_at")


def person(number: str = ALIX) -> Person:
    return Person.objects.select_related("party").get(rpps=number)


TABLES = {
    "directory_party": "id",
    "directory_person": "party_id",
    "directory_structure": "party_id",
    "directory_post": "id",
}


def rows() -> dict[str, list[tuple]]:
    """Every row with the transaction that wrote it and its place: equal means untouched."""
    found = {}
    with connection.cursor() as cursor:
        for table, key in TABLES.items():
            cursor.execute(f"SELECT xmin::text, ctid::text, t.* FROM {table} t ORDER BY {key}")
            found[table] = cursor.fetchall()
    return found


def values() -> dict[str, list[tuple]]:
    return {table: [row[2:] for row in content] for table, content in rows().items()}


# What is read


@pytest.mark.parametrize("name", ["rpps_56.txt", "rpps_52.txt"])
def test_both_layouts_give_the_same_directory(name):
    account = run(FILES / name)
    assert account.status == ImportRun.Status.DONE
    assert account.counts["lines"] == 5
    assert account.counts["persons_added"] == 4
    assert Post.objects.filter(person=person()).count() == 2
    alix = person()
    assert alix.party_id == person_key("8", ALIX)
    assert (alix.family_name, alix.given_name, alix.title) == ("EXEMPLE", "Alix", "Docteur")
    assert alix.profession_code == "G15:10"
    assert alix.party.display_name == "EXEMPLE Alix"
    assert alix.party.source == Source.RPPS


def test_a_person_is_reached_at_the_first_workplace_of_the_file():
    run(FILES / "rpps_56.txt")
    party = person().party
    assert (party.address_line, party.postcode) == ("12 Rue DES ESSAIS", "13001")
    assert (party.city, party.commune_code) == ("Marseille 1er Arrondissement", "13201")
    assert party.phone == "+33400000001"


def test_a_person_whose_first_line_names_no_workplace_is_reached_at_the_next(file):
    run(file([line(nowhere=True), line(city="Hyères")]))
    assert person().party.city == "Hyères"
    assert Post.objects.filter(person=person()).count() == 2


def test_structures_are_known_by_finess_then_by_their_identifier():
    run(FILES / "rpps_56.txt")
    hospital = Structure.objects.get(finess="990000001")
    assert hospital.pk == name_key("finess:990000001")
    assert hospital.legal_name == "CENTRE HOSPITALIER DES ESSAIS"
    assert hospital.finess_legal == "990000002"
    chemist = Structure.objects.get(siret="99999999900017")
    assert chemist.pk == name_key("siret:99999999900017")
    assert chemist.siren == "999999999"
    practice = Structure.objects.get(technical_id="R99900000000001")
    assert practice.party.display_name == "CABINET DU DR ALIX EXEMPLE"


def test_the_sign_of_a_shop_is_its_name_and_both_names_are_searched(file):
    run(file([line(sign="PHARMACIE DU PORT", name="SELARL DUPONT")]))
    shop = Structure.objects.get().party
    assert (shop.display_name, shop.sort_key) == (
        "PHARMACIE DU PORT",
        "PHARMACIE DU PORT SELARL DUPONT",
    )


def test_a_workplace_without_any_number_is_known_by_name_and_address(file):
    lines = [line(place=""), line(JEAN, place=""), line(NOOR, place="", name="AUTRE CABINET")]
    run(file(lines))
    assert sorted(Structure.objects.values_list("legal_name", flat=True)) == [
        "AUTRE CABINET",
        "CABINET DES ESSAIS",
    ]


def test_coordination_is_known_by_the_sector_of_activity(file):
    run(file([line(sector="SA63"), line(JEAN, place="R2", sector="SA07")]))
    assert Structure.objects.get(is_coordination=True).technical_id == "R99900000000001"


def test_a_code_of_two_nomenclatures_is_the_one_in_use():
    run(FILES / "rpps_56.txt")
    assert person(CAMILLE).profession_code == "R95:93"


def test_names_keep_accents_and_odd_signs_and_are_folded_for_the_search(file):
    name, place = 'D\'ÉPREUVE-"TESTARD"', r"A\N\.\|B".replace("|", "")
    run(file([line(family=name, given="Jean-François", name=place)]))
    assert person().family_name == name
    assert person().party.sort_key == "D EPREUVE TESTARD JEAN FRANCOIS"
    assert Structure.objects.get().legal_name == place
    assert Word.objects.filter(word="EPREUVE").exists()


def test_adeli_numbers_are_read_with_the_letters_of_corsica(file):
    run(file([line("2A9300012", kind="0", profession="93")]))
    psychologist = Person.objects.get(adeli="2A9300012")
    assert psychologist.pk == person_key("0", "2A9300012")
    assert psychologist.rpps == ""


def test_columns_are_found_by_their_titles_whatever_the_order(file):
    titles, cells = (text.split("|")[:-1] for text in (HEADER, line()))
    header = "|".join(reversed([title.upper().replace("É", "E") for title in titles]))
    body = "|".join(reversed(cells))
    run(file([body], header=header))
    assert person().family_name == "EXEMPLE"


def test_lines_of_one_person_need_not_follow_one_another(file):
    run(file([line(), line(JEAN), line(place="R2", name="AUTRE")]))
    assert Person.objects.count() == 2
    assert Post.objects.filter(person=person()).count() == 2


def test_two_lines_that_say_the_same_post_make_one(file):
    account = run(file([line(), line(phone="0494000002")]))
    assert account.counts["posts_repeated"] == 1
    assert Post.objects.count() == 1


def test_an_archive_is_read_without_being_unfolded(file, tmp_path):
    path = tmp_path / "ps.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(FILES / "rpps_56.txt", "PS_LibreAcces_Personne_activite_202611.txt")
        archive.writestr("PS_LibreAcces_Dipl_AutExerc_202611.txt", "autre")
    assert run(path).counts["persons_added"] == 4
    assert sorted(p.name for p in tmp_path.iterdir()) == ["ps.zip"]


def test_a_last_line_without_end_is_read_and_windows_ends_too(file):
    assert run(file(five(), end="")).counts["persons_added"] == 5
    path = file(five())
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    account = run(path)
    assert (account.counts["lines"], account.counts["persons_changed"]) == (5, 0)


# What happens twice, or later


def test_the_same_file_again_changes_nothing(file):
    path = file(five())
    run(path)
    before = rows()
    with time_machine.travel(date(2027, 1, 5), tick=False):
        account = run(path)
    assert rows() == before
    changes = {
        name: n
        for name, n in account.counts.items()
        if name.endswith(("added", "changed", "gone", "back"))
    }
    assert set(changes.values()) == {0}
    assert account.file_hash == ImportRun.objects.earliest("started_at").file_hash


def test_a_new_trait_touches_that_person_alone(file):
    run(file(five()))
    before = rows()["directory_party"]
    account = run(file(five(family="MARIÉE")))
    assert account.counts["persons_changed"] == 1
    assert person().family_name == "MARIÉE"
    touched = {
        new[2] for old, new in zip(before, rows()["directory_party"], strict=True) if old != new
    }
    assert touched == {person().pk}


def test_somebody_absent_from_a_full_file_is_gone_and_keeps_their_history(file):
    run(file(five()))
    with time_machine.travel(date(2027, 1, 5), tick=False):
        account = run(file(five()[1:]))
    assert account.counts["persons_gone"] == 1
    assert person().party.gone_on == date(2027, 1, 5)
    assert Post.objects.get(person=person()).gone_on == date(2027, 1, 5)
    assert Party.objects.filter(gone_on=None, kind=1).count() == 4


def test_somebody_who_comes_back_is_present_again(file):
    run(file(five()))
    run(file(five()[1:]))
    account = run(file(five()))
    assert account.counts["posts_back"] == 1
    assert person().party.gone_on is None
    assert Post.objects.get(person=person()).gone_on is None
    assert Post.objects.count() == 5


def test_a_post_that_ends_leaves_its_trace(file):
    run(file(five()))
    run(file(five(mode="S")))
    assert sorted(
        (post.mode_code, post.gone_on is None) for post in Post.objects.filter(person=person())
    ) == [("L", False), ("S", True)]


def test_a_structure_that_no_line_names_any_more_is_gone(file):
    run(file(five()))
    lines = five()
    lines[2] = line(NOOR, family="PHARMATEST", given="Noor", profession="21")
    account = run(file(lines))
    assert account.counts["structures_gone"] == 1
    assert Structure.objects.get(technical_id="R2").party.gone_on is not None


def test_a_partial_file_makes_nobody_leave(file):
    run(file(five()))
    run(file([line(LOU, family="AUTRE")]), partial=True)
    assert not Party.objects.exclude(gone_on=None).exists()


def test_a_file_in_which_too_many_are_missing_is_refused(file):
    run(file(five()))
    before = rows()
    with pytest.raises(CommandError, match=r"2 fiches sur 5 disparaîtraient \(limite : 20 %\)"):
        run(file(five()[2:]))
    assert rows() == before
    assert ImportRun.objects.latest("started_at").status == ImportRun.Status.FAILED
    assert run(file(five()[2:]), force=True).counts["persons_gone"] == 2


# Who else writes the directory


def test_a_structure_of_finess_keeps_what_finess_says(file):
    house = f.structure("CENTRE HOSPITALIER", city="Hyères")
    Structure.objects.filter(pk=house.pk).update(finess="990000001")
    Party.objects.filter(pk=house.pk).update(source=Source.FINESS)
    run(file(five()))
    house.party.refresh_from_db()
    assert (house.party.display_name, house.party.city) == ("CENTRE HOSPITALIER", "Hyères")
    assert Post.objects.get(person=person(LOU)).structure_id == house.pk


def test_somebody_known_under_another_key_keeps_it(file):
    known = f.person("ANCIEN", "Nom")
    Person.objects.filter(pk=known.pk).update(rpps=ALIX)
    Party.objects.filter(pk=known.pk).update(source=Source.LOCAL)
    own = Post.objects.create(person=known, profession_code="G15:10")
    run(file(five()))
    known.refresh_from_db()
    assert known.family_name == "EXEMPLE"
    assert known.party.source == Source.RPPS
    assert Post.objects.filter(person=known, source=Source.RPPS).count() == 1
    run(file(five()[1:]))
    own.refresh_from_db()
    assert own.gone_on is None


# What is taken up again


def interrupted_at(monkeypatch, name: str, error: type[BaseException] = KeyboardInterrupt):
    """Make one step fail after it has written."""

    def fail(step: Step):
        def action(account, cursor):
            step.action(account, cursor)
            raise error

        return Step(step.name, step.label, action)

    steps = [fail(step) if step.name == name else step for step in rpps.STEPS]
    monkeypatch.setattr(rpps, "STEPS", steps)


@pytest.mark.parametrize("name", ["prepare", "parties", "posts", "departures"])
def test_an_import_killed_between_two_steps_goes_on_from_there(file, monkeypatch, name):
    run(file(five()))
    changed = [*five(family="MARIÉE", mode="S")[:4], line("99000000069", family="NEUF")]
    with monkeypatch.context() as patch:
        interrupted_at(patch, name)
        with pytest.raises(KeyboardInterrupt):
            run(file(changed))
    account = ImportRun.objects.latest("started_at")
    assert (account.status, account.error) == (ImportRun.Status.FAILED, "Interrompu.")
    assert account.step != name
    resumed = run(None, resume=True)
    assert (resumed.pk, resumed.status) == (account.pk, ImportRun.Status.DONE)
    assert resumed.counts["lines"] == 5
    after = values()
    assert person().family_name == "MARIÉE"
    assert person("99000000069").party.gone_on is None
    assert person(LOU).party.gone_on is not None
    assert run(file(changed)).counts["persons_changed"] == 0
    assert values() == after


def test_a_process_that_vanished_can_be_taken_up_too(file, monkeypatch):
    with monkeypatch.context() as patch:
        interrupted_at(patch, "posts")
        with pytest.raises(KeyboardInterrupt):
            run(file(five()))
    ImportRun.objects.update(status=ImportRun.Status.RUNNING, error="", finished_at=None)
    assert run(None, resume=True).status == ImportRun.Status.DONE
    assert Post.objects.count() == 5


def test_an_import_stopped_while_reading_needs_its_file_again(file, monkeypatch):
    path = file(five())
    with monkeypatch.context() as patch:
        interrupted_at(patch, "read")
        with pytest.raises(KeyboardInterrupt):
            run(path)
    with pytest.raises(CommandError, match="donnez de nouveau le fichier"):
        run(None, resume=True)
    assert run(path, resume=True).counts["persons_added"] == 5


def test_nothing_to_take_up_is_said(file):
    with pytest.raises(CommandError, match="Aucun import de cette source n'est à reprendre"):
        run(None, resume=True)
    run(file(five()))
    with pytest.raises(CommandError, match="Aucun import de cette source n'est à reprendre"):
        run(None, resume=True)


def test_an_import_whose_tables_were_lost_is_begun_again(file, monkeypatch):
    with monkeypatch.context() as patch:
        interrupted_at(patch, "posts")
        with pytest.raises(KeyboardInterrupt):
            run(file(five()))
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA directory_import CASCADE; CREATE SCHEMA directory_import")
    with pytest.raises(CommandError, match="tables intermédiaires"):
        run(None, resume=True)
    assert run(file(five())).status == ImportRun.Status.DONE


def test_two_imports_do_not_run_at_once(file):
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtext('ronde.directory.import'))")
        with pytest.raises(CommandError, match="Un autre import de l'annuaire est en cours"):
            run(file(five()))
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('ronde.directory.import'))")
    finally:
        other.close()  # The server lets go of the lock later than that: unlocked above.
    assert run(file(five())).status == ImportRun.Status.DONE


# The first load


def definitions() -> set[tuple]:
    """Keys, indexes and triggers of the directory, as the database describes them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE tablename ^@ 'directory_'"
            " UNION ALL SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)"
            " FROM pg_constraint WHERE conrelid::regclass::text ^@ 'directory_'"
            " UNION ALL SELECT tgrelid::regclass::text, tgname, tgenabled::text FROM pg_trigger"
            " WHERE tgrelid::regclass::text ^@ 'directory_' AND NOT tgisinternal"
        )
        return set(cursor.fetchall())


def entries() -> dict[UUID, set[int]]:
    return {key: set(words) for key, words in Entry.objects.values_list("party_id", "words")}


def wanted() -> dict[UUID, set[int]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT party_id, words FROM directory_entry_wanted")
        return {key: set(words) for key, words in cursor.fetchall()}


def test_entries_follow_every_kind_of_change(file):
    run(file(five()))
    assert entries() == wanted()
    run(file(five(family="MARIÉE", mode="S", name="AUTRE CABINET", city="Hyères")[:4]))
    assert entries() == wanted()


def test_lines_of_somebody_told_apart_by_others_repeat_a_post_once(file):
    account = run(file([line(), line(JEAN), line(phone="0494000002")]))
    assert account.counts["posts_repeated"] == 1
    assert Person.objects.count() == 2


def test_a_first_load_gives_the_same_directory_and_puts_every_key_back(file, monkeypatch):
    run(file(five()))
    slow, known, found = values(), set(Word.objects.values_list("word", flat=True)), entries()
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM directory_post; DELETE FROM directory_person;"
            " DELETE FROM directory_structure; DELETE FROM directory_party;"
            " DELETE FROM directory_entry"
        )
    before = definitions()
    monkeypatch.setattr(bulk, "WORTH_IT", 0)
    run(file(five()))
    assert values() == slow
    assert set(Word.objects.values_list("word", flat=True)) == known
    assert entries() == found
    assert definitions() == before


def test_a_first_load_enters_those_whom_the_file_does_not_name_too(file, monkeypatch):
    known, stranger = f.person("ANCIEN", "Nom"), f.person("LOCALE", "Ève", city="Hyères")
    Person.objects.filter(pk=known.pk).update(rpps=ALIX)
    house = f.structure("Maison des Lices", city="Toulon")
    for somebody in (known, stranger):
        Post.objects.create(person=somebody, structure=house, profession_code="G15:10")
    Party.objects.filter(pk=stranger.pk).update(source=Source.LOCAL)
    Entry.objects.all().delete()
    monkeypatch.setattr(bulk, "WORTH_IT", 0)
    others = [line(number) for number in ("99000000069", "99000000077", "99000000085")]
    run(file([*five(), *others]), force=True)
    assert entries() == wanted()
    assert [one.party.pk for one in search("exemple lices")] == [known.pk]
    assert [one.party.pk for one in search("locale lices")] == [stranger.pk]


# The terminal


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_the_steps_pass_and_a_log_nothing(file):
    shown, log = Terminal(), io.StringIO()
    rpps.import_rpps(file(five()), progress=Progress(shown))
    rpps.import_rpps(file(five()), progress=Progress(log))
    assert "1/5 Lecture du fichier" in shown.getvalue()
    assert "100 %" in shown.getvalue()
    assert log.getvalue() == ""


def test_the_report_says_what_changed_and_which_lines_were_left_out(file):
    lines = [*five(), line("123"), line("99000000011", family="CLÉ")]
    run(file(lines))
    out = io.StringIO()
    call_command("import_rpps", report=True, stdout=out)
    text = out.getvalue()
    assert "6 professionnels ajoutés" in text
    assert "1 lignes refusées" in text
    assert "ligne 7 : numéro RPPS : 11 chiffres attendus" in text
    assert "ligne 8 : clé du numéro RPPS 99000000011 fausse (importée)" in text
