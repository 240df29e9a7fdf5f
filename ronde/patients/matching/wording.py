"""The French words that say why two identities look alike."""

from django.utils.translation import gettext_lazy as _

_WORDS = {
    "birth_name": {
        "same": _("même nom de naissance"),
        "near": _("nom proche"),
        "sound": _("nom qui se prononce pareil"),
        "part": _("nom composé en partie commun"),
        "used": _("nom utilisé semblable"),
        "exchanged": _("nom et prénom inversés"),
        "different": _("nom différent"),
        "unknown": _("nom inconnu"),
    },
    "first_given": {
        "same": _("même prénom"),
        "near": _("prénom proche"),
        "sound": _("prénom qui se prononce pareil"),
        "part": _("prénom composé en partie commun"),
        "used": _("prénom utilisé semblable"),
        "listed": _("autre prénom de naissance"),
        "exchanged": _("nom et prénom inversés"),
        "different": _("prénom différent"),
        "unknown": _("prénom inconnu"),
    },
    "birth_date": {
        "same": _("même date de naissance"),
        "swapped": _("jour et mois inversés"),
        "near_year": _("même jour et même mois, année proche"),
        "near": _("date de naissance à un chiffre près"),
        "partly": _("date de naissance en partie commune"),
        "year": _("même année de naissance"),
        "different": _("date de naissance différente"),
        "unknown": _("date de naissance inconnue"),
    },
    "birth_place": {
        "same": _("même lieu de naissance"),
        "city": _("même ville de naissance"),
        "department": _("même département de naissance"),
        "different": _("lieu de naissance différent"),
        "unknown": _("lieu de naissance inconnu"),
    },
    "sex": {
        "same": _("même sexe"),
        "different": _("sexe différent"),
        "unknown": _("sexe non précisé"),
    },
    "twin_rank": {
        "same": _("même rang gémellaire"),
        "different": _("rang gémellaire différent"),
    },
    "nir": {"same": _("même NIR"), "different": _("NIR différent")},
}


def wording(trait: str, word: str) -> str:
    """Lazily translated: turned into text when it is shown."""
    return _WORDS[trait][word]
