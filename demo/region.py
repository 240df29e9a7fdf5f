"""The whole region, decided before anything is written: the same for everybody, on a given day."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import blake2b

from django.utils import timezone

from demo import circles, followup, stories
from demo.draw import Draw, draw
from demo.identities import Identities, Identity
from demo.moments import office_hour, today, work_day
from demo.patients import ELDER, Person, people
from demo.steps import Record, Script, Verb
from ronde.patients.models import Proof

PATIENTS = 2_000
OLDEST = 540  # Days: eighteen months of work.
# When the last gesture was made: a few today, more last week, most when the record was opened.
_TODAY, _YESTERDAY, _LAST_WEEK, _SINCE, _OPENING = "today", "yesterday", "week", "since", "opening"
_ACTIVITY = {_TODAY: 1.2, _YESTERDAY: 2.8, _LAST_WEEK: 8, _SINCE: 9, _OPENING: 79}
_UNTOLD = {Verb.NOTE, Verb.LOOK}  # They do not count as an update of the record.


def records(now: datetime, count: int = PATIENTS) -> Iterator[Record]:
    """Decide `count` records as seen on that moment; those of the stories come first.

    A longer region begins with the records of a shorter one.
    """
    now = timezone.localtime(now)
    identities = Identities()
    told = stories.stories(identities, now)
    yield from told[:count]
    for person in people(now.date(), len(told), count):
        yield _record(person, identities.of(person), now)


def _record(person: Person, identity: Identity, now: datetime) -> Record:
    rng, times = draw(f"circle:{person.number}"), draw(f"times:{person.number}")
    script = Script(rng, times, circles.creator(rng, person))
    activity = rng.weighted(_ACTIVITY)
    lively = activity in {_TODAY, _YESTERDAY, _LAST_WEEK}
    circles.surround(script, person, lively=lively)
    _identity_work(script, identity)
    _events(script, person, lively=lively)
    if activity != _OPENING and all(step.verb in _UNTOLD for step in script.later):
        circles.newcomer(script, person)
    opened = _opened(times, person, now)
    last = _last(times, activity, opened, now)
    if script.later and last == opened:
        last = office_hour(times, opened, min(opened + timedelta(days=60), now))
    if any(step.verb == Verb.BREAK for step in script.later):
        last = min(last, now - timedelta(days=1))
    return Record(person, identity, tuple(script.timed(opened, max(opened, last), now)))


def _opened(times: Draw, person: Person, now: datetime) -> datetime:
    """Within eighteen months, more often lately; a new-born's record after the birth."""
    age = (now.date() - person.human.birth_date).days
    days = 1 + OLDEST * times.random() ** 1.25
    return work_day(times, now, min(days, max(age - 2, 1)) if age < OLDEST else days)


def _last(times: Draw, activity: str, opened: datetime, now: datetime) -> datetime:
    """When somebody last did something."""
    if activity == _TODAY:
        return today(times, now)
    if activity == _YESTERDAY:
        return work_day(times, now, 1)
    if activity == _LAST_WEEK:
        return work_day(times, now, times.uniform(1, 8))
    if activity == _SINCE:
        return office_hour(times, opened, now - timedelta(days=1))
    return opened


def _identity_work(script: Script, identity: Identity) -> None:
    if identity.proof_later:
        script.do(Verb.CHECK, later=True, proof=Proof(identity.proof))


def _events(script: Script, person: Person, *, lively: bool) -> None:
    rng, number = script.rng, person.number
    if rng.chance(0.5 if lively else 0.08):
        circles.note(script)
    if rng.chance(0.7 if lively else 0.12):
        circles.look(script)
    followup.follow(script, person, lively=lively)
    if number % 83 == 20:
        circles.break_glass(script, person, number // 83)
    if number % 240 == 33:
        script.do(Verb.WITHDRAW_CONSENT, later=True, reason="Ne souhaite plus de dossier partagé")
    if number % 71 == 5 and person.profile == ELDER:
        script.do(Verb.DEATH, later=True)


def digest(found: list[Record]) -> str:
    """A fingerprint of who is in the region and in which circle."""
    text = blake2b(digest_size=16)
    for record in found:
        steps = [(step.verb, step.by, step.about, step.roles) for step in record.steps]
        text.update(repr((record.identity.values, steps)).encode())
    return text.hexdigest()
