"""Memos: who reads them, who changes them, what stays of them."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import ProgrammingError, transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ronde.careteam import actions as careteam
from ronde.careteam.actions import break_glass
from ronde.careteam.models import BreakGlassReason, Level, SectionRight
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.core.sharing import Sharing
from ronde.dossier.extraction_parts import of as parts_of
from ronde.feed import queries as feed
from ronde.followup import memo_actions as actions
from ronde.followup import memo_queries as queries
from ronde.followup.actions import Conflict
from ronde.followup.models import Memo, MemoVersion
from ronde.journal.models import JournalEntry, Weight
from tests import factories as f
from tests.followup.conftest import Desk

pytestmark = pytest.mark.django_db


def shown(desk: Desk) -> list[str]:
    return desk.does(lambda access: [memo.content for memo in queries.memos(access)])


def test_the_loudest_memo_comes_first(desk):
    desk.does(actions.write, "Chien dans la cour")
    desk.does(actions.write, "Allergie à la pénicilline", weight=Weight.VERY_IMPORTANT)
    assert shown(desk) == ["Allergie à la pénicilline", "Chien dans la cour"]


def test_a_private_memo_of_a_structure_is_not_seen_by_its_delegates(desk):
    desk.does(actions.write, "Famille difficile", sharing=Sharing.PRIVATE)
    desk.does(actions.write, "Cinquième étage sans ascenseur")
    delegate = f.user("PETIT", "Nina")
    f.delegation(f.Structure.objects.get(pk=desk.actor.party_id), delegate)
    actor = f.identity_of(delegate, desk.actor.party_id)
    with (
        acting(party_id=actor.party_id, user_id=actor.user_id, delegated=True),
        transaction.atomic(),
    ):
        access = Desk(delegate, actor, desk.record).access()
        assert [m.content for m in queries.memos(access)] == ["Cinquième étage sans ascenseur"]
        assert Memo.objects.count() == 1
    assert len(shown(desk)) == 2


def test_a_memo_shared_with_a_few_is_hidden_from_the_others_and_from_their_feed(desk, colleague):
    third = f.user("RICCI", "Paola")
    f.member(desk.actor, desk.record, third.person.party, habilitated=True)
    desk.does(
        actions.write,
        "À voir avec le médecin",
        title="Ordonnance",
        sharing=Sharing.SHARED,
        recipients=[colleague.actor.party_id],
    )
    other = Desk(third, f.actor(third), desk.record)
    assert (len(shown(colleague)), len(shown(other))) == (1, 0)
    feed = reverse("feed:list", args=[desk.record.pk])
    assert "Ordonnance" in colleague.client().get(feed).text
    assert "Ordonnance" not in other.client().get(feed).text


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    level=st.sampled_from([Level.NONE, Level.READ, Level.WRITE]),
    chosen=st.lists(
        st.tuples(st.sampled_from(list(Sharing)), st.booleans()), min_size=1, max_size=4
    ),
)
def test_sharing_never_shows_more_than_the_matrix(desk, colleague, level, chosen):
    """A memo, its former versions, its lines of the feed and the archive: the same readers."""
    sid = transaction.savepoint()
    try:
        with as_owner():
            SectionRight.objects.create(profession_code="G15:60", section="memos", level=level)
        account = f.user("RICCI", "Paola", profession="G15:60")
        f.member(desk.actor, desk.record, account.person.party, habilitated=True)
        nurse = Desk(account, f.actor(account), desk.record)
        expected = []
        for rank, (sharing, with_nurse) in enumerate(chosen):
            to = [nurse.actor.party_id if with_nurse else colleague.actor.party_id]
            recipients = to if sharing == Sharing.SHARED else []
            memo = desk.does(actions.write, f"Mémo {rank}", sharing=sharing, recipients=recipients)
            desk.does(actions.change, memo, f"Mémo {rank} bis", memo.version)
            shown_to = sharing == Sharing.PUBLIC or (sharing == Sharing.SHARED and with_nurse)
            if level >= Level.READ and shown_to:
                expected.append(memo.pk)
        seen = nurse.does(lambda access: list(queries.every(access))) if level else []
        assert {memo.pk for memo in seen} == set(expected)
        lines = nurse.does(lambda access: list(feed.entries(access).filter(section="memos")))
        assert len(lines) == 2 * len(expected)
        parts = nurse.does(lambda access: {n: m(access) for n, m in parts_of(access).items()})
        assert len(parts.get("memos", [])) == len(expected)
        with (
            acting(party_id=nurse.actor.party_id, user_id=nurse.actor.user_id),
            transaction.atomic(),
        ):  # And a query that forgot everything.
            assert set(Memo.objects.values_list("pk", flat=True)) == set(expected)
            former = MemoVersion.objects.values_list("memo_id", flat=True)
            assert sorted(former) == sorted(expected)
    finally:
        transaction.savepoint_rollback(sid)


def test_a_colleague_corrects_a_public_memo_and_what_it_said_is_kept(desk, colleague):
    memo = desk.does(actions.write, "Code 4512B")
    colleague.does(actions.change, memo, "Code 7788A", 1)
    with as_owner():
        assert Memo.objects.get().changed_by_name == "Marc LEBLANC"
        assert MemoVersion.objects.get().content == "Code 4512B"


def test_a_memo_changed_meanwhile_is_not_overwritten(desk, colleague):
    memo = desk.does(actions.write, "Code 4512B")
    colleague.does(actions.change, memo, "Code 7788A", 1)
    with pytest.raises(Conflict):
        desk.does(actions.change, memo, "Code 0000", 1)


@pytest.mark.parametrize("act", [actions.delete, actions.restore])
def test_its_owner_alone_deletes_and_restores_a_memo(desk, colleague, act):
    memo = desk.does(actions.write, "Code 4512B")
    with pytest.raises(PermissionDenied):
        colleague.does(act, memo)


def test_the_database_lets_nobody_else_delete_a_memo_nor_choose_its_audience(desk, colleague):
    memo = desk.does(actions.write, "Code 4512B")
    for values in ({"deleted_by_name": "x", "deleted_at": memo.written_at}, {"sharing": 3}):
        with (
            acting(party_id=colleague.actor.party_id, user_id=colleague.actor.user_id),
            pytest.raises(ProgrammingError),
            transaction.atomic(),
        ):
            Memo.objects.filter(pk=memo.pk).update(**values)


class TestAnOwnerWhoHasLeft:
    """The memo of a GP who left the circle: taken over by who is shown it and keeps the circle."""

    @pytest.fixture
    def memo(self, desk, colleague):
        return colleague.does(actions.write, "Code 4512B", title="Accès")

    @pytest.fixture(params=["removed", "withdrawn", "account closed"])
    def gone(self, request, desk, colleague, memo):
        leave(desk, colleague, request.param)
        return memo

    def test_the_memo_is_taken_over_with_its_history(self, desk, gone):
        desk.does(actions.change, gone, "Code 7788A", 1)
        desk.does(actions.take_over, gone)
        with as_owner():
            memo = Memo.objects.get()
            assert (memo.owner_party, memo.owned_by_structure) == (desk.actor.party_id, True)
            assert (memo.written_by_name, memo.content) == ("Marc LEBLANC", "Code 7788A")
            assert memo.past.get().content == "Code 4512B"
            assert JournalEntry.objects.filter(event="MemoTakenOver").count() == 1
        memo = desk.does(actions.change, gone, "Code 7788A", 2, sharing=Sharing.PRIVATE)
        assert memo.sharing == Sharing.PRIVATE

    def test_it_is_withdrawn_and_the_withdrawal_undone(self, desk, gone):
        desk.does(actions.delete, gone)
        assert shown(desk) == []
        desk.does(actions.restore, gone)
        assert shown(desk) == ["Code 4512B"]
        told = desk.does(lambda access: [one.event for one in feed.entries(access)[:3]])
        assert told == ["MemoRestored", "MemoDeleted", "MemoTakenOver"]

    def test_nobody_takes_over_while_the_owner_is_there(self, desk, memo):
        with pytest.raises(Conflict):
            desk.does(actions.take_over, memo)
        with pytest.raises(PermissionDenied):
            desk.does(actions.delete, memo)

    def test_the_first_of_two_takes_it_and_the_second_is_told(self, desk, colleague, memo):
        third = another(desk)
        leave(desk, colleague)
        third.does(actions.take_over, memo)
        with pytest.raises(Conflict, match="n’est plus à reprendre"):
            desk.does(actions.take_over, memo)

    def test_an_owner_who_comes_back_finds_a_memo_that_nobody_took(self, desk, colleague, memo):
        leave(desk, colleague)
        f.member(desk.actor, desk.record, colleague.account.person.party, habilitated=True)
        with pytest.raises(Conflict):
            desk.does(actions.take_over, memo)
        colleague.does(actions.delete, memo)

    def test_a_private_memo_stays_out_of_sight(self, desk, colleague):
        memo = colleague.does(actions.write, "Entre nous", sharing=Sharing.PRIVATE)
        leave(desk, colleague)
        for act in (actions.take_over, actions.delete):
            with pytest.raises(Conflict):
                desk.does(act, memo)
        assert update(desk, memo, owner_party=desk.actor.party_id) == 0

    def test_a_shared_memo_goes_to_one_of_those_it_is_shared_with(self, desk, colleague):
        """And to the same readers, its former owner among them."""
        third = another(desk)
        memo = colleague.does(
            actions.write, "x", sharing=Sharing.SHARED, recipients=[third.actor.party_id]
        )
        leave(desk, colleague)
        with pytest.raises(Conflict):
            desk.does(actions.take_over, memo)
        taken = third.does(actions.take_over, memo)
        assert taken.owner_party == third.actor.party_id
        assert taken.recipients == [colleague.actor.party_id]
        assert shown(desk) == []

    @pytest.mark.parametrize("section", ["memos", "careteam"])
    def test_it_asks_to_write_the_memos_and_the_circle(self, desk, colleague, memo, section):
        third = another(desk)
        leave(desk, colleague)
        with as_owner():
            SectionRight.objects.create(profession_code="G15:60", section=section, level=Level.READ)
        for act in (actions.take_over, actions.delete):
            with pytest.raises(PermissionDenied):
                third.does(act, memo)
        refused = update(third, memo, owner_party=third.actor.party_id)
        assert refused == (0 if section == "memos" else "refused")

    def test_an_emergency_access_takes_nothing_over(self, desk, colleague, memo):
        leave(desk, colleague)
        account = f.user("PETIT", "Léa")
        who = Desk(account, f.actor(account), desk.record)
        with acting(party_id=who.actor.party_id, user_id=account.pk), transaction.atomic():
            break_glass(who.actor, desk.record.pk, BreakGlassReason.EMERGENCY, "Chute")
        with pytest.raises(PermissionDenied):
            who.does(actions.take_over, memo)
        assert update(who, memo, owner_party=who.actor.party_id) == 0

    def test_the_database_lets_nobody_take_the_memo_of_somebody_who_is_there(self, desk, memo):
        assert update(desk, memo, owner_party=desk.actor.party_id) == "refused"

    def test_the_database_gives_it_to_who_acts_alone_and_whole(self, desk, colleague, memo):
        third = another(desk)
        leave(desk, colleague)
        mine = {"owner_party": desk.actor.party_id}
        assert update(desk, memo, owner_party=third.actor.party_id) == "refused"
        assert update(desk, memo, **mine, deleted_at=memo.written_at) == "refused"
        assert update(desk, memo, sharing=Sharing.PRIVATE) == "refused"
        assert update(desk, memo, **mine) == 1
        assert update(desk, memo, owner_party=third.actor.party_id) == "refused"

    def test_a_withdrawn_memo_is_not_taken_over(self, desk, colleague, memo):
        colleague.does(actions.delete, memo)
        leave(desk, colleague)
        for act in (actions.take_over, actions.restore):
            with pytest.raises((Conflict, PermissionDenied)):
                desk.does(act, memo)
        assert update(desk, memo, owner_party=desk.actor.party_id) == "refused"


def another(desk: Desk) -> Desk:
    """A nurse who is habilitated on the same record."""
    account = f.user("RICCI", "Paola", profession="G15:60")
    f.member(desk.actor, desk.record, account.person.party, habilitated=True)
    return Desk(account, f.actor(account), desk.record)


def leave(desk: Desk, who: Desk, how: str = "removed") -> None:
    if how == "account closed":
        with as_owner():
            who.account.is_active = False
            who.account.save()
        return
    member = desk.record.members.filter(party_id=who.actor.party_id, removed_at=None)
    act = careteam.remove if how == "removed" else careteam.withdraw
    desk.does(lambda access: act(access, member.get()))


def update(who: Desk, memo: Memo, **values: object) -> int | str:
    """How many memos a query that forgot everything changes as this person, or "refused"."""
    with acting(party_id=who.actor.party_id, user_id=who.actor.user_id):
        try:
            with transaction.atomic():
                return Memo.objects.filter(pk=memo.pk).update(**values)
        except ProgrammingError:
            return "refused"


def test_a_deleted_memo_comes_back_with_its_text(desk):
    memo = desk.does(actions.write, "Code 4512B")
    desk.does(actions.delete, memo)
    assert shown(desk) == []
    desk.does(actions.restore, memo)
    assert shown(desk) == ["Code 4512B"]


def test_the_journal_never_holds_the_text_of_a_memo(desk):
    desk.does(actions.write, "Code 4512B", title="Accès")
    with as_owner():
        assert "4512B" not in str(JournalEntry.objects.get(event="MemoWritten").payload)


class TestScreens:
    def address(self, desk, name, *keys):
        return reverse(f"followup:{name}", args=[desk.record.pk, *keys])

    def test_an_empty_memo_is_refused_beside_its_field_and_the_title_is_kept(self, desk):
        values = {"title": "Accès", "content": " ", "weight": "1", "sharing": "1"}
        answer = desk.client().post(self.address(desk, "add_memo"), values)
        assert answer.status_code == 422
        assert "Écrivez le mémo." in answer.text
        assert 'value="Accès"' in answer.text

    def test_the_memo_stands_on_the_record(self, desk):
        values = {"content": "Cinquième étage", "weight": "2", "sharing": "1"}
        client = desk.client()
        assert client.post(self.address(desk, "add_memo"), values).status_code == 302
        assert (
            "Cinquième étage" in client.get(reverse("dossier:record", args=[desk.record.pk])).text
        )

    def test_a_conflict_shows_what_the_other_wrote_and_keeps_what_was_typed(self, desk, colleague):
        memo = desk.does(actions.write, "Code 4512B")
        colleague.does(actions.change, memo, "Code 7788A", 1)
        values = {"content": "Code 0000", "weight": "1", "sharing": "1", "version": "1"}
        answer = desk.client().post(self.address(desk, "edit_memo", memo.pk), values)
        assert answer.status_code == 409
        assert "Code 7788A" in answer.text
        assert "Code 0000" in answer.text

    def test_deleting_offers_to_undo(self, desk):
        memo = desk.does(actions.write, "Code 4512B")
        answer = desk.client().post(
            self.address(desk, "delete_memo", memo.pk), headers={"HX-Request": "true"}
        )
        assert self.address(desk, "restore_memo", memo.pk) in answer.headers["HX-Trigger"]

    def test_the_filters_keep_what_they_name(self, desk):
        desk.does(actions.write, "Chien dans la cour")
        desk.does(actions.write, "Allergie", weight=Weight.IMPORTANT)
        html = desk.client().get(self.address(desk, "memos") + "?afficher=important").text
        assert "Allergie" in html
        assert "Chien" not in html

    def test_a_memo_whose_author_has_left_says_so_and_is_taken_over(self, desk, colleague):
        memo = colleague.does(actions.write, "Code 4512B")
        address = self.address(desk, "take_over_memo", memo.pk)
        pages = [self.address(desk, "memos"), reverse("dossier:record", args=[desk.record.pk])]
        client = desk.client()
        said = "Son auteur n’a plus accès au dossier."
        assert not any(said in client.get(page).text for page in pages)
        assert client.get(address).status_code == 409
        leave(desk, colleague)
        assert all(said in client.get(page).text for page in pages)
        assert all(address in client.get(page).text for page in pages)
        assert "Écrit par Marc LEBLANC." in client.get(address).text
        assert client.post(address).status_code == 302
        assert not any(said in client.get(page).text for page in pages)

    def test_a_page_left_open_says_that_somebody_took_it_over(self, desk, colleague):
        third = another(desk)
        memo = colleague.does(actions.write, "Code 4512B")
        leave(desk, colleague)
        third.does(actions.take_over, memo)
        address = self.address(desk, "take_over_memo", memo.pk)
        answer = desk.client().post(address, headers={"HX-Request": "true"})
        assert answer.status_code == 409
        assert "n’est plus à reprendre" in answer.text

    def test_who_does_not_keep_the_circle_is_not_offered_to_take_over(self, desk, colleague):
        third = another(desk)
        memo = colleague.does(actions.write, "Code 4512B")
        leave(desk, colleague)
        with as_owner():
            SectionRight.objects.create(
                profession_code="G15:60", section="careteam", level=Level.READ
            )
        client = third.client()
        addresses = [
            self.address(desk, f"{name}_memo", memo.pk) for name in ("take_over", "delete")
        ]
        html = client.get(self.address(desk, "memos")).text
        assert not any(address in html for address in addresses)
        assert {client.post(address).status_code for address in addresses} == {403}
