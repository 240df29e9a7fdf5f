"""The screens that show a circle of care."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ronde.careteam import columns, comparing, lasting, queries
from ronde.careteam.access import Access
from ronde.careteam.gate import record_view
from ronde.careteam.lines import Line, in_order
from ronde.careteam.models import MemberKind
from ronde.core.page import fragment, page
from ronde.core.pagination import Page, asked, page_size

KINDS = (
    (MemberKind.PROFESSIONAL, gettext_lazy("Professionnels")),
    (MemberKind.STRUCTURE, gettext_lazy("Structures")),
    (MemberKind.RELATIVE, gettext_lazy("Entourage")),
)
DEFAULT_SIZE = 50


@require_safe
@record_view("careteam")
def circle(request: HttpRequest, access: Access) -> HttpResponse:
    lines = queries.circle(access)
    order = request.GET.get("tri", "nom")
    shown = _cut(request, in_order(lines, order))
    context = {
        "access": access,
        "tab": "cercle",
        "with_access": sum(line.has_access for line in lines),
        "page": shown,
        "order": order,
        "groups": _groups(lines, shown.rows),
        "marks": columns.marks(access),
        "glasses": queries.open_glasses(access),
        "requests": lasting.waiting(access),
        "gone": queries.gone_count(access),
    }
    return page(request, "careteam/circle.html", context, partial="members")


def _cut(request: HttpRequest, lines: list[Line]) -> Page:
    size = page_size(request, DEFAULT_SIZE)
    number = min(max(asked(request, "page", 1), 1), max(-(-len(lines) // size), 1))
    start = (number - 1) * size
    return Page(lines[start : start + size], number, size, len(lines), capped=False)


def _groups(lines: list[Line], shown: Sequence[Line]) -> list[dict[str, Any]]:
    """Each kind with its number in the whole circle, and its lines on this page."""
    groups = [
        {
            "label": label,
            "count": sum(line.member.kind == kind for line in lines),
            "lines": [line for line in shown if line.member.kind == kind],
        }
        for kind, label in KINDS
    ]
    return [group for group in groups if group["lines"]]


@require_safe
@record_view("careteam")
def panel(request: HttpRequest, access: Access) -> HttpResponse:
    context = {"access": access, "members": queries.circle(access)}
    return fragment(request, "careteam/_panel.html", context)


@require_safe
@record_view("careteam")
def past(request: HttpRequest, access: Access) -> HttpResponse:
    context = {"access": access, "tab": "cercle", "lines": queries.past(access)}
    return page(request, "careteam/past.html", context, partial="past")


@require_safe
@record_view("careteam")
def member(request: HttpRequest, access: Access, member_id: UUID) -> HttpResponse:
    """Everything known of a member, present or past."""
    line = queries.one(access, member_id)
    if line is None:
        raise Http404
    context = {"access": access, "tab": "cercle", "line": line, "facts": comparing.facts(line)}
    return page(request, "careteam/member.html", context, partial="dialog")
