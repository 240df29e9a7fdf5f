"""What happened in the console and belongs to no other app."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronde.core.formats import said
from ronde.journal.events import Event, worded
from ronde.terminology.models import Nomenclature
from ronde.terminology.queries import display

CHANGES = {
    "withheld": gettext_lazy("« %(label)s » n’est plus proposé"),
    "offered": gettext_lazy("« %(label)s » est proposé de nouveau"),
    "added": gettext_lazy("« %(label)s », proche de « %(close_to)s », est ajouté"),
    "changed": gettext_lazy("« %(former)s » devient « %(label)s », proche de « %(close_to)s »"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NomenclatureChanged(Event):
    """The region chose what a nomenclature offers, or set up a role of its own."""

    section: ClassVar[str] = "console"
    text: ClassVar[Any] = gettext_lazy("Choix dans une nomenclature")
    nomenclature: str
    code: str
    label: str
    change: str
    former: str = ""
    close_to: str = ""

    @classmethod
    def sentence(cls, payload: Mapping[str, Any]) -> str:
        values = {
            "label": said(payload["label"]),
            "former": payload["former"],
            "close_to": display(Nomenclature.ROLES, payload["close_to"]),
        }
        return _("Nomenclature « %(name)s » : %(change)s") % {
            "name": worded(Nomenclature, payload["nomenclature"]),
            "change": CHANGES[payload["change"]] % values,
        }
