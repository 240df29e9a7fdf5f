"""Every address, asked by everybody: who gets in, who is refused, and how.

An address that is not in the tables below fails the first test: write its line with its view.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ronde.accounts.models import Duty, DutyKind, User
from ronde.careteam import actions
from ronde.careteam.models import BreakGlass, BreakGlassReason, Level, Member, SectionRight
from ronde.careteam.sections import ALL_DOCUMENTS, DOCUMENTS
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.directory.models import Structure
from ronde.documents.models import Document, File
from ronde.followup.models import Link, ListItem, Memo, RecordStatus, Stay, StayStep
from ronde.journal.models import AccessTrace
from ronde.patients.models import Death, Patient, Zone
from ronde.terminology.models import RegionalRole
from tests import factories as f
from tests.signing import act_as
from tests.test_consistency import addresses

pytestmark = pytest.mark.django_db

READ, WRITE = False, True
# name: (section, write). One line an address of a record.
RECORD: dict[str, tuple[str, bool]] = {
    "careteam:add": ("careteam", WRITE),
    "careteam:add_group": ("careteam", WRITE),
    "careteam:add_person": ("careteam", WRITE),
    "careteam:add_structure": ("careteam", WRITE),
    "careteam:chosen": ("careteam", WRITE),
    "careteam:circle": ("careteam", READ),
    "careteam:decline_access": ("careteam", WRITE),
    "careteam:due": ("careteam", WRITE),
    "careteam:edit": ("careteam", WRITE),
    "careteam:grant_access": ("careteam", WRITE),
    "careteam:habilitate": ("careteam", WRITE),
    "careteam:invite": ("careteam", WRITE),
    "careteam:lift_refusal": ("careteam", WRITE),
    "careteam:member": ("careteam", READ),
    "careteam:panel": ("careteam", READ),
    "careteam:past": ("careteam", READ),
    "careteam:refuse": ("careteam", WRITE),
    "careteam:remove": ("careteam", WRITE),
    "careteam:search": ("careteam", WRITE),
    "careteam:withdraw": ("careteam", WRITE),
    "documents:add": ("documents", WRITE),
    "documents:download": ("documents", READ),
    "documents:edit": ("documents", WRITE),
    "documents:former": ("documents", READ),
    "documents:list": ("documents", READ),
    "documents:preview": ("documents", READ),
    "documents:replace": ("documents", WRITE),
    "documents:share": ("documents", READ),
    "documents:show": ("documents", READ),
    "documents:withdraw": ("documents", READ),
    "dossier:archive": ("status", WRITE),
    "dossier:ask_access": ("feed", WRITE),
    "dossier:close": ("status", READ),
    "dossier:close_glass": ("identity", READ),
    "dossier:consent_give": ("identity", WRITE),
    "dossier:consent_pdf": ("identity", READ),
    "dossier:consent_withdraw": ("identity", WRITE),
    "dossier:extract_data": ("identity", WRITE),
    "dossier:extraction_file": ("identity", WRITE),
    "dossier:extract": ("trace", READ),
    "dossier:extract_pdf": ("trace", READ),
    "dossier:declare_death": ("identity", WRITE),
    "dossier:identity": ("identity", READ),
    "dossier:identity_check": ("identity", WRITE),
    "dossier:identity_duplicates": ("identity", WRITE),
    "dossier:identity_edit": ("identity", WRITE),
    "dossier:identity_flags": ("identity", WRITE),
    "dossier:ins": ("identity", READ),
    "dossier:lifeline": ("identity", READ),
    "dossier:mark_read": ("feed", READ),
    "dossier:panel": ("identity", READ),
    "dossier:print": ("identity", READ),
    "dossier:record": ("identity", READ),
    "dossier:reopen": ("status", WRITE),
    "dossier:tabs": ("identity", READ),
    "dossier:trace": ("trace", READ),
    "dossier:undo_death": ("identity", WRITE),
    "feed:add_note": ("feed", WRITE),
    "feed:list": ("feed", READ),
    "followup:add_link": ("links", WRITE),
    "followup:add_memo": ("memos", WRITE),
    "followup:add_stay": ("stays", WRITE),
    "followup:cancel_stay": ("stays", WRITE),
    "followup:delete_memo": ("memos", WRITE),
    "followup:edit_memo": ("memos", WRITE),
    "followup:edit_stay": ("stays", WRITE),
    "followup:edit_step": ("stays", WRITE),
    "followup:links": ("links", READ),
    "followup:memo": ("memos", READ),
    "followup:memos": ("memos", READ),
    "followup:relations": ("links", WRITE),
    "followup:remove_link": ("links", WRITE),
    "followup:restore_memo": ("memos", WRITE),
    "followup:restore_stay": ("stays", WRITE),
    "followup:restore_step": ("stays", WRITE),
    "followup:set_status": ("status", WRITE),
    "followup:statuses": ("status", READ),
    "followup:stay": ("stays", READ),
    "followup:stays": ("stays", READ),
    "followup:take_over_memo": ("memos", WRITE),
    "followup:tick_step": ("stays", WRITE),
}
# Addresses for whoever signed in, accepted the terms and acts as somebody.
ACTOR = {
    "accounts:attachment_requests",
    "accounts:invitations",
    "accounts:invite",
    "accounts:invite_again",
    "accounts:judge_attachment",
    "accounts:directory",
    "accounts:group",
    "accounts:group_add",
    "accounts:group_delete",
    "accounts:group_leave",
    "accounts:group_new",
    "accounts:group_rename",
    "accounts:group_share",
    "accounts:group_take_out",
    "accounts:group_unshare",
    "accounts:groups",
    "accounts:profile",
    "accounts:terms_history",
    "accounts:workplace",
    "accounts:uninvite",
    "accounts:delegates",
    "accounts:delegators",
    "accounts:relation_add",
    "accounts:relation_decide",
    "accounts:relation_favorite",
    "accounts:relation_search",
    "dossier:break_glass",
    "dossier:consent_form",
    "dossier:create_abandon",
    "dossier:create_consent",
    "dossier:create_identity",
    "dossier:create_near",
    "dossier:due_habilitations",
    "dossier:explain",
    "dossier:left",
    "dossier:my_rights",
    "dossier:search",
    "dossier:why",
    "notifications:list",
    "notifications:open",
    "notifications:preferences",
    "notifications:read",
    "notifications:read_all",
    "notifications:reset",
    "notifications:signals",
    "worklist:bulk_choose",
    "worklist:bulk_confirm",
    "worklist:bulk_new",
    "worklist:bulk_preview",
    "worklist:bulk_run",
    "worklist:bulk_runs",
    "worklist:bulk_undo",
    "worklist:delete_search",
    "worklist:export",
    "worklist:list",
    "worklist:make_default",
    "worklist:palette",
    "worklist:records",
    "worklist:parties",
    "worklist:save_search",
    "worklist:staff",
    "worklist:staff_attach",
    "worklist:staff_departure",
    "worklist:staff_level",
    "worklist:star",
}
EVERY_DUTY = frozenset(DutyKind.values)
# name: the duties that open it. Pages of the console show no record.
VALIDATORS = frozenset({"administrator", "support"})
DUTY: dict[str, frozenset[str]] = {
    "console:add_item": frozenset({"administrator"}),
    "console:add_role": frozenset({"administrator"}),
    "console:accept_account": VALIDATORS,
    "console:account_request": VALIDATORS,
    "console:account_requests": VALIDATORS,
    "console:ask_more": VALIDATORS,
    "console:refuse_account": VALIDATORS,
    "console:add_zone": frozenset({"administrator"}),
    "console:duplicate": frozenset({"identity_cell"}),
    "console:duplicates": frozenset({"identity_cell"}),
    "console:duties": frozenset({"administrator"}),
    "console:audit": frozenset({"administrator", "privacy_officer", "support"}),
    "console:close_user": frozenset({"administrator"}),
    "console:reopen_user": frozenset({"administrator"}),
    "console:send_link": VALIDATORS,
    "console:user": VALIDATORS,
    "console:users": VALIDATORS,
    "console:edit_item": frozenset({"administrator"}),
    "console:edit_role": frozenset({"administrator"}),
    "console:edit_zone": frozenset({"administrator"}),
    "console:end_duty": frozenset({"administrator"}),
    "console:enter_pair": frozenset({"identity_cell"}),
    "console:give_duty": frozenset({"administrator"}),
    "console:home": EVERY_DUTY,
    "console:matrix": frozenset({"administrator"}),
    "console:matrix_export": frozenset({"administrator"}),
    "console:matrix_history": frozenset({"administrator"}),
    "console:matrix_save": frozenset({"administrator"}),
    "console:matrix_undo": frozenset({"administrator"}),
    "console:parties": frozenset({"administrator"}),
    "console:access_requests": frozenset({"privacy_officer"}),
    "console:decline_access": frozenset({"privacy_officer"}),
    "console:give_access": frozenset({"privacy_officer"}),
    "console:remind_access": frozenset({"privacy_officer"}),
    "console:review": frozenset({"privacy_officer"}),
    "console:review_ask": frozenset({"privacy_officer"}),
    "console:reviews": frozenset({"privacy_officer"}),
    "console:simulate": frozenset({"administrator"}),
    "console:lists": frozenset({"administrator"}),
    "console:offer": frozenset({"administrator"}),
    "console:merge": frozenset({"identity_cell"}),
    "console:retire_item": frozenset({"administrator"}),
    "console:retire_zone": frozenset({"administrator"}),
    "console:separate": frozenset({"identity_cell"}),
    "console:tell_apart": frozenset({"identity_cell"}),
    "console:terms": frozenset({"administrator"}),
    "console:terms_drop": frozenset({"administrator"}),
    "console:terms_edit": frozenset({"administrator"}),
    "console:terms_preview": frozenset({"administrator"}),
    "console:terms_publish": frozenset({"administrator"}),
    "console:terms_withdraw": frozenset({"administrator"}),
    "console:zones": frozenset({"administrator"}),
}
SIGNED_IN = {
    "account_change_password",
    "account_reauthenticate",
    "accounts:alive",
    "accounts:app",
    "accounts:close_device",
    "accounts:close_others",
    "accounts:codes",
    "accounts:draft",
    "accounts:lock",
    "accounts:passkey",
    "accounts:remove_app",
    "accounts:my_security",
    "accounts:remove_passkey",
    "accounts:rename_passkey",
    "accounts:renew_codes",
    "accounts:switch",
    "accounts:terms",
    "accounts:unlock",
    "dossier:glass_counts",
}
PUBLIC = {
    "account_confirm_login_code",
    "account_login",
    "account_logout",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "accounts:accessibility",
    "accounts:dev_mail",
    "accounts:dev_mails",
    "accounts:language",
    "accounts:legal_notice",
    "accounts:privacy",
    "accounts:security",
    "accounts:support",
    "accounts:support_sent",
    "accounts:terms_present",
    "accounts:terms_text",
    "accounts:psc_callback",
    "accounts:psc_ended",
    "accounts:psc_left",
    "accounts:psc_start",
    "mfa_authenticate",
    "mfa_login_webauthn",
    "accounts:invited",
    "accounts:sign_up",
    "accounts:sign_up_complete",
    "accounts:sign_up_confirm",
    "accounts:sign_up_identity",
    "accounts:sign_up_sent",
    "accounts:sign_up_structures",
    "terminology:communes",
    "terminology:countries",
    "worklist:home",
}
# What only a break-glass access has: for a member there is nothing to close nor to ask.
BREAK_GLASS_ONLY = {"dossier:ask_access", "dossier:close_glass"}

# What needs a right on another record too: the habilitated member has none there.
OTHER_RECORD = {"followup:remove_link"}
# What belongs to whoever asked for it: nobody has asked here.
ASKED_FOR = {"dossier:extraction_file"}
# What its owner alone may do: the coordinator wrote it.
OWNER_ONLY = {"documents:share", "followup:delete_memo", "followup:restore_memo"}
# What is opened by a right to read, and asks more then.
HARDER = {"documents:share", "documents:withdraw"}

OPEN = {200, 204, 302, 400, 409, 422}


def gates() -> dict[str, Any]:
    return {name: getattr(p.callback, "gate", None) for name, p in addresses()}


def test_the_tables_name_every_address():
    tables = {
        "record": RECORD,
        "actor": ACTOR,
        "duty": DUTY,
        "signed_in": SIGNED_IN,
        "public": PUBLIC,
    }
    known = {name: gate for gate, names in tables.items() for name in names}
    assert known == gates()


def test_the_gate_of_each_address_asks_what_the_table_says():
    patterns = dict(addresses())
    found = {
        name: (patterns[name].callback.section, patterns[name].callback.write) for name in RECORD
    }
    assert found == RECORD


def test_the_gate_of_each_page_of_the_console_asks_for_the_duties_of_the_table():
    patterns = dict(addresses())
    assert {name: frozenset(patterns[name].callback.duties) for name in DUTY} == DUTY


class World:
    """One record, with somebody in each situation around it."""

    def __init__(self) -> None:
        self.coordinator = f.user()
        self.by = f.actor(self.coordinator)
        self.record = f.patient(self.by)
        self.candidate = f.person("SIMON", "Odette").pk
        self.member = f.member(self.by, self.record, f.person("COSTA", "Hugo").party)
        self.stay, self.step = f.stay(self.by, self.record)
        self.memo = f.memo(self.by, self.record)
        self.link = f.link(self.by, self.record, f.patient(self.by, birth_name="FRERE"))
        self.request_id = f.account_request(self.coordinator).pk

    @cached_property
    def document(self) -> Document:
        return f.document(self.by, self.record, content=f.one_page("JPEG"), name="photo.jpg")

    def ids(self, name: str) -> dict[str, Any]:
        """The values of the parameters of an address."""
        values = {
            "patient_id": self.record.pk,
            "member_id": self.member.pk,
            "stay_id": self.stay.pk,
            "step_id": self.step.pk,
            "memo_id": self.memo.pk,
            "link_id": self.link.pk,
            "item_id": ListItem.objects.earliest("pk").pk,
            **OTHER_PARAMETERS,
        }
        wanted = dict(addresses())[name].pattern.converters
        if "document_id" in wanted:
            values["document_id"] = self.document.pk
        if "pair_id" in wanted:
            twin = f.patient(self.by, used_name="AUTRE")
            values["pair_id"] = f.pair(f.officer(), self.record, twin).pk
        if "zone_id" in wanted:
            with as_owner():
                values["zone_id"] = Zone.objects.create(name="Rade", commune_codes=["83137"]).pk
        if "role_id" in wanted:
            with as_owner():
                values["role_id"] = RegionalRole.objects.create(code="r-1", display="Relais").pk
        values["user_id"] = self.coordinator.pk
        if "asked_id" in wanted:
            values["asked_id"] = f.access_request(self.record).pk
        if "glass_id" in wanted:
            values["glass_id"] = f.broken_glass(self.record).pk
        if "change_id" in wanted:
            values["change_id"] = f.matrix_change().pk
        values["request_id"] = self.request_id
        keys = set(wanted) | ({"patient_id"} if name in RECORD else set())
        return {key: values[key] for key in keys}


# Parameters of record addresses other than the record and the member.
OTHER_PARAMETERS: dict[str, Any] = {
    "extraction_id": UUID(int=2),
    "name": "identity",
    "kind": "personnes",
    "duty": "support",
    "page": 1,
    "number": 1,
    "list_name": "status",
    "nomenclature": "roles",
    "key": 1,
    "verdict": "confirmer",
    "side": "delegues",
    "verb": "accepter",
}


@pytest.fixture
def world() -> World:
    return World()


def ask(client: Client, world: World, name: str) -> int:
    """Ask by GET, or by POST for what answers nothing else."""
    address = reverse(name, kwargs=world.ids(name))
    asked = {"party": world.candidate} if name == "careteam:chosen" else {}
    answer = client.get(address, asked)
    return client.post(address).status_code if answer.status_code == 405 else answer.status_code


def let_in(name: str) -> set[int]:
    """What a habilitated member other than the coordinator may be answered."""
    if name in BREAK_GLASS_ONLY | OTHER_RECORD | ASKED_FOR:
        return {404}
    return {403} if name in OWNER_ONLY else OPEN


def stranger(world: World) -> User:
    return f.user("ROUX", "Hugo")


def member_without_access(world: World) -> User:
    who = f.user("ROUX", "Hugo")
    f.member(world.by, world.record, who.person.party)
    return who


def refused_by_the_patient(world: World) -> User:
    who = f.user("ROUX", "Hugo")
    f.member(world.by, world.record, who.person.party, habilitated=True, refused=True)
    return who


def withdrawn(world: World) -> User:
    who = f.user("ROUX", "Hugo")
    added = f.member(world.by, world.record, who.person.party, habilitated=True)
    with acting(party_id=world.by.party_id, user_id=world.by.user_id):
        actions.withdraw(actions.access_to(world.by, world.record.pk), added)
    return who


def removed(world: World) -> User:
    who = f.user("ROUX", "Hugo")
    added = f.member(world.by, world.record, who.person.party, habilitated=True)
    with acting(party_id=world.by.party_id, user_id=world.by.user_id):
        actions.remove(actions.access_to(world.by, world.record.pk), added)
    return who


def broke_the_glass(world: World) -> User:
    who = f.user("ROUX", "Hugo")
    actor = f.actor(who)
    with acting(party_id=actor.party_id, user_id=actor.user_id):
        actions.break_glass(actor, world.record.pk, BreakGlassReason.EMERGENCY, "Chute à domicile")
    return who


def broke_the_glass_two_hours_ago(world: World) -> User:
    who = broke_the_glass(world)
    with as_owner():
        # A minute, because the policies count from the start of the transaction of this test.
        BreakGlass.objects.update(until=timezone.now() - timedelta(minutes=1))
    return who


def habilitated(world: World) -> User:
    who = f.user("ROUX", "Hugo")
    f.member(world.by, world.record, who.person.party, habilitated=True)
    return who


def attached(world: World, client: Client, *, legal_person: bool) -> User:
    """Somebody acting as a structure that was habilitated."""
    place = f.structure()
    who = f.user("RICCI", "Paola", attached_to=place)
    f.member(world.by, world.record, place.party, habilitated=True)
    client.force_login(who)
    act_as(client, place.pk)
    if not legal_person:
        with as_owner():
            Structure.objects.filter(pk=place.pk).update(acts_as_legal_person=False)
    return who


CLOSED: list[Callable[[World], User]] = [
    stranger,
    member_without_access,
    refused_by_the_patient,
    withdrawn,
    removed,
    broke_the_glass_two_hours_ago,
]


@pytest.mark.parametrize("name", sorted(RECORD))
@pytest.mark.parametrize("situation", CLOSED, ids=lambda one: one.__name__)
def test_v8_2_2_whoever_has_no_access_meets_a_record_that_does_not_exist(
    client, world, situation, name
):
    client.force_login(situation(world))
    assert ask(client, world, name) == 404


# What an address of a record may name of that record.
THINGS = {"asked_id", "document_id", "link_id", "member_id", "memo_id", "stay_id", "step_id"}
NAMING = [name for name, p in addresses() if name in RECORD and THINGS & set(p.pattern.converters)]


@pytest.mark.parametrize("name", sorted(NAMING))
def test_a_thing_of_another_record_does_not_exist_in_this_one(client, world, name):
    """Even for who may open both: the right, the trace and the banner would be of the wrong one."""
    client.force_login(world.coordinator)
    ids = {**world.ids(name), "patient_id": f.patient(world.by, birth_name="AUTRE").pk}
    address = reverse(name, kwargs=ids)
    assert {client.get(address).status_code, client.post(address).status_code} <= {404, 405}
    assert ask(client, world, name) in OPEN


@pytest.mark.parametrize("name", sorted(RECORD))
def test_an_anonymous_visitor_is_sent_to_sign_in(client, world, name):
    answer = client.get(reverse(name, kwargs=world.ids(name)))
    assert answer.status_code in {302, 405}
    if answer.status_code == 302:
        assert answer.headers["Location"].startswith("/connexion/")
    assert client.post(reverse(name, kwargs=world.ids(name))).status_code in {302, 405}


@pytest.mark.parametrize("name", sorted(RECORD))
def test_a_habilitated_member_gets_in(client, world, name):
    client.force_login(habilitated(world))
    status = ask(client, world, name)
    assert status in let_in(name)


@pytest.mark.parametrize("name", sorted(RECORD))
def test_v8_2_3_a_profession_without_the_section_is_refused(client, world, name):
    section, write = RECORD[name]
    with as_owner():
        # Whoever holds a class of documents enters the documents: all of them are closed.
        for one in ALL_DOCUMENTS if section == DOCUMENTS else [section]:
            SectionRight.objects.create(
                profession_code="G15:99", section=one, level=Level.READ if write else Level.NONE
            )
    who = f.user("ROUX", "Hugo", profession="G15:99")
    f.member(world.by, world.record, who.person.party, habilitated=True)
    client.force_login(who)
    assert ask(client, world, name) == 403


@pytest.mark.parametrize("name", sorted(RECORD))
def test_break_glass_reads_and_writes_notes_only(client, world, name):
    client.force_login(broke_the_glass(world))
    section, write = RECORD[name]
    allowed = section == "feed" or not (write or name in HARDER)
    status = ask(client, world, name)
    assert status in OPEN if allowed else status == 403


@pytest.mark.parametrize("name", sorted(RECORD))
def test_a_structure_opens_only_as_personne_morale(client, world, name):
    attached(world, client, legal_person=True)
    status = ask(client, world, name)
    assert status in let_in(name)


@pytest.mark.parametrize("name", sorted(RECORD))
def test_a_structure_that_is_no_personne_morale_opens_nothing(client, world, name):
    attached(world, client, legal_person=False)
    assert ask(client, world, name) == 404


@pytest.mark.parametrize("name", sorted(DUTY))
@pytest.mark.parametrize("kind", ["", *sorted(EVERY_DUTY)])
def test_v8_2_1_a_page_of_the_console_opens_to_its_duties_alone(client, world, name, kind):
    who = f.user("VIDAL", "Agnès", duties=[kind] if kind else [])
    client.force_login(who)
    status = ask(client, world, name)
    assert status in OPEN if kind in DUTY[name] else status == 404


@pytest.mark.parametrize("name", sorted(DUTY))
def test_a_duty_that_ended_opens_nothing(client, world, name):
    who = f.user("VIDAL", "Agnès", duties=DUTY[name])
    with as_owner():
        Duty.objects.filter(user=who).update(ended_at=timezone.now())
    client.force_login(who)
    assert ask(client, world, name) == 404


@pytest.mark.parametrize("name", sorted(RECORD))
def test_a_duty_for_the_region_opens_no_record(client, world, name):
    client.force_login(f.user("VIDAL", "Agnès", duties=EVERY_DUTY))
    assert ask(client, world, name) == 404


def delegate(world: World, client: Client, status: str) -> User:
    """Somebody who asks to act in the name of a habilitated member."""
    member = habilitated(world)
    who = f.user("PETIT", "Nina")
    f.delegation(member, who, status=status)
    client.force_login(who)
    act_as(client, member.person_id)
    return who


@pytest.mark.parametrize("name", sorted(RECORD))
def test_a_delegate_opens_what_the_delegator_opens(client, world, name):
    delegate(world, client, "accepted")
    status = ask(client, world, name)
    assert status in let_in(name)


@pytest.mark.parametrize("status", ["pending", "refused", "withdrawn"])
@pytest.mark.parametrize("name", sorted(RECORD))
def test_a_delegation_that_is_not_accepted_opens_nothing(client, world, name, status):
    delegate(world, client, status)
    assert ask(client, world, name) in {404, 409}


# What the delegator settles in person, whatever their delegates may do in their records.
IN_PERSON = {
    "accounts:delegates",
    "accounts:delegators",
    "accounts:relation_add",
    "accounts:relation_decide",
    "accounts:relation_favorite",
    "accounts:relation_search",
    "notifications:preferences",
    "notifications:reset",
}


def test_the_table_names_what_is_settled_in_person():
    patterns = dict(addresses())
    assert {n for n in ACTOR if getattr(patterns[n].callback, "in_person", False)} == IN_PERSON


@pytest.mark.parametrize("name", sorted(IN_PERSON))
def test_a_delegate_does_not_settle_what_is_the_delegators(client, world, name):
    delegate(world, client, "accepted")
    keys = dict(addresses())[name].pattern.converters
    kwargs = {key: OTHER_PARAMETERS.get(key, UUID(int=1)) for key in keys}
    answer = client.get(reverse(name, kwargs=kwargs))
    if answer.status_code == 405:
        answer = client.post(reverse(name, kwargs=kwargs))
    assert answer.status_code == 403
    assert "en personne" in answer.content.decode()


@pytest.mark.parametrize("name", sorted(ACTOR | SIGNED_IN | DUTY.keys()))
def test_an_address_of_an_account_asks_to_sign_in(client, world, name):
    keys = dict(addresses())[name].pattern.converters
    known = {"zone_id": 1, "role_id": 1, **OTHER_PARAMETERS}
    kwargs = {key: known.get(key, UUID(int=1)) for key in keys}
    answer = client.get(reverse(name, kwargs=kwargs))
    if answer.status_code == 405:
        answer = client.post(reverse(name, kwargs=kwargs))
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/connexion/")


@pytest.mark.parametrize("name", sorted(ACTOR))
def test_nothing_opens_before_the_terms_are_accepted(client, world, name):
    client.force_login(f.user("NOUVEAU", "Paul", terms=False))
    keys = dict(addresses())[name].pattern.converters
    kwargs = {key: OTHER_PARAMETERS.get(key, UUID(int=1)) for key in keys}
    answer = client.get(reverse(name, kwargs=kwargs))
    if answer.status_code == 405:
        answer = client.post(reverse(name, kwargs=kwargs))
        # What was sent waits on the page of the terms, and did nothing.
        assert answer.status_code == 409
        assert "J’accepte" in answer.text
    else:
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/conditions/")


def test_each_opening_and_each_refusal_leaves_a_trace(client, world):
    client.force_login(habilitated(world))
    client.get(reverse("dossier:record", args=[world.record.pk]))
    client.force_login(stranger(world))
    client.get(reverse("dossier:record", args=[world.record.pk]))
    with as_owner():
        traces = AccessTrace.objects.filter(patient_id=world.record.pk)
        assert sorted(traces.values_list("granted", flat=True)) == [False, True]


def test_an_opening_names_the_person_behind_the_structure(client, world):
    who = attached(world, client, legal_person=True)
    client.get(reverse("dossier:record", args=[world.record.pk]))
    with as_owner():
        trace = AccessTrace.objects.get(granted=True)
    assert trace.person_name == who.full_name
    assert trace.party_name == "DAC Var Ouest"


# The same refusals straight in SQL: what a view forgot, the database refuses.
TABLES = [Patient, Death, Member, RecordStatus, Stay, StayStep, Memo, Link, Document, File]


@pytest.mark.parametrize("situation", CLOSED, ids=lambda one: one.__name__)
def test_the_database_shows_nothing_to_whoever_has_no_access(world, situation):
    who = f.actor(situation(world))
    with acting(party_id=who.party_id, user_id=who.user_id):
        assert [model.objects.count() for model in TABLES] == [0] * len(TABLES)
        assert Patient.objects.filter(pk=world.record.pk).update(city="Ailleurs") == 0
        assert Member.objects.filter(patient=world.record).update(description="x") == 0
