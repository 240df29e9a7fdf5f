"""The one door to the screens of a record."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import ProgrammingError, connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import ResolverMatch
from django.utils.translation import gettext as _

from ronde.accounts.gate import SAFE, first_obstacle
from ronde.accounts.switching import stays_open
from ronde.careteam.access import Access, access_to
from ronde.core.actor import Actor
from ronde.core.context import acting
from ronde.core.errors import not_found
from ronde.core.page import no_content
from ronde.journal.actions import trace
from ronde.patients.merging.queries import answers_for
from ronde.patients.models import Merge

View = Callable[..., HttpResponse]
REFUSED = "42501"  # insufficient_privilege, as row-level security says it.


def record_view(section: str, *, write: bool = False, traced: str = "") -> Callable[[View], View]:
    """Open a screen of one record: `view(request, access, …)`.

    404 when the rule gives no access, unless the record was merged into one that may be opened:
    the browser is led there. 403 when the rights matrix refuses the section; each opening and each
    refusal leaves its trace. A GET may write nothing else. A screen with `write` is reached by any
    method, but its right is asked even to show the form. `traced` is what the trace says was looked
    at, when it is not the section alone.
    """

    def gate(view: View) -> View:
        @wraps(view)
        def gated(
            request: HttpRequest, patient_id: UUID, *args: Any, **kwargs: Any
        ) -> HttpResponse:
            refusal = first_obstacle(request)
            if refusal is not None:
                return refusal
            outermost = not connection.in_atomic_block
            access = None
            try:
                with transaction.atomic():
                    access = access_to(request.actor, patient_id)
                    access.require(section, write=write)
                    _trace(request, access, traced or section, write=write)
                    if outermost and request.method in SAFE:
                        read_only()
                    return view(request, access, *args, **kwargs)
            except (Http404, PermissionDenied, ProgrammingError) as error:
                elsewhere = _refused(request, patient_id, section, error, kwargs)
                if elsewhere is not None:
                    return elsewhere
                if access is None and request.htmx:
                    return _lost(request)
                raise

        gated.gate = "record"  # type: ignore[attr-defined]
        gated.section, gated.write = section, write  # type: ignore[attr-defined]
        return gated

    return gate


def _refused(
    request: HttpRequest,
    patient_id: UUID,
    section: str,
    error: Exception,
    kwargs: dict[str, Any],
) -> HttpResponse | None:
    """Lead to where a merged record is read now; otherwise leave a trace of the refusal.

    A ProgrammingError of row-level security is a record merged between its opening and a writing.
    """
    by_the_database = isinstance(error, ProgrammingError)
    if by_the_database and getattr(error.__cause__, "sqlstate", "") != REFUSED:
        return None
    with transaction.atomic():
        merged = answers_for(patient_id)
        if merged is not None:
            return _elsewhere(request, merged, kwargs)
        if not by_the_database:
            trace(
                request.actor,
                patient_id=patient_id,
                granted=False,
                section=section,
                write=request.method not in SAFE,
            )
    return None


def _elsewhere(request: HttpRequest, merged: Merge, kwargs: dict[str, Any]) -> HttpResponse:
    """Lead from a record that was merged to the one where it is read now. A page leads to the same
    page; what was sent is not kept, and said so.
    """
    record = resolve_url("dossier:record", merged.current_id)
    if request.method in SAFE and not request.htmx:
        keys = {**kwargs, "patient_id": merged.current_id}
        return redirect(request.resolver_match.view_name, **keys)
    if request.method not in SAFE:
        messages.error(
            request,
            _("Ce dossier a été réuni au N° %(number)s : rien n'a été enregistré.")
            % {"number": merged.kept_number},
        )
    return no_content(redirect=record) if request.htmx else redirect(record)


def _lost(request: HttpRequest) -> HttpResponse:
    """Take the browser out of a page left open past the end of its access."""
    response = not_found(request)
    response.headers["HX-Redirect"] = resolve_url("dossier:left")
    return response


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


@stays_open
def _record_stays_open(actor: Actor, match: ResolverMatch) -> bool:
    """Tell whether a change of identity leaves the screen of a record open."""
    if getattr(match.func, "gate", "") != "record":
        return True
    with (
        acting(party_id=actor.party_id, user_id=actor.user_id, delegated=actor.is_delegate),
        transaction.atomic(),
    ):
        try:
            access = access_to(actor, match.kwargs["patient_id"])
            access.require(match.func.section, write=match.func.write)
        except (Http404, PermissionDenied):
            return False
    return True
