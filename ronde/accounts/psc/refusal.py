"""Why a sign-in by Pro Santé Connect did not end well, in the user's words."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _


class Refusal(StrEnum):
    DENIED = "denied"
    STATE = "state"
    EXPIRED = "expired"
    ACR = "acr"
    TOKEN = "token"  # noqa: S105 - a word, not a secret
    DOWN = "down"
    NO_NUMBER = "no_number"
    UNKNOWN = "unknown"
    INACTIVE = "inactive"
    OTHER_LINK = "other_link"
    OTHER_PERSON = "other_person"


class Refused(Exception):
    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Words:
    status: int
    title: Any
    text: Any
    again: bool = True


WORDS = {
    Refusal.DENIED: Words(
        403,
        _("Connexion abandonnée"),
        _("Vous n'avez pas terminé la connexion à Pro Santé Connect. Rien n'a été enregistré."),
    ),
    Refusal.STATE: Words(
        400,
        _("Connexion à recommencer"),
        _("Cette réponse de Pro Santé Connect ne correspond pas à une connexion commencée ici."),
    ),
    Refusal.EXPIRED: Words(
        400,
        _("Connexion expirée"),
        _("Trop de temps a passé depuis votre passage par Pro Santé Connect."),
    ),
    Refusal.ACR: Words(
        403,
        _("Niveau de connexion insuffisant"),
        _("Utilisez votre carte CPS ou l'application e-CPS : les autres moyens sont refusés ici."),
    ),
    Refusal.TOKEN: Words(
        400,
        _("Réponse refusée"),
        _("La réponse de Pro Santé Connect n'a pas pu être vérifiée."),
    ),
    Refusal.DOWN: Words(
        502,
        _("Pro Santé Connect ne répond pas"),
        _("Recommencez dans quelques minutes, ou connectez-vous avec votre mot de passe."),
    ),
    Refusal.NO_NUMBER: Words(
        403,
        _("Identifiant sans numéro RPPS"),
        _("Cette carte ne porte pas de numéro RPPS ni ADELI : elle n'ouvre pas de compte ici."),
        again=False,
    ),
    Refusal.UNKNOWN: Words(
        403,
        _("Pas encore de compte"),
        _(
            "Pro Santé Connect vous a reconnu, mais aucun compte n'est relié à votre numéro."
            " Demandez-en un à l'assistance, en donnant votre numéro RPPS ou ADELI."
        ),
        again=False,
    ),
    Refusal.INACTIVE: Words(
        403,
        _("Compte fermé"),
        _("Votre compte n'est plus ouvert. Écrivez à l'assistance."),
        again=False,
    ),
    Refusal.OTHER_LINK: Words(
        403,
        _("Compte relié à une autre identité"),
        _("Votre compte est relié à une autre identité Pro Santé Connect. Écrivez à l'assistance."),
        again=False,
    ),
    Refusal.OTHER_PERSON: Words(
        403,
        _("Ce n'est pas la même personne"),
        _("La carte présentée n'est pas celle de la personne connectée ici."),
    ),
}
