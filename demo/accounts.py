"""The accounts of the demonstration: one for each way of using Ronde.

They are invented, and their password is written here and nowhere else.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from demo.professionals import ProfessionalPlan, professionals
from demo.structures import CHITS, COCON, DAC_AZUR, DAC_VAR, structures

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


def table(accounts: Iterable[Account] = ACCOUNTS) -> str:
    """What `make run` prints under the address."""
    lines = [f"Comptes de démonstration (mot de passe : {PASSWORD} ; le code arrive par mail) :"]
    for account in accounts:
        names = ", ".join(structures()[one].name for one in account.attached)
        lines.append(
            f"  {account.professional.email:<35} {account.shows}" + (names and f" [{names}]")
        )
    return "\n".join(lines)
