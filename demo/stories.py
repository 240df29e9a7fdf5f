"""The records that everybody looks at first: those of the mock-ups, one of them told day by day."""

from datetime import date, datetime, timedelta

from demo import circles, followup, numbers
from demo.draw import draw
from demo.identities import Identities
from demo.moments import today, work_day
from demo.patients import ADULT, ELDER, INFANT, Home, Person, Relative
from demo.people import Human, place_name
from demo.professionals import professionals
from demo.steps import By, Record, Script, Verb
from demo.structures import CHITS, DAC_VAR, SAAD_MIMOSAS, structures
from demo.towns import towns
from ronde.careteam.models import BreakGlassReason
from ronde.core.sharing import Sharing
from ronde.patients.models import IdentityStatus, Proof

SOPHIE = By("lambert", DAC_VAR)
# Birth name, used name, given names, sex, born, birthplace; town, profile; status; days since the
# opening and since the last gesture.
_LINES = """
MARCHETTI|DURAND|JEANNE MARIE|F|1942-03-12|83126|83126|elder|QUALIFIEE|78|0
MORETTI||ANGELO|M|1947-06-30|83137|83137|elder|QUALIFIEE|190|0
BENSAID||YASMINE|F||83069|83069|infant|VALIDEE|120|1
LEROY||MICHEL ANDRE|M|1955-11-18|83129|83129|adult|PROVISOIRE|12|1
GARCIA||DOLORES|F|1938-01-05|99134|83090|elder|VALIDEE|410|1
ROUX||CHRISTOPHE|M|1980-09-22|83137|83144|adult|VALIDEE|260|1
NGUYEN||THI-MAI|F|1959-04-14|99243|83137|adult|PROVISOIRE|95|3
FABRE||LUCIENNE ROSE|F|1934-02-27|83123|83123|elder|QUALIFIEE|330|3
PEREIRA||ANTONIO|M|1968-10-09|99139|83062|adult|PROVISOIRE|9|3
SIMON||ODETTE|F|1945-08-16|83009|83009|elder|RECUPEREE|215|4
HADDAD||KARIM|M|2024-05-11|83137|83137|infant|QUALIFIEE|520|4
BLANC||GEORGES|M|1949-12-03|83098|83098|elder|VALIDEE|470|5
DURAND||ROBERT|M|1939-07-21|83137|83126|elder|VALIDEE|77|60
""".strip().splitlines()
_HOME = {0: "14 rue des Aires", 12: "14 rue des Aires"}  # Jeanne and Robert live together.
_JEANNE, _LUCIENNE, _ROBERT = 0, 7, 12
_PHONE = numbers.phone(9_000)
CLAIRE = Relative(
    "DAUC", "DURAND", "Claire", "F", ("trusted-person", "main-caregiver"),
    mobile=numbers.mobile(9_000), description="Joignable après 18 h",
)  # fmt: skip
ROBERT = Relative("SPS", "DURAND", "Robert", "M", ("emergency-contact",), phone=_PHONE)
JEANNE = Relative("SPS", "DURAND", "Jeanne", "F", ("emergency-contact",), phone=_PHONE)


_LETTER = {"kind": "liaison", "title": "Lettre de liaison", "type": "11490-0", "before": 2}
_BLOOD = {"kind": "biologie", "title": "Biologie du mois", "type": "11502-2", "before": 1}
_ORIENTATION = {"kind": "orientation", "title": "Fiche d’orientation", "type": "C:orientation"}
_PAPERS = ((_ORIENTATION,), (_ORIENTATION, _LETTER), (_BLOOD,))


def stories(identities: Identities, now: datetime) -> list[Record]:
    return [_story(identities, number, line, now) for number, line in enumerate(_LINES)]


def _story(identities: Identities, number: int, line: str, now: datetime) -> Record:
    rng, times = draw(f"circle:{number}"), draw(f"times:{number}")
    *_, status, opened, last = line.split("|")
    person = _person(number, line, now)
    level = IdentityStatus[status]
    proof = Proof.CNI if level >= IdentityStatus.VALIDEE else ""
    identity = identities.told(person, level, proof)
    if number in (_JEANNE, _LUCIENNE):
        script = Script(rng, times, SOPHIE, moment=_on(now, int(opened), "09:20"))
        script.do(Verb.OPEN)
        script.do(Verb.STATUS, kind="to-evaluate")
        (_jeanne if number == _JEANNE else _lucienne)(script, now)
        return Record(person, identity, tuple(script.told))
    script = Script(rng, times, SOPHIE)
    circles.surround(script, person, lively=True)
    script.do(Verb.LOOK, later=True, section="summary")
    for values in _PAPERS[number % len(_PAPERS)]:
        script.do(Verb.PAPER, later=True, **values)
    circles.newcomer(script, person)
    circles.note(script)
    followup.follow(script, person, lively=True)
    if number == _ROBERT:
        script.do(Verb.LINK, str(_JEANNE), later=True, kinship="spouse")
    ended = work_day(times, now, int(last)) if int(last) else today(times, now)
    steps = script.timed(work_day(times, now, int(opened)), ended, now)
    return Record(person, identity, tuple(steps))


def _person(number: int, line: str, now: datetime) -> Person:
    name, used, given, sex, born, place, town, profile, *_ = line.split("|")
    birthplace = towns().get(place)
    human = Human(
        birth_name=name,
        first_given=given.split()[0],
        given_names=given,
        sex=sex,
        birth_date=date.fromisoformat(born) if born else (now - timedelta(days=141)).date(),
        birth_place_code=place,
        birth_place=place_name(place),
        birth_country_code="99100" if birthplace else place,
        used_name=used,
    )
    home = Home(
        town=towns()[town],
        postcode=towns()[town].postcodes[0],
        street=_HOME.get(number, f"{3 + 4 * number} chemin des Lavandes"),
        extra="3e étage sans ascenseur" if number in _HOME else "",
        phone=_PHONE if number in _HOME else numbers.phone(9_000 + number),
    )
    relatives = {_JEANNE: (CLAIRE, ROBERT), _ROBERT: (JEANNE, CLAIRE)}
    return Person(
        human,
        home,
        {"elder": ELDER, "adult": ADULT, "infant": INFANT}[profile],
        relatives.get(number, ()),
        number=number,
    )


def _on(now: datetime, days: int, hour: str) -> datetime:
    """That day at that time, the Friday before for a week-end; for today, not after now."""
    hours, minutes = map(int, hour.split(":"))
    day = now - timedelta(days=days)
    day -= timedelta(days=max(day.weekday() - 4, 0) if days else 0)
    moment = day.replace(hour=hours, minute=minutes, second=12, microsecond=0)
    return min(moment, now - timedelta(minutes=20))


def _jeanne(script: Script, now: datetime) -> None:
    """Eleven weeks with Jeanne Durand, from the opening to her stay in hospital."""
    people, marc, paola = professionals(), By("leblanc"), By("ricci")
    script.relative(CLAIRE)
    script.relative(ROBERT)
    script.do(Verb.PAPER, **_ORIENTATION)
    script.moment = _on(now, 77, "10:05")
    script.add(people["leblanc"], roles=("attending-physician",), access=True)
    script.add(
        people["ricci"],
        roles=("referent-nurse", "contributor"),
        access=True,
        description="Passage matin et soir",
    )
    script.add(people["lambert"], roles=("coordinator",), access=True)
    script.moment = _on(now, 72, "16:40")
    script.do(Verb.STATUS, kind="intensive")
    script.add(people["vidal"], refused=True)
    script.do(Verb.LOOK, by=marc, section="summary")
    script.do(
        Verb.PAPER,
        by=marc,
        kind="ordonnance",
        title="Kinésithérapie à domicile",
        type="A05:PRESC-KINE",
    )
    script.moment = _on(now, 63, "11:15")
    script.add(structures()[SAAD_MIMOSAS], description="Lun. au sam., 2 h", by=paola)
    script.moment = _on(now, 51, "14:30")
    script.add(people["costa"], description="2 séances par semaine", by=marc)
    script.do(
        Verb.NOTE, text="Clés chez la gardienne : sonner à « Loge », prévenir avant chaque passage."
    )
    script.do(
        Verb.PAPER,
        kind="ppcs",
        title="PPCS, version de travail",
        type="C:ppcs",
        level=Sharing.SHARED,
        to=("leblanc", "ricci"),
    )
    script.do(Verb.PAPER, by=marc, **_BLOOD)
    script.moment = _on(now, 23, "22:10")
    script.broken(
        By("gp-5"),
        BreakGlassReason.EMERGENCY,
        "Chute à domicile, appelé par la voisine",
        closed=True,
    )
    script.moment = _on(now, 5, "08:40")
    script.add(
        structures()[CHITS],
        roles=("hospital",),
        access=True,
        by=marc,
        description="Hospitalisation en médecine gériatrique",
    )
    desk = By("belkacem", CHITS)
    followup.jeanne(script, desk, CHITS)
    script.do(Verb.LOOK, by=desk, section="careteam")
    script.do(
        Verb.NOTE, by=desk, text="Sortie prévue mardi : retour à domicile avec HAD à confirmer."
    )
    script.do(Verb.PAPER, by=desk, kind="admission", title="Bulletin d’entrée", type="51851-4")
    script.moment = _on(now, 2, "11:50")
    script.do(Verb.LOOK, section="summary")
    script.moment = _on(now, 1, "17:05")
    script.do(Verb.LOOK, by=paola, section="summary")
    script.do(
        Verb.NOTE, by=paola, text="Appel de la fille : inquiète pour le retour, à rappeler lundi."
    )
    script.do(Verb.PAPER, by=paola, kind="photo", title="Pansement du talon", type="11506-3")
    script.moment = _on(now, 0, "08:40")
    script.add(structures()["had-rade"], by=desk, description="Retour à domicile à préparer")
    script.do(Verb.NOTE, by=desk, text="Bulletin d’entrée transmis, traitement revu ce matin.")


def _lucienne(script: Script, now: datetime) -> None:
    """A record that the hospital's desk has just opened by breaking the glass."""
    people = professionals()
    script.relative(
        Relative("DAUC", "FABRE", "Mireille", "F", ("main-caregiver", "trusted-person"),
                 mobile=numbers.mobile(9_007))
    )  # fmt: skip
    script.add(people["ricci-g"], roles=("attending-physician",), access=True)
    script.moment = _on(now, 120, "15:20")
    script.add(structures()["had-rade"], access=True, description="Soins palliatifs à domicile")
    script.moment = _on(now, 3, "15:33")
    script.do(Verb.NOTE, text="Douleurs majorées, HAD prévenue, passage du médecin demain.")
    script.moment = now - timedelta(minutes=35)
    script.broken(
        By("belkacem", CHITS),
        BreakGlassReason.UNABLE,
        "Amenée aux urgences, ne peut pas répondre, traitement à connaître",
        closed=False,
        asks="Gardée en observation : accès demandé jusqu’à sa sortie, pour préparer le retour.",
    )
