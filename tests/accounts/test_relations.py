"""«Mes délégués», «Mes délégants»: asked, answered, withdrawn, and who is told."""

from collections.abc import Callable
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.http import Http404
from django.test import Client
from django.utils.encoding import force_str

from ronde.accounts import delegating, relations
from ronde.accounts.models import Attachment, Delegation, RelationFavorite, User
from ronde.accounts.relations import Side
from ronde.core.actor import Actor
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.directory.models import Party
from ronde.journal.models import JournalEntry
from tests import factories as f
from tests.notifications.worker import run_jobs
from tests.query_budget import budget
from tests.signing import act_as, signed_in

pytestmark = pytest.mark.django_db
DELEGATES, DELEGATORS = "/profil/relations/", "/profil/relations/delegants/"
BOTH, RECORDS, MESSAGES = ["records", "messages"], ["records"], ["messages"]


@pytest.fixture
def marc() -> User:
    return f.user("LEBLANC", "Marc")


@pytest.fixture
def nina() -> User:
    return f.user("PETIT", "Nina")


def party(account: User) -> Party:
    return Party.objects.get(pk=account.person_id)


def doing(actor: Actor) -> acting:
    return acting(party_id=actor.party_id, user_id=actor.user_id, delegated=actor.is_delegate)


def asked(delegate: User, delegator: User, scopes: list[str] = RECORDS) -> list[Delegation]:
    actor = f.actor(delegate)
    with doing(actor):
        return delegating.ask(actor, party(delegator), scopes)


def do(act: Callable, account: User, delegation: Delegation) -> Delegation:
    actor = f.actor(account)
    with doing(actor):
        return act(actor, delegation.pk)


def statuses() -> list[str]:
    with as_owner():
        return sorted(Delegation.objects.values_list("status", flat=True))


def events() -> list[str]:
    with as_owner():
        rows = JournalEntry.objects.filter(event__startswith="Delegation").order_by("at", "id")
        return list(rows.values_list("event", flat=True))


def told() -> list[tuple[str, str]]:
    return [(one.to[0], one.subject.removeprefix("Ronde : ")) for one in mail.outbox]


def text(answer) -> str:
    return force_str(answer.content)


# What happens between two persons.


def test_a_request_waits_until_it_is_accepted(marc, nina):
    [one] = asked(nina, marc)
    assert statuses() == ["pending"]
    do(delegating.accept, marc, one)
    assert f.identity_of(nina, marc.person_id).is_delegate
    assert events() == ["DelegationAsked", "DelegationAccepted"]


def test_a_request_refused_gives_nothing_and_may_be_made_again(marc, nina):
    [one] = asked(nina, marc)
    do(delegating.refuse, marc, one)
    assert statuses() == ["refused"]
    asked(nina, marc)
    assert statuses() == ["pending", "refused"]


def test_both_scopes_are_two_delegations_answered_one_by_one(marc, nina):
    records, messages = asked(nina, marc, BOTH)
    do(delegating.accept, marc, records)
    do(delegating.refuse, marc, messages)
    [one] = shown(marc, Side.DELEGATES)
    assert {held.scope.value: held.status.value for held in one.scopes.values()} == {
        "records": "accepted",
        "messages": "refused",
    }


def shown(account: User, side: Side) -> list[relations.Relation]:
    actor = f.actor(account)
    with doing(actor), transaction.atomic():
        return relations.relations(actor, side)


def test_giving_holds_at_once(marc, nina):
    actor = f.actor(marc)
    with doing(actor):
        delegating.give(actor, party(nina), BOTH)
    assert statuses() == ["accepted", "accepted"]
    assert f.identity_of(nina, marc.person_id).is_delegate


def test_giving_what_was_asked_accepts_the_request(marc, nina):
    asked(nina, marc)
    actor = f.actor(marc)
    with doing(actor):
        delegating.give(actor, party(nina), BOTH)
    assert statuses() == ["accepted", "accepted"]
    assert events() == ["DelegationAsked", "DelegationAccepted", "DelegationGiven"]


@pytest.mark.parametrize("who", ["marc", "nina"])
def test_either_party_withdraws_at_any_time(marc, nina, who):
    given = f.delegation(marc, nina)
    do(delegating.withdraw, {"marc": marc, "nina": nina}[who], given)
    assert statuses() == ["withdrawn"]
    assert shown(nina, Side.DELEGATORS) == shown(marc, Side.DELEGATES) == []


def test_the_same_is_not_asked_twice(marc, nina):
    asked(nina, marc)
    with pytest.raises(ValidationError, match="déjà demandée"):
        asked(nina, marc)
    assert [one.scope for one in asked(nina, marc, BOTH)] == ["messages"]


def test_nobody_delegates_to_themselves(nina):
    with pytest.raises(ValidationError, match="c'est vous"):
        asked(nina, nina)


def test_who_has_no_account_cannot_be_asked(nina):
    stranger = f.person("SANS", "Compte")
    actor = f.actor(nina)
    with doing(actor), pytest.raises(ValidationError, match="sans compte"):
        delegating.ask(actor, Party.objects.get(pk=stranger.pk), RECORDS)


def test_a_stranger_answers_nothing(marc, nina):
    [one] = asked(nina, marc)
    for act in (delegating.accept, delegating.refuse, delegating.withdraw):
        with pytest.raises(Http404):
            do(act, f.user("ROUX", "Hugo"), one)


def test_the_delegate_does_not_accept_their_own_request(marc, nina):
    [one] = asked(nina, marc)
    with pytest.raises(PermissionDenied):
        do(delegating.accept, nina, one)


def test_too_many_requests_in_a_day_are_stopped(marc, nina, monkeypatch):
    monkeypatch.setattr(delegating, "DAILY_LIMIT", 1)
    asked(nina, marc)
    with pytest.raises(ValidationError, match="demain"):
        asked(nina, f.user("ROUX", "Hugo"))


def test_answering_twice_tells_once(marc, nina):
    [one] = asked(nina, marc)
    do(delegating.accept, marc, one)
    do(delegating.accept, marc, one)
    assert events().count("DelegationAccepted") == 1


@pytest.mark.parametrize("act", [delegating.accept, delegating.refuse])
def test_a_request_withdrawn_meanwhile_is_not_answered(marc, nina, act):
    [one] = asked(nina, marc)
    do(delegating.withdraw, nina, one)
    with pytest.raises(delegating.ChangedMeanwhileError, match="retirée"):
        do(act, marc, one)


def test_the_database_lets_no_refusal_become_an_acceptance(marc, nina):
    [one] = asked(nina, marc)
    do(delegating.refuse, marc, one)
    with (
        doing(f.actor(marc)),
        pytest.raises(IntegrityError, match="does not go from"),
        transaction.atomic(),
    ):
        Delegation.objects.filter(pk=one.pk).update(status="accepted", decided_by=marc.pk)


# Structures.


@pytest.fixture
def house():
    return f.structure("DAC Var Ouest")


@pytest.fixture
def chief(house) -> User:
    account = f.user("MERCIER", "Hugo", attached_to=house)
    with as_owner():
        Attachment.objects.filter(user=account).update(is_super_user=True)
    return account


@pytest.fixture
def employee(house) -> User:
    return f.user("RICCI", "Paola", attached_to=house)


def test_the_super_user_gives_the_delegation_of_the_structure(house, chief, nina):
    actor = f.identity_of(chief, house.pk)
    with doing(actor):
        delegating.give(actor, party(nina), RECORDS)
    assert f.identity_of(nina, house.pk).is_delegate


def test_an_employee_decides_nothing_for_the_structure(house, employee, nina):
    actor = f.identity_of(employee, house.pk)
    with doing(actor), pytest.raises(PermissionDenied):
        delegating.give(actor, party(nina), RECORDS)


def test_the_database_refuses_what_an_employee_gives_for_the_structure(house, employee, nina):
    row = Delegation(
        delegator_id=house.pk,
        delegate_id=nina.person_id,
        scope="records",
        status="accepted",
        created_by=employee.pk,
    )
    with (
        acting(party_id=house.pk, user_id=employee.pk),
        pytest.raises(DatabaseError, match="row-level security"),
        transaction.atomic(),
    ):
        row.save(force_insert=True)


def test_an_employee_sees_the_delegations_of_the_structure_without_buttons(house, employee, nina):
    f.delegation(house, nina)
    page = text(signed_in(employee, house.pk).get(DELEGATES))
    assert "PETIT Nina" in page
    assert "gérées par ses super-utilisateurs" in page
    assert "Retirer" not in page


def test_a_structure_without_super_user_cannot_be_asked(house, employee, nina):
    actor = f.actor(nina)
    with doing(actor), pytest.raises(ValidationError, match="sans super-utilisateur"):
        delegating.ask(actor, house.party, RECORDS)


def test_a_request_to_a_structure_is_told_to_its_super_users_alone(house, chief, employee, nina):
    actor = f.actor(nina)
    with doing(actor):
        delegating.ask(actor, house.party, RECORDS)
    run_jobs()
    assert told() == [(chief.email, "Vous avez une demande de délégation en attente")]


# By delegation: never handed on.


def test_whoever_acts_by_delegation_decides_nothing(marc, nina):
    f.delegation(marc, nina)
    third = f.user("ROUX", "Hugo")
    waiting = f.delegation(marc, third, status="pending")
    actor = f.identity_of(nina, marc.person_id)
    with doing(actor):
        for act in (delegating.accept, delegating.refuse, delegating.withdraw):
            with pytest.raises(PermissionDenied):
                act(actor, waiting.pk)
        with pytest.raises(PermissionDenied):
            delegating.give(actor, party(third), RECORDS)
        assert relations.waiting(actor) == 0


# Mails.


def test_each_step_is_told_to_the_other(marc, nina):
    [one] = asked(nina, marc)
    do(delegating.accept, marc, one)
    do(delegating.withdraw, marc, one)
    run_jobs()
    assert told() == [
        (marc.email, "Vous avez une demande de délégation en attente"),
        (nina.email, "Votre demande de délégation est acceptée"),
        (nina.email, "Une délégation est retirée"),
    ]
    assert "Par : Nina PETIT" in mail.outbox[0].body
    assert "http://127.0.0.1:8000/profil/relations/" in mail.outbox[0].body


# Screens.


def test_the_request_is_made_in_the_dialog(marc, nina):
    web = signed_in(nina)
    found = text(web.get("/profil/relations/delegants/recherche/", {"q": "leblanc"}))
    assert f'data-ronde-valeur="{marc.person_id}"' in found
    answer = web.post(
        "/profil/relations/delegants/ajouter/", {"party": marc.person_id, "scope": "both"}
    )
    assert answer.url == DELEGATORS
    page = text(web.get(DELEGATORS))
    assert page.count("En attente") == 2
    assert "Annuler la demande" in page


def test_who_has_no_account_is_found_but_cannot_be_chosen(nina):
    f.person("LEBLANC", "Zoé")
    found = text(signed_in(nina).get("/profil/relations/delegants/recherche/", {"q": "leblanc"}))
    assert 'aria-disabled="true"' in found
    assert "sans compte" in found


@pytest.mark.parametrize("typed", ["", "x", str(uuid4())])
def test_nobody_chosen_is_said_beside_the_field(nina, typed):
    answer = signed_in(nina).post(
        "/profil/relations/delegants/ajouter/", {"party": typed, "scope": "messages"}
    )
    assert answer.status_code == 422
    assert "Choisissez dans la liste" in text(answer)
    assert '<option value="messages" selected>' in text(answer)


def test_the_delegator_answers_from_the_list(marc, nina):
    [one] = asked(nina, marc)
    web = signed_in(marc)
    page = text(web.get(DELEGATES))
    assert "Accepter" in page
    assert "Refuser" in page
    answer = web.post(f"{DELEGATES}{one.pk}/accepter/", {"cote": "delegues"})
    assert answer.url == DELEGATES
    assert statuses() == ["accepted"]
    assert "Retirer" in text(web.get(DELEGATES))


def test_the_delegate_is_shown_no_button_to_accept(marc, nina):
    asked(nina, marc)
    assert "Accepter" not in text(signed_in(nina).get(DELEGATORS))


def test_an_answer_too_late_says_so_and_shows_the_list_as_it_is(marc, nina):
    [one] = asked(nina, marc)
    do(delegating.withdraw, nina, one)
    answer = signed_in(marc).post(f"{DELEGATES}{one.pk}/accepter/", {"cote": "delegues"})
    assert answer.status_code == 409
    assert "n&#39;attend plus de réponse" in text(answer)
    assert "PETIT Nina" not in text(answer)


def test_asking_does_not_show_the_last_sign_in_of_the_one_asked(marc, nina):
    signed_in(marc)
    [one] = asked(nina, marc)
    assert shown(nina, Side.DELEGATORS)[0].last_login is None
    do(delegating.accept, marc, one)
    assert shown(nina, Side.DELEGATORS)[0].last_login is not None


def test_the_star_puts_somebody_first_for_oneself_alone(marc, nina):
    f.delegation(marc, f.user("AUBERT", "Luc"))
    f.delegation(marc, nina)
    assert [one.name for one in shown(marc, Side.DELEGATES)] == ["AUBERT Luc", "PETIT Nina"]
    assert signed_in(marc).post(f"{DELEGATES}favori/{nina.person_id}/").status_code == 302
    assert [one.name for one in shown(marc, Side.DELEGATES)] == ["PETIT Nina", "AUBERT Luc"]
    assert not shown(nina, Side.DELEGATORS)[0].is_favorite
    with doing(f.actor(nina)), transaction.atomic():
        assert not RelationFavorite.objects.exists()


def test_a_star_is_for_somebody_of_ones_relations(marc, nina):
    assert signed_in(marc).post(f"{DELEGATES}favori/{nina.person_id}/").status_code == 404


def test_the_list_costs_the_same_whatever_its_length(marc):
    web = signed_in(marc)
    for number in range(8):
        f.delegation(marc, f.user(f"NOM{number}", "Eve"))
        if number in {0, 7}:
            web.get(DELEGATES)
            with budget("relations"):
                web.get(DELEGATES)


# While a session is open.


def test_a_delegation_withdrawn_while_a_form_is_filled_saves_nothing_and_keeps_what_was_typed(
    marc, nina
):
    record = f.patient(f.actor(marc))
    given = f.delegation(marc, nina)
    web = signed_in(nina, marc.person_id)
    address = f"/dossiers/{record.pk}/fil/note/"
    assert web.get(address).status_code == 200
    do(delegating.withdraw, marc, given)
    answer = web.post(address, {"text": "Chute cette nuit", "weight": "1"})
    assert answer.status_code == 409
    assert "rien n&#39;a été enregistré" in text(answer)
    with as_owner():
        assert not JournalEntry.objects.filter(event="NoteWritten").exists()
        assert nina.drafts.get(address=address).values["text"] == ["Chute cette nuit"]


def test_another_tab_that_noticed_first_does_not_let_the_form_through_in_ones_own_name(marc, nina):
    """Both could write in the record: the note must not be saved as Nina's own."""
    record = f.patient(f.actor(marc))
    f.member(f.actor(marc), record, party(nina), habilitated=True)
    given = f.delegation(marc, nina)
    web = Client(enforce_csrf_checks=True)
    web.force_login(nina)
    act_as(web, marc.person_id)
    address = f"/dossiers/{record.pk}/fil/note/"
    web.get(address)
    token = web.cookies["ronde_csrf"].value
    do(delegating.withdraw, marc, given)
    assert web.get("/signaux/").status_code == 200
    answer = web.post(address, {"text": "x", "weight": "1", "csrfmiddlewaretoken": token})
    assert answer.status_code == 403
    assert "rien n&#39;a été enregistré" in text(answer)
    with as_owner():
        assert not JournalEntry.objects.filter(event="NoteWritten").exists()


def test_the_next_page_says_whose_delegation_ended(marc, nina):
    given = f.delegation(marc, nina)
    web = signed_in(nina, marc.person_id)
    do(delegating.withdraw, marc, given)
    assert "La délégation de LEBLANC Marc vous a été retirée" in text(web.get("/profil/"))


def test_one_stops_acting_by_delegation_in_one_click(marc, nina):
    f.delegation(marc, nina)
    web = signed_in(nina, marc.person_id)
    page = text(web.get("/profil/"))
    assert "Ne plus agir" in page
    assert "Par délégation de LEBLANC Marc" in page
    web.post("/identite/", {"identity": nina.person_id})
    assert "Ne plus agir" not in text(web.get("/profil/"))


def test_one_leaves_ones_relations_when_one_starts_acting_by_delegation(marc, nina):
    f.delegation(marc, nina)
    web = signed_in(nina)
    chosen = {"identity": marc.person_id, "next": DELEGATES}
    assert web.post("/identite/", chosen).url == "/file-active/"
    back = {"identity": nina.person_id, "next": DELEGATES}
    assert web.post("/identite/", back).url == DELEGATES


# Both names in every trace.


def test_what_a_delegate_writes_bears_both_names(marc, nina):
    record = f.patient(f.actor(marc))
    f.delegation(marc, nina)
    web = signed_in(nina, marc.person_id)
    web.post(f"/dossiers/{record.pk}/fil/note/", {"text": "Vu ce matin", "weight": "1"})
    feed = text(web.get(f"/dossiers/{record.pk}/fil/"))
    assert "Nina PETIT</b>, par délégation de LEBLANC Marc" in feed
    openings = text(web.get(f"/dossiers/{record.pk}/tracabilite/"))
    assert 'Nina PETIT</b><span class="sous">par délégation de LEBLANC Marc' in openings
    with as_owner():
        entry = JournalEntry.objects.get(event="NoteWritten")
    assert (entry.user_id, entry.party_id, entry.delegator_id) == (
        nina.pk,
        marc.person_id,
        marc.person_id,
    )


def test_a_member_added_by_a_delegate_bears_both_names(marc, nina):
    f.delegation(marc, nina)
    record = f.patient(f.actor(marc))
    added = f.member(f.identity_of(nina, marc.person_id), record, f.person("COSTA", "Luc").party)
    assert added.added_by_name == "Nina PETIT, par délégation de LEBLANC Marc"


def test_nobody_breaks_the_glass_by_delegation(marc, nina):
    record = f.patient(f.actor(f.user("ROUX", "Hugo")))
    f.delegation(marc, nina)
    answer = signed_in(nina, marc.person_id).get(f"/dossiers/{record.pk}/bris-de-glace/")
    assert answer.status_code == 403
    assert "jamais par délégation de LEBLANC Marc" in text(answer)


# Two people at once.


@pytest.mark.django_db(transaction=True)
def test_one_of_accepting_and_withdrawing_wins_and_the_other_is_told():
    marc, nina = f.user("LEBLANC", "Marc"), f.user("PETIT", "Nina")
    [one] = asked(nina, marc)
    start, problems = Barrier(2), []

    def race(act: Callable, account: User) -> None:
        try:
            start.wait(5)
            do(act, account, one)
        except Exception as error:  # noqa: BLE001
            problems.append(error)
        finally:
            connection.close()

    racers = [
        Thread(target=race, args=(delegating.refuse, marc)),
        Thread(target=race, args=(delegating.withdraw, nina)),
    ]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(10)
    assert statuses() in (["refused"], ["withdrawn"])
    assert [type(one) for one in problems] == [delegating.ChangedMeanwhileError]
