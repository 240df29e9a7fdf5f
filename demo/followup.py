"""Statuses, stays in hospital and memos: drawn for those whom a coordination follows."""

from datetime import datetime, timedelta

from demo.patients import ELDER, Person
from demo.steps import By, Script, Verb
from demo.structures import COCON, DAC_AZUR, DAC_VAR, kind

_FOLLOWING = {DAC_VAR, DAC_AZUR, COCON}
_NEXT = {"intensive": 18, "sustained": 34, "light": 30, "watch": 8, "out": 10}
_EXITS = ("goals", "relay", "moved", "institution", "refusal", "lost")
_REASONS = ("fall", "decompensation", "infection", "surgery", "treatment", "respite", "social")
_UNITS = ("Médecine gériatrique", "Cardiologie", "Médecine polyvalente", "Urgences", "Chirurgie")
_MEMOS = (
    ("Accès", "Cinquième étage sans ascenseur, code 4512B.", 1),
    ("Accès", "Chien dans la cour : sonner et attendre.", 1),
    ("Clés", "Double des clés chez la gardienne.", 1),
    ("Allergie", "Allergie à la pénicilline, notée par le médecin traitant.", 3),
    ("Communication", "Malentendant : parler face à lui, ne pas téléphoner.", 2),
    ("Famille", "Appeler la fille avant tout changement.", 2),
    ("", "Préfère les passages après 10 h.", 1),
)


def follow(script: Script, person: Person, *, lively: bool) -> None:
    """What a coordination writes about whom it follows; nothing for the others."""
    rng, by = script.rng, script.creator
    if by.structure not in _FOLLOWING:
        return
    if rng.chance(0.8):
        script.do(Verb.STATUS, kind="to-evaluate")
        if rng.chance(0.7):
            _next_status(script)
    if rng.chance(0.3 if lively else 0.1):
        title, content, weight = rng.choice(_MEMOS)
        script.do(Verb.MEMO, title=title, content=content, weight=weight)
    if person.profile == ELDER and rng.chance(0.16 if lively else 0.05):
        _stay(script, person)


def _next_status(script: Script) -> None:
    code = script.rng.weighted(_NEXT)
    reason = script.rng.choice(_EXITS) if code == "out" else ""
    script.do(Verb.STATUS, later=True, kind=code, reason=reason)


def _stay(script: Script, person: Person) -> None:
    """A stay of some days, ended, or under way for the last ones."""
    rng, town = script.rng, person.home.town
    near = [one for one in kind("chits", "ch") if one.town.departement == town.departement]
    script.do(
        Verb.STAY,
        rng.choice(near or kind("chits", "ch")).key,
        later=True,
        unit=rng.choice(_UNITS),
        reason=rng.choice(_REASONS),
        days=rng.randint(2, 14),
        ticks=rng.randint(1, 5),
    )


def stay_dates(told: datetime, days: int, now: datetime) -> tuple[datetime, datetime | None]:
    """When it began, the evening before it was written; when it ended, if it has."""
    admitted = told - timedelta(hours=14)
    ended = admitted + timedelta(days=days)
    return admitted, ended if ended < now else None


def jeanne(script: Script, by: By, hospital: str) -> None:
    """The memos of the record that everybody looks at first, and the stay under way."""
    script.do(Verb.STAY, hospital, by=by, unit="Médecine gériatrique", reason="fall",
              days=12, ticks=4)  # fmt: skip
    script.do(
        Verb.MEMO, title="Accès", content="Loge de la gardienne : clés et code 2107.", weight=2
    )
    script.do(
        Verb.MEMO, title="Chutes", content="Tapis du couloir à retirer avant le retour.", weight=1
    )
