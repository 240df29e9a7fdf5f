"""Who surrounds a patient: drawn among those who work near their home."""

from collections.abc import Callable
from typing import Any

from demo.draw import Draw
from demo.patients import ADULT, INFANT, Person
from demo.professionals import ProfessionalPlan, called, professionals, team
from demo.steps import By, Script, Verb
from demo.structures import COCON, DAC_AZUR, DAC_VAR, StructurePlan, kind, structures
from ronde.careteam.models import BreakGlassReason, MemberKind

# The pharmacist of the accounts follows nobody: what a stranger sees has to be shown too.
_NEVER_CALLED = {"riccio"}
# Those of the accounts are called more often than others near their practice.
_FAVOURITES = {"gp": ("leblanc", 0.35), "nurse": ("ricci", 0.7), "social-worker": ("olivieri", 0.7)}
_DETAILS = {
    "nurse": ("Passage matin et soir", "Passage du matin", "Pansements 3 fois par semaine"),
    "physiotherapist": ("2 séances par semaine", "Rééducation à domicile"),
    "podiatrist": ("Tous les deux mois",),
    "speech-therapist": ("1 séance par semaine",),
    "saad": ("Lun. au sam., 2 h", "Ménage et repas de midi", "Lever et coucher"),
    "ssiad": ("Toilette 5 jours sur 7", "Toilette et surveillance du poids"),
    "ehpad": ("Accueil de jour le mardi", "Séjour de répit demandé"),
    "chits": ("Hospitalisation en médecine gériatrique", "Consultation mémoire"),
    "ch": ("Hospitalisation de jour", "Hospitalisation en médecine"),
    "clinique": ("Soins de suite après la chute",),
}
_OPENERS = ("chits", "ch", "had", "ssiad", "saas", "pmi", "ccas")
_NOTES = (
    "Visite à domicile faite : logement encombré, à revoir avec la famille.",
    "La fille demande un point téléphonique avant la fin du mois.",
    "Plan d’aide APA accepté, début des passages lundi.",
    "Chute sans gravité cette nuit, médecin traitant prévenu.",
    "Transport en ambulance à prévoir pour la consultation.",
    "Refuse pour l’instant le portage des repas.",
    "Ordonnance renouvelée, relais infirmier confirmé.",
    "Bilan orthophonique reçu, à discuter à la prochaine réunion.",
)
_URGENCIES = (
    (BreakGlassReason.EMERGENCY, "Détresse respiratoire, appel du SAMU, antécédents inconnus"),
    (BreakGlassReason.UNABLE, "Patient confus amené par les pompiers, sans proche joignable"),
    (BreakGlassReason.CONTINUITY, "Médecin traitant en congés, renouvellement du traitement"),
    (BreakGlassReason.REQUEST, "Patiente présente au cabinet, ne se souvient plus du traitement"),
    (BreakGlassReason.EMERGENCY, "Chute à domicile, traitement anticoagulant à vérifier"),
    (BreakGlassReason.OTHER, "Astreinte de nuit de l’HAD : aggravation signalée par l’épouse"),
)
_BY_HAND: tuple[tuple[MemberKind, dict[str, Any]], ...] = (
    (MemberKind.PROFESSIONAL, {"family_name": "MATHIS", "given_name": "Odile",
     "profession_code": "R85:372", "function": "Aide à domicile en emploi direct"}),
    (MemberKind.PROFESSIONAL, {"family_name": "BERTHIER", "given_name": "Loïc",
     "profession_code": "R85:361", "function": "Éducateur sportif"}),
    (MemberKind.PROFESSIONAL, {"family_name": "GIORDAN", "given_name": "Mireille",
     "profession_code": "R85:351", "function": "Assistante maternelle"}),
    (MemberKind.STRUCTURE, {"family_name": "Les Petits Frères du Quartier",
     "responsible": "Bénévole de secteur"}),
    (MemberKind.STRUCTURE, {"family_name": "Ambulances du Cap", "short_name": "ADC"}),
    (MemberKind.STRUCTURE, {"family_name": "Club de gymnastique douce"}),
)  # fmt: skip
_Add = Callable[[Script, Person], Any]


def creator(rng: Draw, person: Person) -> By:
    """Who opens the record: most often a coordination, in its own name."""
    if person.profile == INFANT and rng.chance(0.8):
        return _someone(rng, COCON)
    if rng.chance(0.74):
        return _someone(rng, dac(person))
    teams = [one for one in _near(person, *_OPENERS) if one.acts_as_legal_person and team(one.key)]
    if teams and rng.chance(0.45):
        return _someone(rng, rng.choice(teams).key)
    return By(one_of(rng, "gp", person).key)


def _someone(rng: Draw, structure: str) -> By:
    """Somebody of the structure; Sophie Lambert opens one record in three of hers."""
    if structure == DAC_VAR and rng.chance(0.33):
        return By("lambert", DAC_VAR)
    if structure == "chits" and rng.chance(0.8):
        return By("belkacem", "chits")
    return By(rng.choice(team(structure)).key, structure)


def dac(person: Person) -> str:
    return DAC_VAR if person.zone.startswith("Var") else DAC_AZUR


def one_of(rng: Draw, trade: str, person: Person) -> ProfessionalPlan:
    name, share = _FAVOURITES.get(trade, ("", 0.0))
    if name and person.zone == professionals()[name].zone and rng.chance(share):
        return professionals()[name]
    return rng.choice([one for one in called(trade, person.zone) if one.key not in _NEVER_CALLED])


def surround(script: Script, person: Person, *, lively: bool = False) -> None:
    """Put the circle together: small for most, larger for those who were written about lately."""
    rng = script.rng
    size = rng.weighted({0: 20, 1: 45, 4: 35} if lively else {0: 79, 1: 15, 4: 6})
    _coordination(script, person)
    _relatives(script, person, 2 if size == 4 else 1)
    if person.profile == INFANT:
        _infant(script, person, size)
    else:
        _doctor(script, person, 0.75 if size else 0.6)
        if size:
            _usual(script, person, size)
    if size and rng.chance(0.16):
        _incident(script, person)
    if rng.chance(0.2 if lively else 0.03):
        _by_hand(script)


def newcomer(script: Script, person: Person) -> None:
    """Somebody who joins the circle last."""
    trade = script.rng.choice(["pharmacist", "podiatrist", "dietitian", "physiotherapist"])
    script.add(one_of(script.rng, trade, person), later=True, **_details(script.rng, trade))


def _coordination(script: Script, person: Person) -> None:
    rng, creator_key = script.rng, script.creator.party.key
    mine = structures()[dac(person)]
    if creator_key not in {DAC_VAR, DAC_AZUR}:
        if rng.chance(0.35 if person.profile == INFANT else 0.8):
            script.add(mine, roles=("coordinator",), access=True)
    elif rng.chance(0.09):
        other = DAC_AZUR if creator_key == DAC_VAR else DAC_VAR
        script.add(structures()[other], access=True)


def _relatives(script: Script, person: Person, most: int) -> None:
    share = 0.9 if person.profile == INFANT else 0.25
    for relative in person.relatives[:most]:
        if script.rng.chance(share):
            script.relative(relative)


def _doctor(script: Script, person: Person, access: float) -> None:
    creator = script.creator.party
    if isinstance(creator, ProfessionalPlan) and creator.trade == "gp":
        script.play("attending-physician")
    elif script.rng.chance(0.9 if access > 0.6 else 0.5):
        script.add(
            one_of(script.rng, "gp", person),
            roles=("attending-physician",),
            access=script.rng.chance(access),
        )


def _usual(script: Script, person: Person, count: int) -> None:
    makers = _ADULT if person.profile == ADULT else _ELDER
    if script.rng.chance(0.4):
        _NURSE(script, person)
    for make in script.rng.some(makers, script.rng.randint(1, count)):
        make(script, person)


def _pro(trade: str, access: float, *roles: str) -> _Add:
    def add(script: Script, person: Person) -> None:
        rng = script.rng
        script.add(
            one_of(rng, trade, person),
            roles=roles or ("contributor",),
            access=rng.chance(access),
            later=rng.chance(0.3),
            **_details(rng, trade),
        )

    return add


def _structure(*words: str, role: str = "contributor") -> _Add:
    """A structure of the département; those that are no «personne morale» seldom get a right."""

    def add(script: Script, person: Person) -> None:
        rng, near = script.rng, _near(person, *words)
        if near:
            chosen = rng.choice(near)
            script.add(
                chosen,
                roles=(role,),
                access=rng.chance(0.75 if chosen.acts_as_legal_person else 0.12),
                later=rng.chance(0.4),
                **_details(rng, chosen.key.split("-")[0]),
            )

    return add


def _near(person: Person, *words: str) -> list[StructurePlan]:
    return [one for one in kind(*words) if one.town.departement == person.home.town.departement]


def _details(rng: Draw, what: str) -> dict[str, str]:
    known = _DETAILS.get(what)
    return {"description": rng.choice(known)} if known and rng.chance(0.6) else {}


_NURSE = _pro("nurse", 0.7, "referent-nurse", "contributor")
_ELDER: tuple[_Add, ...] = (
    _pro("physiotherapist", 0.25),
    _pro("geriatrician", 0.6, "referent"),
    _pro("cardiologist", 0.35),
    _pro("pharmacist", 0.3),
    _pro("podiatrist", 0.05),
    _pro("social-worker", 0.5),
    _structure("saad", "saas"),
    _structure("ssiad", "had"),
    _structure("chits", "ch", "clinique", role="hospital"),
    _structure("ehpad"),
    _structure("ccas"),
)
_ADULT: tuple[_Add, ...] = (
    _pro("psychiatrist", 0.55, "referent"),
    _pro("psychologist", 0.3),
    _pro("social-worker", 0.6, "referent"),
    _pro("guardian", 0.4, "judicial-representative"),
    _pro("neurologist", 0.4),
    _pro("occupational-therapist", 0.3),
    _pro("dietitian", 0.1),
    _structure("mdph"),
    _structure("cmp"),
    _structure("ccas"),
    _structure("cpts"),
)
_YOUNG: tuple[_Add, ...] = (
    _pro("paediatrician", 0.85, "referent"),
    _pro("midwife", 0.5),
    _pro("psychomotor-therapist", 0.45),
    _pro("speech-therapist", 0.3),
    _structure("pmi"),
    _structure("camsp"),
)


def _infant(script: Script, person: Person, size: int) -> None:
    rng = script.rng
    script.add(structures()[COCON], roles=("coordinator",), access=True)
    if rng.chance(0.3):
        script.add(professionals()["castel"], roles=("referent",), access=True)
    for make in rng.some(_YOUNG, size or rng.choice([0, 1])):
        make(script, person)


def _incident(script: Script, person: Person) -> None:
    """What makes a circle move: a refusal, somebody replaced, a right taken back."""
    rng = script.rng
    draw = rng.random()
    if draw < 0.35:
        script.add(one_of(rng, rng.choice(["psychologist", "social-worker"]), person), refused=True)
    elif draw < 0.75:
        leaver, newcomer = (one_of(rng, "physiotherapist", person) for _ in range(2))
        if script.add(leaver, access=rng.chance(0.4)) and newcomer != leaver:
            script.end(Verb.REMOVE, leaver)
            script.add(newcomer, later=True, description="Remplace le précédent")
    else:
        stranger = one_of(rng, "dietitian", person)
        if script.add(stranger, access=True):
            script.end(Verb.WITHDRAW, stranger)


def _by_hand(script: Script) -> None:
    member_kind, values = script.rng.choice(_BY_HAND)
    name = f"{values['family_name']} {values.get('given_name', '')}".strip()
    script.by_hand(member_kind, {"display_name": name, **values}, later=script.rng.chance(0.4))


def note(script: Script) -> None:
    by = script.rng.choice(script.insiders())
    script.do(Verb.NOTE, by=by, later=True, text=script.rng.choice(_NOTES))


def look(script: Script) -> None:
    by = script.rng.choice(script.insiders())
    section = script.rng.choice(["summary", "summary", "identity", "careteam", "feed"])
    script.do(Verb.LOOK, by=by, later=True, section=section)


def break_glass(script: Script, person: Person, rank: int) -> None:
    """Somebody outside the circle opens the record in an emergency; one in four closes it early."""
    reason, detail = _URGENCIES[rank % len(_URGENCIES)]
    outside = [
        one for one in (*called("gp", person.zone), *called("nurse", person.zone))
        if one.key not in script.members and one.key not in _NEVER_CALLED
    ]  # fmt: skip
    by = By(script.rng.choice(outside).key)
    script.broken(by, reason, detail, closed=rank % 4 == 3)
