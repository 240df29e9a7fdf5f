"""Asking for a colleague's account from a circle, and what its birth opens."""

import pytest
from django.core import mail
from django.db import ProgrammingError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ronde.accounts.models import AccountRequest, User
from ronde.careteam import actions
from ronde.careteam.access import access_to, grants_of
from ronde.careteam.awaiting_jobs import _stop_waiting, give_access
from ronde.careteam.models import AwaitedAccount, Member, MemberRole
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.directory.models import Source
from ronde.patients import actions as patients
from tests import factories as f
from tests.accounts.asking import letters, only_request
from tests.careteam.conftest import Desk
from tests.notifications.worker import run_jobs

pytestmark = pytest.mark.django_db
EMAIL = "lea.petit@cabinet.example"
LEA = {
    "is_professional": "oui",
    "wants_access": "oui",
    "family_name": "Petit",
    "given_name": "Léa",
    "city": "Toulon",
    "profession_code": "G15:60",
    "email": EMAIL,
    "function": "Infirmière coordinatrice",
    "description": "Pansements complexes",
    "roles": ["attending-physician", "contributor"],
}


@pytest.fixture
def validator() -> Client:
    web = Client()
    web.force_login(f.user("GARNIER", "Théo", duties=["support"]))
    return web


def accept(validator: Client, **values):
    asked = only_request()
    address = reverse("console:accept_account", args=[asked.pk])
    answer = validator.post(address, {"version": asked.version, "email": asked.email, **values})
    assert answer.status_code == 302, answer.content.decode()
    run_jobs()
    run_jobs()  # What the first ones deferred.
    return answer


def member_of(party_id) -> Member:
    with as_owner():
        return Member.objects.get(party_id=party_id, removed_at=None)


def awaited() -> AwaitedAccount:
    with as_owner():
        return AwaitedAccount.objects.get()


def opens(user: User) -> bool:
    actor = f.actor(user)
    with acting(party_id=actor.party_id, user_id=actor.user_id):
        return grants_of(actor).exists()


# The three answers of the search bar.


def test_somebody_with_an_account_is_offered_the_access(desk):
    who = f.user("COLOMBO", "Cécile")
    html = desk.read("chosen", party=str(who.person_id))
    assert "Cette personne a déjà un compte d’accès, voulez-vous lui donner accès" in html
    assert "Demander la création de son compte" not in html


def test_somebody_known_without_account_is_offered_the_request_with_what_is_known(desk):
    who = f.person("COLOMBO", "Cécile", email="c.colombo@cabinet.example")
    html = desk.read("chosen", party=str(who.pk))
    assert "Demander la création de son compte" in html
    assert "c.colombo@cabinet.example" in html
    assert "déjà un compte d’accès" not in html


def test_somebody_who_is_not_found_is_asked_for_by_a_directory_record(desk):
    assert "?compte=1" in desk.read("add")
    html = desk.read("add_person", compte="1")
    assert html.count("checked") == 2


def test_a_structure_has_no_account_to_ask_for(desk):
    html = desk.read("chosen", party=str(f.structure("SSIAD").pk))
    assert "Demander la création de son compte" not in html


# Known to the directory.


def test_the_right_of_somebody_known_waits_for_their_account(desk, validator):
    who = f.person("COLOMBO", "Cécile")
    answer = desk.post(
        "add", party=str(who.pk), habilitated="on", ask_account="on", account_email=EMAIL
    )
    assert answer.status_code == 204
    asked = only_request()
    assert (asked.kind, asked.person_id, asked.email) == ("colleague", who.pk, EMAIL)
    assert asked.requester_user == desk.user.pk
    assert "compte demandé" in desk.read("circle")
    run_jobs()
    assert [one.to for one in mail.outbox] == [["support@ronde.example"]]
    assert "MARCHETTI" not in mail.outbox[0].body
    accept(validator)
    assert opens(User.objects.get(email=EMAIL))
    assert "à la demande de" in letters(EMAIL)[-1].body.lower()
    assert "compte demandé" not in desk.read("circle")


def test_an_account_that_exists_is_not_asked_for_whatever_is_sent(desk):
    who = f.user("COLOMBO", "Cécile")
    desk.post("add", party=str(who.person_id), ask_account="on", account_email=EMAIL)
    with as_owner():
        assert not AccountRequest.objects.exists()


def test_without_the_switch_nobody_asks(desk):
    desk.post("add", party=str(f.person("COLOMBO", "Cécile").pk), habilitated="on")
    with as_owner():
        assert not AccountRequest.objects.exists()


def test_a_wrong_address_is_said_beside_its_field(desk):
    who = f.person("COLOMBO", "Cécile")
    answer = desk.post("add", party=str(who.pk), ask_account="on", account_email="colombo")
    assert answer.status_code == 422
    assert "il manque l&#39;arobase" in answer.content.decode()


# Unknown to the directory.


def test_the_line_typed_by_hand_becomes_the_directorys_with_access_roles_and_description(
    desk, validator
):
    assert desk.post("add_person", **LEA).status_code == 204
    accept(validator)
    user = User.objects.get(email=EMAIL)
    assert user.person.party.source == Source.LOCAL
    member = member_of(user.person_id)
    assert member.habilitated
    assert member.description == "Pansements complexes"
    assert member.function == "Infirmière coordinatrice"
    with as_owner():
        roles = MemberRole.objects.filter(member=member, is_current=True)
        assert set(roles.values_list("role", flat=True)) == set(LEA["roles"])
        typed = Member.objects.get(party=None)
    assert typed.removed_at is not None
    assert opens(user)
    assert awaited().outcome == "given"
    assert any("nouveau dossier" in one.subject for one in letters(EMAIL))
    assert "est ouvert" in letters(desk.user.email)[-1].body


def withdraw_requester(desk, coordinator, record) -> None:
    with acting(party_id=coordinator.party_id, user_id=coordinator.user_id):
        access = access_to(coordinator, record.pk)
        mine = Member.objects.get(patient=record, party_id=coordinator.party_id)
        actions.withdraw(access, mine)


def withdraw_consent(desk, coordinator, record) -> None:
    with acting(party_id=coordinator.party_id, user_id=coordinator.user_id):
        access = access_to(coordinator, record.pk)
        patients.withdraw_consent(access, "Le patient a changé d'avis")


def remove_typed(desk, coordinator, record) -> None:
    with acting(party_id=coordinator.party_id, user_id=coordinator.user_id):
        actions.remove(access_to(coordinator, record.pk), Member.objects.get(party=None))


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (withdraw_requester, "plus le droit de modifier"),
        (withdraw_consent, "le consentement a été retiré"),
        (remove_typed, "a été retirée du cercle"),
    ],
)
def test_what_no_longer_stands_when_the_account_is_born_opens_nothing_and_is_told(
    desk, coordinator, record, validator, what, said
):
    desk.post("add_person", **LEA)
    what(desk, coordinator, record)
    accept(validator)
    user = User.objects.get(email=EMAIL)
    assert not opens(user)
    told = letters(desk.user.email)[-1]
    assert said in told.body
    assert "MARCHETTI" not in told.body


def test_the_wait_ends_with_words_for_the_circle_when_who_asked_may_give_nothing(
    desk, coordinator, record, validator
):
    colleague = f.user("MOREL", "Inès")
    f.member(coordinator, record, colleague.person.party, habilitated=True)
    desk.post("add_person", **LEA)
    withdraw_requester(desk, coordinator, record)
    accept(validator)
    assert (awaited().outcome, awaited().settled_at is None) == ("no_access", False)
    other = Desk(colleague, record)
    assert "compte créé : à ajouter depuis l’annuaire" in other.read("circle")
    assert "compte demandé" not in other.read("circle")


def test_a_wait_is_not_ended_before_the_account_is_born(desk):
    desk.post("add_person", **LEA)
    _stop_waiting(str(only_request().pk))
    assert awaited().settled_at is None


def test_a_patient_who_refuses_this_person_meanwhile_is_obeyed(
    desk, coordinator, record, validator
):
    known = f.person("PETIT", "Léa")
    with as_owner():
        type(known).objects.filter(pk=known.pk).update(rpps="98000000012")
    desk.post("add_person", **LEA, registration_number="98000000012")
    f.member(coordinator, record, known.party, refused=True)
    accept(validator)
    user = User.objects.get(email=EMAIL)
    assert user.person_id == known.pk
    assert not opens(user)
    assert "le partage avec cette personne est refusé" in letters(desk.user.email)[-1].body


def test_a_requester_whose_account_is_closed_gives_nothing(desk, validator):
    desk.post("add_person", **LEA)
    with as_owner():
        User.objects.filter(pk=desk.user.pk).update(is_active=False)
    accept(validator)
    assert not opens(User.objects.get(email=EMAIL))
    assert awaited().outcome == "no_access"


def test_the_job_that_comes_back_gives_once(desk, validator):
    desk.post("add_person", **LEA)
    accept(validator)
    user = User.objects.get(email=EMAIL)
    asked = only_request()
    give_access(
        request_id=str(asked.pk),
        person_id=str(user.person_id),
        user_id=str(desk.user.pk),
        party_id=str(desk.user.person_id),
    )
    with as_owner():
        assert Member.objects.filter(party_id=user.person_id).count() == 1


def test_somebody_who_signed_up_meanwhile_is_linked_rather_than_created_twice(desk, validator):
    desk.post("add_person", **LEA)
    there = f.user("PETIT", "Léa")
    with as_owner():
        User.objects.filter(pk=there.pk).update(email=EMAIL)
    accept(validator)
    assert User.objects.filter(email=EMAIL).count() == 1
    assert opens(there)


def test_a_request_that_is_refused_is_waited_for_no_more_and_told_to_who_asked(desk, validator):
    desk.post("add_person", **LEA)
    assert "compte demandé" in desk.read("circle")
    asked = only_request()
    validator.post(
        reverse("console:refuse_account", args=[asked.pk]),
        {"version": asked.version, "reason": "unknown"},
    )
    run_jobs()
    assert "compte demandé" not in desk.read("circle")
    assert "compte refusé" in desk.read("circle")
    assert letters(EMAIL) == []
    assert "n’est pas ouvert" in letters(desk.user.email)[-1].body


def test_a_colleague_without_address_is_completed_by_the_validator(desk, validator):
    desk.post("add_person", **{**LEA, "email": ""})
    asked = only_request()
    address = reverse("console:accept_account", args=[asked.pk])
    answer = validator.post(address, {"version": asked.version, "email": ""})
    assert answer.status_code == 422
    accept(validator, email=EMAIL)
    assert opens(User.objects.get(email=EMAIL))


# From the circle, an invitation names no patient.


def test_an_invitation_from_a_record_does_not_name_its_patient(desk):
    values = {"emails": EMAIL, "text": "Pour Mme Marchetti"}
    answer = desk.post("invite", **values)
    assert answer.status_code == 422
    assert "Ce texte nomme le patient" in answer.content.decode()
    assert desk.post("invite", **{**values, "text": "Pour notre équipe"}).status_code == 200
    run_jobs()
    assert len(letters(EMAIL)) == 1


def test_an_author_of_the_same_name_as_the_patient_may_sign():
    who = f.user("MARCHETTI", "Luc")
    desk = Desk(who, f.patient(f.actor(who)))
    answer = desk.post("invite", emails=EMAIL, text="Cordialement, Luc Marchetti")
    assert answer.status_code == 200
    answer = desk.post("invite", emails=EMAIL, text="Pour Jeanne Marchetti")
    assert answer.status_code == 422


# The database by itself.


def test_the_database_shows_an_awaited_account_to_the_circle_alone(desk, coordinator, record):
    desk.post("add_person", **LEA)
    stranger = f.user("ROUX", "Hugo")
    with acting(party_id=stranger.person_id, user_id=stranger.pk):
        assert not AwaitedAccount.objects.exists()
    with acting(party_id=coordinator.party_id, user_id=coordinator.user_id):
        assert AwaitedAccount.objects.count() == 1


def test_nobody_waits_in_the_name_of_somebody_else_nor_outside_of_their_circles(
    desk, coordinator, record
):
    stranger = f.user("ROUX", "Hugo")
    member = f.member(coordinator, record, f.person("COSTA", "Hugo").party)
    with (
        acting(party_id=stranger.person_id, user_id=stranger.pk),
        pytest.raises(ProgrammingError),
        transaction.atomic(),
    ):
        AwaitedAccount(
            patient=record,
            member=member,
            request_id=record.pk,
            asked_at=timezone.now(),
            asked_by_user=stranger.pk,
            asked_by_party=stranger.person_id,
        ).save(force_insert=True)
