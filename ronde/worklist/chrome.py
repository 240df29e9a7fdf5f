"""The star of a record, for the page of the record: its gesture belongs to the worklist."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.http import HttpRequest

from ronde.core.page import page_context
from ronde.worklist.queries import is_favourite


@page_context
def star(request: HttpRequest) -> dict[str, Callable[[UUID], bool]]:
    """Give templates `starred(patient_id)`; nothing is read before it is called."""
    return {"starred": partial(is_favourite, getattr(request, "actor", None))}
