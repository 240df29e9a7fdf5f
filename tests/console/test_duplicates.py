"""The identity cell settles duplicates: found at night, compared, brought together, given back."""

from datetime import date

import pytest
from django.apps import apps
from django.core import mail
from django.db import connection, transaction
from django.urls import reverse

from ronde.careteam import actions as careteam
from ronde.careteam.access import access_to
from ronde.careteam.models import UNIQUE_ROLES, Grant, MemberRole
from ronde.console.duplicates import table_names
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.followup import actions as followup
from ronde.followup.models import ListItem
from ronde.journal.models import AccessTrace, JournalEntry
from ronde.patients.merging import actions, queries, sweep
from ronde.patients.models import Consent, Duplicate, Merge, Patient
from tests import factories as f
from tests.notifications.worker import run_jobs
from tests.query_budget import budget

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurse():
    return f.actor(f.user("RICCI", "Paola"))


@pytest.fixture
def doctor():
    return f.actor(f.user("LEBLANC", "Marc"))


@pytest.fixture
def officer(client):
    who = f.user("VIDAL", "Agnès", duties=["identity_cell"])
    client.force_login(who)
    return f.officer(who)


@pytest.fixture
def pair(officer, nurse, doctor):
    """One person known twice: by the nurse, then by the doctor."""
    one, two = f.patient(nurse), f.patient(doctor, given_names="JEANNE MARIE")
    found = f.pair(officer, one, two)
    found.one, found.two = one, two
    return found


def address(name: str, pair, **query: object) -> str:
    return reverse(f"console:{name}", args=[pair.pk], query=query)


def merged_by_hand(client, pair, **values: str):
    values = {"reason": "Même pièce d'identité", **values}
    return client.post(address("merge", pair, garder=pair.one.pk), values)


# Found at night.


def test_the_night_finds_two_records_of_one_person_and_says_why(client, officer, nurse, doctor):
    f.patient(nurse)
    f.patient(doctor, birth_name="MARCHETI")
    f.patient(doctor, birth_name="NGUYEN", first_given="PAUL", birth_date=date(1980, 1, 2))
    assert sweep.run() == (3, 1)
    page = client.get(reverse("console:duplicates")).text
    assert "MARCHETI Jeanne" in page
    assert "nom proche" in page
    assert "NGUYEN" not in page
    assert sweep.run()[1] == 0, "a pair is found once"


def test_the_night_leaves_a_decided_pair_alone(client, officer, pair):
    client.post(address("tell_apart", pair), {"reason": "Deux cartes d'identité"})
    with as_owner():
        Patient.objects.filter(pk=pair.one.pk).update(city="Toulon")
    sweep.run()
    assert "Aucune paire ici" in client.get(reverse("console:duplicates")).text


def test_a_pair_that_looks_alike_no_more_is_not_proposed(client, officer, nurse, doctor):
    one = f.patient(nurse)
    f.patient(doctor)
    sweep.run()
    with as_owner():
        Patient.objects.filter(pk=one.pk).update(
            birth_name="DUPONT", first_given="LUC", birth_date=date(1999, 5, 6)
        )
    sweep.run()
    assert "Aucune paire ici" in client.get(reverse("console:duplicates")).text


def test_the_list_and_the_comparison_cost_the_same_whatever_they_hold(client, officer, nurse):
    for _ in range(4):
        f.patient(nurse)
    sweep.run()
    client.get(reverse("console:home"))
    with budget("console:duplicates"):
        assert client.get(reverse("console:duplicates")).status_code == 200
    with as_owner():
        first = Duplicate.objects.first()
    with budget("console:duplicate"):
        assert client.get(address("duplicate", first)).status_code == 200


# Entered by hand.


def test_a_pair_is_entered_by_the_numbers_of_the_records(client, officer, nurse, doctor):
    one, two = f.patient(nurse), f.patient(doctor)
    values = {"first": one.record_number, "second": two.record_number}
    answer = client.post(reverse("console:enter_pair"), values, follow=True)
    assert f"Dossiers N° {one.record_number} et N° {two.record_number}" in answer.text


@pytest.mark.parametrize(
    ("second", "said"),
    [("9999999", "Aucun dossier ne porte ce numéro"), ("abc", "ne contient que des chiffres"),
     ("", "Indiquez le numéro")],
)  # fmt: skip
def test_a_number_that_leads_nowhere_is_said_beside_the_field(client, officer, nurse, second, said):
    one = f.patient(nurse)
    values = {"first": one.record_number, "second": second}
    answer = client.post(reverse("console:enter_pair"), values)
    assert answer.status_code == 422
    assert said in answer.text
    assert f'value="{one.record_number}"' in answer.text


# Compared.


def test_the_comparison_shows_identities_and_who_gains_what_and_leaves_a_trace(
    client, officer, pair, nurse
):
    with acting(party_id=nurse.party_id, user_id=nurse.user_id), transaction.atomic():
        access = access_to(nurse, pair.one.pk)
        followup.record_stay(access, {"place": "CHITS", "admitted_at": pair.found_at})
    page = client.get(address("duplicate", pair, garder=pair.one.pk)).text
    assert "Jeanne Marie".upper() in page
    one, two = pair.one.record_number, pair.two.record_number
    assert f"Ouvraient le N° {one} : liront aussi le N° {two}" in page
    assert "RICCI Paola" in page
    assert "Hospitalisations" in page
    assert "CHITS" not in page, "the identity cell sees no content"
    with as_owner():
        traces = AccessTrace.objects.filter(reason="identity_cell", user_id=officer.user_id)
        assert {one.patient_id for one in traces} == {pair.one.pk, pair.two.pk}


def test_every_table_that_follows_a_patient_has_a_name_in_the_preview():
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT place FROM patients_bound()")
        bound = {row[0] for row in cursor.fetchall()}
    assert bound == set(table_names())


# Rows that name a patient without a foreign key, and that a merge leaves where they are.
LEFT = {
    "careteam_grant": "the projection: it follows from the rule",
    "journal_journalentry": "written once; read through patients_merge",
    "journal_accesstrace": "written once; read through patients_merge",
    "notifications_notice": "what somebody was told, then",
    "worklist_bulkline": "what a bulk gesture did, then",
    "dossier_extraction": "a copy of the record as it was, for a day",
}


def test_every_row_that_names_a_patient_is_moved_or_left_on_purpose():
    named = {
        model._meta.db_table
        for model in apps.get_models()
        if model.__module__.startswith("ronde.")
        and any(field.get_attname() == "patient_id" for field in model._meta.concrete_fields)
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT place FROM patients_bound()")
        moved = {row[0] for row in cursor.fetchall()}
    assert named - moved - {"patients_identityhistory"} == LEFT.keys()


def test_the_unique_roles_of_the_database_are_those_of_the_circle():
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'patients_merge_circle'")
        body = cursor.fetchone()[0]
    assert all(role in body for role in UNIQUE_ROLES)


# Brought together.


def test_both_circles_open_the_record_kept_and_are_told(client, officer, pair, nurse, doctor):
    run_jobs()
    mail.outbox.clear()
    answer = merged_by_hand(client, pair)
    assert answer.status_code == 302
    for who in (nurse, doctor):
        with acting(party_id=who.party_id, user_id=who.user_id):
            assert access_to(who, pair.one.pk)
            assert set(Patient.objects.values_list("pk", flat=True)) == {pair.one.pk}
    run_jobs()
    assert {one.subject for one in mail.outbox} == {"Ronde : Deux dossiers ont été réunis"}
    assert len(mail.outbox) == 2
    assert all("MARCHETTI" not in one.body for one in mail.outbox)
    mail.outbox.clear()
    client.post(address("separate", pair), {"reason": "Erreur"})
    run_jobs()
    said = "Ronde : Deux dossiers qui avaient été réunis sont séparés"
    assert [one.subject for one in mail.outbox] == [said, said]


def test_the_address_of_the_closed_record_leads_to_the_other_one(client, officer, pair, doctor):
    merged_by_hand(client, pair)
    client.force_login(f.User.objects.get(pk=doctor.user_id))
    answer = client.get(reverse("dossier:identity", args=[pair.two.pk]))
    assert answer.headers["Location"] == reverse("dossier:identity", args=[pair.one.pk])
    sent = client.post(reverse("feed:add_note", args=[pair.two.pk]), {"text": "x"}, follow=True)
    assert "rien n'a été enregistré" in sent.text.replace("&#39;", "'").replace("’", "'")
    page = client.get(reverse("dossier:identity", args=[pair.one.pk])).text
    assert f"N° {pair.two.record_number}" in page
    found = client.post(reverse("worklist:palette"), {"q": str(pair.two.record_number)})
    assert str(pair.one.pk) in found.text, "the former number leads to the record too"
    client.force_login(f.user("ROUX", "Hugo"))
    assert client.get(reverse("dossier:identity", args=[pair.two.pk])).status_code == 404


def test_a_refusal_in_one_record_holds_in_the_whole(client, officer, pair, nurse, doctor):
    other = f.person("COSTA", "Hugo").party
    f.member(nurse, pair.one, other, habilitated=True)
    f.member(doctor, pair.two, other, refused=True)
    page = client.get(address("duplicate", pair, garder=pair.one.pk)).text
    assert "Perdent l&#39;accès" in page or "Perdent l'accès" in page
    merged_by_hand(client, pair)
    with as_owner():
        assert not Grant.objects.filter(party_id=other.pk).exists()
    client.post(address("separate", pair), {"reason": "Erreur"})
    with as_owner():
        assert [row.patient_id for row in Grant.objects.filter(party_id=other.pk)] == [pair.one.pk]


def test_whom_the_patient_had_refused_in_one_record_is_told_that_they_open_the_other_no_more(
    client, officer, pair, nurse, doctor
):
    account = f.user("COSTA", "Hugo")
    f.member(nurse, pair.one, account.person.party, habilitated=True)
    f.member(doctor, pair.two, account.person.party, refused=True)
    run_jobs()
    mail.outbox.clear()
    merged_by_hand(client, pair)
    run_jobs()
    (told,) = [one for one in mail.outbox if one.to == [account.email]]
    assert told.subject == "Ronde : Vous n'avez plus accès à un dossier"
    for word in ("MARCHETTI", str(pair.one.record_number), str(pair.two.record_number), "refus"):
        assert word not in told.body
    with as_owner():
        line = JournalEntry.objects.get(event="AccessLostByMerging")
    assert (line.patient_id, line.payload["names"]) == (pair.one.pk, ["COSTA Hugo"])


def test_a_unique_role_stays_with_whom_the_preview_says(client, officer, pair, nurse, doctor):
    role = ("attending-physician",)
    mine = f.member(nurse, pair.one, f.person("COSTA", "Hugo").party, roles=role)
    f.member(doctor, pair.two, f.person("SIMON", "Odette").party, roles=role)
    page = client.get(address("duplicate", pair, garder=pair.one.pk)).text
    assert "Médecin traitant : COSTA Hugo le reste ; SIMON Odette garde sa place" in page
    merged_by_hand(client, pair)
    with as_owner():
        held = MemberRole.objects.filter(patient=pair.one.pk, role=role[0], is_current=True)
        assert [row.member_id for row in held] == [mine.pk]


def test_the_later_status_of_a_party_is_the_current_one(client, officer, pair, nurse, doctor):
    party = f.Party.objects.get(pk=nurse.party_id)
    f.member(doctor, pair.two, party, habilitated=True)
    kind = ListItem.objects.filter(list="status", nature="active").first()
    for patient, day in ((pair.one, date(2026, 1, 5)), (pair.two, date(2026, 3, 1))):
        with acting(party_id=nurse.party_id, user_id=nurse.user_id), transaction.atomic():
            followup.set_status(access_to(nurse, patient.pk), kind, day)
    merged_by_hand(client, pair)
    with as_owner():
        rows = pair.one.statuses.order_by("started_on").values_list("is_current", "ended_on")
        assert list(rows) == [(False, date(2026, 3, 1)), (True, None)]


def test_a_consent_taken_back_in_one_record_is_taken_back_in_the_whole(
    client, officer, pair, doctor
):
    with acting(party_id=doctor.party_id, user_id=doctor.user_id), transaction.atomic():
        careteam.patients.withdraw_consent(access_to(doctor, pair.two.pk), "Changé d'avis")
    assert "Ce retrait vaut pour le dossier réuni" in client.get(address("duplicate", pair)).text
    merged_by_hand(client, pair)
    with as_owner():
        assert not Consent.objects.filter(patient=pair.one.pk, withdrawn_at=None).exists()


# Protected.


@pytest.mark.parametrize(
    ("traits", "said"),
    [
        ({"first_given": "LUCIE"}, "prénom différent"),
        ({"twin_rank": 2}, "rang gémellaire différent"),
        ({"sex": "M"}, "sexe différent"),
    ],
)
def test_twins_are_not_brought_together(client, officer, nurse, doctor, traits, said):
    one = f.patient(nurse, twin_rank=1)
    two = f.patient(doctor, **{"twin_rank": 1, **traits})
    found = f.pair(officer, one, two)
    found.one, found.two = one, two
    assert said in client.get(address("duplicate", found)).text
    answer = merged_by_hand(client, found)
    assert answer.status_code == 422
    assert said in answer.text
    with as_owner():
        assert not Merge.objects.exists()


def test_two_qualified_ins_that_differ_are_two_people(client, officer, pair):
    for one, ins in ((pair.one, "242038312604272"), (pair.two, "242038312604369")):
        with as_owner():
            Patient.objects.filter(pk=one.pk).update(identity_status=4, proof="CN", ins=ins)
    answer = merged_by_hand(client, pair)
    assert answer.status_code == 422
    assert "Deux INS qualifiées différentes" in answer.text


def test_a_homonym_asks_for_a_second_confirmation(client, officer, pair):
    with as_owner():
        Patient.objects.filter(pk=pair.one.pk).update(is_homonym=True)
    refused = merged_by_hand(client, pair)
    assert refused.status_code == 422
    assert "marquée homonyme" in refused.text
    assert merged_by_hand(client, pair, confirmed="Même carte Vitale").status_code == 302


def test_two_different_people_become_homonyms_and_are_told_so(client, officer, pair):
    client.post(address("tell_apart", pair), {"reason": "Deux cartes d'identité"})
    with as_owner():
        assert set(Patient.objects.values_list("is_homonym", flat=True)) == {True}
        told = JournalEntry.objects.filter(event="HomonymRecognised")
        assert {one.patient_id for one in told} == {pair.one.pk, pair.two.pk}
    assert "Aucune paire ici" in client.get(reverse("console:duplicates")).text


# Given back.


def test_a_merge_on_which_another_rests_is_not_undone_before_it(client, officer, pair, nurse):
    merged_by_hand(client, pair)
    third = f.patient(nurse, used_name="AUTRE")
    f.merged(officer, third, pair.one)
    answer = client.post(address("separate", pair), {"reason": "Erreur"})
    assert answer.status_code == 422
    assert f"séparez d&#39;abord le dossier N° {third.record_number}" in answer.text
    with f.on_duty(officer):
        assert queries.merge_of(pair).current_id == third.pk


def test_what_happened_since_stays_and_a_right_taken_away_stays_away(
    client, officer, pair, nurse, doctor
):
    party = f.Party.objects.get(pk=nurse.party_id)
    f.member(doctor, pair.two, party, habilitated=True)
    merged_by_hand(client, pair)
    with acting(party_id=doctor.party_id, user_id=doctor.user_id), transaction.atomic():
        access = access_to(doctor, pair.one.pk)
        careteam.withdraw(access, access.patient.members.get(party=party, removed_at=None))
        memo = f.memos.write(access, "Écrit entre-temps")
    client.post(address("separate", pair), {"reason": "Erreur"})
    with as_owner():
        assert not Grant.objects.filter(party_id=nurse.party_id).exists()
        memo.refresh_from_db()
        assert memo.patient_id == pair.one.pk


# Closed to everybody else.


def test_nobody_else_reads_pairs_merges_nor_identities(officer, pair, nurse):
    f_merge = "SELECT patients_merge(%s, %s, 'x', 'x')"
    administrator = f.user("ROUX", "Hugo", duties=["administrator"])
    for user_id, duty in (
        (nurse.user_id, ""), (nurse.user_id, "identity_cell"), (administrator.pk, "administrator")
    ):  # fmt: skip
        with acting(party_id=None, user_id=user_id, duty=duty):
            assert not Duplicate.objects.exists()
            with pytest.raises(Exception, match="only the identity cell"), transaction.atomic():
                queries.identities(pair.ids)
            with (
                pytest.raises(Exception, match="only the identity cell"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(f_merge, pair.ids)


def test_the_identity_cell_reads_no_identity_outside_of_its_pairs(officer, pair, nurse):
    other = f.patient(nurse, birth_name="NGUYEN")
    with f.on_duty(officer):
        assert set(queries.identities([*pair.ids, other.pk])) == set(pair.ids)
        assert not Patient.objects.exists()


def test_a_merge_makes_its_reader_no_reader_of_the_journal(officer, pair):
    with f.on_duty(officer):
        actions.merge(officer, pair, pair.one.pk, "Même personne")
        assert not JournalEntry.objects.filter(patient_id__in=pair.ids).exists()


def test_what_the_application_writes_in_a_merge_is_refused(officer, pair):
    with f.on_duty(officer):
        actions.merge(officer, pair, pair.one.pk, "Même personne")
    for sql in (
        "UPDATE patients_merge SET undone_at = now()",
        "DELETE FROM patients_mergechange",
        "UPDATE patients_mergechange SET before = NULL",
        "UPDATE patients_sweep SET found = 0",
    ):
        with (
            f.on_duty(officer),
            pytest.raises(Exception, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)
    with f.on_duty(officer), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM patients_mergechange")
        assert cursor.fetchone() == (0,)
