"""The rights matrix said by the database, and by the code: one sentence, held to the other."""

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ronde.careteam.access import AS_STRUCTURE, sections_of
from ronde.careteam.models import Level, MemberRole, SectionRight
from ronde.careteam.sections import DOCUMENTS
from ronde.core.actor import Actor
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.journal.models import JournalEntry
from tests import factories as f

pytestmark = pytest.mark.django_db
NURSE, SOCIAL = "G15:60", "R94:41"
ROLES = ("attending-physician", "referent")
SECTIONS = ("memos", "documents-10", "documents-95")


def by_database(actor: Actor, patient, level: Level) -> set[str]:
    with (
        acting(party_id=actor.party_id, user_id=actor.user_id, delegated=actor.is_delegate),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT careteam_sections(%s, %s)", [patient.pk, level.value])
        return set(cursor.fetchone()[0])


def told(actor: Actor) -> set[str]:
    """The sections of which a query that forgot the matrix shows this actor a line."""
    with acting(party_id=actor.party_id, user_id=actor.user_id), transaction.atomic():
        rows = JournalEntry.objects.filter(section__in=SECTIONS, patient_id__isnull=False)
        return set(rows.values_list("section", flat=True))


@pytest.fixture
def people() -> tuple[object, list[Actor]]:
    """A record, and each way of acting in it: oneself, a structure, by delegation of either."""
    nurse = f.user("RICCI", "Paola", profession=NURSE)
    house = f.structure()
    social = f.user("LAMBERT", "Sophie", profession=SOCIAL, attached_to=house)
    bare = f.user("PETIT", "Nina", profession="")
    f.delegation(nurse, bare)
    f.delegation(house, bare)
    actors = [
        f.identity_of(account, party)
        for account, parties in (
            (nurse, [nurse.person_id]),
            (social, [social.person_id, house.pk]),
            (bare, [bare.person_id, nurse.person_id, house.pk]),
        )
        for party in parties
    ]
    record = f.patient(f.actor(nurse))
    for party in (social.person.party, house.party, bare.person.party):
        f.member(f.actor(nurse), record, party, habilitated=True)
    return record, actors


lines = st.dictionaries(
    st.tuples(
        st.sampled_from(["", NURSE, SOCIAL, AS_STRUCTURE]),
        st.sampled_from(["", "", *ROLES]),
        st.sampled_from(SECTIONS),
    ),
    st.sampled_from(list(Level)),
    max_size=14,
)
held = st.dictionaries(st.sampled_from(ROLES), st.integers(0, 3))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(lines=lines, held=held)
def test_the_database_settles_the_matrix_as_the_code_does(people, lines, held):
    record, actors = people
    sid = transaction.savepoint()
    try:
        with as_owner():
            SectionRight.objects.filter(section__in=SECTIONS).delete()
            SectionRight.objects.bulk_create(
                SectionRight(profession_code=profession, role=role, section=section, level=level)
                for (profession, role, section), level in lines.items()
            )
            members = list(record.members.order_by("added_at", "pk"))
            for role, number in held.items():
                MemberRole.objects.create(member=members[number], patient=record, role=role)
            for section in SECTIONS:
                JournalEntry.objects.create(
                    at=timezone.now(), event="X", patient_id=record.pk, section=section
                )
        for actor in actors:
            with acting(party_id=actor.party_id, user_id=actor.user_id), transaction.atomic():
                readable, writable = sections_of(actor, record.pk)
            assert by_database(actor, record, Level.READ) == readable - {DOCUMENTS}
            assert by_database(actor, record, Level.WRITE) == writable - {DOCUMENTS}
            assert told(actor) == readable & set(SECTIONS)
    finally:
        transaction.savepoint_rollback(sid)
