"""How a record opens to somebody, for an administrator: the chain, and nothing of the content."""

from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from ronde.careteam import queries
from ronde.careteam.events import AccessSimulated
from ronde.careteam.sections import SIMULATION
from ronde.careteam.why import Explanation, Reader, Standing, Step, explain, standing
from ronde.core.actor import Officer
from ronde.directory.models import Party
from ronde.journal.actions import record, trace


def record_numbered(number: int) -> UUID | None:
    """The key of the record of this number; None when there is none, or off duty."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT careteam_record_numbered(%s)", [number])
        return cursor.fetchone()[0]


@transaction.atomic
def simulate(
    by: Officer, patient_id: UUID, number: int, party: Party, profession: str = ""
) -> Explanation:
    """Explain what `party` would open in this record, and leave a trace that its circle reads.

    `profession`: that of the person who would act, when the party is a structure.
    """
    trace(by, patient_id=patient_id, reason=SIMULATION, section=SIMULATION)
    record(AccessSimulated(record_number=number, party=party.pk), actor=by)
    found = standing(patient_id, party.pk)
    if found is None:
        message = "The standing of another party is for an administrator on duty."
        raise RuntimeError(message)
    told = explain(_reader(party, profession), found)
    return Explanation(told.has_access, [*told.steps, *_more(party, found)], told.groups)


def _reader(party: Party, profession: str) -> Reader:
    structure, person = getattr(party, "structure", None), getattr(party, "person", None)
    return Reader(
        acts=party.display_name,
        profession=person.profession_code if person else profession,
        as_structure=structure is not None,
        legal_person=structure is None or structure.acts_as_legal_person,
        is_me=False,
    )


def _more(party: Party, found: Standing) -> list[Step]:
    """What only an administrator needs: whether anybody can sign in as this party."""
    if queries.has_account(party):
        return [Step(_("Compte"), _("ouvert"), open=True if found.has_access else None)]
    return [Step(_("Compte"), _("personne ne peut se connecter à ce titre"), open=False)]
