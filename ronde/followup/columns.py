"""The status of a record for each member of its circle that follows it (E3 on the table of D2)."""

from uuid import UUID

from django.utils.translation import gettext as _

from ronde.careteam.access import Access
from ronde.careteam.columns import Mark, of_members
from ronde.careteam.sections import STATUS
from ronde.core.formats import day
from ronde.followup import queries


@of_members
def statuses_of_members(access: Access) -> dict[UUID, Mark]:
    if not access.can_read(STATUS):
        return {}
    return {
        row.party_id: Mark(
            row.kind.label,
            row.kind.look,
            _("Statut du dossier depuis le %(day)s") % {"day": day(row.started_on)},
        )
        for row in queries.statuses(access)
    }
