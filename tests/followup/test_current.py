"""What lists show of the follow-up stands in the rows of the grants, and follows every change."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.utils import timezone

from ronde.core.actor import Officer
from ronde.core.db.roles import as_owner
from ronde.followup import actions, jobs, queries
from ronde.followup.models import ListItem
from ronde.worklist import queries as worklist
from ronde.worklist.filters import Filters
from tests import factories as f
from tests.followup.conftest import Desk, item
from tests.notifications.worker import deferred, run_jobs

pytestmark = pytest.mark.django_db

# Grants whose follow-up is not that of the rows it comes from.
ASTRAY = """
SELECT count(*) FROM careteam_grant g
WHERE (g.statuses, g.status_rank, g.stay_places) IS DISTINCT FROM
    ((SELECT array_agg(i.code::text ORDER BY s.started_on, s.id)
      FROM followup_recordstatus s JOIN followup_listitem i ON i.id = s.kind_id
      WHERE s.patient_id = g.patient_id AND s.is_current),
     (SELECT i.position FROM followup_recordstatus s JOIN followup_listitem i ON i.id = s.kind_id
      WHERE s.patient_id = g.patient_id AND s.is_current ORDER BY s.started_on, s.id LIMIT 1),
     (SELECT array_agg(y.place::text ORDER BY y.admitted_at, y.id) FROM followup_stay y
      WHERE y.patient_id = g.patient_id AND y.cancelled_at IS NULL AND y.discharged_at IS NULL))
"""


def shown(desk: Desk, **filters) -> tuple[list[str], list[str]]:
    """The labels of the statuses and the hospitals, as the only line of the list says them."""
    row = desk.does(lambda _access: worklist.rows(desk.actor, Filters(**filters))[:10][0])
    return [kind.label for kind in row.statuses], row.stays


def found(desk: Desk, **filters) -> int:
    return desk.does(lambda _access: len(worklist.rows(desk.actor, Filters(**filters))[:10]))


def astray() -> int:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(ASTRAY)
        return cursor.fetchone()[0]


def test_each_change_of_the_follow_up_reaches_the_lists_of_all(desk, colleague):
    first = desk.set_status("intensive")
    colleague.set_status("light")
    desk.set_status("to-evaluate", former=first.pk)
    stay = desk.add_stay()
    labels = [item("status", code).label for code in ("light", "to-evaluate")]
    assert sorted(shown(desk)[0]) == sorted(shown(colleague)[0]) == sorted(labels)
    assert shown(colleague)[1] == ["CHITS Sainte Musse"]
    desk.does(actions.cancel_stay, stay, "Erreur de dossier")
    assert shown(colleague)[1] == []
    assert astray() == 0


def test_somebody_who_comes_into_the_circle_finds_the_status_and_the_stay(desk):
    desk.set_status("intensive")
    desk.add_stay()
    account = f.user("MOREL", "Paola")
    f.member(desk.actor, desk.record, account.person.party, habilitated=True)
    newcomer = Desk(account, f.actor(account), desk.record)
    assert shown(newcomer) == ([item("status", "intensive").label], ["CHITS Sainte Musse"])


def test_a_stay_to_come_is_not_a_stay_under_way(desk):
    desk.add_stay(timezone.now() + timedelta(days=3), is_planned=True)
    assert shown(desk)[1] == []
    assert (found(desk, stays="oui"), found(desk, stays="non")) == (0, 1)


def test_a_stay_begins_by_itself_when_its_hour_comes(desk):
    desk.add_stay(timezone.now() + timedelta(days=3), is_planned=True)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("UPDATE careteam_grant SET stay_starts = ARRAY[now() - interval '1 minute']")
    assert shown(desk)[1] == ["CHITS Sainte Musse"]
    assert (found(desk, stays="oui"), found(desk, stays="non")) == (1, 0)


def test_a_status_filters_the_list_and_no_other_does(desk):
    desk.set_status("intensive")
    assert found(desk, record_statuses=["light", "intensive"]) == 1
    assert found(desk, record_statuses=["light"]) == 0


def test_a_status_made_by_another_process_is_known_when_it_is_met(desk):
    queries.status_kinds()
    with as_owner():
        ListItem.objects.create(list="status", code="r-99", label="En relais", nature="active")
    desk.set_status("r-99")
    assert shown(desk)[0] == ["En relais"]
    queries.forget_status_kinds()


def test_what_follows_a_record_is_asked_of_the_grants_alone(desk):
    """The function that reads past the policies serves the triggers, not the application."""
    desk.set_status("intensive")
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT * FROM followup_current(%s)", [desk.record.pk])


def test_a_status_moved_in_the_list_of_the_region_moves_its_records(desk, colleague, monkeypatch):
    monkeypatch.setattr(jobs, "AT_ONCE", 1)
    first = desk.set_status("intensive")
    colleague.set_status("light")
    desk.set_status("to-evaluate", former=first.pk)
    other = replace(desk, record=f.patient(desk.actor, birth_name="BOYER"))
    other.set_status("light")
    move("light", 70)
    move("to-evaluate", 71)
    assert astray() > 0
    run_jobs()
    assert astray() == 0


def test_a_line_renamed_sends_nobody_through_the_records(desk):
    move("light", item("status", "light").position)
    assert "followup.put_in_order" not in {job.task_name for job in deferred()}


def move(code: str, position: int) -> None:
    """As an administrator does, from the console."""
    agnes = f.user("VIDAL", "Agnès", duties=["administrator"])
    who = Officer(agnes.pk, agnes.full_name, "administrator")
    with f.on_duty(who):
        actions.change_item(
            who, item("status", code), {"label": f"Autre {code}", "position": position}
        )


def test_the_records_are_put_in_order_by_a_job_and_by_nobody_else(desk):
    kind = ListItem.objects.get(list="status", code="light")
    for call in "followup_refresh_next(%s, %s, 5)", "followup_refresh(ARRAY[%s, %s])":
        with pytest.raises(DatabaseError, match=r"only a job|permission denied"):
            desk.does(lambda _access, call=call: ask(call, kind.pk, desk.record.pk))


def ask(call: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {call}", values)
