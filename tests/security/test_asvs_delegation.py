"""Acting in the name of another, attacked: each test bears the line of OWASP ASVS 5.0 it answers.

The lines are listed in docs/asvs.md.
"""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from ronde.accounts import delegating
from ronde.accounts.models import Attachment, Delegation, RelationFavorite, User
from ronde.careteam.models import BreakGlass
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.directory.models import Structure
from ronde.journal.models import AccessTrace, JournalEntry
from ronde.notifications.models import Notice, Preference
from tests import factories as f
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
RELATIONS = "/profil/relations/"


@pytest.fixture
def marc() -> User:
    return f.user("LEBLANC", "Marc")


@pytest.fixture
def nina() -> User:
    return f.user("PETIT", "Nina")


@pytest.fixture
def house() -> Structure:
    return f.structure("DAC Var Ouest")


def events(name: str) -> list[JournalEntry]:
    with as_owner():
        return list(JournalEntry.objects.filter(event=name))


def status_of(delegation: Delegation) -> str:
    with as_owner():
        return Delegation.objects.get(pk=delegation.pk).status


def test_v8_2_1_an_employee_does_not_settle_the_delegations_of_their_structure(house, nina):
    employee = f.user("RICCI", "Paola", attached_to=house)
    waiting = f.delegation(house, nina, status="pending")
    web = signed_in(employee, house.pk)
    assert web.post(f"{RELATIONS}{waiting.pk}/accepter/").status_code == 403
    given = {"party": nina.person_id, "scope": "both"}
    assert web.post(f"{RELATIONS}delegues/ajouter/", given).status_code == 403
    assert status_of(waiting) == "pending"


def test_v8_2_2_the_delegation_of_others_does_not_exist_for_a_stranger(marc, nina):
    waiting = f.delegation(marc, nina, status="pending")
    stranger = signed_in(f.user("ROUX", "Hugo"))
    for verb in ("accepter", "refuser", "retirer"):
        assert stranger.post(f"{RELATIONS}{waiting.pk}/{verb}/").status_code == 404
    assert status_of(waiting) == "pending"


def test_v8_2_2_the_notices_of_others_do_not_exist(marc, nina):
    with as_owner():
        theirs = Notice.objects.create(
            entry_id=uuid4(),
            event="DelegationAsked",
            at="2026-11-25T10:00:00Z",
            user_id=marc.pk,
            party_id=marc.person_id,
        )
    f.delegation(marc, nina)
    for web in (signed_in(nina), signed_in(nina, marc.person_id)):
        for way in ("ouvrir", "lue"):
            assert web.post(f"/notifications/{theirs.pk}/{way}/").status_code == 404
    with as_owner():
        assert Notice.objects.get(pk=theirs.pk).read_at is None


@pytest.mark.parametrize("forged", ["marc", "structure", "invented"])
def test_v8_3_1_an_acting_identity_made_up_in_the_session_is_not_believed(
    marc, nina, house, forged
):
    record = f.patient(f.actor(marc))
    party = {"marc": marc.person_id, "structure": house.pk, "invented": uuid4()}[forged]
    assert signed_in(nina, party).get(f"/dossiers/{record.pk}/").status_code == 404


def test_v8_3_1_an_identity_that_is_not_offered_is_refused_and_written_down(marc, nina):
    f.delegation(marc, nina, status="pending")
    assert signed_in(nina).post("/identite/", {"identity": marc.person_id}).status_code == 403
    [entry] = events("IdentityRefused")
    assert (entry.user_id, entry.payload["asked"]) == (nina.pk, str(marc.person_id))


@pytest.mark.parametrize("status", ["accepted", "pending"])
def test_v8_3_1_the_database_refuses_a_delegation_forged_by_a_delegate(marc, nina, status):
    """Acting as Marc, by delegation, for a third: the chain that must not exist."""
    third = f.user("ROUX", "Hugo")
    f.delegation(marc, nina)
    forged = Delegation(
        delegator_id=marc.person_id,
        delegate_id=third.person_id,
        scope="records",
        status=status,
        created_by=nina.pk,
    )
    for delegated in (True, False):  # False: code that forgot to say that it is by delegation.
        with (
            acting(party_id=marc.person_id, user_id=nina.pk, delegated=delegated),
            pytest.raises(DatabaseError, match="row-level security"),
            transaction.atomic(),
        ):
            forged.save(force_insert=True)


@pytest.mark.parametrize("model", [Preference, RelationFavorite])
def test_v8_3_1_the_database_refuses_the_settings_of_another(marc, nina, model):
    values = (
        {"owner_id": marc.person_id, "other_id": nina.person_id}
        if model is RelationFavorite
        else {
            "user_id": marc.pk,
            "party_id": marc.person_id,
            "event": "GlassBroken",
            "mail": False,
            "application": False,
        }
    )
    with (
        acting(party_id=marc.person_id, user_id=nina.pk, delegated=True),
        pytest.raises(DatabaseError, match="row-level security"),
        transaction.atomic(),
    ):
        model.objects.create(**values)


def test_v8_3_2_a_super_user_who_is_one_no_more_decides_nothing_at_the_next_click(house, nina):
    chief = f.user("MERCIER", "Hugo", attached_to=house)
    with as_owner():
        Attachment.objects.filter(user=chief).update(is_super_user=True)
    waiting = f.delegation(house, nina, status="pending")
    web = signed_in(chief, house.pk)
    assert "Accepter" in web.get(RELATIONS).content.decode()
    with as_owner():
        Attachment.objects.filter(user=chief).update(is_super_user=False)
    assert web.post(f"{RELATIONS}{waiting.pk}/accepter/").status_code == 403
    assert status_of(waiting) == "pending"


def test_v8_3_2_a_delegation_withdrawn_closes_the_record_in_an_open_session(marc, nina):
    record = f.patient(f.actor(marc))
    given = f.delegation(marc, nina)
    web = signed_in(nina, marc.person_id)
    assert web.get(f"/dossiers/{record.pk}/").status_code == 200
    with as_owner():
        Delegation.objects.filter(pk=given.pk).update(status="withdrawn")
    assert web.get(f"/dossiers/{record.pk}/").status_code == 404


def test_v8_3_3_a_chain_of_delegations_gives_nothing_to_the_last_one(marc, nina):
    record = f.patient(f.actor(marc))
    third = f.user("ROUX", "Hugo")
    f.delegation(marc, nina)
    f.delegation(nina, third)
    for party in (marc.person_id, nina.person_id):
        assert signed_in(third, party).get(f"/dossiers/{record.pk}/").status_code == 404


def test_v8_3_3_nobody_breaks_the_glass_in_the_name_of_another(marc, nina):
    record = f.patient(f.actor(f.user("ROUX", "Hugo")))
    f.delegation(marc, nina)
    until = timezone.now() + timedelta(hours=1)
    with (
        acting(party_id=marc.person_id, user_id=nina.pk, delegated=True),
        pytest.raises(DatabaseError, match="row-level security"),
        transaction.atomic(),
    ):
        BreakGlass.objects.create(
            patient_id=record.pk,
            party_id=marc.person_id,
            user_id=nina.pk,
            reason="urgence",
            reason_text="Chute",
            opened_at=timezone.now(),
            until=until,
        )
    web = signed_in(nina, marc.person_id)
    answer = web.post(
        f"/dossiers/{record.pk}/bris-de-glace/",
        {"confirmer": "1", "reason": "urgence", "detail": "Chute à domicile"},
    )
    assert answer.status_code == 403
    assert web.get(f"/dossiers/{record.pk}/").status_code == 404


def test_v15_3_3_a_request_cannot_be_born_accepted(marc, nina):
    signed_in(nina).post(
        f"{RELATIONS}delegants/ajouter/",
        {
            "party": marc.person_id,
            "scope": "records",
            "status": "accepted",
            "delegator": marc.person_id,
            "created_by": str(marc.pk),
            "decided_by": str(marc.pk),
        },
    )
    with as_owner():
        made = Delegation.objects.get()
    assert (made.status, made.created_by, made.decided_by) == ("pending", nina.pk, None)


def test_v2_3_1_a_refusal_is_not_turned_into_an_acceptance(marc, nina):
    refused = f.delegation(marc, nina, status="refused")
    assert signed_in(marc).post(f"{RELATIONS}{refused.pk}/accepter/").status_code == 409
    assert status_of(refused) == "refused"


def test_v2_4_1_requests_that_write_to_many_people_are_stopped(nina, monkeypatch):
    monkeypatch.setattr(delegating, "DAILY_LIMIT", 2)
    web = signed_in(nina)
    asked = [
        web.post(
            f"{RELATIONS}delegants/ajouter/",
            {"party": f.user(name, "Eve").person_id, "scope": "records"},
        )
        for name in ("UN", "DEUX", "TROIS")
    ]
    assert [answer.status_code for answer in asked] == [302, 302, 422]
    with as_owner():
        assert Delegation.objects.count() == 2


def test_v3_5_3_nothing_is_decided_by_a_get(marc, nina):
    waiting = f.delegation(marc, nina, status="pending")
    assert signed_in(marc).get(f"{RELATIONS}{waiting.pk}/accepter/").status_code == 405
    assert status_of(waiting) == "pending"


def test_v3_5_1_nothing_is_decided_without_the_token_of_our_page(marc, nina):
    waiting = f.delegation(marc, nina, status="pending")
    web = Client(enforce_csrf_checks=True)
    web.force_login(marc)
    assert web.post(f"{RELATIONS}{waiting.pk}/accepter/").status_code == 403
    assert status_of(waiting) == "pending"


def test_v16_2_1_an_opening_by_delegation_names_who_when_and_in_whose_name(marc, nina):
    record = f.patient(f.actor(marc))
    f.delegation(marc, nina)
    signed_in(nina, marc.person_id).get(f"/dossiers/{record.pk}/")
    with as_owner():
        trace = AccessTrace.objects.get(granted=True)
    assert (trace.user_id, trace.party_id, trace.delegator_id, trace.person_name) == (
        nina.pk,
        marc.person_id,
        marc.person_id,
        "Nina PETIT",
    )
    assert trace.at is not None


def test_v16_3_2_settling_what_is_the_delegators_is_refused_and_written_down(marc, nina):
    third = f.user("ROUX", "Hugo")
    waiting = f.delegation(marc, third, status="pending")
    f.delegation(marc, nina)
    web = signed_in(nina, marc.person_id)
    assert web.post(f"{RELATIONS}{waiting.pk}/accepter/").status_code == 403
    [entry] = events("SettlingRefused")
    assert (entry.user_id, entry.delegator_id) == (nina.pk, marc.person_id)
    assert entry.payload == {"asked": "accounts:relation_decide"}
