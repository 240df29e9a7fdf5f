"""One act on many records: what changes, what stays and why, who is told, and the way back."""

import pytest
from django.core import mail
from django.db import transaction

from ronde.careteam import actions as careteam
from ronde.careteam.access import access_to, accessible
from ronde.careteam.foresight import Act, Obstacle, foresee
from ronde.careteam.models import Member
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.directory.models import Party
from ronde.journal.models import JournalEntry
from ronde.patients import actions as patients
from ronde.patients.models import Patient
from ronde.worklist import bulk
from ronde.worklist.models import BulkLine, BulkRun
from tests import factories as f
from tests.notifications.worker import run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def me():
    return f.actor(f.user())


@pytest.fixture
def nurse():
    return f.user("RICCI", "Paola")


@pytest.fixture
def records(me) -> list[Patient]:
    return [f.patient(me, birth_name=f"NOM{letter}") for letter in "ABC"]


def asked(who, act: Act, parties, records) -> BulkRun:
    with acting(party_id=who.party_id, user_id=who.user_id):
        run = bulk.begin(who, [one.pk for one in records])
        found = [Party.objects.get(pk=getattr(one, "person_id", one)) for one in parties]
        run = bulk.choose(run, act, found, "RICCI Paola", run.patients)
        return bulk.confirm(who, run)


def played(who, run: BulkRun) -> BulkRun:
    bulk.Player(run.pk, who.user_id, who.party_id).play()
    with acting(party_id=who.party_id, user_id=who.user_id), transaction.atomic():
        return BulkRun.objects.get(pk=run.pk)


def done(who, act: Act, parties, records) -> BulkRun:
    return played(who, asked(who, act, parties, records))


def undone(who, run: BulkRun) -> BulkRun:
    with acting(party_id=who.party_id, user_id=who.user_id):
        bulk.take_back(who, run)
    return played(who, run)


def outcomes(run: BulkRun, *, undo: bool = False) -> list[str]:
    names = ("undo_state", "undo_obstacle") if undo else ("state", "obstacle")
    with as_owner():
        rows = BulkLine.objects.filter(run=run).order_by("rank").values_list(*names)
        return [obstacle or state for state, obstacle in rows]


def sees(user) -> set:
    who = f.actor(user)
    with acting(party_id=who.party_id, user_id=who.user_id), transaction.atomic():
        return accessible(who, Patient.objects.values_list("pk", flat=True))


def keys(records) -> set:
    return {one.pk for one in records}


def happened(name: str) -> int:
    with as_owner():
        return JournalEntry.objects.filter(event=name).count()


def test_everybody_habilitated_sees_each_record_and_each_circle_keeps_its_event(me, nurse, records):
    run = done(me, Act.HABILITATE, [nurse], records)
    assert outcomes(run) == ["done"] * 3
    assert sees(nurse) == keys(records)
    assert run.finished_at
    assert happened("MemberHabilitated") == 3


def test_added_without_habilitation_sees_nothing(me, nurse, records):
    assert outcomes(done(me, Act.ADD, [nurse], records)) == ["done"] * 3
    assert sees(nurse) == set()


def test_many_habilitations_make_one_mail(me, nurse, records):
    done(me, Act.HABILITATE, [nurse], records)
    run_jobs()
    assert [one.to for one in mail.outbox] == [[nurse.email]]
    assert "de nouveaux dossiers" in mail.outbox[0].subject
    assert "Nombre : 3 dossiers" in mail.outbox[0].body
    assert "MARCHETTI" not in mail.outbox[0].body


def test_a_withdrawal_is_told_once_and_only_to_who_had_access(me, nurse, records):
    f.member(me, records[0], nurse.person.party, habilitated=True)
    f.member(me, records[1], nurse.person.party)
    run_jobs()
    mail.outbox.clear()
    assert outcomes(done(me, Act.WITHDRAW, [nurse], records)) == ["done", "without", "absent"]
    run_jobs()
    assert [one.subject for one in mail.outbox] == [
        "Ronde : Votre accès à des dossiers a été retiré"
    ]
    assert "Nombre : 1 dossier\n" in mail.outbox[0].body
    other = f.user("PETIT", "Léa")
    mail.outbox.clear()
    done(me, Act.REMOVE, [other, nurse], records)
    run_jobs()
    assert not mail.outbox


def test_each_record_says_why_it_stayed_as_it_was(me, nurse, records):
    f.member(me, records[0], nurse.person.party, habilitated=True)
    f.member(me, records[1], nurse.person.party, refused=True)
    with acting(party_id=me.party_id, user_id=me.user_id), transaction.atomic():
        patients.withdraw_consent(access_to(me, records[2].pk), "À sa demande")
    expected = ["habilitated", "refused", "consent"]
    with acting(party_id=me.party_id, user_id=me.user_id), transaction.atomic():
        party = Party.objects.get(pk=nurse.person_id)
        seen = foresee(me, [one.pk for one in records], [party], Act.HABILITATE)
    assert [seen[one.pk, party.pk] for one in records] == expected
    assert outcomes(done(me, Act.HABILITATE, [nurse], records)) == expected
    assert outcomes(done(me, Act.REMOVE, [nurse], records)) == ["done", "refused", "absent"]


def test_the_last_access_to_a_record_is_never_taken_by_an_act_on_many(me, nurse, records):
    f.member(me, records[0], nurse.person.party, habilitated=True)
    mine = f.User.objects.get(pk=me.user_id)
    for act in (Act.WITHDRAW, Act.REMOVE):
        run = done(me, act, [mine], records[1:])
        assert outcomes(run) == ["last", "last"]
    assert outcomes(done(me, Act.WITHDRAW, [mine], records)) == ["done", "last", "last"]
    assert sees(mine) == keys(records[1:])


def test_of_a_group_that_holds_all_the_accesses_one_stays(me, nurse, records):
    f.member(me, records[0], nurse.person.party, habilitated=True)
    mine = f.User.objects.get(pk=me.user_id)
    parties = [nurse, mine]
    with acting(party_id=me.party_id, user_id=me.user_id), transaction.atomic():
        found = [Party.objects.get(pk=one.person_id) for one in parties]
        seen = foresee(me, [records[0].pk], found, Act.WITHDRAW)
    assert list(seen.values()) == [None, Obstacle.LAST]
    assert outcomes(done(me, Act.WITHDRAW, parties, records[:1])) == ["done", "last"]


def test_a_record_whose_access_ends_meanwhile_is_reported_and_not_touched(me, nurse, records):
    run = asked(me, Act.HABILITATE, [nurse], records)
    with as_owner():
        Member.objects.filter(patient=records[1]).update(habilitated=False)
    played(me, run)
    assert outcomes(run) == ["done", "closed", "done"]
    with as_owner():
        assert not Member.objects.filter(patient=records[1], party_id=nurse.person_id).exists()


def test_an_identity_that_ends_meanwhile_stops_the_run_where_it_is(nurse):
    house = f.structure()
    colleague = f.user("BLANC", "Ana", attached_to=house)
    who = f.actor(colleague, house)
    records = [f.patient(who, birth_name=f"NOM{letter}") for letter in "AB"]
    run = asked(who, Act.HABILITATE, [nurse], records)
    player = bulk.Player(run.pk, who.user_id, who.party_id)
    player.play_one()
    with as_owner():
        colleague.attachments.update(ended_at="2026-01-01T00:00:00Z")
    played(who, run)
    assert outcomes(run) == ["done", "identity"]
    assert sees(nurse) == {records[0].pk}


def test_break_glass_changes_no_circle(nurse, records):
    stranger = f.user("ROUX", "Hugo")
    who = f.actor(stranger)
    with acting(party_id=who.party_id, user_id=who.user_id), transaction.atomic():
        careteam.break_glass(who, records[0].pk, "urgence", "Chute à domicile")
        party = Party.objects.get(pk=nurse.person_id)
        assert foresee(who, [records[0].pk], [party], Act.ADD) == {
            (records[0].pk, party.pk): Obstacle.GLASS
        }
    run = done(who, Act.ADD, [nurse], records)
    assert outcomes(run) == ["glass"]


def test_records_of_others_are_left_out_of_the_selection(me, records):
    other = f.patient(f.actor(f.user("ROUX", "Hugo")), birth_name="AUTREVIE")
    with acting(party_id=me.party_id, user_id=me.user_id):
        assert bulk.begin(me, [other.pk, records[0].pk]).patients == [records[0].pk]


def test_confirmed_twice_it_is_done_once(me, nurse, records):
    run = asked(me, Act.HABILITATE, [nurse], records)
    with acting(party_id=me.party_id, user_id=me.user_id):
        bulk.confirm(me, run)
    assert outcomes(run) == ["pending"] * 3
    run_jobs()
    assert happened("MemberHabilitated") == 3


def test_a_run_stopped_in_the_middle_goes_on_where_it_was(me, nurse, records):
    run = asked(me, Act.HABILITATE, [nurse], records)
    player = bulk.Player(run.pk, me.user_id, me.party_id)
    player.play_one()
    assert outcomes(run) == ["done", "pending", "pending"]
    assert run_jobs() >= 1
    assert outcomes(run) == ["done"] * 3
    assert happened("MemberHabilitated") == 3
    assert happened("HabilitationsGiven") == 1


def test_undo_gives_each_circle_back_what_it_was(me, nurse, records):
    f.member(me, records[0], nurse.person.party, roles=("contributor",))
    f.member(me, records[1], nurse.person.party, habilitated=True, roles=("attending-physician",))
    for act in (Act.HABILITATE, Act.ADD, Act.WITHDRAW, Act.REMOVE):
        before = circles(records)
        run = done(me, act, [nurse], records)
        assert circles(records) != before
        assert "kept" not in outcomes(undone(me, run), undo=True)
        assert circles(records) == before


def circles(records) -> list:
    with as_owner():
        rows = Member.objects.filter(patient__in=records, removed_at=None)
        return sorted(
            (
                str(one.patient_id),
                str(one.party_id),
                one.habilitated,
                one.refused,
                sorted(one.roles.filter(is_current=True).values_list("role", flat=True)),
            )
            for one in rows
        )


def test_undo_leaves_alone_what_somebody_changed_since_and_says_so(me, nurse, records):
    run = done(me, Act.HABILITATE, [nurse], records)
    with acting(party_id=me.party_id, user_id=me.user_id), transaction.atomic():
        member = Member.objects.get(patient=records[1], party_id=nurse.person_id)
        careteam.set_roles(access_to(me, records[1].pk), member, ["contributor"])
    assert outcomes(undone(me, run), undo=True) == ["done", "changed", "done"]
    assert sees(nurse) == {records[1].pk}


def test_a_unique_role_taken_meanwhile_is_not_taken_back(me, nurse, records):
    f.member(me, records[0], nurse.person.party, roles=("attending-physician",))
    run = done(me, Act.REMOVE, [nurse], records[:1])
    f.member(me, records[0], f.person("VIDAL").party, roles=("attending-physician",))
    assert outcomes(undone(me, run), undo=True) == ["role"]
    with as_owner():
        assert not Member.objects.filter(party_id=nurse.person_id, removed_at=None).exists()


def test_one_cannot_take_back_what_closed_the_record_to_oneself(me, nurse, records):
    f.member(me, records[0], nurse.person.party, habilitated=True)
    mine = f.User.objects.get(pk=me.user_id)
    run = done(me, Act.WITHDRAW, [mine], records[:1])
    assert outcomes(undone(me, run), undo=True) == ["closed"]


def test_only_the_last_run_is_taken_back(me, nurse, records):
    first = done(me, Act.ADD, [nurse], records)
    done(me, Act.HABILITATE, [nurse], records)
    with acting(party_id=me.party_id, user_id=me.user_id), pytest.raises(bulk.ValidationError):
        bulk.take_back(me, first)


def test_the_database_shows_a_run_to_who_asked_for_it_and_as_whom_alone(me, nurse, records):
    run = asked(me, Act.HABILITATE, [nurse], records)
    house = f.structure()
    for party, user in ((nurse.person_id, nurse.pk), (house.pk, me.user_id)):
        with acting(party_id=party, user_id=user), transaction.atomic():
            assert not BulkRun.objects.exists()
            assert not BulkLine.objects.exists()
            assert not BulkLine.objects.filter(run=run.pk).update(state="done")


def test_a_long_run_tells_who_asked_for_it(me, nurse, records, settings):
    settings.BULK_AT_ONCE = 2
    run = asked(me, Act.ADD, [nurse], records)
    run_jobs()
    assert outcomes(run) == ["done"] * 3
    run_jobs()
    assert [one.subject for one in mail.outbox] == [
        "Ronde : Votre opération sur les habilitations est terminée"
    ]
    assert "\nNombre : 3 dossiers\n" in mail.outbox[0].body


def test_the_mail_of_a_long_run_counts_records_and_not_changes(me, nurse, records, settings):
    settings.BULK_AT_ONCE = 2
    asked(me, Act.ADD, [nurse, f.user("PETIT", "Anne")], records[:2])
    run_jobs()
    run_jobs()
    assert "\nNombre : 2 dossiers\n" in mail.outbox[0].body
