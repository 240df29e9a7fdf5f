"""The accounts of the demonstration: one for each way of using Ronde.

They are invented, and their password is written here and nowhere else.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from demo.professionals import ProfessionalPlan, professionals
from demo.structures import CHITS, COCON, DAC_AZUR, DAC_VAR, structures
from ronde.accounts.models import DutyKind

PASSWORD = "ronde-de-demonstration"  # noqa: S105
DOMAIN = "demo.ronde.example"


@dataclass(frozen=True, slots=True)
class Account:
    """`attached`: the structures in whose name the person acts; the first one at the beginning."""

    person: str
    shows: str
    attached: tuple[str, ...] = ()
    super_user: bool = False
    terms: bool = True

    @property
    def professional(self) -> ProfessionalPlan:
        return professionals()[self.person]


ACCOUNTS = (
    Account("lambert", "Coordinatrice : la file active d’un DAC", (DAC_VAR,)),
    Account("leblanc", "Médecin traitant : ses patients, en son nom"),
    Account("ricci", "Infirmière libérale"),
    Account("belkacem", "Bureau des sorties, un bris de glace en cours", (CHITS,)),
    Account("castel", "Néonatologue du réseau Cocon : les nourrissons", (COCON,)),
    Account("olivieri", "Assistante sociale du CCAS", ("ccas-seyne",)),
    Account("riccio", "Pharmacien sans aucun dossier"),
    Account("mercier", "Super-utilisateur du DAC", (DAC_VAR,), super_user=True),
    Account("haddad", "Rattachée à deux structures", (DAC_AZUR, COCON)),
    Account("perrot", "Première connexion : conditions à accepter", ("ssiad-sicie",), terms=False),
)


@dataclass(frozen=True, slots=True)
class OfficerAccount:
    """Somebody who works for the region: an account without entry in the directory."""

    full_name: str
    name: str
    duty: DutyKind
    shows: str

    @property
    def email(self) -> str:
        return f"{self.name}@{DOMAIN}"


OFFICERS = (
    OfficerAccount(
        "Agnès Vidal",
        "agnes.vidal",
        DutyKind.ADMINISTRATOR,
        "Administratrice régionale : la console, aucun dossier",
    ),
    OfficerAccount(
        "Karim Benali",
        "karim.benali",
        DutyKind.PRIVACY_OFFICER,
        "Délégué à la protection des données : relecture des bris de glace",
    ),
    OfficerAccount(
        "Lucie Ferrand",
        "lucie.ferrand",
        DutyKind.IDENTITY_CELL,
        "Cellule d’identitovigilance",
    ),
    OfficerAccount("Théo Garnier", "theo.garnier", DutyKind.SUPPORT, "Assistance : les comptes"),
)


def claims(accounts: Iterable[Account] = ACCOUNTS) -> dict[str, dict]:
    """What an imitation of Pro Santé Connect says of those who have an RPPS number."""
    return {
        account.person: {"claims": _claims(account)}
        for account in accounts
        if account.professional.rpps
    }


def _claims(account: Account) -> dict:
    who = account.professional
    number = f"8{who.rpps}"
    places = [structures()[one] for one in account.attached]
    if who.structure and who.structure not in places:
        places.append(who.structure)
    return {
        "preferred_username": number,
        "SubjectNameID": number,
        "given_name": who.given_name,
        "family_name": who.family_name,
        "SubjectRefPro": {
            "exercices": [
                {
                    "codeProfession": who.profession_code.rpartition(":")[2],
                    "activities": [
                        {"raisonSocialeSite": place.name, "numeroFinessSite": place.finess}
                        for place in places
                    ],
                }
            ]
        },
    }


def table(accounts: Iterable[Account] = ACCOUNTS) -> str:
    """What `make run` prints under the address."""
    lines = [f"Comptes de démonstration (mot de passe : {PASSWORD} ; le code arrive par mail) :"]
    for account in accounts:
        names = ", ".join(structures()[one].name for one in account.attached)
        lines.append(
            f"  {account.professional.email:<35} {account.shows}" + (names and f" [{names}]")
        )
    lines += [f"  {officer.email:<35} {officer.shows}" for officer in OFFICERS]
    return "\n".join(lines)
