"""Who is told, of what, in which words."""

import pytest
from django.core import mail
from procrastinate.contrib.django import app

from ronde.accounts.models import User
from ronde.careteam import actions as careteam
from ronde.careteam.access import access_to
from ronde.core.actor import Actor
from ronde.core.db.roles import as_owner
from ronde.patients.models import Patient
from tests import factories as f
from tests.notifications.worker import deferred, run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator() -> Actor:
    return f.actor(f.user("LAMBERT", "Sophie"))


@pytest.fixture
def record(coordinator) -> Patient:
    return f.patient(coordinator, birth_name="ZAVATTERO", first_given="HERMINE")


def told() -> list[str]:
    return sorted(address for one in mail.outbox for address in one.to)


def break_glass(as_actor, actor: Actor, record: Patient) -> None:
    with as_actor(actor):
        careteam.break_glass(actor, record.pk, "urgence", "Chute dans l'escalier, fémur")


def test_a_mail_says_who_what_and_where_and_nothing_of_the_patient(as_actor, coordinator, record):
    stranger = f.actor(f.user("PETIT", "Léa"))
    break_glass(as_actor, stranger, record)
    run_jobs()
    [sent] = mail.outbox
    text = f"{sent.subject}\n{sent.body}"
    assert sent.subject == "Ronde : Accès bris de glace à un dossier que vous suivez"
    assert "Par : Léa PETIT" in text
    assert "Motif : Urgence" in text
    assert f"http://127.0.0.1:8000/dossiers/{record.pk}/" in text
    for secret in ("ZAVATTERO", "HERMINE", "Hermine", "1942", "Seyne", "Chute", "fémur"):
        assert secret not in text


def test_break_glass_is_told_to_all_who_follow_the_patient_but_its_author(
    as_actor, coordinator, record
):
    doctor, nurse = f.user("LEBLANC", "Marc"), f.user("RICCI", "Paola")
    f.member(coordinator, record, doctor.person.party, habilitated=True)
    f.member(coordinator, record, nurse.person.party)
    run_jobs()
    mail.outbox.clear()
    stranger = f.actor(f.user("PETIT", "Léa"))
    break_glass(as_actor, stranger, record)
    run_jobs()
    assert told() == sorted([doctor.email, User.objects.get(pk=coordinator.user_id).email])


def test_colleagues_behind_a_structure_are_told_one_mail_each(as_actor, coordinator, record):
    place = f.structure("SSIAD Les Pins")
    one = f.user("RICCI", "Paola", attached_to=place)
    two = f.user("BLANC", "Ana", attached_to=place)
    f.member(coordinator, record, place.party, habilitated=True)
    f.member(coordinator, record, one.person.party, habilitated=True)
    run_jobs()
    mail.outbox.clear()
    break_glass(as_actor, f.actor(f.user("PETIT", "Léa")), record)
    run_jobs()
    assert [told().count(who.email) for who in (one, two)] == [1, 1]
    body = next(sent.body for sent in mail.outbox if sent.to == [two.email])
    assert "au titre de SSIAD Les Pins" in body


def test_whoever_acts_for_a_structure_is_not_told_of_their_own_act(as_actor, record):
    place = f.structure("SSIAD Les Pins")
    author = f.user("RICCI", "Paola", attached_to=place)
    colleague = f.user("BLANC", "Ana", attached_to=place)
    opened = f.patient(f.actor(author, place))
    other = f.user("ROUX", "Hugo")
    f.member(f.actor(author, place), opened, other.person.party, habilitated=True)
    run_jobs()
    mail.outbox.clear()
    stranger = f.actor(f.user("PETIT", "Léa"))
    break_glass(as_actor, stranger, opened)
    mine = f.actor(other)
    with as_actor(mine):
        careteam.withdraw(access_to(mine, opened.pk), opened.members.get(party_id=other.person_id))
    run_jobs()
    assert told() == sorted([author.email, colleague.email])


def test_a_right_withdrawn_before_the_mail_leaves_stops_it(as_actor, coordinator, record):
    doctor = f.user("LEBLANC", "Marc")
    added = f.member(coordinator, record, doctor.person.party, habilitated=True)
    with as_actor(coordinator):
        careteam.withdraw(access_to(coordinator, record.pk), added)
    run_jobs()
    subjects = [one.subject for one in mail.outbox if doctor.email in one.to]
    assert subjects == ["Ronde : Votre habilitation sur un dossier est retirée"]


def test_a_closed_account_is_not_written_to(coordinator, record):
    doctor = f.user("LEBLANC", "Marc")
    f.member(coordinator, record, doctor.person.party, habilitated=True)
    with as_owner():
        User.objects.filter(pk=doctor.pk).update(is_active=False)
    run_jobs()
    assert not told()


def test_the_same_job_run_twice_writes_once(coordinator, record):
    doctor = f.user("LEBLANC", "Marc")
    f.member(coordinator, record, doctor.person.party, habilitated=True)
    [job] = deferred()
    run_jobs()
    app.tasks[job.task_name].func(**job.args)
    assert told() == [doctor.email]


def test_a_job_holds_keys_and_no_name(as_actor, coordinator, record):
    break_glass(as_actor, f.actor(f.user("PETIT", "Léa")), record)
    [job] = deferred()
    for name in ("PETIT", "LAMBERT", "ZAVATTERO", "urgence", "Chute"):
        assert name not in str(job.args)


def test_an_event_without_mail_defers_nothing(coordinator, record):
    f.member(coordinator, record, f.user("LEBLANC", "Marc").person.party)
    assert not deferred()
