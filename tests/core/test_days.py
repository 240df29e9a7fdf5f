"""A day is the one that people here live."""

from datetime import UTC, date, datetime

from ronde.core.formats import day


def test_a_moment_just_after_midnight_here_is_of_the_new_day():
    assert day(datetime(2026, 11, 25, 23, 30, tzinfo=UTC)) == "26/11/2026"


def test_a_date_is_written_as_it_is():
    assert day(date(1942, 3, 12)) == "12/03/1942"
    assert day(None) == ""
