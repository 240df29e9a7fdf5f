"""What keeps two records apart: twins, homonyms, an INS that says so."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from ronde.patients.actions import traits_of
from ronde.patients.conventions import date_is_known
from ronde.patients.matching import score
from ronde.patients.models import IdentityStatus, Patient, Sex


@dataclass(frozen=True, slots=True)
class Protection:
    """`obstacles` forbid to merge, in sentences; `homonyms` asks for a second confirmation."""

    obstacles: tuple[str, ...]
    homonyms: bool

    @property
    def forbids(self) -> bool:
        return bool(self.obstacles)


def protection(one: Patient, two: Patient) -> Protection:
    obstacles = [*_ins(one, two), *_twins(one, two), *_fictitious(one, two)]
    return Protection(tuple(obstacles), homonyms=one.is_homonym or two.is_homonym)


def _ins(one: Patient, two: Patient) -> list[str]:
    qualified = IdentityStatus.QUALIFIEE
    both = one.identity_status == qualified == two.identity_status
    if both and one.ins and two.ins and one.ins != two.ins:
        return [_("Deux INS qualifiées différentes : ce sont deux personnes.")]
    return []


def _fictitious(one: Patient, two: Patient) -> list[str]:
    if one.is_fictitious or two.is_fictitious:
        return [_("Une identité fictive ne se réunit à aucune autre.")]
    return []


def _twins(one: Patient, two: Patient) -> list[str]:
    """Same family, same birth: what tells twins apart must be the same, or not known."""
    if one.birth_date != two.birth_date or not date_is_known(one.birth_date):
        return []
    parts = {part.trait: part.bits for part in score(traits_of(one), traits_of(two)).parts}
    if parts["birth_name"] <= 0:
        return []
    found = []
    if None not in {one.twin_rank, two.twin_rank} and one.twin_rank != two.twin_rank:
        found.append(_("rang gémellaire différent"))
    if parts["first_given"] < 0:
        found.append(_("prénom différent"))
    if one.sex != two.sex and Sex.UNKNOWN not in {one.sex, two.sex}:
        found.append(_("sexe différent"))
    if not found:
        return []
    said = _(
        "Jumeaux possibles : même nom et même date de naissance, mais %(why)s. Si c'est une erreur"
        " de saisie, faites d'abord corriger l'identité par un professionnel du dossier."
    )
    return [said % {"why": ", ".join(found)}]
