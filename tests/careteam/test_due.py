"""Habilitations are looked at again: after a year, or when nobody uses them."""

from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from ronde.careteam.deadlines import months_from
from ronde.careteam.models import Member
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.journal.models import AccessTrace, JournalEntry
from tests import factories as f
from tests.query_budget import budget
from tests.signing import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def hugo(coordinator, record):
    """A habilitated member of the record."""
    who = f.user("ROUX", "Hugo", profession="G15:70")
    f.member(coordinator, record, who.person.party, habilitated=True)
    return who


def age(who, record, days: int, **values) -> Member:
    """The habilitation was given so many days ago."""
    with as_owner():
        found = Member.objects.filter(patient=record, party_id=who.person_id)
        found.update(habilitated_at=timezone.now() - timedelta(days=days), **values)
        return found.get()


def opened(who, record, days: int) -> None:
    with as_owner():
        AccessTrace.objects.create(
            at=timezone.now() - timedelta(days=days),
            patient_id=record.pk,
            user_id=who.pk,
            party_id=who.person_id,
            reason="member",
            section="summary",
        )


def shown(desk) -> str:
    html = desk.read("due")
    return html[html.index("<tbody") : html.index("</tbody")]


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 11, 25), 12, date(2027, 11, 25)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 1, 15), -12, date(2025, 1, 15)),
    ],
)
def test_months_end_on_their_last_day(day, months, expected):
    assert months_from(day, months) == expected


def test_a_recent_habilitation_is_not_to_review(desk, hugo):
    assert "ROUX" not in shown(desk)


def test_a_habilitation_is_to_review_after_a_year(desk, record, hugo):
    age(hugo, record, 370)
    opened(hugo, record, 3)
    assert "ROUX Hugo" in shown(desk)
    assert "non utilisée" not in shown(desk)


def test_the_list_and_the_badge_begin_on_the_same_day(desk, record, hugo):
    """A year after, to the day; the day before, neither."""
    opened(hugo, record, 1)
    a_year_ago = months_from(timezone.localdate(), -12)
    for day, expected in ((a_year_ago + timedelta(days=1), False), (a_year_ago, True)):
        noon = timezone.make_aware(datetime.combine(day, time(12)))
        with as_owner():
            Member.objects.filter(party_id=hugo.person_id).update(habilitated_at=noon)
        assert ("ROUX Hugo" in shown(desk)) == expected
        assert ("1 habilitation à revoir" in desk.read("panel")) == expected


def test_the_delay_is_a_setting(desk, record, hugo, settings):
    settings.HABILITATION_REVIEW_MONTHS = 24
    age(hugo, record, 370)
    opened(hugo, record, 3)
    assert "ROUX" not in shown(desk)


def test_a_habilitation_that_nobody_uses_is_to_review(desk, record, hugo):
    age(hugo, record, 200)
    assert "non utilisée" in shown(desk)
    assert "jamais" in shown(desk)
    opened(hugo, record, 190)
    assert "non utilisée" in shown(desk)
    opened(hugo, record, 10)
    assert "ROUX" not in shown(desk)


def test_a_use_by_another_or_by_break_glass_is_no_use(desk, record, hugo):
    member = age(hugo, record, 200)
    other = f.user("COSTA", "Luc")
    opened(other, record, 2)
    with as_owner():
        AccessTrace.objects.create(
            at=timezone.now(),
            patient_id=record.pk,
            party_id=member.party_id,
            reason="break_glass",
            section="summary",
        )
    assert "ROUX Hugo" in shown(desk)


def test_one_does_not_review_oneself(desk, record, coordinator):
    with as_owner():
        Member.objects.update(habilitated_at=timezone.now() - timedelta(days=800))
    assert "LAMBERT" not in shown(desk)


def test_the_date_is_chosen_in_the_dialog_of_the_member(desk, record, hugo):
    member = age(hugo, record, 10)
    soon = timezone.localdate() + timedelta(days=30)
    values = {"habilitated": "on", "version": member.version}
    answer = desk.post("edit", member, review_on=f"{soon:%Y-%m-%d}", **values)
    assert answer.status_code == 204
    with as_owner():
        assert Member.objects.get(pk=member.pk).review_on == soon
    assert f"{soon:%d/%m/%Y}" in desk.read("member", member)


def test_a_date_that_is_past_is_refused_beside_the_field(desk, record, hugo):
    member = age(hugo, record, 10)
    values = {"habilitated": "on", "version": member.version}
    answer = desk.post("edit", member, review_on="2020-01-01", **values)
    assert answer.status_code == 422
    assert "Choisissez une date à venir." in answer.content.decode()


def test_a_chosen_date_wins_over_the_year(desk, record, hugo):
    opened(hugo, record, 3)
    age(hugo, record, 370, review_on=timezone.localdate() + timedelta(days=5))
    assert "ROUX" not in shown(desk)
    age(hugo, record, 3, review_on=timezone.localdate())
    assert "ROUX Hugo" in shown(desk)


def test_keeping_gives_a_year_more(desk, record, hugo):
    member = age(hugo, record, 370)
    opened(hugo, record, 3)
    assert desk.post("due", geste=f"maintenir:{member.pk}", htmx=False).status_code == 302
    assert "ROUX" not in shown(desk)
    with as_owner():
        kept = Member.objects.get(pk=member.pk)
        assert JournalEntry.objects.filter(event="HabilitationKept").count() == 1
    assert kept.review_on == months_from(timezone.localdate(), 12)
    assert kept.habilitated


def test_those_ticked_are_withdrawn_together(desk, coordinator, record, hugo):
    luc = f.user("COSTA", "Luc")
    f.member(coordinator, record, luc.person.party, habilitated=True)
    members = [age(one, record, 400) for one in (hugo, luc)]
    desk.post("due", htmx=False, geste="retirer", membres=[str(one.pk) for one in members])
    with as_owner():
        left = Member.objects.filter(pk__in=[one.pk for one in members], habilitated=True)
        assert left.count() == 0
        assert JournalEntry.objects.filter(event="HabilitationWithdrawn").count() == 2


def test_only_those_of_the_list_are_touched(desk, coordinator, record, hugo):
    recent = Member.objects.none()
    with as_owner():
        recent = Member.objects.get(patient=record, party_id=hugo.person_id)
    desk.post("due", htmx=False, geste="retirer", membres=[str(recent.pk), "n'importe quoi"])
    with as_owner():
        assert Member.objects.get(pk=recent.pk).habilitated


def test_nothing_ticked_is_said(desk):
    desk.post("due", htmx=False, geste="retirer")
    assert "Cochez au moins une habilitation." in desk.read("due")


def test_the_circle_shows_a_discreet_badge(desk, record, hugo):
    assert "à revoir" not in desk.read("panel").replace("À revoir", "")
    age(hugo, record, 370)
    assert "1 habilitation à revoir" in desk.read("panel")


def test_a_new_habilitation_forgets_the_date_of_the_former_one(desk, coordinator, record, hugo):
    member = age(hugo, record, 400, review_on=timezone.localdate() - timedelta(days=9))
    desk.post("withdraw", member)
    desk.post("habilitate", member)
    with as_owner():
        assert Member.objects.get(pk=member.pk).review_on is None


@pytest.mark.parametrize("members", [1, 12])
def test_the_list_stays_within_its_budget_however_long(desk, coordinator, record, members):
    for number in range(members):
        who = f.user("ROUX", f"Hugo {number}")
        f.member(coordinator, record, who.person.party, habilitated=True)
        age(who, record, 400)
    with budget("due"):
        assert shown(desk).count("ROUX") >= members


# All the records of a structure, for its super-user.


@pytest.fixture
def place():
    return f.structure("DAC Var Ouest")


@pytest.fixture
def boss(place):
    who = f.user("MERCIER", "Alain", attached_to=place)
    with as_owner():
        who.attachments.update(is_super_user=True)
    return who


ADDRESS = "dossier:due_habilitations"


def test_a_super_user_sees_those_of_all_the_records_of_the_structure(place, boss, hugo):
    mine = f.patient(f.actor(boss, place), birth_name="BERNARD")
    f.member(f.actor(boss, place), mine, hugo.person.party, habilitated=True)
    member = age(hugo, mine, 400)
    web = signed_in(boss, place.pk)
    html = web.get(reverse(ADDRESS)).content.decode()
    assert "BERNARD" in html
    assert "ROUX Hugo" in html
    web.post(reverse(ADDRESS), {"geste": "retirer", "membres": [str(member.pk)]})
    with as_owner():
        assert not Member.objects.get(pk=member.pk).habilitated


def test_a_record_of_others_is_neither_seen_nor_touched(place, boss, record, hugo):
    member = age(hugo, record, 400)
    web = signed_in(boss, place.pk)
    assert "ROUX Hugo" not in web.get(reverse(ADDRESS)).content.decode()
    web.post(reverse(ADDRESS), {"geste": f"retirer:{member.pk}"})
    with as_owner():
        assert Member.objects.get(pk=member.pk).habilitated


def test_who_supervises_nothing_has_no_such_page(place, hugo):
    simple = f.user("RICCI", "Paola", attached_to=place)
    assert signed_in(simple, place.pk).get(reverse(ADDRESS)).status_code == 403
    assert signed_in(hugo, place.pk).get(reverse(ADDRESS)).status_code == 403


def test_the_last_use_is_told_to_who_writes_in_the_record_alone(record, hugo):
    age(hugo, record, 400)
    stranger = f.actor(f.user("COSTA", "Luc"))
    now = timezone.now()
    with (
        acting(party_id=stranger.party_id, user_id=stranger.user_id),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "SELECT * FROM careteam_due_habilitations(%s, %s, %s, %s, 50, 0)",
            [record.pk, now.date(), now, now],
        )
        assert cursor.fetchall() == []
