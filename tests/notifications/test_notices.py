"""The bell: what is told in the application, to whom, and what of it may still be shown."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_str
from procrastinate.contrib.django import app

from ronde.accounts import requests
from ronde.accounts.models import Duty, User
from ronde.accounts.queries import duties
from ronde.careteam import actions as careteam
from ronde.careteam.access import access_to
from ronde.careteam.models import Level, SectionRight
from ronde.core.actor import Actor
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.feed.actions import add_note
from ronde.followup.actions import cancel_stay
from ronde.followup.queries import current_status
from ronde.notifications import jobs, preferences
from ronde.notifications.models import Notice
from ronde.patients import death
from ronde.patients.models import Patient
from tests import factories as f
from tests.followup.conftest import Desk
from tests.notifications.worker import deferred, run_jobs
from tests.query_budget import budget
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
LIST, SIGNALS = "/notifications/", "/signaux/"


@pytest.fixture
def coordinator() -> User:
    return f.user("LAMBERT", "Sophie")


@pytest.fixture
def record(coordinator) -> Patient:
    return f.patient(f.actor(coordinator), birth_name="ZAVATTERO", first_given="HERMINE")


@pytest.fixture
def doctor(coordinator, record) -> User:
    """A habilitated member, who was told of it already."""
    account = f.user("LEBLANC", "Marc")
    f.member(f.actor(coordinator), record, account.person.party, habilitated=True)
    with as_owner():
        run_jobs_quietly()
    mail.outbox.clear()
    return account


def run_jobs_quietly() -> None:
    run_jobs()
    Notice.objects.all().delete()


@pytest.fixture
def write_note(as_actor, coordinator, record) -> Callable[[], None]:
    def act() -> None:
        actor = f.actor(coordinator)
        with as_actor(actor), transaction.atomic():
            add_note(access_to(actor, record.pk), "Chute cette nuit")

    return act


def text(answer) -> str:
    return force_str(answer.content)


def kept() -> list[Notice]:
    with as_owner():
        return list(Notice.objects.order_by("at"))


def choose(account: User, *, mails: bool, applications: bool, party: UUID | None = None) -> None:
    actor = Actor(account.pk, party or account.person_id, account.person_id, "", "")
    held = duties(account)
    names = list(preferences.choosable(held))
    with acting(party_id=actor.party_id, user_id=actor.user_id):
        preferences.choose(actor, names if mails else [], names if applications else [], held)


def test_what_happens_rings_the_bell_of_the_others(doctor, coordinator, write_note):
    write_note()
    assert not kept()  # The action writes nothing for anybody: the job does.
    run_jobs()
    [one] = kept()
    assert (one.user_id, one.party_id, one.author) == (
        doctor.pk,
        doctor.person_id,
        "Sophie LAMBERT",
    )
    page = text(signed_in(doctor).get(LIST))
    assert "Nouvelle note sur un dossier que vous suivez" in page
    assert "ZAVATTERO" in page
    assert "Chute" not in page
    assert "ZAVATTERO" not in text(signed_in(coordinator).get(LIST))


def ask_for_an_account(coordinator: User) -> None:
    values = {"family_name": "PETIT", "given_name": "Léa", "profession_code": "G15:60"}
    actor = f.actor(coordinator)
    with acting(party_id=actor.party_id, user_id=actor.user_id):
        requests.ask_for_colleague(actor, values, person=None)
    run_jobs()


def test_whoever_validates_accounts_is_told_of_each_new_one(coordinator):
    agnes = f.user("VIDAL", "Agnès", duties=["administrator"])
    f.user("BENALI", "Karim", duties=["privacy_officer"])
    ask_for_an_account(coordinator)
    [one] = kept()
    assert (one.user_id, one.event) == (agnes.pk, "AccountRequested")
    assert agnes.email not in [to for letter in mail.outbox for to in letter.to]
    web = signed_in(agnes)
    assert "Un compte est à valider" in text(web.get(LIST))
    answer = web.post(reverse("notifications:open", args=[one.pk]))
    assert answer.url == reverse("console:account_requests")


def test_the_choice_of_a_duty_is_offered_to_whoever_holds_it(coordinator):
    agnes = f.user("VIDAL", "Agnès", duties=["administrator"])
    address = reverse("notifications:preferences")
    asked = "Inscription d&#39;un nouvel utilisateur"
    assert asked in text(signed_in(agnes).get(address))
    assert asked not in text(signed_in(coordinator).get(address))
    choose(agnes, mails=True, applications=False)
    ask_for_an_account(coordinator)
    assert kept() == []
    [letter] = [one for one in mail.outbox if one.to == [agnes.email]]
    assert "Un compte est à valider" in letter.subject
    assert "PETIT" not in letter.body


def test_what_was_chosen_without_a_duty_does_not_silence_it_once_given(coordinator):
    choose(coordinator, mails=False, applications=False)
    with as_owner():
        Duty.objects.create(user=coordinator, kind="support")
    ask_for_an_account(f.user("ROUX", "Hugo"))
    assert [one.user_id for one in kept()] == [coordinator.pk]


def test_a_notice_holds_no_trait_and_no_sentence(doctor, write_note):
    write_note()
    run_jobs()
    values = str({field.name: getattr(kept()[0], field.name) for field in Notice._meta.fields})
    for secret in ("ZAVATTERO", "HERMINE", "Chute", "1942"):
        assert secret not in values


def test_the_patient_is_named_only_while_the_record_opens(
    as_actor, doctor, coordinator, record, write_note
):
    write_note()
    run_jobs()
    actor = f.actor(coordinator)
    with as_actor(actor):
        member = record.members.get(party_id=doctor.person_id)
        careteam.withdraw(access_to(actor, record.pk), member)
    page = text(signed_in(doctor).get(LIST))
    assert "ZAVATTERO" not in page
    assert str(record.pk) not in page
    assert "plus accessible" in page
    [note] = kept()
    answer = signed_in(doctor).post(f"{LIST}{note.pk}/ouvrir/")
    assert answer.url == LIST


def test_a_right_withdrawn_before_the_job_runs_rings_nothing(
    as_actor, doctor, coordinator, record, write_note
):
    write_note()
    actor = f.actor(coordinator)
    with as_actor(actor):
        member = record.members.get(party_id=doctor.person_id)
        careteam.withdraw(access_to(actor, record.pk), member)
    run_jobs()
    assert [one.event for one in kept()] == ["HabilitationWithdrawn"]


def test_the_same_job_run_twice_rings_once(doctor, write_note):
    write_note()
    [job] = deferred()
    run_jobs()
    app.tasks[job.task_name].func(**job.args)
    assert len(kept()) == 1
    assert len(mail.outbox) == 1


def test_a_mail_server_that_is_down_does_not_hold_the_bell(settings, doctor, write_note):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    write_note()
    [job] = deferred()
    with pytest.raises(jobs.NotSentError):
        app.tasks[job.task_name].func(**job.args)
    assert len(kept()) == 1


def test_opening_a_notice_reads_it_and_leads_to_the_record(doctor, record, write_note):
    write_note()
    run_jobs()
    web = signed_in(doctor)
    answer = web.post(f"{LIST}{kept()[0].pk}/ouvrir/")
    assert answer.url == f"/dossiers/{record.pk}/"
    assert kept()[0].read_at is not None
    assert "Non lue" not in text(web.get(LIST))


def test_one_or_all_are_marked_as_read(doctor, write_note):
    for _ in range(3):
        write_note()
    run_jobs()
    web = signed_in(doctor)
    first = kept()[0]
    web.post(f"{LIST}{first.pk}/lue/")
    assert text(web.get(LIST)).count("Non lue") == 2
    web.post(f"{LIST}lues/")
    assert all(one.read_at for one in kept())
    assert kept()[0].read_at < kept()[1].read_at  # Read before: keeps its date.


def test_each_identity_has_its_own_bell(coordinator):
    house = f.structure("SSIAD Les Pins")
    account = f.user("RICCI", "Paola", attached_to=house)
    record = f.patient(f.actor(account, house))
    other = f.user("ROUX", "Hugo")
    f.member(f.actor(account, house), record, other.person.party, habilitated=True)
    actor = f.actor(other)
    with acting(party_id=actor.party_id, user_id=actor.user_id):
        add_note(access_to(actor, record.pk), "x")
    run_jobs()
    assert "Nouvelle note" not in text(signed_in(account).get(LIST))
    assert "Nouvelle note" in text(signed_in(account, house.pk).get(LIST))


def test_a_delegate_reads_no_notice_of_the_delegator(doctor, write_note):
    nina = f.user("PETIT", "Nina")
    f.delegation(doctor, nina)
    write_note()
    run_jobs()
    page = text(signed_in(nina, doctor.person_id).get(LIST))
    assert "Nouvelle note" not in page
    assert "en personne" in page
    with acting(party_id=doctor.person_id, user_id=doctor.pk, delegated=True), transaction.atomic():
        assert not Notice.objects.exists()


# The header.


def test_the_header_counts_what_is_unread_and_what_waits(doctor, write_note):
    f.delegation(doctor, f.user("PETIT", "Nina"), status="pending")
    write_note()
    run_jobs()
    answer = signed_in(doctor).get(SIGNALS)
    assert 'value="1-1"' in text(answer)
    assert "demande de délégation en attente" in text(answer)
    assert "notification non lue" in text(answer)


def test_two_scopes_of_one_request_wait_as_one(doctor):
    nina = f.user("PETIT", "Nina")
    f.delegation(doctor, nina, status="pending")
    f.delegation(doctor, nina, status="pending", scope="messages")
    assert 'value="0-1"' in text(signed_in(doctor).get(SIGNALS))


def test_nothing_new_answers_nothing(doctor):
    assert signed_in(doctor).get(SIGNALS, {"etat": "0-0"}).status_code == 204


def test_an_identity_withdrawn_is_said_on_the_page_that_is_open(doctor):
    nina = f.user("PETIT", "Nina")
    given = f.delegation(doctor, nina)
    web = signed_in(nina, doctor.person_id)
    with as_owner():
        given.status = "withdrawn"
        given.save()
    answer = web.get(SIGNALS, {"etat": "0-0"})
    assert answer.status_code == 200
    assert "rechargez la page" in force_str(answer.headers["HX-Trigger"]).encode().decode(
        "unicode_escape"
    )


def test_the_header_costs_two_queries(doctor, write_note):
    write_note()
    run_jobs()
    web = signed_in(doctor)
    web.get(SIGNALS)
    with budget("signals"):
        web.get(SIGNALS)


def test_the_list_costs_the_same_at_one_and_at_twenty(doctor, write_note):
    web = signed_in(doctor)
    write_note()
    run_jobs()
    web.get(LIST)
    with budget("notices"):
        web.get(LIST)
    for _ in range(19):
        write_note()
    run_jobs()
    with budget("notices"):
        web.get(LIST)


# Time.


def test_what_is_older_than_90_days_goes_each_night(doctor, write_note):
    write_note()
    write_note()
    run_jobs()
    old, _recent = kept()
    with as_owner():
        Notice.objects.filter(pk=old.pk).update(at=timezone.now() - timedelta(days=91))
    jobs.purge(0)
    assert [one.pk for one in kept()] == [_recent.pk]


# Openings of records: for who asked.


def test_openings_are_told_to_nobody_who_did_not_ask(doctor, coordinator, record):
    signed_in(coordinator).get(f"/dossiers/{record.pk}/")
    jobs.tell_openings(0)
    assert not deferred()


def test_openings_are_told_once_a_day_for_each_visitor(doctor, coordinator, record):
    choose(doctor, mails=True, applications=True)
    web = signed_in(coordinator)
    for _ in range(3):
        web.get(f"/dossiers/{record.pk}/")
    for _ in range(2):
        jobs.tell_openings(0)
        run_jobs()
    assert [(one.event, one.author) for one in kept()] == [("RecordConsulted", "Sophie LAMBERT")]
    assert [one.to for one in mail.outbox] == [[doctor.email]]
    assert "ZAVATTERO" not in mail.outbox[0].body


def test_ones_own_openings_are_no_news(doctor, record):
    choose(doctor, mails=True, applications=True)
    signed_in(doctor).get(f"/dossiers/{record.pk}/")
    jobs.tell_openings(0)
    assert not deferred()


def test_an_event_without_patient_leads_to_its_page(doctor):
    with as_owner():
        one = Notice.objects.create(
            entry_id=uuid4(),
            event="DelegationAsked",
            at=timezone.now(),
            author="Nina PETIT",
            user_id=doctor.pk,
            party_id=doctor.person_id,
        )
    web = signed_in(doctor)
    assert "demande de délégation en attente" in text(web.get(LIST))
    assert web.post(f"{LIST}{one.pk}/ouvrir/").url == "/profil/relations/"


def test_a_death_is_told(as_actor, doctor, coordinator, record):
    actor = f.actor(coordinator)
    with as_actor(actor):
        today = timezone.localdate()
        death.declare(access_to(actor, record.pk), {"died_on": today, "declared_on": today})
    run_jobs()
    assert [one.event for one in kept()] == ["PatientDied"]


@pytest.mark.parametrize(
    ("section", "event"),
    [
        ("status", "StatusChanged"),
        ("stays", "StayRecorded"),
        ("feed", "NoteWritten"),
        ("documents-10", "DocumentAdded"),
    ],
)
def test_a_section_that_the_matrix_closes_rings_no_bell(coordinator, record, section, event):
    """A notice names the patient: it would tell what the line of the feed does not."""
    nurse = f.user("RICCI", "Paola", profession="G15:60")
    f.member(f.actor(coordinator), record, nurse.person.party, habilitated=True)
    with as_owner():
        run_jobs_quietly()
    mail.outbox.clear()
    desk = Desk(coordinator, f.actor(coordinator), record)
    acts = {
        "status": lambda: desk.set_status("intensive", former=desk.does(_current)),
        "stays": lambda: desk.does(cancel_stay, desk.add_stay(), "Essai"),
        "feed": lambda: desk.does(add_note, "Chute cette nuit"),
        "documents-10": lambda: f.document(desk.actor, record),
    }
    for level, told in ((Level.READ, 1), (Level.NONE, 0)):
        with as_owner():
            SectionRight.objects.update_or_create(
                profession_code="G15:60", section=section, role="", defaults={"level": level}
            )
        acts[section]()
        run_jobs()
        assert [one.event for one in kept()] == [event] * told
        assert len(mail.outbox) == told
        with as_owner():
            Notice.objects.all().delete()
        mail.outbox.clear()


def _current(access):
    found = current_status(access)
    return found and found.pk
