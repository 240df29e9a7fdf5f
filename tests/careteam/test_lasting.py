"""A lasting access asked for under break-glass: the circle answers, who asked reads the answer."""

import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ronde.accounts.models import User
from ronde.careteam import actions, lasting
from ronde.careteam.access import access_to
from ronde.careteam.models import AccessRequest, BreakGlass, Grant, Member
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.journal.models import JournalEntry
from tests import factories as f
from tests.at_once import race
from tests.notifications.worker import run_jobs
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
WHY = "Elle est suivie par un autre cabinet."


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
    return reverse(f"careteam:{name}", args=[asked.patient_id, asked.pk])


def html(web: Client, name: str, *keys: object) -> str:
    return web.get(reverse(name, args=keys)).content.decode()


def answered(asked: AccessRequest) -> tuple[str, str, str]:
    with as_owner():
        asked.refresh_from_db()
    return asked.answer, asked.reason, asked.answered_by_name


def opens(user: User, asked: AccessRequest) -> bool:
    with as_owner():
        lasting_ones = Grant.objects.filter(party_id=user.person_id, until=None)
        return lasting_ones.filter(patient_id=asked.patient_id).exists()


def test_the_circle_sees_who_asks_on_each_page_of_the_record(asked, sophie, record):
    web = signed_in(sophie)
    assert "1 demande d’accès attend la réponse du cercle" in html(web, "feed:list", record.pk)
    page = html(web, "careteam:circle", record.pk)
    assert "ROUX Hugo" in page
    assert "Je la suivrai à sa sortie" in page
    assert address("grant_access", asked) in page
    assert address("decline_access", asked) in page


def test_who_reads_the_circle_alone_sees_no_button(asked, record, sophie):
    page = html(signed_in(User.objects.get(pk=asked.user_id)), "careteam:circle", record.pk)
    assert "Je la suivrai à sa sortie" in page
    assert address("grant_access", asked) not in page


def test_the_circle_habilitates_who_asked(asked, sophie, hugo):
    web = signed_in(sophie)
    assert "ROUX Hugo" in web.get(address("grant_access", asked)).content.decode()
    assert web.post(address("grant_access", asked)).status_code == 302
    assert opens(hugo, asked)
    assert answered(asked) == ("granted", "", "Sophie LAMBERT")
    assert "Accès donné" in html(signed_in(hugo), "dossier:my_rights")
    assert "attend la réponse" not in html(web, "feed:list", asked.patient_id)


def test_a_member_without_access_who_asked_keeps_their_line(record, sophie, hugo):
    f.member(f.actor(sophie), record, hugo.person.party)
    asked = f.access_request(record, f.actor(hugo))
    signed_in(sophie).post(address("grant_access", asked))
    with as_owner():
        assert Member.objects.get(party_id=hugo.person_id).habilitated
    assert answered(asked)[0] == "granted"


def test_whichever_way_they_are_habilitated_the_request_is_answered(asked, record, sophie, hugo):
    f.member(f.actor(sophie), record, hugo.person.party, habilitated=True)
    assert answered(asked) == ("granted", "", "Sophie LAMBERT")


def test_the_circle_says_no_and_why_to_who_asked_alone(asked, sophie, hugo):
    run_jobs()
    mail.outbox.clear()
    web = signed_in(sophie)
    assert web.post(address("decline_access", asked), {"reason": ""}).status_code == 422
    assert web.post(address("decline_access", asked), {"reason": WHY}).status_code == 302
    assert answered(asked) == ("declined", WHY, "Sophie LAMBERT")
    assert not opens(hugo, asked)
    run_jobs()
    [letter] = mail.outbox
    assert letter.to == [hugo.email]
    assert letter.subject == "Ronde : Votre demande d'accès à un dossier est refusée"
    assert WHY not in letter.body
    assert "MARCHETTI" not in letter.body
    assert WHY in html(signed_in(hugo), "dossier:my_rights")
    feed = html(web, "feed:list", asked.patient_id)
    assert "Demande d&#39;accès de ROUX Hugo refusée" in feed


def test_an_answer_after_the_end_of_the_access_is_told_all_the_same(record, sophie, hugo):
    asked = f.access_request(record, f.actor(hugo), days_ago=2)
    run_jobs()
    mail.outbox.clear()
    signed_in(sophie).post(address("decline_access", asked), {"reason": WHY})
    run_jobs()
    assert [letter.to for letter in mail.outbox] == [[hugo.email]]
    web = signed_in(hugo)
    assert "demande d&#39;accès à un dossier est refusée" in html(web, "notifications:list")


def test_what_was_answered_is_not_answered_again(asked, sophie, hugo):
    web = signed_in(sophie)
    web.post(address("decline_access", asked), {"reason": WHY})
    late = web.post(address("grant_access", asked))
    assert late.status_code == 409
    assert "Sophie LAMBERT a déjà répondu à cette demande." in late.content.decode()
    assert not opens(hugo, asked)


def test_a_refusal_of_the_patient_wins(record, sophie, hugo):
    asked = f.access_request(record, f.actor(hugo))
    f.member(f.actor(sophie), record, hugo.person.party, refused=True)
    answer = signed_in(sophie).post(address("grant_access", asked))
    assert answer.status_code == 422
    assert "Le patient refuse le partage avec ROUX Hugo" in answer.content.decode()
    assert not opens(hugo, asked)


def test_the_request_of_another_record_does_not_exist_here(asked, sophie):
    other = f.patient(f.actor(sophie), birth_name="AUTRE")
    for name in ("grant_access", "decline_access"):
        there = reverse(f"careteam:{name}", args=[other.pk, asked.pk])
        assert signed_in(sophie).post(there, {"reason": WHY}).status_code == 404


# What the database keeps.


def test_nobody_answers_their_own_request(asked, hugo):
    me = f.actor(hugo)
    with acting(party_id=me.party_id, user_id=me.user_id), transaction.atomic():
        own = AccessRequest.objects.filter(pk=asked.pk)
        values = {"answer": "granted", "answered_at": timezone.now(), "answered_by": me.user_id}
        assert own.update(**values) == 0


def test_nobody_asks_without_having_broken_the_glass(record, hugo):
    glass = f.broken_glass(record, f.actor(f.user("PETIT", "Nina")))
    me = f.actor(hugo)
    row = AccessRequest(
        patient=record,
        glass=glass,
        party_id=me.party_id,
        user_id=me.user_id,
        party_name="ROUX Hugo",
        person_name="Hugo ROUX",
        text="Non",
        asked_at=timezone.now(),
    )
    with (
        acting(party_id=me.party_id, user_id=me.user_id),
        pytest.raises(DatabaseError, match="row-level security"),
        transaction.atomic(),
    ):
        row.save(force_insert=True)


def test_a_stranger_reads_no_request(asked):
    them = f.actor(f.user("PETIT", "Nina"))
    with acting(party_id=them.party_id, user_id=them.user_id), transaction.atomic():
        assert not AccessRequest.objects.exists()


def test_what_was_asked_follows_two_records_brought_together(record, sophie, hugo):
    kept = f.patient(f.actor(sophie), birth_name="MARCHETTY")
    asked = f.access_request(record, f.actor(hugo))
    f.merged(f.officer(), kept, record)
    with as_owner():
        asked.refresh_from_db()
    assert asked.patient_id == kept.pk
    signed_in(sophie).post(address("grant_access", asked))
    assert opens(hugo, asked)


def test_who_got_the_right_by_a_merge_is_answered_all_the_same(record, sophie, hugo):
    kept = f.patient(f.actor(sophie), birth_name="MARCHETTY")
    f.member(f.actor(sophie), kept, hugo.person.party, habilitated=True)
    asked = f.access_request(record, f.actor(hugo))
    f.merged(f.officer(), kept, record)
    with as_owner():
        asked.refresh_from_db()
    assert signed_in(sophie).post(address("grant_access", asked)).status_code == 302
    assert answered(asked) == ("granted", "", "Sophie LAMBERT")


# Two of the circle at the same moment.


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["grant", "decline"])
def test_of_two_members_who_answer_one_wins_and_the_other_is_told(first):
    sophie, nina, hugo = f.user(), f.user("PETIT", "Nina"), f.user("ROUX", "Hugo")
    record = f.patient(f.actor(sophie))
    f.member(f.actor(sophie), record, nina.person.party, habilitated=True)
    asked = f.access_request(record, f.actor(hugo))

    def answers(user: User, way: str):
        web = signed_in(user)
        return lambda: web.post(address(f"{way}_access", asked), {"reason": WHY})

    ways = ("grant", "decline") if first == "grant" else ("decline", "grant")
    one, other = race(answers(sophie, ways[0]), answers(nina, ways[1]))
    assert (one.status_code, other.status_code) == (302, 409)
    assert "Sophie LAMBERT a déjà répondu" in other.content.decode()
    assert opens(hugo, asked) == (first == "grant")
    with as_owner():
        declined = JournalEntry.objects.filter(event="AccessDeclined").count()
    assert declined == (first == "decline")


@pytest.mark.django_db(transaction=True)
def test_a_request_sent_twice_at_once_is_kept_once():
    record, hugo = f.patient(f.actor(f.user())), f.user("ROUX", "Hugo")
    me = f.actor(hugo)
    f.broken_glass(record, me)

    def ask() -> object:
        with acting(party_id=me.party_id, user_id=me.user_id):
            return lasting.ask(access_to(me, record.pk), "Suite")

    race(ask, ask)
    with as_owner():
        assert AccessRequest.objects.count() == 1
        assert BreakGlass.objects.count() == 1


def test_whoever_may_not_write_the_circle_any_more_answers_nothing(asked, sophie, record):
    nina = f.user("PETIT", "Nina")
    member = f.member(f.actor(sophie), record, nina.person.party, habilitated=True)
    web, me = signed_in(nina), f.actor(sophie)
    with acting(party_id=me.party_id, user_id=me.user_id), transaction.atomic():
        actions.withdraw(access_to(me, record.pk), member)
    assert web.post(address("grant_access", asked)).status_code == 404
