"""«Qui a vu mon dossier»: the trace of a record in words for its patient, as a PDF (PDF/UA-1)."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import typst
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ronde.careteam.access import Access
from ronde.careteam.sections import SIMULATION
from ronde.core.formats import day, day_and_hour
from ronde.dossier.visits import Visit
from ronde.patients.consent import FONTS, STANDARDS

TEMPLATE = Path(__file__).with_name("extract.typ")


def document(access: Access, start: date, end: date, visits: Sequence[Visit], total: int) -> bytes:
    """Write the extract of the visits between two days; `total` when not all of them are given."""
    left_out = total - len(visits)
    data = {
        "title": _("Qui a vu mon dossier"),
        "organisation": access.actor.display_name,
        "footer": _("Document confidentiel, remis à la personne concernée"),
        "fonts": ["Inter", "Libertinus Serif"],
        "person": _person(access),
        "summary": _summary(start, end, visits, total),
        "visits_title": _("Ouvertures du dossier, la dernière d'abord"),
        "nobody": _("Personne n'a ouvert le dossier pendant cette période."),
        "columns": [_("Quand"), _("Qui"), _("Pourquoi c'était permis"), _("Ce qui a été regardé")],
        "rows": [_row(visit) for visit in visits],
        "more": ngettext(
            "%(n)s ouverture plus ancienne n'est pas imprimée : demandez une période plus courte.",
            "%(n)s ouvertures plus anciennes ne sont pas imprimées : demandez une période plus"
            " courte.",
            left_out,
        )
        % {"n": left_out}
        if left_out
        else "",
        "words_title": _("Ce que veulent dire ces mots"),
        "words": _words(),
        "rights_title": _("Vos droits"),
        "rights": _rights(),
        "issued": _("Document établi le %(when)s par %(who)s.")
        % {"when": day_and_hour(timezone.now()), "who": access.actor.person_name},
    }
    return typst.compile(
        str(TEMPLATE),
        font_paths=[str(FONTS)] if FONTS.is_dir() else [],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data)},
        pdf_standards=STANDARDS,
    )


def _person(access: Access) -> str:
    patient = access.patient
    return _("Dossier n° %(number)s de %(name)s, né(e) le %(day)s.") % {
        "number": patient.record_number,
        "name": patient.shown_name,
        "day": day(patient.birth_date),
    }


def _summary(start: date, end: date, visits: Sequence[Visit], total: int) -> list[str]:
    period = _("Du %(start)s au %(end)s :") % {"start": day(start), "end": day(end)}
    people = len({visit.user_id for visit in visits})
    emergencies = sum(visit.is_break_glass for visit in visits)
    lines = [
        period
        + " "
        + ngettext(
            "votre dossier a été ouvert %(n)s fois", "votre dossier a été ouvert %(n)s fois", total
        )
        % {"n": total}
        + ngettext(", par %(n)s personne.", ", par %(n)s personnes.", people) % {"n": people}
    ]
    if emergencies:
        lines.append(
            ngettext(
                "Dont %(n)s fois en urgence, par un accès « bris de glace ».",
                "Dont %(n)s fois en urgence, par un accès « bris de glace ».",
                emergencies,
            )
            % {"n": emergencies}
        )
    return lines


def _row(visit: Visit) -> dict[str, str]:
    began, ended = timezone.localtime(visit.began), timezone.localtime(visit.ended)
    when = f"{began:%d/%m/%Y %H:%M}"
    if f"{ended:%H:%M}" != f"{began:%H:%M}":
        when += _(" à %(time)s") % {"time": f"{ended:%H:%M}"}
    what = visit.looked_at
    return {
        "when": when,
        "who": visit.person,
        "party": _("pour %(name)s") % {"name": visit.in_the_name_of}
        if visit.in_the_name_of
        else "",
        "right": _why(visit),
        "what": what + _(" (a écrit)") if visit.wrote else what,
    }


def _why(visit: Visit) -> str:
    if visit.reason == SIMULATION:
        return _("Vérification des droits par l'administration, sans voir le contenu")
    if visit.is_break_glass:
        return _("Accès en urgence, deux heures au plus")
    return _("Membre de votre cercle de soins, habilité(e)")


def _words() -> list[tuple[str, str]]:
    return [
        (
            _("Cercle de soins"),
            _("les professionnels, les structures et les proches qui vous accompagnent."),
        ),
        (
            _("Habilité"),
            _("quelqu'un de votre cercle de soins à qui l'accès au dossier a été donné."),
        ),
        (
            _("Bris de glace"),
            _(
                "un accès pris en urgence, motivé, limité à deux heures ; le cercle de soins en est"
                " prévenu, et quelqu'un vérifie ensuite qu'il était justifié."
            ),
        ),
    ]


def _rights() -> str:
    return _(
        "Une ouverture vous étonne ? Parlez-en au professionnel qui vous remet ce document, ou"
        " écrivez à %(mail)s. Vous pouvez refuser qu'un professionnel ou une structure voie votre"
        " dossier. Références : code de la santé publique, articles L. 1110-4 et L. 1111-7 ;"
        " règlement (UE) 2016/679, article 15."
    ) % {"mail": settings.SUPPORT_EMAIL}
