"""The whole region, decided before anything is written: the same for everybody, on a given day."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import blake2b

from django.utils import timezone

from demo import circles, stories
from demo.draw import Draw, draw
from demo.identities import Identities, Identity
from demo.moments import office_hour, today, work_day
from demo.patients import ELDER, Person, people
from demo.steps import Record, Script, Verb
from ronde.patients.models import Proof

PATIENTS = 2_000
OLDEST = 540  # Days: eighteen months of work.
_UNTOLD = {Verb.NOTE, Verb.LOOK}  # They do not count as an update of the record.


def records(now: datetime, count: int = PATIENTS) -> Iterator[Record]:
    """Decide `count` records as seen on that moment; those of the stories come first.

    A longer region begins with the records of a shorter one.
    """
    now = timezone.localtime(now)
    rng, identities = draw("circles"), Identities()
    told = stories.stories(identities, now)
    yield from told[:count]
    for person in people(now.date(), len(told), count):
        yield _record(rng, person, identities.of(person), now)


def _record(rng: Draw, person: Person, identity: Identity, now: datetime) -> Record:
    script = Script(rng, circles.creator(rng, person))
    opened, last = _dates(rng, person, now)
    lively = last > now - timedelta(days=9)
    circles.surround(script, person, lively=lively)
    _identity_work(script, identity)
    _events(script, person, lively=lively)
    if last > opened and all(step.verb in _UNTOLD for step in script.later):
        circles.newcomer(script, person)
    if script.later and last == opened:
        last = office_hour(rng, opened, min(opened + timedelta(days=60), now))
    if any(step.verb == Verb.BREAK for step in script.later):
        last = min(last, now - timedelta(days=1))
    steps = script.timed(opened, last, now)
    return Record(person, identity, tuple(steps))


def _dates(rng: Draw, person: Person, now: datetime) -> tuple[datetime, datetime]:
    """When it was opened, and when somebody last did something: a few today, more last week."""
    age = (now.date() - person.human.birth_date).days
    days = 1 + OLDEST * rng.random() ** 1.25
    opened = work_day(rng, now, min(days, max(age - 2, 1)) if age < OLDEST else days)
    draw_ = rng.random()
    if draw_ < 0.012:
        return opened, max(opened, today(rng, now))
    if draw_ < 0.04:
        return opened, max(opened, work_day(rng, now, 1))
    if draw_ < 0.12:
        return opened, max(opened, work_day(rng, now, rng.uniform(1, 8)))
    if draw_ < 0.2:
        return opened, office_hour(rng, opened, now - timedelta(days=1))
    return opened, opened


def _identity_work(script: Script, identity: Identity) -> None:
    if identity.proof_later:
        script.do(Verb.CHECK, later=True, proof=Proof(identity.proof))


def _events(script: Script, person: Person, *, lively: bool) -> None:
    rng, number = script.rng, person.number
    if rng.chance(0.5 if lively else 0.08):
        circles.note(script)
    if rng.chance(0.7 if lively else 0.12):
        circles.look(script)
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
