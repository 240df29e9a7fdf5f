"""Rewrite ronde/terminology/data/ from the files of the publishers.

    python tools/slim_terminology.py FOLDER [COMMUNES.csv]

FOLDER holds CodeSystem-*.json of the «Nomenclatures des objets de santé» (NOS); COMMUNES.csv is the
table of communes with postcodes (`code;nom;type;departement;region;chefLieu;codesPostaux;
population`). `roles.csv` is ours and is left alone. Only codes, labels and dates are kept; the
versions found go to manifest.json, which the import reads.
"""

import csv
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent / "ronde/terminology/data"
NOS = "Nomenclatures des objets de santé (NOS), Agence du numérique en santé"
# name of ours: title, then the published systems in order, each with the prefix of its codes.
SYSTEMS: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "professions": (
        "Professions",
        [
            ("G15:", "TRE-G15-ProfessionSante"),
            ("R95:", "TRE-R95-UsagerTitre"),
            ("R94:", "TRE-R94-ProfessionSocial"),
            ("R85:", "TRE-R85-RolePriseCharge"),
            ("R291:", "TRE-R291-AutreProfession"),
        ],
    ),
    "know-how": ("Savoir-faire", [("", "TRE-R01-EnsembleSavoirFaire-CISIS")]),
    "know-how-types": ("Types de savoir-faire", [("", "TRE-R04-TypeSavoirFaire")]),
    "practice-modes": ("Modes d'exercice", [("", "TRE-R23-ModeExercice")]),
    "establishment-categories": (
        "Catégories d'établissement",
        [("", "TRE-R66-CategorieEtablissement")],
    ),
    "sectors": ("Secteurs d'activité", [("", "TRE-R02-SecteurActivite")]),
    "functions": ("Fonctions", [("", "TRE-R21-Fonction")]),
    "relationships": ("Liens avec le patient", [("", "TRE-R216-HL7RoleCode")]),
    "countries": ("Pays", [("", "TRE-R20-Pays")]),
    "departements": ("Départements", [("", "TRE-G09-DepartementOM")]),
}
# Codes of a published list that name no person: samples and insurance covers of HL7 RoleCode.
FOREIGN = {"relationships": {"C", "G", "L", "P", "SELF", "FAMDEP", "STUD"}}
# What people choose most, before the order of the publisher.
FIRST = {
    "relationships": (
        "SIGOTHR SPS DOMPART DAUC SONC MTH FTH SIS BRO GRNDDAU GRNDSON GRMTH GRFTH DAUINLAW"
        " SONINLAW NIECE NEPHEW AUNT UNCLE COUSN FAMMEMB NBOR FRND RESPRSN"
    )
}
# Labels whose short form is the one that people use.
SHORT_IS_BETTER = {"countries"}
SUFFIX = re.compile(r" \((?:SM|SCH|C|DNQ|SST|DEC|CAPA|SI|FQ|CEX|SCD|OP|PAC)\)$")
FIELDS = ["code", "display", "official", "retired_on"]


def concepts(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for concept in node.get("concept", []):
        yield concept
        yield from concepts(concept)


def retired_on(concept: dict[str, Any]) -> str:
    for prop in concept.get("property", []):
        if prop["code"] == "dateFin":
            return prop["valueDateTime"][:10]
    return ""


def short_label(concept: dict[str, Any]) -> str:
    """Answer the short French name when the publisher gives one without abbreviation."""
    for other in concept.get("designation", []):
        if other.get("language") == "fr-FR" and not other["value"].startswith("Terr."):
            return other["value"]
    return concept["display"]


def label(name: str, concept: dict[str, Any]) -> str:
    if name in SHORT_IS_BETTER:
        return short_label(concept)
    return SUFFIX.sub("", concept["display"]) if name == "know-how" else concept["display"]


def rows(name: str, prefix: str, system: dict[str, Any]) -> Iterator[dict[str, str]]:
    for concept in concepts(system):
        if concept["code"] in FOREIGN.get(name, ()):
            continue
        shown = label(name, concept)
        yield {
            "code": prefix + concept["code"],
            "display": shown,
            "official": "" if shown == concept["display"] else concept["display"],
            "retired_on": retired_on(concept),
        }


def write(path: Path, fields: list[str], lines: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, fields, delimiter=";", lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)


def system_entry(folder: Path, name: str) -> dict[str, Any]:
    title, parts = SYSTEMS[name]
    found = {
        prefix: json.loads((folder / f"CodeSystem-{stem}.json").read_text(encoding="utf-8-sig"))
        for prefix, stem in parts
    }
    first = {code: place for place, code in enumerate(FIRST.get(name, "").split())}
    lines = [row for prefix, system in found.items() for row in rows(name, prefix, system)]
    lines.sort(key=lambda line: first.get(line["code"], len(first)))
    write(DATA / f"{name}.csv", FIELDS, lines)
    return {
        "name": name,
        "title": title,
        "urls": {prefix: system["url"] for prefix, system in found.items()},
        "version": " + ".join(
            f"{re.split('[-_]', system['name'])[1]} {system['version']}"
            for system in found.values()
        ),
        "published_on": max(system["date"][:10] for system in found.values()),
        "source": NOS + " : " + ", ".join(system["id"] for system in found.values()),
        "licence": "CC0-1.0",
    }


def slim_communes(path: Path) -> None:
    kinds = {
        "commune-actuelle": "current",
        "commune-deleguee": "delegated",
        "commune-associee": "associated",
        "arrondissement-municipal": "district",
    }
    names = {
        "nom": "name", "departement": "departement", "region": "region", "chefLieu": "chief_town",
        "codesPostaux": "postcodes", "population": "population",
    }  # fmt: skip
    with path.open(encoding="utf-8", newline="") as source:
        lines = [
            {"code": line["code"], "kind": kinds[line["type"]]}
            | {ours: line[theirs] for theirs, ours in names.items()}
            for line in csv.DictReader(source, delimiter=";")
        ]
    write(DATA / "communes.csv", ["code", "name", "kind", *list(names.values())[1:]], lines)


def main() -> None:
    folder = Path(sys.argv[1])
    path = DATA / "manifest.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    entries = {entry["name"]: entry for entry in known}
    entries |= {name: system_entry(folder, name) for name in SYSTEMS}
    if len(sys.argv) > 2:
        slim_communes(Path(sys.argv[2]))
    text = json.dumps(list(entries.values()), ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
