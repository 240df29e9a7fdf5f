"""Public, shared, private: what is shown to whom, by the code and by the database alike."""

from dataclasses import dataclass
from itertools import product

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from ronde.careteam.access import access_to
from ronde.careteam.sharing import choices, levels, share
from ronde.careteam.sharing_form import SharingForm
from ronde.core.actor import Actor
from ronde.core.context import acting
from ronde.core.sharing import Sharing, shown_to
from ronde.feed.events import NoteWritten
from ronde.feed.queries import entries
from ronde.journal.actions import record as journal
from ronde.journal.models import JournalEntry
from tests import factories as f

pytestmark = pytest.mark.django_db
PUBLIC, SHARED, PRIVATE = Sharing


@dataclass
class Circle:
    """A structure that owns things, a doctor, a nurse; each with a delegate."""

    patient: object
    who: dict[str, Actor]

    def access(self, name: str):
        return access_to(self.who[name], self.patient.pk)

    def acting(self, name: str):
        one = self.who[name]
        return acting(party_id=one.party_id, user_id=one.user_id, delegated=one.is_delegate)

    def write(self, owner: str, level: Sharing, *recipients: str) -> JournalEntry:
        """Something that happened to a thing of `owner` shown to this audience."""
        with self.acting(owner), transaction.atomic():
            access = self.access(owner)
            thing = JournalEntry()
            thing.belongs_to(access.actor)
            share(thing, access, level, [self.who[one].party_id for one in recipients])
            event = NoteWritten(patient_id=self.patient.pk, text="x")
            return journal(event, actor=access.actor, about=thing)

    def readers(self, entry: JournalEntry) -> set[str]:
        """Who reads it; the code and the database must agree."""
        found = set()
        for name, actor in self.who.items():
            with self.acting(name), transaction.atomic():
                rows = JournalEntry.objects.filter(pk=entry.pk)
                by_database = rows.exists()
                assert entries(self.access(name)).filter(pk=entry.pk).exists() == by_database
            # What the code says without the database's help.
            with f.as_owner():
                assert rows.filter(shown_to(actor)).exists() == by_database
            if by_database:
                found.add(name)
        return found


EVERYBODY = {"structure", "structure's delegate", "doctor", "doctor's delegate", "nurse"}


@pytest.fixture
def circle() -> Circle:
    place = f.structure("DAC Var Ouest")
    sophie = f.user("LAMBERT", "Sophie", attached_to=place)
    doctor, nurse, delegate = (f.user(name) for name in ("LEBLANC", "RICCI", "PETIT"))
    f.delegation(place, delegate)
    f.delegation(doctor, delegate)
    who = {
        "structure": f.actor(sophie, place),
        "structure's delegate": f.identity_of(delegate, place.pk),
        "doctor": f.actor(doctor),
        "doctor's delegate": f.identity_of(delegate, doctor.person_id),
        "nurse": f.actor(nurse),
    }
    patient = f.patient(who["structure"])
    for account in (doctor, nurse):
        f.member(who["structure"], patient, account.person.party, habilitated=True)
    return Circle(patient, who)


def test_what_is_public_is_shown_to_the_whole_circle(circle):
    assert circle.readers(circle.write("structure", PUBLIC)) == EVERYBODY


def test_what_is_shared_is_shown_to_its_owner_to_the_chosen_and_to_their_delegates(circle):
    entry = circle.write("structure", SHARED, "doctor")
    assert circle.readers(entry) == EVERYBODY - {"nurse"}


def test_what_a_structure_keeps_private_is_not_seen_by_its_delegates(circle):
    assert circle.readers(circle.write("structure", PRIVATE)) == {"structure"}


def test_what_a_person_keeps_private_is_seen_by_their_delegates(circle):
    assert circle.readers(circle.write("doctor", PRIVATE)) == {"doctor", "doctor's delegate"}


def test_a_delegate_keeps_nothing_private_for_a_structure(circle):
    with circle.acting("structure's delegate"):
        access = circle.access("structure's delegate")
        assert PRIVATE not in dict(levels(access))
        with pytest.raises(ValidationError):
            share(JournalEntry(owner_party=access.actor.party_id), access, PRIVATE)


def test_something_is_shared_with_those_who_open_the_record_and_with_nobody_else(circle):
    stranger = f.actor(f.user("ROUX", "Hugo"))
    with circle.acting("doctor"):
        access = circle.access("doctor")
        thing = JournalEntry(owner_party=access.actor.party_id)
        for nobody in ([], [access.actor.party_id], [stranger.party_id]):
            with pytest.raises(ValidationError):
                share(thing, access, SHARED, nobody)
        offered = {key for key, _name in choices(access)}
    assert offered == {str(circle.who[name].party_id) for name in ("structure", "nurse")}


def test_whoever_left_may_stay_a_recipient_and_reads_nothing(circle):
    entry = circle.write("structure", SHARED, "nurse")
    with circle.acting("structure"):
        access = circle.access("structure")
        nurse = access.patient.members.get(party_id=circle.who["nurse"].party_id)
        f.careteam.withdraw(access, nurse)
        assert not share(entry, access, SHARED, entry.recipients)
    del circle.who["nurse"]
    assert circle.readers(entry) == {"structure", "structure's delegate"}


def test_nobody_outside_of_the_record_reads_what_is_shared_with_them(circle):
    stranger = f.actor(f.user("ROUX", "Hugo"))
    with f.as_owner(), circle.acting("doctor"):
        entry = JournalEntry.objects.create(
            at=circle.patient.created_at,
            event="NoteWritten",
            patient_id=circle.patient.pk,
            section="feed",
            sharing=SHARED,
            owner_party=circle.who["doctor"].party_id,
            recipients=[stranger.party_id],
        )
    with acting(party_id=stranger.party_id, user_id=stranger.user_id):
        assert not JournalEntry.objects.filter(pk=entry.pk).exists()


@pytest.mark.parametrize(("level", "chosen"), [*product(Sharing, (False, True))])
def test_the_form_asks_for_a_recipient_only_when_something_is_shared(circle, level, chosen):
    with circle.acting("doctor"):
        access = circle.access("doctor")
        data = {"sharing": level.value}
        if chosen:
            data["recipients"] = [str(circle.who["nurse"].party_id)]
        form = SharingForm(data, access=access)
        assert form.is_valid() == (level != SHARED or chosen), form.errors
