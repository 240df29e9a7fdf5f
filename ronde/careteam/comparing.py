"""A member laid out in lines: the sheet, and what two people typed at once."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.forms import BoundField
from django.utils.translation import gettext as _

from ronde.careteam import queries
from ronde.careteam.access import Access
from ronde.careteam.deadlines import review_date
from ronde.careteam.forms import CircleForm, initial_of
from ronde.careteam.lines import Line
from ronde.core.formats import day, moment, phone
from ronde.terminology.queries import display

NOT_COMPARED = {"version", "replace", "twin", "kin_roles", "is_professional"}


@dataclass(frozen=True, slots=True)
class Stale:
    """`rows` are (label, saved by the other, typed here)."""

    text: str
    who: str
    rows: list[tuple[str, str, str]]


def facts(line: Line) -> list[tuple[str, str]]:
    """Label and value of all that is known; the template leaves out what is empty."""
    member = line.member
    party = member.party
    person = getattr(party, "person", None)
    structure = getattr(party, "structure", None)
    address = ", ".join(
        part
        for part in (
            member.address_line or (party.address_line if party else ""),
            " ".join(
                part
                for part in (
                    member.postcode or (party.postcode if party else ""),
                    member.city or (party.city if party else ""),
                )
                if part
            ),
        )
        if part
    )
    return [
        (_("Description"), member.description),
        (_("Établissement"), member.establishment or line.place),
        (_("Unité"), member.unit),
        (_("Fonction"), member.function),
        (_("Adresse"), address),
        (_("Responsable"), member.responsible),
        (_("RPPS"), person.rpps if person else ""),
        (_("Matricule"), member.registration_number),
        (_("FINESS"), structure.finess if structure else member.finess),
        (_("SIRET"), structure.siret if structure else member.siret),
        (_("SIREN"), structure.siren if structure else member.siren),
        (_("Habilitation"), _since(line)),
        (_("À revoir le"), day(review_date(member))),
        (_("Origine"), str(member.get_origin_display())),
        (_("Ajouté"), _by(moment(member.added_at), member.added_by_name)),
        (_("Retiré"), _by(moment(member.removed_at), member.removed_by_name)),
    ]


def _since(line: Line) -> str:
    if not line.member.habilitated:
        return ""
    return _("depuis le %(day)s") % {"day": day(line.member.habilitated_at)}


def _by(when: str, who: str) -> str:
    return _("%(when)s par %(who)s") % {"when": when, "who": who} if when else ""


def stale(access: Access, line: Line, form: CircleForm, text: str) -> Stale:
    """Compare what was saved meanwhile with what was typed, field by field."""
    entry = queries.last_change(access, line.member)
    who = ""
    if entry is not None:
        who = _("Modifiée par %(who)s, %(when)s.") % {
            "who": entry.signature,
            "when": moment(entry.at),
        }
    saved = initial_of(line.member, [role.code for role in line.roles])
    rows = []
    for bound in form:
        if bound.name in NOT_COMPARED or bound.name not in saved:
            continue
        here, there = (
            _said(bound, form.cleaned_data.get(bound.name)),
            _said(bound, saved[bound.name]),
        )
        if here != there:
            rows.append((str(bound.label), there, here))
    return Stale(text, who, rows)


def _said(bound: BoundField, value: Any) -> str:
    """A value as the screen says it."""
    if isinstance(value, bool):
        return _("Oui") if value else _("Non")
    if isinstance(value, list):
        return ", ".join(display("roles", code) for code in sorted(value))
    if bound.name in {"phone", "mobile"}:
        return phone(value)
    if isinstance(value, date):
        return day(value)
    choices = dict(getattr(bound.field, "choices", ()))
    return str(choices.get(value, value or ""))
