"""The identity of a record: read, corrected, checked, flagged; and the proof of what it was."""

import re
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ronde.careteam.access import access_to
from ronde.careteam.actions import break_glass
from ronde.careteam.models import BreakGlassReason
from ronde.core.db.roles import as_owner
from ronde.journal.models import JournalEntry
from ronde.patients import actions
from ronde.patients.matching import blocking_keys
from ronde.patients.models import IdentityHistory, IdentityStatus, Patient
from tests import factories as f

pytestmark = pytest.mark.django_db
INS = {"ins": "242038312604272", "ins_oid": "1.2.250.1.213.1.4.10"}


@pytest.fixture
def me():
    return f.user()


@pytest.fixture
def web(client: Client, me) -> Client:
    client.force_login(me)
    return client


@pytest.fixture
def record(me) -> Patient:
    return f.patient(f.actor(me), given_names="JEANNE MARIE")


@pytest.fixture
def access(as_actor, me, record):
    who = f.actor(me)
    with as_actor(who):
        yield access_to(who, record.pk)


def qualified(record: Patient) -> None:
    with as_owner():
        Patient.objects.filter(pk=record.pk).update(
            identity_status=IdentityStatus.QUALIFIEE, proof="PA", **INS
        )


def stored(record: Patient) -> Patient:
    with as_owner():
        return Patient.objects.get(pk=record.pk)


def text(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def address(name: str, record: Patient) -> str:
    return reverse(f"dossier:{name}", args=[record.pk])


def typed(record: Patient, **values) -> dict:
    return {
        "birth_name": record.birth_name,
        "first_given": record.first_given,
        "given_names": record.given_names,
        "birth_date": f"{record.birth_date:%d/%m/%Y}",
        "sex": record.sex,
        "where": "france",
        "birth_commune": record.birth_place_code,
        "version": str(record.version),
        **values,
    }


def test_the_page_tells_the_identity_and_the_numbers(web, record):
    page = text(web.get(address("identity", record)))
    for shown in ("MARCHETTI", "JEANNE MARIE", "12/03/1942", "La Seyne-sur-Mer (83126)",
                  f"N° {record.record_number}", record.grouped_regional_id,
                  "Provisoire"):  # fmt: skip
        assert shown in page
    assert str(record.record_number) not in address("identity", record)


def test_the_ins_is_shown_once_qualified_and_never_before(web, record):
    assert "2 42 03 83 126 042 72" not in text(web.get(address("identity", record)))
    qualified(record)
    assert "2 42 03 83 126 042 72" in text(web.get(address("identity", record)))


def test_a_stranger_finds_no_page(client, record):
    client.force_login(f.user("ROUX", "Hugo"))
    names = ("identity", "identity_edit", "identity_check", "consent_give", "consent_pdf")
    assert {client.get(address(name, record)).status_code for name in names} == {404}


def test_break_glass_reads_and_does_not_write(client, record):
    hugo = f.user("ROUX", "Hugo")
    who = f.actor(hugo)
    from_outside = {"party_id": who.party_id, "user_id": who.user_id}
    with f.acting(**from_outside):
        break_glass(who, record.pk, BreakGlassReason.EMERGENCY, "Chute au domicile")
    client.force_login(hugo)
    page = text(client.get(address("identity", record)))
    assert "MARCHETTI" in page
    assert address("identity_edit", record) not in page
    assert client.get(address("identity_edit", record)).status_code == 403
    assert client.post(address("consent_withdraw", record), {"reason": "x"}).status_code == 403
    with f.acting(**from_outside), pytest.raises(PermissionDenied):
        actions.change_identity(access_to(who, record.pk), {"birth_name": "X"}, 1)


def test_conventions_are_flagged_until_completed(web, me):
    record = f.patient(f.actor(me), birth_name="A DEMANDER", birth_date=date(1900, 1, 1))
    page = text(web.get(address("identity", record)))
    assert "Traits provisoires à compléter : nom de naissance, date de naissance." in page
    web.post(address("identity_edit", record),
             typed(record, birth_name="Durand", birth_date="02/05/1951"))  # fmt: skip
    assert "Traits provisoires" not in text(web.get(address("identity", record)))


def test_a_number_that_disagrees_with_the_traits_is_said(web, me):
    record = f.patient(f.actor(me), nir="242038312604272", sex="M", birth_date=date(1943, 4, 12))
    page = text(web.get(address("identity", record)))
    for said in ("de l&#39;autre sexe.", "une autre année", "un autre mois"):
        assert said in page


def test_a_correction_is_kept_with_what_it_replaced(web, record, me):
    answer = web.post(address("identity_edit", record), typed(record, birth_name="Marchetta"))
    assert answer.url == address("identity", record)
    now = stored(record)
    assert (now.birth_name, now.name_key, now.version) == ("MARCHETTA", "MARCHETTA", 2)
    assert now.blocking_keys == blocking_keys(actions.traits_of(now)) != record.blocking_keys
    page = text(web.get(address("identity", record)))
    assert "Identité modifiée : nom de naissance" in page
    assert "<del>MARCHETTI</del>" in page
    assert "<ins>MARCHETTA</ins>" in page
    assert me.full_name in page


def test_a_correction_that_makes_a_duplicate_is_said(web, record):
    f.patient(f.actor(f.user("ROUX", "Hugo")), birth_name="MORETTI", first_given="JEANNE")
    answer = web.post(address("identity_edit", record), typed(record, birth_name="Moretti"),
                      follow=True)  # fmt: skip
    assert "Une identité très proche existe : cherchez les doublons." in text(answer)
    answer = web.post(address("identity_edit", record),
                      typed(record, birth_name="Moretti", phone="0494000009", version="2"),
                      follow=True)  # fmt: skip
    assert "Identité enregistrée." in text(answer)
    assert "cherchez les doublons" not in text(answer)


def test_nothing_changed_writes_nothing(web, record):
    web.post(address("identity_edit", record), typed(record))
    with as_owner():
        assert not IdentityHistory.objects.exists()
        assert not JournalEntry.objects.filter(event="IdentityChanged").exists()


def test_a_wrong_correction_is_said_and_kept_on_the_page(web, record):
    answer = web.post(address("identity_edit", record), typed(record, birth_date="30/02/1942"))
    assert answer.status_code == 422
    assert "Le 30/02/1942 n&#39;existe pas au calendrier." in text(answer)
    assert 'value="30/02/1942"' in text(answer)


def test_correcting_a_strict_trait_is_confirmed_then_drops_the_proof_and_the_ins(web, record):
    qualified(record)
    answer = web.post(address("identity_edit", record), typed(record, birth_name="Marchetta"))
    assert answer.status_code == 422
    assert "Vous corrigez : nom de naissance." in text(answer)
    assert stored(record).identity_status == IdentityStatus.QUALIFIEE
    again = typed(record, birth_name="Marchetta", confirmed="on")
    assert web.post(address("identity_edit", record), again).status_code == 302
    now = stored(record)
    assert now.identity_status == IdentityStatus.PROVISOIRE
    assert (now.proof, now.ins, now.proof_checked_by) == ("", "", None)
    page = text(web.get(address("identity", record)))
    assert "identité redevenue provisoire, justificatif retiré" in page


def test_correcting_an_address_drops_nothing(web, record):
    qualified(record)
    web.post(address("identity_edit", record), typed(record, address_line="2 rue Neuve"))
    now = stored(record)
    assert (now.address_line, now.identity_status) == ("2 rue Neuve", IdentityStatus.QUALIFIEE)


def test_a_correction_that_crosses_another_shows_both_and_saves_nothing(web, record):
    mine = typed(record, birth_name="Marchetta", address_line="2 rue Neuve")
    web.post(address("identity_edit", record),
             typed(record, birth_name="Moretti", mobile="06 39 98 00 01"))  # fmt: skip
    answer = web.post(address("identity_edit", record), mine)
    assert answer.status_code == 409
    page = text(answer)
    assert "<td>MORETTI</td><td>MARCHETTA</td>" in page
    assert "<td>06 39 98 00 01</td><td>reprise du dossier</td>" in page
    for kept in ('value="Marchetta"', 'value="2 rue Neuve"', 'value="06 39 98 00 01"',
                 'name="version" value="2"'):  # fmt: skip
        assert kept in page
    assert (stored(record).birth_name, stored(record).address_line) == ("MORETTI", "")
    again = {**mine, "version": "2", "mobile": "06 39 98 00 01"}
    assert web.post(address("identity_edit", record), again).status_code == 302
    now = stored(record)
    assert (now.birth_name, now.mobile) == ("MARCHETTA", "+33639980001")


def test_what_happens_in_the_circle_does_not_make_a_correction_stale(web, record, me):
    f.member(f.actor(me), record, f.person().party)
    assert web.post(address("identity_edit", record), typed(record, sex="U")).status_code == 302


def test_a_document_seen_validates_and_says_who_and_when(web, record, me):
    seen = {"proof": "CN", "compared": "on", "version": "1"}
    assert web.post(address("identity_check", record), seen).status_code == 302
    now = stored(record)
    assert (now.identity_status, now.proof) == (IdentityStatus.VALIDEE, "CN")
    assert now.proof_checked_by == me.pk
    page = text(web.get(address("identity", record)))
    assert "Statut d&#39;identité : Validée (Carte nationale d&#39;identité)" in page


def test_a_retrieved_identity_becomes_qualified(access, record):
    with as_owner():
        Patient.objects.filter(pk=record.pk).update(identity_status=IdentityStatus.RECUPEREE)
    assert actions.check_identity(access, "PA", 1).identity_status == IdentityStatus.QUALIFIEE


@pytest.mark.parametrize(
    ("proof", "message"),
    [
        ("", "Indiquez la pièce que vous avez vue."),
        ("permis", "Permis de conduire : pièce non reconnue"),
        ("vitale", "Carte Vitale : pièce non reconnue"),
    ],
)
def test_what_proves_nothing_is_refused(web, record, proof, message):
    answer = web.post(address("identity_check", record),
                      {"proof": proof, "compared": "on", "version": "1"})  # fmt: skip
    assert answer.status_code == 422
    assert message in text(answer)
    assert stored(record).identity_status == IdentityStatus.PROVISOIRE


def test_what_was_compared_must_be_what_is_stored(web, record):
    web.post(address("identity_edit", record), typed(record, sex="U"))
    answer = web.post(address("identity_check", record),
                      {"proof": "CN", "compared": "on", "version": "1"})  # fmt: skip
    assert answer.status_code == 422
    assert "a été modifiée entre-temps" in text(answer)


@pytest.mark.parametrize(
    "traits",
    [{"is_doubtful": True}, {"is_fictitious": True}, {"birth_place_code": "99999"},
     {"given_names": ""}],
)  # fmt: skip
def test_an_identity_that_no_document_can_prove_stays_provisional(access, record, traits):
    with as_owner():
        Patient.objects.filter(pk=record.pk).update(**traits)
    with pytest.raises(ValidationError):
        actions.check_identity(access, "PA", 1)


def test_a_doubtful_identity_is_confirmed_then_falls_back(web, record):
    qualified(record)
    form = {"is_doubtful": "on", "version": "1"}
    answer = web.post(address("identity_flags", record), form)
    assert answer.status_code == 422
    assert "L’identité redeviendra provisoire" in text(answer)
    web.post(address("identity_flags", record), {**form, "confirmed": "on"})
    now = stored(record)
    assert (now.is_doubtful, now.identity_status) == (True, IdentityStatus.PROVISOIRE)
    assert (now.proof, now.ins) == ("", "")


def test_a_homonym_keeps_its_status(web, record):
    qualified(record)
    web.post(address("identity_flags", record), {"is_homonym": "on", "version": "1"})
    now = stored(record)
    assert (now.is_homonym, now.identity_status) == (True, IdentityStatus.QUALIFIEE)


def test_doubtful_and_fictitious_are_not_together(web, access, record):
    answer = web.post(address("identity_flags", record),
                      {"is_doubtful": "on", "is_fictitious": "on", "version": "1"})  # fmt: skip
    assert "pas à la fois douteuse et fictive" in text(answer)
    with pytest.raises(ValidationError):
        actions.set_flags(access, homonym=False, doubtful=True, fictitious=True, version=1)


@pytest.mark.parametrize(
    "values",
    [
        {"is_doubtful": True, "identity_status": IdentityStatus.VALIDEE, "proof": "PA"},
        {"is_fictitious": True, "identity_status": IdentityStatus.RECUPEREE},
        {"is_doubtful": True, "is_fictitious": True},
        {"identity_status": IdentityStatus.VALIDEE, **INS, "proof": "PA"},
        {"identity_status": IdentityStatus.VALIDEE, "proof": ""},
    ],
)
def test_the_database_refuses_what_the_rules_forbid(record, values):
    with as_owner(), pytest.raises(IntegrityError), transaction.atomic():
        Patient.objects.filter(pk=record.pk).update(**values)


def test_duplicates_are_looked_for_on_demand_and_the_search_is_traced(web, record, me):
    f.patient(f.actor(f.user("ROUX", "Hugo")), birth_name="MARCHETI")
    with as_owner():
        assert not JournalEntry.objects.filter(event="IdentitySearched").exists()
    page = text(web.post(address("identity_duplicates", record)))
    assert "Doublon probable" in page
    assert "MARCHETI Jeanne" in page
    with as_owner():
        entry = JournalEntry.objects.get(event="IdentitySearched")
    assert (entry.patient_id, entry.payload) == (record.pk, {"found": 1})


def test_history_follows_any_door_and_lasts(record):
    with as_owner():
        Patient.objects.filter(pk=record.pk).update(sex="U", version=2)
        row = IdentityHistory.objects.get()
    assert (row.before, row.after, row.version) == ({"sex": "F"}, {"sex": "U"}, 2)
    for change in ("UPDATE patients_identityhistory SET version = 9",
                   "DELETE FROM patients_identityhistory"):  # fmt: skip
        with (
            as_owner(),
            connection.cursor() as cursor,
            pytest.raises(DatabaseError),
            transaction.atomic(),
        ):
            cursor.execute(change)


def test_history_is_written_by_the_trigger_alone(access, record):
    actions.change_identity(access, {"sex": "U"}, 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT user_id, party_id FROM patients_identityhistory")
        assert cursor.fetchall() == [(access.actor.user_id, access.actor.party_id)]
        cursor.execute("SELECT has_table_privilege('patients_identityhistory', 'INSERT')")
        assert cursor.fetchone() == (False,)


def test_a_stranger_reads_no_history_by_sql(as_actor, access, record):
    actions.change_identity(access, {"sex": "U"}, 1)
    with as_actor(f.actor(f.user("ROUX", "Hugo"))), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM patients_identityhistory")
        assert cursor.fetchone() == (0,)


def test_what_is_computed_leaves_no_history(access, record):
    actions.touch(record.pk)
    with as_owner():
        assert not IdentityHistory.objects.exists()


def test_the_history_keeps_the_identity_alone(as_actor):
    """Touching, archiving and a death are no change of the identity: they leave no line there."""
    who = f.actor(f.user())
    record = f.patient(who)
    with as_owner():
        before = IdentityHistory.objects.filter(patient=record).count()
        now = timezone.now()
        Patient.objects.filter(pk=record.pk).update(
            updated_at=now, archived_at=now, is_deceased=True, death_date=now.date()
        )
        assert IdentityHistory.objects.filter(patient=record).count() == before
        Patient.objects.filter(pk=record.pk).update(city="Toulon", archived_at=None)
        row = IdentityHistory.objects.filter(patient=record).latest("at")
    assert (row.before, row.after) == ({"city": ""}, {"city": "Toulon"})
