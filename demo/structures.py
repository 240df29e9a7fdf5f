"""Forty structures, of the kinds that surround a patient, with invented names and numbers.

Categories are those of TRE_R66; a practice («cabinet») has none there.
"""

from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from demo import numbers
from demo.draw import draw, key
from demo.towns import Town, street, towns
from ronde.directory.keys import name_key

DAC_VAR, DAC_AZUR, COCON = "dac-var", "dac-azur", "cocon"
CHITS, SAAD_MIMOSAS, PHARMACY = "chits", "saad-mimosas", "pharmacie-berthe"
# Key, name, category, commune; «PM»: acts as «personne morale», «C»: coordination.
_LINES = """
dac-var|DAC Var Ouest|606|83137|PM C
dac-azur|DAC Provence Azur|606|13005|PM C
cocon|Réseau périnatal Cocon|633|13055|PM C
chits|CHITS Sainte-Musse|355|83137|PM
ch-iles|Centre hospitalier des Îles d’Or|355|83069|PM
ch-garlaban|Centre hospitalier du Garlaban|355|13005|
ch-baie|Hôpital de la Baie|355|06088|PM
clinique-saint-jean|Clinique Saint-Jean|109|83126|
clinique-calanques|Clinique des Calanques|365|13055|
clinique-cap|Clinique du Cap|365|06004|
had-rade|HAD Rade et Coudon|127|83137|PM
had-estuaire|HAD de l’Estuaire|127|06123|PM
ssiad-sicie|SSIAD Cap Sicié|354|83126|PM
ssiad-faron|SSIAD du Faron|354|83137|
ssiad-etoile|SSIAD de l’Étoile|354|13005|PM
ssiad-croisette|SSIAD des Îles|354|06029|
saad-mimosas|SAAD Les Mimosas|460|83126|
saad-restanques|SAAD Les Restanques|460|13028|
saad-oliviers|SAAD Les Oliviers|460|06069|
saas-farigoulette|Service autonomie La Farigoulette|209|83069|PM
ehpad-tamaris|EHPAD Les Tamaris|500|83126|
ehpad-cigales|EHPAD Le Mas des Cigales|500|83137|PM
ehpad-pinede|EHPAD La Pinède|500|13028|
ehpad-orangers|EHPAD Villa des Orangers|500|06088|
cpts-rade|CPTS Rade de Toulon|604|83137|PM
cpts-sainte-baume|CPTS Sud Sainte-Baume|604|83123|
msp-port|MSP du Port|603|83126|
msp-arenes|MSP des Arènes|603|83061|
msp-vallon|MSP du Vallon|603|13055|
cabinet-mas|Cabinet du Mas||83126|
cabinet-sablettes|Cabinet infirmier des Sablettes||83126|
ccas-seyne|CCAS de La Seyne-sur-Mer|405|83126|PM
ccas-toulon|CCAS de Toulon|405|83137|
mdph-var|MDPH du Var|609|83137|PM
mdph-azur|MDPH des Alpes-Maritimes|609|06088|
pmi-seyne|PMI La Seyne – Tamaris|223|83126|PM
pmi-nice|PMI Nice Ouest|223|06088|
cmp-amandiers|CMP Les Amandiers|156|83137|
camsp-pas|CAMSP Les Petits Pas|190|83137|PM
pharmacie-berthe|Pharmacie Berthe|620|83126|
""".strip().splitlines()
DEPARTEMENTS = {"83": "Var", "13": "Bouches-du-Rhône", "06": "Alpes-Maritimes"}


@dataclass(frozen=True, slots=True)
class StructurePlan:
    key: str
    name: str
    category: str
    town: Town
    postcode: str
    address: str
    phone: str
    finess: str
    acts_as_legal_person: bool
    is_coordination: bool

    @property
    def id(self) -> UUID:
        return name_key(f"finess:{self.finess}") if self.finess else key("structure", self.key)

    @property
    def email(self) -> str:
        return f"contact@{self.key}.demo.ronde.example"


@lru_cache(maxsize=1)
def structures() -> dict[str, StructurePlan]:
    rng, found = draw("structures"), {}
    for number, line in enumerate(_LINES, 1):
        name, label, category, code, flags = line.split("|")
        town = towns()[code]
        found[name] = StructurePlan(
            key=name,
            name=label,
            category=category,
            town=town,
            postcode=rng.choice(town.postcodes),
            address=street(rng),
            phone=numbers.phone(number),
            finess=numbers.finess(town.departement, number) if category else "",
            acts_as_legal_person="PM" in flags,
            is_coordination="C" in flags,
        )
    return found


def kind(*words: str) -> list[StructurePlan]:
    """The structures whose key begins with one of these words: `kind("ssiad", "had")`."""
    return [one for one in structures().values() if one.key.split("-")[0] in words]
