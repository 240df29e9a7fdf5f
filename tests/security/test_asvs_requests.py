"""Requests for accounts and invitations against OWASP ASVS 5.0: each test bears its line
(docs/asvs.md).
"""

import re
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.core.cache import cache
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ronde.accounts import requests
from ronde.accounts.models import AccountRequest, Attachment, Duty, Invitation, User
from ronde.accounts.requests import Decided
from ronde.core.actor import Officer
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from tests import factories as f
from tests.accounts.asking import (
    RPPS,
    SECOND,
    Applicant,
    letters,
    link_to,
    only_request,
    registered,
    words,
)
from tests.notifications.worker import deferred, run_jobs
from tests.query_budget import counted

pytestmark = pytest.mark.django_db
EMAIL = SECOND["email"]
HOLDER = "titulaire@cabinet.example"
STATEMENT = re.compile(r"^(\w+)(?:.*?(?:FROM|INTO|UPDATE) \"?(\w+))?", re.S)


@pytest.fixture(autouse=True)
def _no_throttle_left(db):
    cache.clear()


@pytest.fixture
def holder() -> User:
    who = f.user("AUTRE", "Nom")
    with as_owner():
        User.objects.filter(pk=who.pk).update(email=HOLDER)
    return who


def validator() -> Client:
    web = Client()
    web.force_login(f.user("VIDAL", "Agnès", duties=["administrator"]))
    return web


def work_of(applicant: Applicant, email: str) -> list[tuple[str, str]]:
    """Every statement that sending the second step takes, in order: what its time is made of."""
    applicant.first()
    with counted() as captured:
        applicant.second(email=email)
    return [STATEMENT.match(one["sql"]).groups() for one in captured]


# 6.3.8: nobody deduces from registration who has an account.


def test_v6_3_8_the_page_says_the_same_for_an_address_that_has_an_account(holder):
    new, known = Applicant(), Applicant()
    answers = [new.ask(), known.ask(email=HOLDER)]
    assert len({(one.status_code, one.url) for one in answers}) == 1
    pages = [words(new.read("sign_up_sent")), words(known.read("sign_up_sent"))]
    assert pages[0].replace(EMAIL, "") == pages[1].replace(HOLDER, "")


def test_v6_3_8_the_server_does_the_same_work_for_an_address_that_has_an_account(holder):
    work_of(Applicant(), "premiere@cabinet.example")  # What is read once a process.
    new, known = work_of(Applicant(), EMAIL), work_of(Applicant(), HOLDER)
    assert len(new) > 5
    assert new == known
    assert len({job.task_name for job in deferred()}) == 1


def test_v6_3_8_an_invitation_does_not_tell_who_has_an_account(holder):
    web = Client()
    web.force_login(f.user())
    said = []
    for email in (EMAIL, HOLDER):
        answer = web.post(reverse("accounts:invite"), {"emails": email, "text": "Bonjour"})
        said.append(words(answer.content.decode()).replace(email, ""))
    assert said[0] == said[1]


def test_v6_3_8_a_known_number_does_not_give_the_address_of_its_account(holder):
    with as_owner():
        type(holder.person).objects.filter(pk=holder.person_id).update(rpps=RPPS)
    html = Applicant().first().content.decode()
    assert "Ce numéro a déjà un compte" in html
    assert HOLDER not in html


# 6.4.1: the secrets that open an account expire, and serve once.


def test_v6_4_1_the_link_that_proves_an_address_serves_once():
    lina = Applicant()
    lina.ask()
    run_jobs()
    path = link_to(EMAIL)
    assert [Client().post(path).status_code for _ in range(2)] == [200, 410]


def test_v6_4_1_the_link_that_proves_an_address_expires():
    lina = Applicant()
    lina.ask()
    run_jobs()
    with as_owner():
        AccountRequest.objects.update(link_expires_at=timezone.now())
    assert Client().get(link_to(EMAIL)).status_code == 410
    assert Client().post(link_to(EMAIL)).status_code == 410


def test_v6_4_1_the_link_of_one_purpose_does_not_serve_another():
    lina = Applicant()
    lina.ask()
    run_jobs()
    token = link_to(EMAIL).strip("/").rpartition("/")[2]
    for name in ("sign_up_complete", "invited"):
        assert Client().get(reverse(f"accounts:{name}", args=[token])).status_code == 410


def test_v6_4_1_reading_the_table_is_not_enough_to_follow_a_link():
    lina = Applicant()
    lina.ask()
    key = only_request().link
    for token in (key, key.hex):
        address = reverse("accounts:sign_up_confirm", args=[token])
        assert Client().post(address).status_code == 410


def invited() -> str:
    web = Client()
    web.force_login(f.user())
    web.post(reverse("accounts:invite"), {"emails": EMAIL, "text": "Bonjour"})
    run_jobs()
    return link_to(EMAIL)


def test_v6_4_1_an_invitation_expires_after_thirty_days():
    path = invited()
    with as_owner():
        invitation = Invitation.objects.get()
        assert invitation.expires_at - invitation.sent_at == timedelta(days=30)
        Invitation.objects.update(expires_at=timezone.now())
    assert Client().get(path).status_code == 410


def test_v6_4_1_an_invitation_serves_once():
    path = invited()
    first, second = Applicant(), Applicant()
    first.web.get(path)
    second.web.get(path)  # Opened twice before either is sent: still one request comes of it.
    first.ask()
    second.ask(email="autre@cabinet.example")
    assert Client().get(path).status_code == 410
    with as_owner():
        assert AccountRequest.objects.exclude(invitation_id=None).count() == 1


def test_v6_4_1_the_creation_mail_sets_a_password_once():
    Applicant().confirm()
    asked = only_request()
    validator().post(reverse("console:accept_account", args=[asked.pk]), {"version": asked.version})
    run_jobs()
    path = link_to(EMAIL)
    web = Client()
    form = web.get(path)
    new = {"password1": f.PASSWORD, "password2": f.PASSWORD}
    assert web.post(form.url, new).status_code == 302
    assert "Ce lien n’est plus valable" in Client().get(path, follow=True).content.decode()


# 15.3.3: a form writes its own fields and no other.


def test_v15_3_3_a_request_takes_no_field_that_the_form_does_not_have(holder):
    who = registered("MOREAU", "Lina")
    more = {
        "status": "accepted",
        "kind": "colleague",
        "is_active": "on",
        "duty": "administrator",
        "duties": "administrator",
        "person": str(holder.person_id),
        "psc_subject": "moi",
        "account_id": str(holder.pk),
        "decided_by_name": "Agnès VIDAL",
        "structure_ids": str(f.structure().pk),
        "rpps": "98000000020",
        "name_differs": "",
    }
    Applicant().ask(**{**more, "rpps": RPPS})
    asked = only_request()
    assert (asked.status, asked.kind, asked.psc_subject) == ("unverified", "self", "")
    assert (asked.person_id, asked.rpps) == (who.pk, RPPS)
    assert (asked.account_id, asked.decided_by_name, asked.structure_ids) == (None, "", [])


def test_v15_3_3_accepting_attaches_to_no_structure_that_was_not_asked_for():
    asked_for, other = f.structure("SSIAD du Port"), f.structure("CHITS")
    Applicant().confirm(structure_1=str(asked_for.pk))
    asked, web = only_request(), validator()
    address = reverse("console:accept_account", args=[asked.pk])
    values = {"version": asked.version, "structures": [str(other.pk)]}
    assert web.post(address, values).status_code == 422
    values = {
        "version": asked.version,
        "email": "pirate@cabinet.example",
        "is_super_user": "on",
        "duties": "administrator",
    }
    assert web.post(address, values).status_code == 302
    user = User.objects.get(email=EMAIL)
    assert not Attachment.objects.filter(user=user).exists()
    assert not Duty.objects.filter(user=user).exists()


def test_v15_3_3_the_action_itself_drops_a_structure_that_was_not_asked_for():
    other = f.structure("CHITS")
    Applicant().confirm()
    asked = only_request()
    who = f.user("VIDAL", "Agnès", duties=["administrator"])
    officer = Officer(who.pk, who.full_name, "administrator")
    with acting(party_id=None, user_id=who.pk, duty="administrator"):
        user = requests.accept(officer, asked.pk, asked.version, structures=[other.pk])
    assert not Attachment.objects.filter(user=user).exists()


# 2.3.1: the steps follow one another.


def test_v2_3_1_no_step_is_skipped():
    lina = Applicant()
    assert lina.second().url == reverse("accounts:sign_up")
    lina.first()
    lina.first(rpps="12")  # Wrong now: what was right before does not count any more.
    assert lina.second().url == reverse("accounts:sign_up")
    with as_owner():
        assert not AccountRequest.objects.exists()


# 2.3.2, 2.4.1: what may be repeated is bounded.


def test_v2_4_1_requests_for_one_address_are_bounded_whoever_sends_them():
    answers = [Applicant().ask().status_code for _ in range(6)]
    assert answers == [302] * 5 + [429]


def test_v2_4_1_numbers_are_not_tried_one_after_the_other(settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "sign_up_number": "3/m/ip"}
    lina = Applicant()
    assert [lina.first(rpps="12").status_code for _ in range(4)] == [422, 422, 422, 429]


def test_v2_3_2_invitations_are_bounded_each_day(settings):
    settings.INVITATION_DAILY_LIMIT = 2
    web = Client()
    web.force_login(f.user())
    for _ in range(3):
        web.post(reverse("accounts:invite"), {"emails": EMAIL, "text": "Bonjour"})
    run_jobs()
    assert len(letters(EMAIL)) == 2


# 2.3.4, 15.4.2: a decision is checked and taken at once.


@pytest.mark.django_db(transaction=True)
def test_v15_4_2_of_two_validators_at_the_same_moment_one_wins():
    Applicant().confirm()
    asked = only_request()
    officers = []
    for given in ("Agnès", "Théo"):
        who = f.user("VIDAL", given, duties=["administrator"])
        officers.append(Officer(who.pk, who.full_name, "administrator"))
    ready, outcome = Barrier(2), []

    def decide(officer: Officer) -> None:
        try:
            with acting(party_id=None, user_id=officer.user_id, duty="administrator"):
                ready.wait()
                outcome.append(requests.accept(officer, asked.pk, asked.version).email)
        except Decided as told:
            outcome.append(told.messages[0])
        finally:
            connections.close_all()

    threads = [Thread(target=decide, args=[one]) for one in officers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(text == EMAIL for text in outcome) == [False, True]
    assert any("a déjà traité cette demande" in text for text in outcome)
    assert User.objects.filter(email=EMAIL).count() == 1
