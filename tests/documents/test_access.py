"""Who reads, writes, shares and deletes which documents: matrix, audience, depositor."""

import io
from datetime import timedelta
from itertools import product

import pytest
from django.core.exceptions import PermissionDenied
from django.db import ProgrammingError, connection, transaction
from django.http import Http404
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from procrastinate.contrib.django.models import ProcrastinateJob

from ronde.careteam import actions as careteam
from ronde.careteam.access import access_to
from ronde.careteam.models import BreakGlassReason, Level, MemberRole
from ronde.careteam.sections import DOCUMENT_CLASSES, documents
from ronde.core.actor import Actor
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.core.models import uuid7
from ronde.core.sharing import Sharing
from ronde.documents import actions, queries
from ronde.documents.actions import Filing
from ronde.documents.models import Document, File
from ronde.feed.queries import entries
from ronde.journal.models import JournalEntry
from ronde.notifications.jobs import tell_parties
from ronde.patients.merging import actions as merging
from tests import factories as f
from tests.documents import files
from tests.documents.conftest import IDENTITY, LETTER, close, deposit

pytestmark = pytest.mark.django_db
NURSE = "G15:60"


def act(who: Actor):
    return acting(party_id=who.party_id, user_id=who.user_id, delegated=who.is_delegate)


def reads(who: Actor, patient) -> set:
    with act(who):
        access = access_to(who, patient.pk)
        return set(queries.readable(access).values_list("pk", flat=True))


@pytest.fixture
def nurse(coordinator, record) -> Actor:
    account = f.user("RICCI", "Paola", profession=NURSE)
    f.member(coordinator, record, account.person.party, habilitated=True)
    return f.actor(account)


def test_a_class_closed_by_the_matrix_is_neither_read_nor_counted_nor_told(
    coordinator, record, nurse
):
    letter = deposit(coordinator, record)
    paper = deposit(coordinator, record, type=IDENTITY)
    close(documents("95"), NURSE)
    assert reads(nurse, record) == {letter.pk}
    with act(nurse):
        access = access_to(nurse, record.pk)
        assert queries.tally(access).total == 1
        assert "95" not in {code for code, _label, _n in queries.tally(access).classes}
        told = entries(access).filter(event="DocumentAdded")
        assert [entry.payload["document_id"] for entry in told] == [str(letter.pk)]
        assert {one.key for one in queries.dated(access, *([paper.event_date] * 2))} == {letter.pk}


def test_a_class_that_is_only_read_receives_nothing(coordinator, record, nurse):
    close(documents("10"), NURSE, Level.READ)
    document = deposit(coordinator, record)
    assert document.pk in reads(nurse, record)
    with pytest.raises(PermissionDenied):
        deposit(nurse, record)
    filing = Filing(LETTER, document.event_date, "Autre titre")
    with act(nurse), pytest.raises(PermissionDenied):
        actions.edit(access_to(nurse, record.pk), document, filing, document.version)


def test_of_two_who_edit_at_once_the_second_is_told_and_changes_nothing(coordinator, record, nurse):
    document = deposit(coordinator, record)
    seen = document.version
    first = Filing(LETTER, document.event_date, "Lettre du CHITS")
    second = Filing(LETTER, document.event_date, "Lettre de sortie")
    with act(coordinator):
        actions.edit(access_to(coordinator, record.pk), document, first, seen)
    with act(nurse):
        access = access_to(nurse, record.pk)
        with pytest.raises(actions.Conflict, match="modifié pendant votre saisie"):
            actions.edit(access, document, second, seen)
        assert queries.of(access, document.pk).title == "Lettre du CHITS"
        assert actions.edit(access, document, second, seen + 1).title == "Lettre de sortie"


def test_a_document_is_moved_to_a_writable_class_only(coordinator, record, nurse):
    close(documents("95"), NURSE, Level.READ)
    document = deposit(nurse, record)
    filing = Filing(IDENTITY, document.event_date, document.title)
    with act(nurse), pytest.raises(PermissionDenied):
        actions.edit(access_to(nurse, record.pk), document, filing, document.version)


def test_whoever_broke_the_glass_reads_and_changes_nothing(coordinator, record):
    document = deposit(coordinator, record)
    doctor = f.actor(f.user("ROUX", "Hugo"))
    with act(doctor):
        careteam.break_glass(doctor, record.pk, BreakGlassReason.EMERGENCY, "Chute à domicile")
    assert reads(doctor, record) == {document.pk}
    with pytest.raises(PermissionDenied):
        deposit(doctor, record)
    with act(doctor), pytest.raises(PermissionDenied):
        actions.withdraw(access_to(doctor, record.pk), document, "Erreur")


def test_a_private_document_leaks_nowhere(coordinator, record, nurse):
    document = deposit(coordinator, record, level=Sharing.PRIVATE, title="Secret")
    assert document.pk in reads(coordinator, record)
    assert reads(nurse, record) == set()
    with act(nurse):
        access = access_to(nurse, record.pk)
        assert queries.tally(access).total == 0
        assert queries.recent(access, None, 5) == []
        assert not entries(access).filter(event="DocumentAdded").exists()
        assert not JournalEntry.objects.filter(event="DocumentAdded").exists()
        with pytest.raises(Http404):
            queries.section_of(access, document.pk)


def test_a_line_of_the_feed_never_gives_the_title(coordinator, record):
    document = deposit(coordinator, record, title="Suspicion de maltraitance")
    with act(coordinator):
        access = access_to(coordinator, record.pk)
        actions.show_to(access, document, Sharing.PRIVATE)
        lines = [str(entry.payload) for entry in entries(access)]
    assert not any("maltraitance" in line for line in lines)


def test_only_whoever_deposited_it_changes_the_audience(coordinator, record, nurse):
    document = deposit(coordinator, record)
    with act(nurse), pytest.raises(PermissionDenied):
        actions.show_to(access_to(nurse, record.pk), document, Sharing.PRIVATE)
    with act(coordinator):
        access = access_to(coordinator, record.pk)
        actions.show_to(access, document, Sharing.SHARED, [nurse.party_id])
    assert reads(nurse, record) == {document.pk}


def test_the_depositor_deletes_without_right_for_a_day_and_no_longer(
    coordinator, record, nurse, time_machine
):
    document = deposit(nurse, record)
    later = deposit(nurse, record)
    close(documents("10"), NURSE, Level.READ)
    with act(nurse):
        actions.withdraw(access_to(nurse, record.pk), document, "Déposé par erreur")
    assert reads(nurse, record) == {later.pk}
    assert reads(coordinator, record) == {later.pk}
    time_machine.move_to(timezone.now() + timedelta(hours=24, minutes=1))
    with act(nurse), pytest.raises(PermissionDenied):
        actions.withdraw(access_to(nurse, record.pk), later, "Déposé par erreur")
    with act(coordinator):
        actions.withdraw(access_to(coordinator, record.pk), later, "Doublon")
    assert reads(nurse, record) == set()


def test_what_is_withdrawn_is_kept_with_its_reason(coordinator, record, cupboard):
    document = deposit(coordinator, record)
    with act(coordinator):
        access = access_to(coordinator, record.pk)
        actions.withdraw(access, document, "Document d'un autre patient")
        with pytest.raises(Http404):
            actions.withdraw(access, document, "Encore")
        line = entries(access).filter(event="DocumentWithdrawn").get()
        assert line.payload["reason"] == "Document d'un autre patient"
    with as_owner():
        kept = Document.objects.get(pk=document.pk)
        assert kept.withdrawn_reason == "Document d'un autre patient"
        assert cupboard.exists(File.objects.get(document=kept).place)


def test_a_new_version_takes_the_place_and_the_former_one_stays(coordinator, record):
    document = deposit(coordinator, record)
    with act(coordinator):
        access = access_to(coordinator, record.pk)
        file = actions.replace(access, document, io.BytesIO(files.picture()), "photo.png")
        assert file.number == 2
        shown = queries.of(access, document.pk)
        assert [one.kind for one in shown.current] == ["png"]
        assert [one.number for one in queries.files(shown)] == [2, 1]


LEVELS = [Level.NONE, Level.READ, Level.WRITE]
CLASS_CODES = ["10", "95", "coordination"]
TYPES = dict(zip(CLASS_CODES, [LETTER, IDENTITY, "C:courrier"], strict=True))


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    matrix=st.lists(st.sampled_from(LEVELS), min_size=3, max_size=3),
    chosen=st.lists(
        st.tuples(st.sampled_from(CLASS_CODES), st.sampled_from(list(Sharing)), st.booleans()),
        min_size=1,
        max_size=4,
    ),
)
def test_sharing_never_shows_more_than_the_matrix(coordinator, record, nurse, matrix, chosen):
    rights = dict(zip(CLASS_CODES, matrix, strict=True))
    sid = transaction.savepoint()
    try:
        for code, level in rights.items():
            close(documents(code), NURSE, level)
        with as_owner():
            Document.objects.filter(withdrawn_at=None).update(
                withdrawn_at=timezone.now(), withdrawn_reason="x"
            )
        expected = set()
        for code, level, with_nurse in chosen:
            other = f.actor(f.user("AUTRE", "Anne"))
            f.member(coordinator, record, _party(other), habilitated=True)
            to = [nurse.party_id if with_nurse else other.party_id]
            recipients = to if level == Sharing.SHARED else []
            document = deposit(
                coordinator, record, type=TYPES[code], level=level, recipients=recipients
            )
            shown = level == Sharing.PUBLIC or (level == Sharing.SHARED and with_nurse)
            if rights[code] >= Level.READ and shown:
                expected.add(document.pk)
        assert reads(nurse, record) == expected
        with act(nurse), transaction.atomic():  # And a query that forgot everything.
            forgot = set(Document.objects.filter(withdrawn_at=None).values_list("pk", flat=True))
            files_ = set(File.objects.values_list("document_id", flat=True))
        assert forgot == expected
        assert files_ & set(forgot) == expected
    finally:
        transaction.savepoint_rollback(sid)


def _party(actor: Actor):
    return f.Party.objects.get(pk=actor.party_id)


# Straight SQL: what a view forgot, the database refuses.


@pytest.mark.parametrize("by_role", [False, True])
def test_the_database_hides_the_documents_of_a_closed_class_and_their_files(
    coordinator, record, nurse, by_role
):
    """`by_role`: a line of the matrix about a role has the policy ask row by row."""
    letter = deposit(coordinator, record)
    deposit(coordinator, record, type=IDENTITY)
    close(documents("95"), NURSE)
    if by_role:
        close(documents("95"), NURSE, Level.READ, role="referent")
    with act(nurse):
        for table, key in (("document", "id"), ("file", "document_id")):
            assert fetch(f"SELECT {key} FROM documents_{table}") == [(letter.pk,)]
        assert run("UPDATE documents_document SET title = 'x' WHERE class_code = '95'") == 0
        assert run("UPDATE documents_file SET is_current = is_current") == 1
    if by_role:
        with as_owner():
            member = record.members.get(party_id=nurse.party_id)
            MemberRole.objects.create(member=member, patient=record, role="referent")
        with act(nurse):
            assert run("SELECT 1 FROM documents_document") == 2
            assert run("SELECT 1 FROM documents_file") == 2


def test_the_database_keeps_a_class_that_is_only_read_from_being_written(
    coordinator, record, nurse
):
    document = deposit(coordinator, record)
    mine = deposit(nurse, record)
    close(documents("10"), NURSE, Level.READ)
    with act(nurse):
        assert run("SELECT 1 FROM documents_document") == 2
        # One's own stays one's own: to share, and to take back for a time.
        assert run("UPDATE documents_document SET title = 'x'") == 1
        assert run("UPDATE documents_file SET is_current = false") == 0
        copy = Document.objects.get(pk=mine.pk)
        copy.pk = uuid7()
        with refused(), transaction.atomic():
            copy.save(force_insert=True)
        file = File.objects.get(document=document)
        file.pk, file.number, file.place, file.is_current = uuid7(), 2, "x/y", False
        file.added_by_user = nurse.user_id
        with refused(), transaction.atomic():
            file.save(force_insert=True)


def test_a_structure_and_a_delegate_read_the_classes_of_the_one_who_acts(coordinator, record):
    """In the name of a structure, one's own profession; by delegation of a person, theirs."""
    house, doctor = f.structure(), f.user("LEBLANC", "Marc")
    nurse = f.user("RICCI", "Paola", profession=NURSE, attached_to=house)
    f.delegation(doctor, nurse)
    for party in (house.party, doctor.person.party, nurse.person.party):
        f.member(coordinator, record, party, habilitated=True)
    deposit(coordinator, record)
    close(documents("10"), NURSE)
    for party, number in ((nurse.person_id, 0), (house.pk, 0), (doctor.person_id, 1)):
        with act(f.identity_of(nurse, party)):
            assert run("SELECT 1 FROM documents_document") == number


def test_the_class_of_a_document_is_told_to_the_gate_of_its_record_alone(
    coordinator, record, nurse
):
    shown, other = deposit(coordinator, record), f.patient(coordinator, birth_name="AUTRE")
    hidden = deposit(coordinator, record, level=Sharing.PRIVATE)
    close(documents("10"), NURSE)
    ask = "SELECT documents_class(%s, %s)"
    with act(nurse):
        assert fetch(ask, [shown.pk, record.pk]) == [("10",)]
        assert fetch(ask, [shown.pk, other.pk]) == [(None,)]
        assert fetch(ask, [hidden.pk, record.pk]) == [(None,)]
    with act(f.actor(f.user("ROUX", "Hugo"))):
        assert fetch(ask, [shown.pk, record.pk]) == [(None,)]


def refused():
    return pytest.raises(ProgrammingError, match=r"row-level security|permission denied")


def run(sql: str, values: list | None = None) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.rowcount


def fetch(sql: str, values: list | None = None) -> list[tuple]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


@pytest.mark.parametrize(
    ("level", "table"), [*product([Sharing.PUBLIC, Sharing.PRIVATE], ["document", "file"])]
)
def test_a_stranger_sees_no_row(coordinator, record, level, table):
    deposit(coordinator, record, level=level)
    stranger = f.actor(f.user("ROUX", "Hugo"))
    with act(stranger):
        assert run(f"SELECT 1 FROM documents_{table}") == 0
    with act(coordinator):
        assert run(f"SELECT 1 FROM documents_{table}") == 1


def test_a_member_sees_no_row_of_what_is_not_shared_with_them(coordinator, record, nurse):
    deposit(coordinator, record, level=Sharing.PRIVATE)
    with act(nurse):
        assert run("SELECT 1 FROM documents_document") == 0
        assert run("SELECT 1 FROM documents_file") == 0
        assert run("UPDATE documents_document SET sharing = 1") == 0


def test_whoever_broke_the_glass_writes_no_row(coordinator, record):
    document = deposit(coordinator, record)
    doctor = f.actor(f.user("ROUX", "Hugo"))
    with act(doctor):
        careteam.break_glass(doctor, record.pk, BreakGlassReason.EMERGENCY, "Chute à domicile")
        assert run("UPDATE documents_document SET title = 'x'") == 0
        assert run("UPDATE documents_file SET is_current = false") == 0
        copy = Document.objects.get(pk=document.pk)
        copy.pk, copy.owner_party, copy.added_by_user = uuid7(), doctor.party_id, doctor.user_id
        with refused(), transaction.atomic():
            copy.save(force_insert=True)


@pytest.mark.parametrize("column", ["patient_id", "owner_party", "added_by_user", "added_at"])
def test_who_deposited_what_in_which_record_never_changes(coordinator, record, column):
    deposit(coordinator, record)
    with act(coordinator), refused():
        run(f"UPDATE documents_document SET {column} = {column}")


@pytest.mark.parametrize("column", ["scan", "place", "sealed_key", "sha256"])
def test_a_file_never_changes(coordinator, record, column):
    deposit(coordinator, record)
    with act(coordinator), refused():
        run(f"UPDATE documents_file SET {column} = {column}")


@pytest.mark.parametrize("table", ["document", "file"])
def test_nothing_is_deleted(coordinator, record, table):
    deposit(coordinator, record)
    with act(coordinator), refused():
        run(f"DELETE FROM documents_{table}")


def test_nobody_deposits_in_the_name_of_another(coordinator, record, nurse):
    document = deposit(coordinator, record)
    with act(nurse):
        copy = Document.objects.get(pk=document.pk)
        copy.pk = uuid7()
        with refused(), transaction.atomic():
            copy.save(force_insert=True)


def test_every_class_of_the_dmp_has_types_to_choose():
    offered = {label for label, _types in queries.types.grouped(DOCUMENT_CLASSES)}
    received_only = {"99"}  # Style sheets: no professional deposits one.
    assert offered == {
        str(label) for code, label in DOCUMENT_CLASSES.items() if code not in received_only
    }


def test_a_retired_type_is_read_and_chosen_no_more():
    retired = "A05:ATTEST-VITALE"
    codes = {code for _label, types in queries.types.grouped(DOCUMENT_CLASSES) for code, _ in types}
    assert retired not in codes
    assert queries.types.label(retired) == "Attestation de carte vitale"
    kept = queries.types.grouped(["95"], kept=retired)
    assert retired in {code for _label, types in kept for code, _ in types}


def test_a_mail_goes_to_those_alone_who_may_read_the_class(coordinator, record, mailoutbox):
    accounts = [f.user("RICCI", "Paola", profession=NURSE), f.user("LEBLANC", "Marc")]
    for account in accounts:
        f.member(coordinator, record, account.person.party, habilitated=True)
    close(documents("95"), NURSE)
    deposit(coordinator, record, type=IDENTITY)
    with as_owner():
        entry = JournalEntry.objects.get(event="DocumentAdded")
        jobs = ProcrastinateJob.objects.filter(task_name="notifications.tell_parties")
        (job,) = [one for one in jobs if one.args["entry_id"] == str(entry.pk)]
    tell_parties.func(**job.args)
    assert [mail.to for mail in mailoutbox] == [[accounts[1].email]]
    assert "Un document a été ajouté à un dossier" in mailoutbox[0].subject
    assert "identité" not in mailoutbox[0].body


# Two records brought together.


def test_a_document_follows_its_record_into_the_one_kept_and_back(coordinator, record):
    stranger = f.actor(f.user("COSTA", "Hugo"))
    other = f.patient(stranger, used_name="AUTRE")
    shown = f.document(coordinator, record, type="C:courrier")
    hidden = f.document(coordinator, record, type="C:courrier", level=Sharing.PRIVATE)
    cell = f.officer()
    pair = f.pair(cell, other, record)
    with f.on_duty(cell):
        merging.merge(cell, pair, other.pk, "Même personne")
    assert reads(stranger, other) == {shown.pk}
    assert reads(coordinator, other) == {shown.pk, hidden.pk}
    with f.on_duty(cell):
        merging.separate(cell, pair, "Deux personnes")
    assert reads(coordinator, record) == {shown.pk, hidden.pk}
    assert reads(stranger, other) == set()
