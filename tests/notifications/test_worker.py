"""The whole way of a mail: a change, its commit, the worker, a mail server."""

from collections.abc import Callable

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from ronde.careteam import actions as careteam
from ronde.careteam.access import access_to
from ronde.careteam.models import Member
from ronde.core.actor import Actor
from ronde.notifications.models import Sent
from ronde.patients.models import Patient
from tests import factories as f
from tests.notifications.mailbox import HOST, Mailbox, free_port, serving
from tests.notifications.worker import deferred, make_due, run_worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def port(settings) -> int:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = HOST, free_port()
    return settings.EMAIL_PORT


@pytest.fixture
def coordinator() -> Actor:
    return f.actor(f.user("LAMBERT", "Sophie"))


@pytest.fixture
def record(coordinator) -> Patient:
    return f.patient(coordinator)


@pytest.fixture
def doctor(coordinator, record) -> Member:
    return f.member(coordinator, record, f.user("LEBLANC", "Marc").person.party)


@pytest.fixture
def habilitate(as_actor, coordinator, record, doctor) -> Callable[[], None]:
    def act() -> None:
        with as_actor(coordinator), transaction.atomic():
            careteam.habilitate(access_to(coordinator, record.pk), doctor)

    return act


def test_a_habilitation_is_told_once_it_is_committed(port, habilitate, doctor, record):
    box = Mailbox()
    with serving(box, port):
        habilitate()
        run_worker()
    assert box.addresses() == [doctor.party.person.user.email]
    body = box.received[0].get_content()
    assert f"/dossiers/{record.pk}/" in body
    assert "Par : Sophie LAMBERT" in body
    assert not deferred()


def test_a_habilitation_that_is_rolled_back_is_told_to_nobody(port, habilitate):
    box = Mailbox()
    with serving(box, port):
        with transaction.atomic():
            habilitate()
            assert deferred()
            transaction.set_rollback(True)
        run_worker()
    assert not box.received
    assert not deferred()


def test_a_mail_waits_for_the_server_and_leaves_once(port, habilitate):
    habilitate()
    run_worker()
    assert [job.attempts for job in deferred()] == [1]
    assert deferred()[0].scheduled_at is not None
    assert not Sent.objects.exists()
    box = Mailbox()
    with serving(box, port):
        make_due()
        run_worker()
        run_worker()
    assert len(box.received) == 1
    assert Sent.objects.count() == 1


def test_what_one_server_refuses_does_not_hold_the_others(
    port, as_actor, coordinator, record, habilitate, doctor
):
    gone = f.user("ROUX", "Hugo")
    f.member(coordinator, record, gone.person.party, habilitated=True)
    habilitate()
    ProcrastinateJob.objects.all()._raw_delete("default")
    box = Mailbox()
    box.refused = {gone.email}
    stranger = f.actor(f.user("PETIT", "Léa"))
    with serving(box, port):
        with as_actor(stranger), transaction.atomic():
            careteam.break_glass(stranger, record.pk, "urgence", "Chute dans l'escalier")
        run_worker()
        make_due()
        run_worker()
    lambert = coordinator.user_id
    assert len(box.received) == 2
    assert doctor.party.person.user.email in box.addresses()
    assert Sent.objects.get(refused=True).recipient == str(gone.pk)
    assert Sent.objects.filter(recipient=str(lambert), refused=False).exists()
    assert not deferred()
