"""The summary of a record to read or print, as a PDF (PDF/UA-1, PDF/A-2a)."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import typst
from django.utils import timezone
from django.utils.translation import gettext as _

from ronde.careteam.access import Access
from ronde.core.formats import day, day_and_hour
from ronde.patients.consent import FONTS, STANDARDS

TEMPLATE = Path(__file__).with_name("summary.typ")
FEED_SHOWN = 60


def document(access: Access, parts: Mapping[str, Any]) -> bytes:
    """Write the summary from the parts of an extraction: what they leave out, it leaves out."""
    return typst.compile(
        str(TEMPLATE),
        font_paths=[str(FONTS)] if FONTS.is_dir() else [],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data(access, parts))},
        pdf_standards=STANDARDS,
    )


def data(access: Access, parts: Mapping[str, Any]) -> dict[str, Any]:
    """What the pages say, in words."""
    patient = access.patient
    return {
        "title": _("Synthèse du dossier de coordination"),
        "organisation": access.actor.display_name,
        "footer": _("Document confidentiel, couvert par le secret professionnel"),
        "fonts": ["Inter", "Libertinus Serif"],
        "person": f"{patient.shown_name} · {day(patient.birth_date)} · N° {patient.record_number}",
        "facts": _facts(parts),
        "tables": [table for table in _tables(parts) if table["rows"]],
        "issued": _("Établi le %(when)s par %(who)s.")
        % {"when": day_and_hour(timezone.now()), "who": access.actor.signature},
    }


def _facts(parts: Mapping[str, Any]) -> list[list[str]]:
    known = parts.get("identity", {})
    rows = {**known.get("traits", {}), **known.get("others", {}), **known.get("contact", {})}
    found = [[name, str(value)] for name, value in rows.items() if value]
    if known.get("status"):
        found.insert(0, [_("Identité"), str(known["status"])])
    if known.get("death"):
        found.append([_("Décès"), _death(known["death"])])
    return found


def _death(known: Mapping[str, Any]) -> str:
    when = _said(known["date"]) or _("date non connue")
    return ", ".join(filter(None, [when, known["town"], known["place"]]))


def _consent_ended(one: Mapping[str, Any]) -> str:
    if not one["withdrawn_at"]:
        return ""
    return f"{_said(one['withdrawn_at'])} : {one['withdrawal_reason']}"


def _tables(parts: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        _table(
            _("Consentement"),
            [_("Le"), _("Donné par"), _("Recueilli par"), _("Retiré")],
            [
                [_said(one["attested_at"]), one["given_by"], one["attested_by"],
                 _consent_ended(one)]
                for one in parts.get("identity", {}).get("consents", [])
            ],
        ),
        _table(
            _("Dossiers liés"),
            [_("N° de dossier"), _("Relation"), _("Commentaire")],
            [
                [f"N° {one['record_number']}", one["relation"], one["comment"]]
                for one in parts.get("links", [])
            ],
        ),
        _table(
            _("Cercle de soins"),
            [_("Nom"), _("Rôles"), _("Accès"), _("Description")],
            [
                [
                    one["name"],
                    ", ".join(one["roles"]),
                    _("oui") if one["has_access"] else _("non"),
                    one["description"],
                ]
                for one in parts.get("circle", [])
            ],
        ),
        _table(
            _("Statut du dossier"),
            [_("Depuis le"), _("Statut"), _("Suivi par"), _("Motif")],
            [
                [_said(one["from"]), one["status"], one["party"], one["reason"]]
                for one in parts.get("statuses", [])
            ],
        ),
        _table(
            _("Hospitalisations"),
            [_("Entrée"), _("Sortie"), _("Établissement"), _("Motif")],
            [
                [
                    _said(one["admitted_at"]),
                    _said(one["discharged_at"]),
                    ", ".join(filter(None, [one["place"], one["unit"]])),
                    one["cancelled"] or one["reason"],
                ]
                for one in parts.get("stays", [])
            ],
        ),
        _table(
            _("Mémos"),
            [_("Mémo"), _("Importance"), _("Modifié")],
            [
                [
                    " : ".join(filter(None, [one["title"], one["content"]])),
                    str(one["importance"]),
                    f"{_said(one['changed_at'])}, {one['by']}",
                ]
                for one in parts.get("memos", [])
            ],
        ),
        _table(
            _("Documents"),
            [_("Date"), _("Titre"), _("Classe")],
            [
                [_said(one["date"]), one["title"], one["class"]]
                for one in parts.get("documents", [])
            ],
        ),
        _table(
            _("Fil d'actualité, les derniers événements"),
            [_("Quand"), _("Qui"), _("Quoi")],
            [
                [_said(one["at"]), " · ".join(filter(None, [one["person"], one["party"]])),
                 one["text"]]
                for one in parts.get("feed", [])[:FEED_SHOWN]
            ],
        ),
    ]  # fmt: skip


def _table(title: str, columns: list[str], rows: list[list[str]]) -> dict[str, Any]:
    return {"title": title, "columns": columns, "rows": [[str(c or "–") for c in r] for r in rows]}


def _said(value: date | datetime | None) -> str:
    if isinstance(value, datetime):
        return day_and_hour(value)
    return day(value)
