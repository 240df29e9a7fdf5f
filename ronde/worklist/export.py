"""The worklist as a spreadsheet."""

import io
from collections.abc import Iterable, Mapping

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from ronde.core.actor import Actor
from ronde.core.formats import full_moment, said
from ronde.patients.models import IdentityStatus, Sex
from ronde.worklist.queries import Row

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def spreadsheet(rows: Iterable[Row], zones: Mapping[str, list[str]], actor: Actor) -> bytes:
    """Write one line a patient; every cell is text or a date, never a formula.

    The last line says who exported, in whose name and when.
    """
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, {**options, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet(_("File active"))
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "dd/mm/yyyy"})
        titles = _titles()
        for column, title in enumerate(titles):
            sheet.write_string(0, column, title, bold)
        number = 0
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(_cells(row, zones)):
                if isinstance(value, str):
                    sheet.write_string(number, column, value)
                elif value is not None:
                    sheet.write_datetime(number, column, value, day)
        sheet.write_string(number + 2, 0, _signature(actor))
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(titles) - 1, 18)
        sheet.autofilter(0, 0, max(number, 1), len(titles) - 1)
    return buffer.getvalue()


def _titles() -> list[str]:
    return [
        _("N° de dossier"),
        _("Nom de naissance"),
        _("1er prénom"),
        _("Nom utilisé"),
        _("Prénom utilisé"),
        _("Sexe"),
        _("Date de naissance"),
        _("Date de décès"),
        _("Code postal"),
        _("Commune"),
        _("Zones"),
        _("Statut de l'identité"),
        _("Statut"),
        _("Hospitalisation"),
        _("Mis à jour"),
    ]


def _cells(row: Row, zones: Mapping[str, list[str]]) -> list[object]:
    return [
        str(row.record_number),
        row.birth_name,
        row.first_given,
        row.used_name,
        row.used_given,
        str(Sex(row.sex).label),
        row.birth_date,
        row.death_date,
        row.postcode,
        row.city,
        ", ".join(zones.get(row.commune_code, [])),
        str(IdentityStatus(row.identity_status).label),
        ", ".join(said(status.label) for status in row.statuses),
        ", ".join(row.stays),
        full_moment(row.updated_at),
    ]


def _signature(actor: Actor) -> str:
    who = actor.signature
    if actor.as_structure:
        who = f"{who} ({actor.display_name})"
    return _("Exporté par %(who)s le %(when)s") % {"who": who, "when": full_moment(timezone.now())}
