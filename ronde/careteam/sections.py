"""The sections of a record: the columns of the rights matrix."""

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

IDENTITY, CARETEAM, FEED, TRACE = "identity", "careteam", "feed", "trace"
STATUS, STAYS, LINKS, MEMOS = "status", "stays", "links", "memos"
SOCIAL, MEDICAL, PSYCHOLOGICAL = "social", "medical", "psychological"
AUTONOMY, STRUCTURE, SYNTHESIS = "autonomy", "structure", "synthesis"
DOCUMENTS = "documents"

# Classes of documents: TRE_A03-ClasseDocument (ANS), as the DMP files them, and «Coordination»,
# which the structures of coordination keep for their own papers (AZUREZO, sheet 35).
DOCUMENT_CLASSES = {
    "10": _("Comptes rendus"),
    "11": _("Synthèses"),
    "31": _("Imagerie médicale"),
    "42": _("Prescriptions"),
    "43": _("Dispensations"),
    "44": _("Plans et protocoles de soins"),
    "45": _("Traitements administrés"),
    "52": _("Certificats et déclarations"),
    "60": _("Données de remboursement"),
    "90": _("Documents déposés par le patient"),
    "95": _("Documents de gestion"),
    "99": _("Documents techniques"),
    "coordination": _("Coordination"),
}


def documents(class_code: str) -> str:
    """The section that holds the documents of a class."""
    return f"{DOCUMENTS}-{class_code}"


# In the order in which the matrix shows them.
GROUPS = (
    (
        _("Dossier"),
        {
            IDENTITY: _("Identité et données administratives"),
            CARETEAM: _("Cercle de soins"),
            FEED: _("Fil d'actualité"),
            TRACE: _("Traçabilité"),
            LINKS: _("Dossiers liés"),
        },
    ),
    (
        _("Suivi"),
        {
            STATUS: _("Statut du dossier"),
            STAYS: _("Hospitalisations"),
            MEMOS: _("Mémos"),
        },
    ),
    (
        _("Recueil d'informations"),
        {
            SOCIAL: _("Données sociales"),
            MEDICAL: _("Données médicales"),
            PSYCHOLOGICAL: _("Données psychologiques"),
            AUTONOMY: _("Autonomie et dépendance"),
            STRUCTURE: _("Recueil lié à la santé, saisi par la structure"),
            SYNTHESIS: _("Synthèse"),
        },
    ),
    (
        _("Documents"),
        {documents(code): label for code, label in DOCUMENT_CLASSES.items()},
    ),
)
ALL_DOCUMENTS = frozenset(GROUPS[-1][1])
SECTIONS = {name: label for _group, names in GROUPS for name, label in names.items()}


def labels(names: Collection[str]) -> list[str]:
    """Name these sections in order; the documents in one word when all their classes are there."""
    said = [str(label) for name, label in SECTIONS.items() if name in names]
    if set(names) >= ALL_DOCUMENTS:
        said = [*said[: -len(ALL_DOCUMENTS)], str(GROUPS[-1][0])]
    return said


# What a trace of access may name besides the sections of the matrix, in the order of the tabs.
SIMULATION = "simulation"
LOOKED_AT = {
    "summary": _("Synthèse"),
    "lifeline": _("Ligne de vie"),
    "print": _("Version à imprimer"),
    "extraction": _("Extraction du dossier"),
    **SECTIONS,
    DOCUMENTS: _("Liste des documents"),
    "ins": _("Matricule INS"),
    "trace_extract": _("Extrait de la traçabilité"),
    SIMULATION: _("Droits d'un membre, sans le contenu du dossier"),
}


def looked_at(names: Collection[str]) -> str:
    """Name what was opened, in the order of the tabs."""
    known = [str(label) for name, label in LOOKED_AT.items() if name in names]
    return ", ".join(known + sorted(set(names) - LOOKED_AT.keys()))


# In an emergency one reads everything and writes notes only.
WRITABLE_UNDER_BREAK_GLASS = frozenset({FEED})
