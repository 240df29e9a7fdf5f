"""The consent document, as a PDF to print, sign and keep (PDF/UA-1, PDF/A-2a)."""

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from ronde.core.formats import day
from ronde.patients.models import ConsentGiver, Sex

TEMPLATE = Path(__file__).with_name("consent.typ")
STANDARDS = ["ua-1", "a-2a"]
# Built by `make assets` from the locked fonts; without it the document takes Typst's own.
FONTS = Path(settings.BASE_DIR) / "ronde/static/dist/pdf"

BLANK = {
    "birth_name": "",
    "used_name": "",
    "first_given": "",
    "given_names": "",
    "birth_date": None,
    "sex": "",
    "birth_place": "",
    "record_number": "",
}


@translation.override(settings.LANGUAGE_CODE)
def document(
    organisation: str,
    identity: dict[str, Any] | None = None,
    *,
    given_by: str = "",
    given_by_other: str = "",
    attested: str = "",
) -> bytes:
    """Write the document, in French whatever its reader speaks: it is signed by a patient.

    Without `identity` it is the empty form to fill by hand.

    `attested` is the sentence that says who collected the consent and when, once it was.
    """
    known = {**BLANK, **(identity or {})}
    data = {
        "title": _("Consentement au dossier de coordination"),
        "organisation": organisation,
        "footer": _("Document confidentiel, couvert par le secret professionnel"),
        "fonts": ["Inter", "Libertinus Serif"],
        "person": _person(known),
        "points": _points(),
        "givers": [[str(label), value == given_by] for value, label in ConsentGiver.choices],
        "giver_label": _("Nom et qualité, si ce n'est pas la personne elle-même"),
        "giver_name": given_by_other,
        "rights": _rights(),
        "attested": attested,
    }
    return typst.compile(
        str(TEMPLATE),
        font_paths=[str(FONTS)] if FONTS.is_dir() else [],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data)},
        pdf_standards=STANDARDS,
    )


def _person(known: dict[str, Any]) -> list[list[str]]:
    born: date | None = known["birth_date"]
    rows: Iterable[tuple[str, str]] = (
        (_("Nom de naissance"), known["birth_name"]),
        (_("Nom utilisé"), known["used_name"]),
        (_("Prénom(s) de naissance"), known["given_names"] or known["first_given"]),
        (_("Date de naissance"), day(born)),
        (_("Sexe"), dict(Sex.choices).get(known["sex"], "")),
        (_("Lieu de naissance"), known["birth_place"]),
    )
    filled = [[label, str(value or "")] for label, value in rows]
    if known["record_number"]:
        filled.append([_("N° de dossier"), str(known["record_number"])])
    return filled


def _points() -> list[str]:
    return [
        _(
            "le dossier contient mon identité, les personnes de mon cercle de soins et les"
            " informations utiles à la coordination de mon accompagnement ;"
        ),
        _(
            "seuls les professionnels et structures habilités de mon cercle de soins peuvent le"
            " lire ; un accès « bris de glace » de deux heures est possible en cas de nécessité :"
            " il est motivé, signalé aux professionnels habilités et contrôlé ;"
        ),
        _("chaque ouverture du dossier laisse une trace ;"),
        _("je peux refuser qu'un professionnel ou une structure y ait accès ;"),
        _("je peux retirer ce consentement à tout moment, sans conséquence sur mes soins."),
    ]


def _rights() -> str:
    return _(
        "Je peux demander à consulter les informations de mon dossier, à les faire corriger ou à en"
        " limiter l'usage, auprès du professionnel qui me remet ce document. Références : code de"
        " la santé publique, articles L.\u00a01110-4 et L.\u00a01111-7 ;"
        " règlement (UE) 2016/679 ; loi n°\u00a078-17 du 6\u00a0janvier 1978."
    )
