"""The life line: what it holds, where each thing stands, and what it costs."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from ronde.careteam.dated import Dated
from ronde.careteam.models import Level, SectionRight
from ronde.core.db.roles import as_owner
from ronde.dossier import lifeline
from ronde.patients.models import Patient
from tests import factories as f
from tests.followup.conftest import Desk

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def desk() -> Desk:
    house = f.structure("DAC Var Ouest")
    account = f.user("LAMBERT", "Sophie", attached_to=house)
    actor = f.actor(account, house)
    return Desk(account, actor, f.patient(actor))


def today() -> date:
    return timezone.localdate()


def year(end: date) -> lifeline.Window:
    return lifeline.Window("an", end - 365 * DAY, end)


class TestPlaces:
    def test_the_first_and_the_last_day_stand_on_the_edges(self):
        shown = year(date(2026, 12, 31))
        assert shown.column(shown.start) == 0
        assert shown.column(shown.end) == lifeline.COLUMNS - 1

    @pytest.mark.parametrize("outside", [date(1990, 1, 1), date(2099, 1, 1)])
    def test_what_began_before_or_ends_after_stops_at_the_edge(self, outside):
        assert year(date(2026, 12, 31)).column(outside) in {0, lifeline.COLUMNS - 1}

    def test_near_points_are_one_that_tells_how_many(self, desk):
        shown = year(today())
        points = [
            Dated("status", today() - ago * DAY, name) for ago, name in ((40, "a"), (38, "b"))
        ]
        far = Dated("status", today() - 200 * DAY, "c")
        (lane,) = desk.does(lifeline.lanes, shown, [*points, far])
        assert [mark.count for mark in lane.marks] == [1, 2]
        assert lane.marks[1].label == "2 éléments : a, b"
        assert f"du={points[0].start}" in lane.marks[1].address

    def test_two_thousand_points_make_no_more_marks_than_the_grid_holds(self, desk):
        shown = lifeline.Window("tout", today() - 3650 * DAY, today())
        points = [Dated("status", today() - number * DAY, "x") for number in range(2_000)]
        (lane,) = desk.does(lifeline.lanes, shown, points)
        assert len(lane.marks) <= lifeline.COLUMNS // lifeline.NEAR + 1
        assert sum(mark.count for mark in lane.marks) == 2_000

    def test_short_stays_that_crowd_are_one_that_tells_how_many(self, desk):
        shown = lifeline.Window("tout", today() - 3650 * DAY, today())
        starts = [today() - number * 9 * DAY for number in range(1, 401)]
        stays = [Dated("stay", start, "CHITS", end=start + 3 * DAY) for start in starts]
        alone = Dated("stay", today() - 3640 * DAY, "Clinique", end=today() - 3639 * DAY)
        (lane,) = desk.does(lifeline.lanes, shown, [*stays[:300], alone])
        assert len(lane.marks) <= lifeline.COLUMNS // lifeline.NEAR + 1
        assert sum(mark.count for mark in lane.marks) == 301
        assert (lane.marks[0].is_bar, lane.marks[0].label) == (True, "Clinique")

    def test_a_bar_goes_from_its_beginning_to_its_end_and_stays_on_the_grid(self, desk):
        shown = year(today())
        long = Dated("stay", today() - 600 * DAY, "CHITS", end=today() + 90 * DAY)
        (lane,) = desk.does(lifeline.lanes, shown, [long])
        mark = lane.marks[0]
        assert (mark.column, mark.span, mark.is_bar) == (0, lifeline.COLUMNS, True)

    def test_months_cover_the_year_without_overlapping(self):
        found = lifeline.scale(year(date(2026, 12, 31)))
        ends = [one.column + one.span for one in found]
        assert all(end <= one.column for end, one in zip(ends, found[1:], strict=False))
        assert [one.label for one in found][-2:] == ["nov.", "déc."]

    def test_ten_years_are_headed_by_years(self):
        shown = lifeline.Window("tout", date(2016, 1, 1), date(2026, 1, 1))
        assert [one.label for one in lifeline.scale(shown)][:2] == ["2016", "2017"]


class TestWindows:
    @pytest.mark.parametrize("asked", ["", "siècle", "an"])
    def test_an_unknown_period_is_a_year(self, desk, asked):
        shown = desk.does(lifeline.window, asked, "pas une date")
        assert (shown.period, shown.days) == ("an", 366)
        assert shown.end > today()

    def test_arrows_move_by_half_of_what_is_shown(self, desk):
        shown = desk.does(lifeline.window, "trimestre", "2026-06-30")
        assert shown.query(by=-1) == "?periode=trimestre&fin=2026-05-15"

    def test_everything_begins_with_the_record(self, desk):
        with as_owner():
            Patient.objects.filter(pk=desk.record.pk).update(
                created_at=timezone.localtime() - 900 * DAY
            )
        shown = desk.does(lifeline.window, "tout", "")
        assert shown.start == today() - 900 * DAY


class TestContent:
    def test_past_present_and_future_are_there(self, desk):
        desk.set_status("intensive")
        desk.add_stay(timezone.now() - 30 * DAY, discharged_at=timezone.now() - 20 * DAY)
        desk.add_stay(timezone.now() + 9 * DAY, is_planned=True, place="Clinique du Cap")
        found = desk.does(lifeline.items, today() - 60 * DAY, today() + 60 * DAY)
        assert {one.kind for one in found} == {"stay", "status", "record"}
        assert [one.label for one in found if one.kind == "stay"] == [
            "Clinique du Cap",
            "CHITS Sainte Musse",
        ]

    def test_a_section_that_is_closed_gives_nothing(self, desk):
        desk.add_stay()
        with as_owner():
            SectionRight.objects.create(profession_code="G15:70", section="stays", level=Level.NONE)
        who = f.user("ROUX", "Hugo", profession="G15:70")
        f.member(desk.actor, desk.record, who.person.party, habilitated=True)
        other = Desk(who, f.actor(who), desk.record)
        found = other.does(lifeline.items, today() - 60 * DAY, today())
        assert {one.kind for one in found} == {"record"}

    def test_the_page_and_its_list_show_the_same(self, desk):
        desk.add_stay()
        client = desk.client()
        address = reverse("dossier:lifeline", args=[desk.record.pk])
        assert "CHITS Sainte Musse" in client.get(address).text
        listed = client.get(f"{address}?vue=liste").text
        assert "CHITS Sainte Musse" in listed
        assert "Dossier créé" in listed

    def test_the_list_is_narrowed_to_the_days_of_a_group(self, desk):
        desk.add_stay()
        address = reverse("dossier:lifeline", args=[desk.record.pk])
        html = desk.client().get(f"{address}?vue=liste&du=2020-01-01&au=2020-02-01").text
        assert "Rien de daté" in html

    @pytest.mark.parametrize("query", ["fin=9999-99-99", "periode=%00", "vue=liste&du=x&page=9"])
    def test_a_strange_address_shows_the_page_all_the_same(self, desk, query):
        address = reverse("dossier:lifeline", args=[desk.record.pk])
        assert desk.client().get(f"{address}?{query}").status_code == 200

    def test_it_costs_the_same_with_many_stays(self, desk, django_assert_max_num_queries):
        for number in range(1, 6):
            start = timezone.now() - number * 20 * DAY
            desk.add_stay(start, discharged_at=start + 3 * DAY)

        def read(access):
            with django_assert_max_num_queries(len(lifeline.SOURCES)):
                return lifeline.items(access, today() - 400 * DAY, today())

        assert len(desk.does(read)) == 6
