"""The record on paper: one page to take to a visit, to a meeting, to an emergency."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from ronde.careteam import queries as careteam
from ronde.careteam.access import Access
from ronde.careteam.gate import record_view
from ronde.careteam.sections import CARETEAM, FEED, MEMOS, STATUS, STAYS
from ronde.core.page import page
from ronde.dossier import banner, identity, queries
from ronde.feed import queries as feed
from ronde.followup import memo_queries
from ronde.followup import queries as followup

STAYS_PRINTED, MEMOS_PRINTED, LINES_PRINTED = 5, 60, 15


@require_safe
@record_view("identity", traced="print")
def printed(request: HttpRequest, access: Access) -> HttpResponse:
    """What the reader may read, and nothing else: a section that is closed takes no place."""
    head = queries.head(access)
    context = {
        "access": access,
        "tab": "synthese",
        "known_head": head,
        "alerts": [one for one in banner.banner(access, head).badges if one.kind in {"da", "al"}],
        "facts": identity.strict_rows(access.patient),
        "contact": identity.contact_rows(access.patient),
        "now": timezone.now(),
        **_follow_up(access),
    }
    return page(request, "dossier/print.html", context)


def _follow_up(access: Access) -> dict[str, Any]:
    stays = followup.known(followup.stays(access))[:STAYS_PRINTED] if access.can_read(STAYS) else []
    stays = list(stays)
    memos = memo_queries.memos(access)[:MEMOS_PRINTED] if access.can_read(MEMOS) else []
    lines = feed.entries(access)[:LINES_PRINTED] if access.can_read(FEED) else []
    return {
        "circle": careteam.circle(access) if access.can_read(CARETEAM) else [],
        "statuses": followup.statuses(access) if access.can_read(STATUS) else [],
        "stays": stays,
        "left": followup.left_to_do(access, stays) if stays else {},
        "memos": list(memos),
        "lines": [feed.line(entry) for entry in lines],
    }
