"""What happens to the terms of use of the region."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronde.core.formats import day_and_hour
from ronde.journal.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsEvent(Event):
    section: ClassVar[str] = "console"
    text: ClassVar[Any] = ""

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return str(cls.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsDrafted(TermsEvent):
    """The draft was started, or saved again: `revision` says which time."""

    text: ClassVar[Any] = gettext_lazy("Brouillon des conditions d'utilisation enregistré")
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsDraftDropped(TermsEvent):
    text: ClassVar[Any] = gettext_lazy("Brouillon des conditions d'utilisation abandonné")


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsPublished(TermsEvent):
    text: ClassVar[Any] = gettext_lazy("Conditions d'utilisation publiées")
    version: str
    in_force_at: str

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        since = day_and_hour(datetime.fromisoformat(payload["in_force_at"]))
        said = _("version %(version)s, en vigueur le %(since)s")
        return f"{cls.text} · {said % {'version': payload['version'], 'since': since}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsWithdrawn(TermsEvent):
    """A publication was called off before its date; its text is the draft again."""

    text: ClassVar[Any] = gettext_lazy("Publication des conditions d'utilisation retirée")
    version: str

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        return f"{cls.text} · " + _("version %(version)s") % {"version": payload["version"]}
