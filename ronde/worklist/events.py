"""What leaves a trace in the worklist."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from ronde.journal.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklistExported(Event):
    """Records left the application in a spreadsheet: how many, and which ones."""

    section: ClassVar[str] = "trace"
    count: int
    records: list[str]

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return _("Export de %(count)s dossier(s)") % payload
