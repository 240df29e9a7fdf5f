"""Two browsers answer the same thing at the same moment: one wins, the other is told."""

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils.encoding import force_str

from ronde.accounts import delegating
from ronde.accounts.models import AccountRequest, Attachment, Delegation, Invitation, User
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.directory.models import Party
from ronde.journal.models import JournalEntry
from tests import factories as f
from tests.accounts.asking import SECOND, Applicant, letters, link_to, only_request
from tests.at_once import race
from tests.notifications.worker import run_jobs
from tests.signing import signed_in

pytestmark = pytest.mark.django_db(transaction=True)
EMAIL, OTHER = SECOND["email"], "autre@cabinet.example"


@pytest.fixture(autouse=True)
def _no_throttle_left(transactional_db):
    cache.clear()


def page(answer: HttpResponse) -> str:
    return force_str(answer.content)


def happened(*names: str) -> list[str]:
    with as_owner():
        entries = JournalEntry.objects.filter(event__in=names).order_by("at")
        return list(entries.values_list("event", flat=True))


# A delegation asked of a structure, answered by its two super-users.


@pytest.fixture
def house():
    return f.structure("DAC Var Ouest")


@pytest.fixture
def chiefs(house) -> list[Client]:
    accounts = [f.user("MERCIER", given, attached_to=house) for given in ("Hugo", "Inès")]
    with as_owner():
        Attachment.objects.filter(user__in=accounts).update(is_super_user=True)
    return [signed_in(one, house.pk) for one in accounts]


@pytest.fixture
def asked(house) -> Delegation:
    nina = f.actor(f.user("PETIT", "Nina"))
    with acting(party_id=nina.party_id, user_id=nina.user_id):
        return delegating.ask(nina, Party.objects.get(pk=house.pk), ["records"])[0]


@pytest.mark.parametrize(
    ("first", "second", "status", "said"),
    [
        ("accepter", "refuser", "accepted", "acceptée"),
        ("refuser", "accepter", "refused", "refusée"),
    ],
)
def test_of_two_super_users_who_answer_one_request_one_wins_and_the_other_reads_the_answer(
    chiefs, asked, first, second, status, said
):
    def answers(web: Client, way: str):
        address = f"/profil/relations/{asked.pk}/{way}/"
        return lambda: web.post(address, {"cote": "delegues"})

    one, other = race(answers(chiefs[0], first), answers(chiefs[1], second))
    assert (one.status_code, other.status_code) == (302, 409)
    assert f"plus de réponse : {said}" in page(other)
    with as_owner():
        assert Delegation.objects.get().status == status
    assert len(happened("DelegationAccepted", "DelegationRefused")) == 1


def test_two_super_users_who_give_the_same_answer_tell_once(chiefs, asked):
    address = f"/profil/relations/{asked.pk}/accepter/"
    one, other = race(*[lambda web=web: web.post(address, {"cote": "delegues"}) for web in chiefs])
    assert (one.status_code, other.status_code) == (302, 302)
    assert happened("DelegationAccepted") == ["DelegationAccepted"]


# A request in «Comptes à valider», under the eyes of two administrators.


@pytest.fixture
def desks() -> list[Client]:
    return [signed_in(f.user("VIDAL", one, duties=["administrator"])) for one in ("Agnès", "Théo")]


def lina() -> AccountRequest:
    Applicant().confirm()
    run_jobs()
    return only_request()


def decides(web: Client, name: str, asked: AccountRequest, **values: str):
    address = reverse(f"console:{name}", args=[asked.pk])
    return lambda: web.post(address, {"version": asked.version, **values})


def test_of_two_administrators_one_accepts_and_the_other_who_refuses_is_told(desks):
    asked = lina()
    one, other = race(
        decides(desks[0], "accept_account", asked),
        decides(desks[1], "refuse_account", asked, reason="unknown"),
    )
    assert (one.status_code, other.status_code) == (302, 409)
    assert "Agnès VIDAL a déjà traité cette demande" in page(other)
    assert only_request().status == "accepted"
    assert happened("AccountAccepted", "AccountRefused") == ["AccountAccepted"]
    before = len(letters(EMAIL))
    run_jobs()
    assert len(letters(EMAIL)) == before + 1
    assert User.objects.filter(email=EMAIL).count() == 1


def test_of_two_administrators_one_refuses_and_no_account_opens_by_the_other(desks):
    asked = lina()
    one, other = race(
        decides(desks[0], "refuse_account", asked, reason="unknown"),
        decides(desks[1], "accept_account", asked),
    )
    assert (one.status_code, other.status_code) == (302, 409)
    assert "Agnès VIDAL a déjà traité cette demande" in page(other)
    assert not User.objects.filter(email=EMAIL).exists()


def test_a_mailed_link_pressed_twice_at_once_enters_the_queue_once():
    applicant = Applicant()
    applicant.ask()
    run_jobs()
    path = link_to(EMAIL)
    one, other = race(lambda: applicant.web.post(path), lambda: Client().post(path))
    assert (one.status_code, other.status_code) == (200, 410)
    assert happened("AccountRequested") == ["AccountRequested"]


# An invitation, in two browsers.


def test_an_invitation_accepted_twice_at_once_serves_once():
    signed_in(f.user()).post(reverse("accounts:invite"), {"emails": EMAIL, "text": "Bonjour"})
    run_jobs()
    path = link_to(EMAIL)
    browsers = Applicant(), Applicant()
    for browser in browsers:
        browser.web.get(path)
        browser.first()
    one, other = race(browsers[0].second, lambda: browsers[1].second(email=OTHER))
    assert (one.status_code, other.status_code) == (302, 302)
    with as_owner():
        kept = AccountRequest.objects.exclude(invitation_id=None).get()
        assert kept.email == EMAIL
        assert Invitation.objects.get().used_at is not None
    assert Client().get(path).status_code == 410


def test_an_invitation_taken_back_while_it_is_accepted_leads_to_nothing():
    inviter = signed_in(f.user())
    inviter.post(reverse("accounts:invite"), {"emails": EMAIL, "text": "Bonjour"})
    run_jobs()
    lina = Applicant()
    lina.web.get(link_to(EMAIL))
    lina.first()
    with as_owner():
        key = Invitation.objects.get().pk
    race(lambda: inviter.post(reverse("accounts:uninvite", args=[key])), lina.second)
    with as_owner():
        assert AccountRequest.objects.get().invitation_id is None
        assert Invitation.objects.get().withdrawn_at is not None
