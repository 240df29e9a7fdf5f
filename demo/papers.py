"""The papers of the invented records: short letters and a photograph. Nobody is named in them."""

import io
import json
from datetime import date
from pathlib import Path

import typst
from PIL import Image, ImageDraw, ImageFilter

from ronde.patients.consent import FONTS

_TEMPLATE = Path(__file__).with_name("paper.typ")
_PAGES: dict[str, tuple[str, ...]] = {
    "orientation": (
        "Motif : maintien à domicile fragile, aidante épuisée, chutes répétées.",
        "Attentes de la personne : rester chez elle, avec une présence le matin et le soir.",
        "Premières actions : visite à domicile, point avec le médecin traitant, demande d’aide.",
    ),
    "ordonnance": (
        "Rééducation à la marche et de l’équilibre, au domicile.",
        "Deux séances par semaine pendant trois mois, renouvelable.",
    ),
    "ppcs": (
        "1. Prévenir les chutes : kinésithérapie, barre d’appui, éclairage du couloir.",
        "2. Soulager l’aidante : passages du service d’aide, accueil de jour à l’essai.",
        "3. Surveiller le poids et l’alimentation : pesée chaque semaine, compléments.",
        "Point à trois mois avec toutes les personnes concernées.",
    ),
    "admission": (
        "Admission en médecine gériatrique pour altération de l’état général.",
        "Traitement d’entrée recopié de l’ordonnance du domicile ; anticoagulant poursuivi.",
        "Sortie envisagée avec hospitalisation à domicile, date à confirmer.",
    ),
    "liaison": (
        "Séjour sans complication. Marche avec canne, toilette avec aide.",
        "À faire : consultation de contrôle dans un mois, prise de sang dans une semaine.",
        "Le service reste joignable aux heures ouvrables.",
    ),
    "biologie": (
        "Hémoglobine 11,8 g/dL. Créatinine 92 µmol/L. Albumine 33 g/L. INR 2,4.",
        "Conclusion : anémie modérée, dénutrition à surveiller.",
    ),
}


def letter(kind: str, title: str, sender: str, day: date) -> bytes:
    """One page in PDF."""
    data = {
        "title": title,
        "from": sender,
        "day": f"Le {day:%d/%m/%Y}",
        "lines": list(_PAGES[kind]),
    }
    return typst.compile(
        str(_TEMPLATE),
        font_paths=[str(FONTS)] if FONTS.is_dir() else [],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data)},
    )


def photograph() -> bytes:
    """A dressing, as a phone would have taken it: drawn."""
    picture = Image.new("RGB", (1_600, 1_200), (224, 186, 160))
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((420, 330, 1_180, 870), 70, fill=(246, 244, 238))
    pen.rounded_rectangle((560, 450, 1_040, 750), 40, fill=(236, 232, 222))
    pen.ellipse((700, 540, 900, 660), fill=(196, 120, 104))
    out = io.BytesIO()
    picture.filter(ImageFilter.GaussianBlur(6)).save(out, "JPEG", quality=85)
    return out.getvalue()
