"""The one door to the screens of a record."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
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
from ronde.careteam.why import standing
from ronde.core.actor import Actor
from ronde.core.context import acting
from ronde.core.errors import forbidden, not_found
from ronde.core.page import no_content
from ronde.journal.actions import trace
from ronde.patients.merging.queries import answers_for
from ronde.patients.models import Merge

View = Callable[..., HttpResponse]
# What tells, from the address, to which section the thing it names belongs; Http404 when the
# reader is not shown that thing.
Finder = Callable[..., str]
REFUSED = "42501"  # insufficient_privilege, as row-level security says it.


# A screen that answers each keystroke, or counts again by itself, is opened once in this time,
# says the trace.
TYPING = timedelta(minutes=5)


def record_view(
    section: str | Finder,
    *,
    write: bool = False,
    traced: str = "",
    about: str = "",
    typing: bool = False,
) -> Callable[[View], View]:
    """Open a screen of one record: `view(request, access, …)`.

    404 when the rule gives no access, unless the record was merged into one that may be opened:
    the browser is led there. 403 when the rights matrix refuses the section; each opening and each
    refusal leaves its trace. A GET may write nothing else. A screen with `write` is reached by any
    method, but its right is asked even to show the form. `traced` is what the trace says was looked
    at, when it is not the section alone; `about` names the part of the address that tells which
    thing it was. `typing`: the screen answers each keystroke, which leave one trace together, with
    the screen that they are typed in.
    """
    general = section if isinstance(section, str) else section.section  # type: ignore[attr-defined]

    def gate(view: View) -> View:
        @wraps(view)
        def gated(
            request: HttpRequest, patient_id: UUID, *args: Any, **kwargs: Any
        ) -> HttpResponse:
            refusal = first_obstacle(request)
            if refusal is not None:
                return refusal
            outermost = not connection.in_atomic_block
            access, asked, thing = None, general, kwargs.get(about)
            try:
                with transaction.atomic():
                    access = access_to(request.actor, patient_id)
                    asked = _section(section, access, kwargs)
                    access.require(asked, write=write)
                    pause = TYPING if typing else timedelta()
                    _trace(
                        request,
                        access,
                        traced or asked,
                        write=write,
                        pause=pause,
                        subject_id=thing,
                    )
                    if outermost and request.method in SAFE:
                        read_only()
                    return view(request, access, *args, **kwargs)
            except (Http404, PermissionDenied, ProgrammingError) as error:
                attempt = Attempt(patient_id, asked, thing, kwargs, opened=access is not None)
                answer = _refused(request, attempt, error)
                if answer is None:
                    raise
                return answer

        gated.gate = "record"  # type: ignore[attr-defined]
        gated.section, gated.write = general, write  # type: ignore[attr-defined]
        gated.find_section = section  # type: ignore[attr-defined]
        return gated

    return gate


def _why(patient_id: UUID) -> tuple[str, str]:
    """Lead a member of the circle to the page that says why: never a stranger."""
    return _("Pourquoi je ne vois pas ceci ?"), resolve_url("dossier:why", patient_id)


def _section(section: str | Finder, access: Access, address: dict[str, Any]) -> str:
    return section if isinstance(section, str) else section(access, **address)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was asked of a record, and refused; `opened`: the record opened, not the section."""

    patient_id: UUID
    section: str
    thing: UUID | None
    address: dict[str, Any]
    opened: bool


def _refused(request: HttpRequest, attempt: Attempt, error: Exception) -> HttpResponse | None:
    """Lead to where a merged record is read now; otherwise leave a trace of the refusal, and answer
    what may be said of it. None: nothing may.

    A ProgrammingError of row-level security is a record merged between its opening and a writing.
    """
    by_the_database = isinstance(error, ProgrammingError)
    if by_the_database and getattr(error.__cause__, "sqlstate", "") != REFUSED:
        return None
    patient_id = attempt.patient_id
    with transaction.atomic():
        merged = answers_for(patient_id)
        if merged is not None:
            return _elsewhere(request, merged, attempt.address)
        if by_the_database:
            return None
        # Asked of everybody, so that a stranger waits as long as a member.
        known = standing(patient_id, request.actor.party_id)
        trace(
            request.actor,
            patient_id=patient_id,
            granted=False,
            section=attempt.section,
            write=request.method not in SAFE,
            subject_id=attempt.thing,
        )
    if not attempt.opened and request.htmx:
        return _lost(request)
    if isinstance(error, PermissionDenied):
        return forbidden(request, link=_why(patient_id))
    if not attempt.opened and known is not None:
        return not_found(request, link=_why(patient_id))
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


def _trace(
    request: HttpRequest,
    access: Access,
    section: str,
    *,
    write: bool,
    pause: timedelta,
    subject_id: UUID | None,
) -> None:
    trace(
        access.actor,
        pause=pause,
        patient_id=access.patient_id,
        reason=access.reason.name.lower(),
        until=access.until,
        section=section,
        write=write and request.method not in SAFE,
        subject_id=subject_id,
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
            address = dict(match.kwargs)
            access = access_to(actor, address.pop("patient_id"))
            section = _section(match.func.find_section, access, address)
            access.require(section, write=match.func.write)
        except (Http404, PermissionDenied):
            return False
    return True
