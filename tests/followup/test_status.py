"""Where a patient stands for the structures that follow them."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from ronde.careteam import actions as careteam
from ronde.careteam.models import BreakGlassReason, Level, Member, SectionRight
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.followup import actions, queries
from ronde.followup.models import RecordStatus
from ronde.journal.models import JournalEntry
from ronde.worklist import queries as queries_of_list
from ronde.worklist.filters import Filters
from tests import factories as f
from tests.followup.conftest import Desk, item

pytestmark = pytest.mark.django_db


def today():
    return timezone.localdate()


def test_a_new_status_ends_the_former_one_and_keeps_it(desk):
    first = desk.set_status("to-evaluate", today() - timedelta(days=9))
    second = desk.set_status("intensive", former=first.pk)
    with as_owner():
        rows = list(RecordStatus.objects.order_by("started_on"))
    assert [(row.pk, row.is_current) for row in rows] == [(first.pk, False), (second.pk, True)]
    assert rows[0].ended_on == today()


def test_each_structure_has_its_own_status(desk, colleague):
    desk.set_status("intensive")
    colleague.set_status("light")
    shown = desk.does(queries.statuses)
    assert [row.kind.code for row in shown] == ["intensive", "light"]
    assert [row.kind.code for row in colleague.does(queries.statuses)] == ["light", "intensive"]


def test_the_table_of_the_circle_shows_the_status_of_each_structure(desk, colleague):
    desk.set_status("intensive")
    colleague.set_status("light")
    page = desk.client().get(reverse("careteam:circle", args=[desk.record.pk])).text
    shown = re.findall(r'Statut du dossier : </span><span class="statut[^"]*">([^<]+)', page)
    assert sorted(shown) == ["Suivi coordination intensive", "Suivi coordination légère"]
    assert f"Statut du dossier depuis le {today():%d/%m/%Y}" in page


def test_who_may_not_read_the_statuses_sees_none_in_the_circle(desk):
    desk.set_status("intensive")
    with as_owner():
        SectionRight.objects.create(
            profession_code=desk.actor.profession, section="status", level=Level.NONE
        )
    page = desk.client().get(reverse("careteam:circle", args=[desk.record.pk])).text
    assert "Statut du dossier" not in page


def test_the_database_keeps_one_current_status_for_each_structure(desk):
    status = desk.set_status("intensive")
    status.pk, status._state.adding = None, True
    with pytest.raises(IntegrityError), transaction.atomic(), as_owner():
        RecordStatus.objects.bulk_create([status])


def test_two_colleagues_at_once_one_wins_and_the_other_is_told(desk):
    shown = desk.set_status("to-evaluate")
    desk.set_status("intensive", former=shown.pk)
    with pytest.raises(actions.Conflict):
        desk.set_status("light", former=shown.pk)


def test_an_exit_needs_its_reason(desk):
    with pytest.raises(ValidationError, match="motif de la sortie"):
        desk.set_status("out")
    with pytest.raises(ValidationError, match="motif de la sortie"):
        desk.set_status("out", reason=item("status_reason", "worse"))
    desk.set_status("out", reason=item("exit_reason", "moved"))


@pytest.mark.parametrize(("days", "words"), [(1, "à venir"), (-40_000, "précède la naissance")])
def test_a_date_that_cannot_be_is_refused(desk, days, words):
    with pytest.raises(ValidationError, match=words):
        desk.set_status("intensive", today() + timedelta(days=days))


def test_a_status_does_not_begin_before_the_present_one(desk):
    first = desk.set_status("intensive")
    with pytest.raises(ValidationError, match="Le statut actuel a commencé"):
        desk.set_status("light", today() - timedelta(days=1), former=first.pk)


def test_a_change_is_told_in_the_feed_with_what_it_replaces(desk):
    first = desk.set_status("to-evaluate")
    desk.set_status("out", former=first.pk, reason=item("exit_reason", "goals"))
    with as_owner():
        entry = JournalEntry.objects.filter(event="StatusChanged").latest("at")
    assert entry.payload["former"] == "À évaluer"
    assert entry.payload["reason"] == "Objectifs atteints"
    assert entry.party_name == "DAC Var Ouest"


def test_whoever_lost_the_right_while_typing_changes_nothing(desk, colleague):
    with acting(party_id=colleague.actor.party_id, user_id=colleague.actor.user_id):
        access = colleague.access()
    with as_owner():
        Member.objects.filter(party_id=colleague.actor.party_id).update(habilitated=False)
    with (
        acting(party_id=colleague.actor.party_id, user_id=colleague.actor.user_id),
        pytest.raises(Http404),
        transaction.atomic(),
    ):
        actions.set_status(access, item("status", "light"), today())


def test_break_glass_reads_the_status_and_changes_nothing(desk):
    desk.set_status("intensive")
    who = f.user("ROUX", "Hugo")
    actor = f.actor(who)
    with acting(party_id=actor.party_id, user_id=actor.user_id), transaction.atomic():
        careteam.break_glass(actor, desk.record.pk, BreakGlassReason.EMERGENCY, "Chute")
    urgent = Desk(who, actor, desk.record)
    assert len(urgent.does(queries.statuses)) == 1
    with pytest.raises(PermissionDenied):
        urgent.set_status("light")


def test_the_database_lets_nobody_write_a_status_for_another_party(desk, colleague):
    row = RecordStatus(
        patient=desk.record,
        party_id=desk.actor.party_id,
        party_name="DAC Var Ouest",
        kind=item("status", "light"),
        started_on=today(),
        recorded_at=timezone.now(),
        recorded_by_user=colleague.actor.user_id,
        recorded_by_name="Marc Leblanc",
    )
    with (
        acting(party_id=colleague.actor.party_id, user_id=colleague.actor.user_id),
        pytest.raises(ProgrammingError),
        transaction.atomic(),
    ):
        row.save(force_insert=True)


def test_the_database_shows_no_status_to_a_stranger(desk):
    desk.set_status("intensive")
    who = f.actor(f.user("ROUX", "Hugo"))
    with acting(party_id=who.party_id, user_id=who.user_id), transaction.atomic():
        assert RecordStatus.objects.count() == 0


class TestScreens:
    def test_the_dialog_keeps_what_was_typed_when_it_is_refused(self, desk):
        answer = desk.client().post(
            reverse("followup:set_status", args=[desk.record.pk]),
            {
                "kind": str(item("status", "out").pk),
                "started_on": "2026-01-05",
                "comment": "Départ chez sa fille",
            },
        )
        assert answer.status_code == 422
        html = answer.content.decode()
        assert "Indiquez le motif de la sortie." in html
        assert "Départ chez sa fille" in html

    def test_a_status_is_set_and_shown_on_the_record_and_in_the_list(self, desk):
        client = desk.client()
        kind = item("status", "sustained")
        answer = client.post(
            reverse("followup:set_status", args=[desk.record.pk]),
            {"kind": str(kind.pk), "started_on": today().isoformat()},
        )
        assert answer.status_code == 302
        assert kind.label in client.get(reverse("dossier:record", args=[desk.record.pk])).text
        assert kind.label in client.get(reverse("worklist:list")).text

    def test_the_conflict_answers_409(self, desk):
        desk.set_status("intensive")
        answer = desk.client().post(
            reverse("followup:set_status", args=[desk.record.pk]),
            {"kind": str(item("status", "light").pk), "started_on": today().isoformat()},
        )
        assert answer.status_code == 409

    def test_the_list_is_filtered_by_status(self, desk):
        desk.set_status("intensive")
        other = f.patient(desk.actor, birth_name="AUTRE")
        client = desk.client()
        address = reverse("worklist:list")
        headers = {"HX-Request": "true"}
        html = client.post(address, {"record_statuses": "intensive"}, headers=headers).text
        assert f"/dossiers/{desk.record.pk}/" in html
        assert f"/dossiers/{other.pk}/" not in html

    def test_a_profession_that_may_not_read_statuses_sees_none_in_the_list(self, desk):
        desk.set_status("intensive")
        with as_owner():
            SectionRight.objects.create(
                profession_code="G15:70", section="status", level=Level.NONE
            )
        who = f.user("ROUX", "Hugo", profession="G15:70")
        f.member(desk.actor, desk.record, who.person.party, habilitated=True)
        client = Desk(who, f.actor(who), desk.record).client()
        label = item("status", "intensive").label
        page = client.get(reverse("worklist:list")).text
        assert f'<span class="statut intense">{label}</span>' not in page
        headers = {"HX-Request": "true"}
        html = client.post(
            reverse("worklist:list"), {"record_statuses": "out"}, headers=headers
        ).text
        assert f"/dossiers/{desk.record.pk}/" in html

    def test_the_list_is_sorted_by_status_and_by_stay(self, desk):
        """In the order of the region's list; in hospital first, and since the longest."""
        light, intense = (Desk(desk.account, desk.actor, f.patient(desk.actor)) for _ in "12")
        light.set_status("light")
        intense.set_status("intensive")
        intense.add_stay(timezone.now() + timedelta(days=2), is_planned=True)
        light.add_stay()
        everybody = [desk.record.pk, light.record.pk, intense.record.pk]

        def listed(sort: str) -> list[int]:
            page = desk.client().get(f"{reverse('worklist:list')}?tri={sort}").text
            return sorted(range(3), key=lambda one: page.index(f'value="{everybody[one]}"'))

        assert listed("suivi") == [2, 1, 0]
        assert listed("-suivi") == [0, 1, 2]
        assert listed("sejour") == [1, 2, 0]
        assert listed("-sejour") == [0, 2, 1]

    def test_an_order_by_what_one_may_not_read_is_neither_offered_nor_followed(self, desk):
        other = Desk(desk.account, desk.actor, f.patient(desk.actor))
        other.set_status("intensive")
        with as_owner():
            SectionRight.objects.create(
                profession_code="G15:70", section="status", level=Level.NONE
            )
        who = f.user("ROUX", "Hugo", profession="G15:70")
        for one in (other, desk):
            f.member(desk.actor, one.record, who.person.party, habilitated=True)
        client = Desk(who, f.actor(who), desk.record).client()
        usual, asked = (
            client.get(f"{reverse('worklist:list')}{q}").text for q in ("", "?tri=suivi")
        )
        rows = [f'value="{one.record.pk}"' for one in (desk, other)]
        assert sorted(rows, key=usual.index) == sorted(rows, key=asked.index)
        assert "tri=suivi" not in usual
        assert 'value="suivi"' not in usual

    @pytest.mark.parametrize(("sort", "index"), [("suivi", "status"), ("sejour", "stay")])
    def test_a_page_so_sorted_is_read_in_the_order_of_an_index(self, desk, sort, index):
        def plan(access):
            sections = queries_of_list.readable(desk.actor)
            rows = queries_of_list.matching(desk.actor, Filters(sort=sort), sections)
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL enable_sort = off")
            return rows[:50].explain()

        assert f"careteam_grant_{index} " in desk.does(plan)
