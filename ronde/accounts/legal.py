"""What the legal pages say beside their text: versions of the terms, state of accessibility."""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

# The terms that come with Ronde; a region publishes its own in the console (`terms`).
# A version that somebody accepted can always be read again: its text is never changed nor removed.
TERMS = {"2026-11": "accounts/terms/2026-11.html"}
STATEMENT = Path(__file__).parent / "data/accessibility.json"
PARTIAL, TOTAL = 50, 100


def footer() -> list[dict[str, str]]:
    """The pages linked under every page; the law wants the state of accessibility there."""
    state = _("Accessibilité : %(state)s") % {"state": statement().state}
    pages = [
        (_("Mentions légales"), reverse("accounts:legal_notice")),
        (_("Données personnelles"), reverse("accounts:privacy")),
        (_("Conditions d’utilisation"), reverse("accounts:terms_present")),
        (state, reverse("accounts:accessibility")),
        (_("Sécurité"), reverse("accounts:security")),
    ]
    return [{"label": label, "url": url} for label, url in pages]


@dataclass(frozen=True, slots=True)
class Statement:
    """The accessibility statement, from the data file, in the language spoken."""

    published: date
    standard: str
    audit: dict[str, Any] | None
    technologies: list[str]
    measured: list[str]
    not_tested: list[str]
    non_conformities: list[tuple[str, str]]

    @property
    def state(self) -> str:
        """RGAA: not conformant without a valid audit, or under half of the criteria."""
        share = self.audit["share"] if self.audit else 0
        if share >= TOTAL:
            return _("totalement conforme")
        return _("partiellement conforme") if share >= PARTIAL else _("non conforme")


@cache
def _data() -> dict[str, Any]:
    return json.loads(STATEMENT.read_text(encoding="utf-8"))


def statement() -> Statement:
    data = _data()
    language = "en" if (get_language() or "fr").startswith("en") else "fr"
    return Statement(
        published=date.fromisoformat(data["published"]),
        standard=data["standard"],
        audit=data["audit"],
        technologies=data["technologies"],
        measured=[one[language] for one in data["measured"]],
        not_tested=[one[language] for one in data["not_tested"]],
        non_conformities=[(one["criterion"], one[language]) for one in data["non_conformities"]],
    )
