"""The one door to the screens of a record."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse

from ronde.accounts.gate import SAFE, first_obstacle
from ronde.careteam.access import Access, access_to
from ronde.journal.actions import trace

View = Callable[..., HttpResponse]


def record_view(section: str, *, write: bool = False) -> Callable[[View], View]:
    """Open a screen of one record: `view(request, access, …)`.

    404 when the rule gives no access, 403 when the rights matrix refuses the section; each opening
    and each refusal leaves its trace. A GET may write nothing else. A screen with `write` is
    reached by any method, but its right is asked even to show the form.
    """

    def gate(view: View) -> View:
        @wraps(view)
        def gated(request: HttpRequest, patient_id: UUID, *args: Any, **kwargs: Any) -> HttpResponse:
            refusal = first_obstacle(request)
            if refusal is not None:
                return refusal
            outermost = not connection.in_atomic_block
            try:
                with transaction.atomic():
                    access = access_to(request.actor, patient_id)
                    access.require(section, write=write)
                    _trace(request, access, section, write=write)
                    if outermost and request.method in SAFE:
                        read_only()
                    return view(request, access, *args, **kwargs)
            except (Http404, PermissionDenied):
                with transaction.atomic():
                    trace(
                        request.actor,
                        patient_id=patient_id,
                        granted=False,
                        section=section,
                        write=request.method not in SAFE,
                    )
                raise

        gated.gate = "record"  # type: ignore[attr-defined]
        gated.section, gated.write = section, write  # type: ignore[attr-defined]
        return gated

    return gate


def read_only() -> None:
    """Have the rest of the transaction refuse writes: past its trace, a GET changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")


def _trace(request: HttpRequest, access: Access, section: str, *, write: bool) -> None:
    trace(
        access.actor,
        patient_id=access.patient_id,
        reason=access.reason.name.lower(),
        until=access.until,
        section=section,
        write=write and request.method not in SAFE,
    )
