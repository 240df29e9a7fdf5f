"""How dates read, by the clock of the region and in the language spoken."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.utils import translation

from ronde.core import formats

LATE = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)  # Half past midnight in Paris.


def test_a_moment_after_midnight_bears_the_date_of_the_region():
    assert formats.day(LATE) == "26/11/2026"
    assert formats.day(date(2026, 11, 25)) == "25/11/2026"
    assert formats.day(None) == ""


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_a_cell_that_a_spreadsheet_would_run_is_made_text(sign):
    assert formats.cell(f"{sign}1+1") == f"'{sign}1+1"
    assert formats.cell("Médecin = a-b") == "Médecin = a-b"
    assert formats.cell("") == ""


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", ["auj. 09:12", "hier 17:40", "ven. 27/11 10:00"]),
        ("en", ["today 09:12", "yesterday 17:40", "Fri 27/11 10:00"]),
    ],
)
@time_machine.travel(datetime(2026, 11, 25, 12, 0, tzinfo=UTC))
def test_moments_are_said_in_the_language_spoken(language, said):
    moments = [
        datetime(2026, 11, 25, 8, 12, tzinfo=UTC),
        datetime(2026, 11, 24, 16, 40, tzinfo=UTC),
        datetime(2026, 11, 27, 9, 0, tzinfo=UTC),
    ]
    with translation.override(language):
        assert [formats.moment(one) for one in moments] == said


def test_an_english_day_comes_before_its_month():
    with translation.override("en"):
        assert formats.day(date(2026, 3, 12)) == "12/03/2026"
        assert formats.full_moment(LATE) == "26/11/2026 00:30:00"
        assert formats.day_and_hour(LATE) == "26/11/2026 00:30"
        assert formats.day_and_hour(None) == ""
