"""Two records side by side, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _

from ronde.core import formats
from ronde.patients.merging import queries
from ronde.patients.merging.protection import Protection, protection
from ronde.patients.models import Duplicate, IdentityHistory, IdentityStatus, Patient, Sex
from ronde.patients.wording import HIDDEN, label, worded
from ronde.terminology.queries import display

# The traits in the order of the identity page.
TRAITS = (
    "birth_name", "first_given", "given_names", "used_name", "used_given", "birth_date", "sex",
    "birth_place", "twin_rank", "nir", "holder_nir", "ins", "identity_status", "proof",
    "proof_checked_at", "is_homonym", "is_doubtful", "death_date", "mobile", "phone", "email",
    "address_line", "address_extra", "postcode", "city",
)  # fmt: skip
OUTCOMES = ("loses", "gains_other", "gains_kept", "both", "refused")


@dataclass(frozen=True, slots=True)
class Line:
    """One pair of the list."""

    pair: Duplicate
    one: Patient
    two: Patient
    reasons: list[tuple[str, bool]]
    guard: Protection


def lines(pairs: Iterable[Duplicate]) -> list[Line]:
    rows = list(pairs)
    known = queries.identities({key for one in rows for key in one.ids})
    found = []
    for pair in rows:
        both = sorted((known[key] for key in pair.ids), key=lambda one: one.record_number)
        found.append(Line(pair, *both, queries.reasons(pair), protection(*both)))
    return found


def better(one: Patient, two: Patient) -> Patient:
    """The record to propose as the one kept: the identity checked best, then the older record."""
    return min(one, two, key=lambda x: (-x.identity_status, x.is_doubtful, x.record_number))


def traits(kept: Patient, other: Patient) -> list[tuple[str, str, str, bool]]:
    """Label, both values, and whether they differ; what neither has takes no line."""
    rows = []
    for name in TRAITS:
        mine, theirs = (worded(name, _plain(getattr(one, name))) for one in (kept, other))
        if mine or theirs:
            rows.append((label(name).capitalize(), mine, theirs, mine != theirs))
    return rows


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one of the two identities."""

    number: int
    at: Any
    rows: list[tuple[str, str, str]]


def changes(rows: Iterable[IdentityHistory], kept: Patient, other: Patient) -> list[Change]:
    numbers = {one.pk: one.record_number for one in (kept, other)}
    found = []
    for row in rows:
        shown = [
            (label(name), worded(name, row.before[name]), worded(name, row.after[name]))
            for name in sorted(row.before)
            if name not in HIDDEN and name in TRAITS
        ]
        if shown:
            found.append(Change(numbers[row.patient_id], row.at, shown))
    return found


def moves(preview: queries.Preview) -> list[tuple[str, int, int]]:
    """How many rows of each kind the two records hold, by the name that each app gives them."""
    names = table_names()
    return [(str(names.get(place, place)), one, two) for place, one, two in preview.moves]


def table_names() -> dict[str, Any]:
    """What the apps call the tables that follow a patient (`merged_as` of their AppConfig)."""
    found: dict[str, Any] = {}
    for app in apps.get_app_configs():
        found.update(getattr(app, "merged_as", {}))
    return found


def outcomes(preview: queries.Preview) -> list[tuple[str, str, list[str]]]:
    """Each thing that the merge does to the parties: code, sentence, names."""
    kept, other = preview.kept.record_number, preview.other.record_number
    words = {
        "loses": _("Perdent l'accès, refusés par le patient dans l'un des deux dossiers"),
        "gains_other": _("Ouvraient le N° %(kept)s : liront aussi le N° %(other)s"),
        "gains_kept": _("Ouvraient le N° %(other)s : liront aussi le N° %(kept)s"),
        "both": _("Ouvraient les deux : rien ne change"),
        "refused": _("Refusés par le patient : le restent"),
    }
    found = preview.seats_by_outcome()
    said = {"kept": kept, "other": other}
    return [(code, words[code] % said, found[code]) for code in OUTCOMES if code in found]


def conflicts(preview: queries.Preview) -> list[str]:
    """What both hold and one may hold once, with the rule that settles it."""
    return [_conflict(one) for one in preview.conflicts]


def _conflict(one: queries.Conflict) -> str:
    if one.kind == "role":
        return _("%(role)s : %(kept)s le reste ; %(other)s garde sa place sans ce rôle.") % {
            "role": display("roles", one.subject),
            "kept": one.of_kept,
            "other": one.of_other,
        }
    if one.kind == "status":
        return _("Statut pour %(party)s : le plus récent reste, l'autre passe à l'historique.") % {
            "party": one.of_kept
        }
    return {
        ("consent", "withdrawn"): _(
            "Consentement : retiré après avoir été donné. Ce retrait vaut pour le dossier réuni."
        ),
        ("consent", "both"): _("Consentement : celui du dossier conservé reste en vigueur."),
        ("death", "one"): _(
            "Décès : déclaré dans un seul des deux, il vaut pour le dossier réuni."
        ),
        ("death", "both"): _("Décès : la déclaration du dossier conservé reste."),
    }[one.kind, one.subject]


def facts(patient: Patient) -> str:
    """The traits of a list, on one line."""
    sex = dict(Sex.choices).get(patient.sex, "")
    parts = [formats.day(patient.birth_date), str(sex), patient.birth_place]
    return " · ".join(filter(None, parts))


def status(patient: Patient) -> str:
    return str(IdentityStatus(patient.identity_status).label)
