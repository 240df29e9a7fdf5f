"""When things happened, counted back from the moment of loading."""

from datetime import datetime, timedelta

from demo.draw import Draw

_OPENS, _CLOSES = 8 * 60, 18 * 60 + 30  # Minutes since midnight.


def office_hour(rng: Draw, start: datetime, end: datetime) -> datetime:
    """A moment between two others, on a day of work between 8:00 and 18:30 when there is one."""
    for _ in range(20):
        moment = start + (end - start) * rng.random()
        if moment.weekday() < 5 and _OPENS <= moment.hour * 60 + moment.minute < _CLOSES:
            return moment
    return max(start, end - timedelta(minutes=1))


def work_day(rng: Draw, now: datetime, days: float) -> datetime:
    """That many days ago, on the Friday before when it falls on a week-end, in office hours."""
    day = (now - timedelta(days=days)).date()
    day -= timedelta(days=max(day.weekday() - 4, 0))
    midnight = datetime.combine(day, datetime.min.time(), tzinfo=now.tzinfo)
    return midnight + timedelta(minutes=rng.randint(_OPENS, _CLOSES - 10))


def today(rng: Draw, now: datetime) -> datetime:
    """This morning or this afternoon; when the day is young, the hour before."""
    morning = now.replace(hour=8, minute=0, second=0, microsecond=0)
    since = morning if now - morning > timedelta(hours=1) else now - timedelta(hours=1)
    return since + (now - since) * rng.random() * 0.9
