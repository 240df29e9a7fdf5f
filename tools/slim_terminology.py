"""Rewrite ronde/terminology/data/ from the files of the publishers.

    python tools/slim_terminology.py FOLDER [COMMUNES.csv]

FOLDER holds, of the «Nomenclatures des objets de santé» (NOS): CodeSystem-*.json,
ValueSet-JDV-J07-XdsTypeCode-CISIS.json and dmp-type-to-class.csv (ASS_X16 as a table); COMMUNES.csv
is the table of communes with postcodes (`code;nom;type;departement;region;chefLieu;codesPostaux;
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
# Types that the DMP receives from elsewhere and that a structure of coordination also keeps.
UNFILED = {
    "PIECE-IDENTITE": "95",
    "FICHE-CONTACTS": "95",
    "51851-4": "95",
    "56446-8": "95",
    "34895-3": "95",
    "28617-9": "10",
    "34120-6": "10",
    "34876-3": "10",
    "60280-5": "10",
    "68814-3": "10",
    "78341-5": "10",
    "89233-1": "10",
    "96163-1": "10",
    "97694-4": "10",
    "83963-9": "11",
    "84067-8": "11",
    "101881-1": "52",
}
# Types of TRE_A05 that have ended: read in former documents, chosen no more.
RETIRED = (
    ("A05:ATTEST-VITALE", "Attestation de carte vitale", "95", "2024-01-26"),
    ("A05:CONTACTS-URGENCE", "Fiche contacts d'urgence", "95", "2022-06-24"),
    ("A05:DOCPAT10", "Autorisation de soins et actes non usuels sanitaires", "90", "2022-06-24"),
)
# Papers of the structures of coordination (AZUREZO, sheet 35).
COORDINATION = (
    ("C:orientation", "Fiche d'orientation", "coordination", ""),
    ("C:evaluation", "Évaluation multidimensionnelle", "coordination", ""),
    ("C:ppcs", "Plan personnalisé de coordination en santé (PPCS)", "coordination", ""),
    ("C:visite", "Compte rendu de visite à domicile", "coordination", ""),
    ("C:concertation", "Compte rendu de réunion de concertation", "coordination", ""),
    ("C:consentement", "Consentement au dossier de coordination, signé", "coordination", ""),
    ("C:courrier", "Courrier", "coordination", ""),
    ("C:autre", "Autre document de coordination", "coordination", ""),
)
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


def document_types(folder: Path) -> dict[str, Any]:
    """Write the types of document with their class in the DMP (ASS_X16); our own come after.

    A type of the value set that the DMP files nowhere goes where `UNFILED` says, or is left out.
    Retired: what the value set holds no longer.
    """
    path = folder / "ValueSet-JDV-J07-XdsTypeCode-CISIS.json"
    chosen = json.loads(path.read_text(encoding="utf-8-sig"))
    shown = {
        concept["code"]: concept["display"]
        for part in chosen["compose"]["include"]
        for concept in part.get("concept", [])
    }
    path = folder / "CodeSystem-TRE-A05-TypeDocComplementaire.json"
    complement = json.loads(path.read_text(encoding="utf-8-sig"))
    ended = {concept["code"]: retired_on(concept) for concept in concepts(complement)}
    with (folder / "dmp-type-to-class.csv").open(encoding="utf-8", newline="") as source:
        filed = {
            line["typeCode"]: line["classCode"] for line in csv.DictReader(source, delimiter=";")
        }
    lines = [
        {
            "code": ("A05:" if code in ended else "") + code,
            "display": shown.get(code, ""),
            "class": group,
            "retired_on": ended.get(code, ""),
        }
        for code, group in sorted((filed | UNFILED).items(), key=lambda pair: pair[1])
        if shown.get(code)
    ]
    lines += [
        {"code": code, "display": label, "class": group, "retired_on": end}
        for code, label, group, end in (*RETIRED, *COORDINATION)
    ]
    write(DATA / "document-types.csv", ["code", "display", "class", "retired_on"], lines)
    return {
        "name": "document-types",
        "title": "Types de document",
        "urls": {
            "": "http://loinc.org",
            "A05:": complement["url"],
            "C:": "https://ronde.example/nomenclatures/documents",
        },
        "version": f"JDV_J07 {chosen['version']} + A05 {complement['version']} + Ronde 2026-11",
        "published_on": chosen["date"][:10],
        "source": f"{NOS} : JDV-J07-XdsTypeCode-CISIS, TRE-A05-TypeDocComplementaire,"
        " ASS_X16-CorrespondanceType-Classe-DMP ; classe Coordination : Ronde",
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
    entries["document-types"] = document_types(folder)
    if len(sys.argv) > 2:
        slim_communes(Path(sys.argv[2]))
    text = json.dumps(list(entries.values()), ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
