"""The privacy officer sees who waits for a lasting access, and answers where nobody is left to."""

import pytest
from django.core import mail
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ronde.accounts.models import User
from ronde.careteam.models import AccessRequest, Grant, Member
from ronde.console import jobs
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.journal.models import JournalEntry
from ronde.patients.models import Consent
from tests import factories as f
from tests.at_once import race
from tests.notifications.worker import run_jobs
from tests.query_budget import budget
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
WHY = "Aucun lien avec le patient."


@pytest.fixture
def karim() -> User:
    """The privacy officer."""
    return f.user("BENALI", "Karim", duties=["privacy_officer"])


@pytest.fixture
def desk(karim) -> Client:
    return signed_in(karim)


@pytest.fixture
def sophie() -> User:
    return f.user()


@pytest.fixture
def hugo() -> User:
    return f.user("ROUX", "Hugo")


@pytest.fixture
def record(sophie):
    return f.patient(f.actor(sophie))


@pytest.fixture
def asked(record, hugo) -> AccessRequest:
    return f.access_request(record, f.actor(hugo))


def address(name: str, asked: AccessRequest) -> str:
    return reverse(f"console:{name}", args=[asked.pk])


def read(desk: Client, **params: str) -> str:
    return desk.get(reverse("console:access_requests"), params).content.decode()


def leave(user: User) -> None:
    """Their account is closed: nobody of the circle is there any more."""
    with as_owner():
        User.objects.filter(pk=user.pk).update(is_active=False)


def opens(user: User, asked: AccessRequest) -> bool:
    with as_owner():
        lasting = Grant.objects.filter(party_id=user.person_id, until=None)
        return lasting.filter(patient_id=asked.patient_id).exists()


def happened(name: str) -> int:
    with as_owner():
        return JournalEntry.objects.filter(event=name).count()


def test_the_queue_says_who_waits_and_who_may_answer_and_nothing_else_of_the_record(
    desk, asked, record
):
    page = read(desk)
    assert "ROUX Hugo" in page
    assert "Je la suivrai à sa sortie" in page
    assert f">{record.record_number}<" in page
    assert "1 membre du cercle peut répondre" in page
    assert reverse("console:review", args=[asked.glass_id]) in page
    assert address("remind_access", asked) in page
    assert address("give_access", asked) not in page
    assert "MARCHETTI" not in page
    assert "LAMBERT" not in page


def test_the_oldest_come_first_and_late_ones_are_marked(desk, record):
    f.access_request(record, f.actor(f.user("PETIT", "Nina")), days_ago=1)
    f.access_request(record, f.actor(f.user("ROUX", "Hugo")), days_ago=8)
    page = read(desk)
    assert page.index("ROUX Hugo") < page.index("PETIT Nina")
    assert page.count("en retard depuis le") == 1


def test_the_circle_is_reminded_once_a_day(desk, asked, sophie):
    run_jobs()
    mail.outbox.clear()
    assert "reçoivent un rappel" in desk.get(address("remind_access", asked)).content.decode()
    assert desk.post(address("remind_access", asked)).status_code == 302
    run_jobs()
    [letter] = mail.outbox
    assert letter.to == [sophie.email]
    assert letter.subject == "Ronde : Rappel : une demande d'accès attend votre réponse"
    assert "MARCHETTI" not in letter.body
    again = desk.post(address("remind_access", asked))
    assert again.status_code == 409
    assert "déjà été relancé" in again.content.decode()
    assert address("remind_access", asked) not in read(desk)


def test_what_the_circle_answers_leaves_the_queue(desk, asked, sophie):
    there = reverse("careteam:grant_access", args=[asked.patient_id, asked.pk])
    signed_in(sophie).post(there)
    assert "ROUX Hugo" not in read(desk)
    done = read(desk, etat="traitees")
    assert "ROUX Hugo" in done
    assert "Accès donné" in done
    late = desk.post(address("decline_access", asked), {"reason": WHY})
    assert late.status_code == 409
    assert "Sophie LAMBERT a déjà répondu" in late.content.decode()


def test_the_officer_says_no_and_why_and_who_asked_reads_it(desk, asked, hugo, sophie):
    run_jobs()
    mail.outbox.clear()
    assert desk.post(address("decline_access", asked), {"reason": ""}).status_code == 422
    assert desk.post(address("decline_access", asked), {"reason": WHY}).status_code == 302
    run_jobs()
    assert [letter.to for letter in mail.outbox] == [[hugo.email]]
    page = signed_in(hugo).get(reverse("dossier:my_rights")).content.decode()
    assert WHY in page
    assert "Karim BENALI" in page
    feed = signed_in(sophie).get(reverse("feed:list", args=[asked.patient_id])).content.decode()
    assert "Demande d&#39;accès de ROUX Hugo refusée" in feed


def test_the_region_gives_nothing_while_somebody_of_the_circle_may_answer(desk, asked, hugo):
    answer = desk.post(address("give_access", asked))
    assert answer.status_code == 409
    assert "Quelqu&#39;un du cercle de soins peut répondre" in answer.content.decode()
    assert not opens(hugo, asked)


def test_where_nobody_is_left_the_region_gives_the_access_and_it_is_written(
    desk, asked, hugo, sophie, karim
):
    leave(sophie)
    page = read(desk)
    assert "Plus personne ne peut répondre" in page
    assert address("give_access", asked) in page
    run_jobs()
    mail.outbox.clear()
    assert desk.post(address("give_access", asked)).status_code == 302
    assert opens(hugo, asked)
    run_jobs()
    [letter] = mail.outbox
    assert (letter.to, letter.subject) == (
        [hugo.email],
        "Ronde : Vous avez accès à un nouveau dossier",
    )
    with as_owner():
        asked.refresh_from_db()
        member = Member.objects.get(party_id=hugo.person_id)
        entry = JournalEntry.objects.get(event="MemberHabilitated")
    assert (asked.answer, asked.answered_by) == ("granted", karim.pk)
    assert (member.added_by_user, member.added_by_name) == (karim.pk, "Karim BENALI")
    assert (entry.patient_id, entry.person_name) == (asked.patient_id, "Karim BENALI")
    web = signed_in(hugo)
    circle = web.get(reverse("careteam:circle", args=[asked.patient_id])).content.decode()
    assert "Karim BENALI" in circle
    assert web.post(address("give_access", asked)).status_code == 404
    again = desk.post(address("give_access", asked))
    assert again.status_code == 409


def test_a_member_who_had_no_access_keeps_their_line(desk, record, sophie, hugo):
    f.member(f.actor(sophie), record, hugo.person.party)
    asked = f.access_request(record, f.actor(hugo))
    leave(sophie)
    assert desk.post(address("give_access", asked)).status_code == 302
    with as_owner():
        member = Member.objects.get(party_id=hugo.person_id)
    assert member.habilitated
    assert member.added_by_name == "Sophie LAMBERT"


@pytest.mark.parametrize("against", ["refusal", "consent"])
def test_the_region_gives_nothing_against_the_word_of_the_patient(
    desk, asked, record, sophie, hugo, against
):
    if against == "refusal":
        f.member(f.actor(sophie), record, hugo.person.party, refused=True)
    leave(sophie)
    with as_owner():
        if against == "consent":
            Consent.objects.update(
                withdrawn_at=timezone.now(),
                withdrawal_reason="Le patient a changé d'avis",
                withdrawn_by_user=sophie.pk,
                withdrawn_by_name="Sophie LAMBERT",
            )
    answer = desk.post(address("give_access", asked))
    assert answer.status_code == 422
    said = {"refusal": "Le patient refuse le partage", "consent": "Le consentement a été retiré"}
    assert said[against] in answer.content.decode()
    assert not opens(hugo, asked)


def test_what_the_officer_does_is_in_the_audit(desk, asked, sophie):
    desk.post(address("remind_access", asked))
    leave(sophie)
    desk.post(address("give_access", asked))
    audit = desk.get(reverse("console:audit")).content.decode()
    assert "Cercle de soins relancé sur une demande d&#39;accès" in audit
    assert "Accès durable donné à la place d&#39;un cercle de soins" in audit
    assert "ROUX" not in audit


def test_a_structure_with_somebody_behind_it_may_answer(desk, record, sophie, hugo):
    house = f.structure("DAC Var Ouest")
    f.user("RICCI", "Paola", attached_to=house)
    f.member(f.actor(sophie), record, house.party, habilitated=True)
    asked = f.access_request(record, f.actor(hugo))
    leave(sophie)
    assert "1 membre du cercle peut répondre" in read(desk)
    assert desk.post(address("give_access", asked)).status_code == 409


def test_an_unknown_request_has_no_page(desk, hugo):
    for name in ("give_access", "remind_access", "decline_access"):
        assert desk.get(reverse(f"console:{name}", args=[hugo.pk])).status_code == 404


def test_the_officer_is_told_each_morning_of_who_waits_too_long(karim, record, hugo):
    f.access_request(record, f.actor(hugo), days_ago=8)
    with as_owner():
        AccessRequest.objects.get().glass.__class__.objects.update(reviewed_at=timezone.now())
    jobs.remind_reviews(0)
    [letter] = mail.outbox
    assert letter.to == [karim.email]
    assert "1 demande d’accès attend une réponse depuis trop longtemps" in letter.body
    assert reverse("console:access_requests") in letter.body


# What the database shows and refuses.


@pytest.mark.parametrize("duty", ["", "administrator", "support", "identity_cell"])
def test_another_duty_sees_no_request_and_gives_no_access(asked, sophie, duty):
    leave(sophie)
    who = f.user("VIDAL", "Agnès", duties=[duty] if duty else [])
    with acting(party_id=None, user_id=who.pk, duty=duty), transaction.atomic():
        assert not AccessRequest.objects.exists()
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM careteam_access_requests(%s::uuid[])", [[asked.pk]])
            assert cursor.fetchall() == []
            with pytest.raises(ProgrammingError, match="privacy officer"), transaction.atomic():
                cursor.execute(
                    "SELECT * FROM careteam_give_access(%s, %s, 'x')", [asked.pk, who.pk]
                )


def test_the_officer_gives_no_access_by_writing_the_answer(asked, karim):
    values = {"answer": "granted", "answered_at": timezone.now(), "answered_by": karim.pk}
    with (
        acting(party_id=None, user_id=karim.pk, duty="privacy_officer"),
        pytest.raises(ProgrammingError, match="row-level security"),
        transaction.atomic(),
    ):
        AccessRequest.objects.filter(pk=asked.pk).update(**values)


@pytest.mark.django_db(transaction=True)
def test_the_officer_and_the_circle_answer_at_once_and_one_is_told():
    sophie, hugo = f.user(), f.user("ROUX", "Hugo")
    desk = signed_in(f.user("BENALI", "Karim", duties=["privacy_officer"]))
    record = f.patient(f.actor(sophie))
    asked = f.access_request(record, f.actor(hugo))
    web = signed_in(sophie)
    there = reverse("careteam:grant_access", args=[record.pk, asked.pk])
    one, other = race(
        lambda: desk.post(address("decline_access", asked), {"reason": WHY}),
        lambda: web.post(there),
    )
    assert (one.status_code, other.status_code) == (302, 409)
    assert "Karim BENALI a déjà répondu" in other.content.decode()
    assert not opens(hugo, asked)
    assert (happened("AccessDeclined"), happened("MemberHabilitated")) == (1, 0)


@pytest.mark.parametrize("requests", [1, 20])
def test_the_queue_stays_within_its_budget_however_long(desk, record, requests):
    for number in range(requests):
        f.access_request(record, f.actor(f.user(f"NOM{number}", "Léa")))
    with budget("console:access_requests"):
        assert desk.get(reverse("console:access_requests")).status_code == 200
