"""The types of document, each in its class: the nomenclature of the DMP, and «Coordination»."""

from collections.abc import Collection

from ronde.careteam.sections import DOCUMENT_CLASSES
from ronde.terminology.queries import Entry, concept, display, entries

SYSTEM = "document-types"


def class_of(type_code: str) -> str:
    """The class of a type; empty for a type that was never known."""
    found = concept(SYSTEM, type_code)
    return _class(found) if found else ""


def label(type_code: str) -> str:
    return display(SYSTEM, type_code)


def grouped(classes: Collection[str], kept: str = "") -> list[tuple[str, list[tuple[str, str]]]]:
    """The types that may be chosen in these classes, class by class; `kept`: the one already set,
    offered even once retired.
    """
    offered = entries(SYSTEM)
    former = concept(SYSTEM, kept) if kept else None
    if former is not None and former not in offered:
        offered = [*offered, former]
    groups = []
    for code in DOCUMENT_CLASSES:
        types = [(one.code, one.label) for one in offered if _class(one) == code]
        if code in classes and types:
            groups.append((str(DOCUMENT_CLASSES[code]), types))
    return groups


def _class(entry: Entry) -> str:
    return str(entry.properties.get("class", ""))
