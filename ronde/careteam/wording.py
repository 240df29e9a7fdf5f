"""What a right means, said before it is given or taken away."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ronde.careteam import queries
from ronde.careteam.access import Access, sections_for
from ronde.careteam.lines import Line
from ronde.careteam.sections import labels
from ronde.directory.models import Party


@dataclass(frozen=True, slots=True)
class Consequence:
    """`sentence` is the guides' own; `limits` say why the right would not work, or not yet."""

    sentence: str
    rights: str
    limits: list[str]
    is_possible: bool = True


def of_habilitating(access: Access, party: Party) -> Consequence:
    """What follows if this party is habilitated."""
    names = {"name": party.display_name, "patient": access.patient.shown_name}
    if not access.patient.consents.filter(withdrawn_at=None).exists():
        text = _("Le consentement a été retiré : aucune nouvelle habilitation n’est possible.")
        return Consequence(text, "", [], is_possible=False)
    if party.is_structure:
        return _of_structure(party, names)
    limits = [] if queries.has_account(party) else [_no_account(names)]
    sentence = _(
        "Voulez-vous vraiment habiliter le professionnel %(name)s ? Il intégrera le cercle de"
        " soins et pourra consulter et modifier le dossier de %(patient)s."
    )
    person = getattr(party, "person", None)
    return Consequence(sentence % names, _rights(person.profession_code if person else ""), limits)


def _of_structure(party: Party, names: dict[str, str]) -> Consequence:
    sentence = _(
        "Voulez-vous vraiment habiliter la structure %(name)s ? Elle intégrera le cercle de soins,"
        " et ses professionnels rattachés pourront consulter et modifier le dossier de %(patient)s."
    )
    rights = _("Chacun lira et écrira selon sa profession.")
    structure = getattr(party, "structure", None)
    if structure is None or not structure.acts_as_legal_person:
        ineffective = _(
            "%(name)s n’agit pas comme « personne morale » : l’habilitation sera notée mais restera"
            " sans effet. Pour donner un accès, habilitez les professionnels eux-mêmes."
        )
        return Consequence(sentence % names, "", [ineffective % names])
    limits = []
    if not queries.has_account(party):
        limits = [_("Aucun professionnel n’est encore rattaché à %(name)s dans Ronde.") % names]
    return Consequence(sentence % names, rights, limits)


def _no_account(names: dict[str, str]) -> str:
    return (
        _(
            "%(name)s n’a pas encore de compte : le dossier lui sera ouvert quand son compte"
            " sera créé."
        )
        % names
    )


def _rights(profession: str) -> str:
    """«Lecture et écriture : …. Lecture seule : …», from the rights matrix."""
    readable, writable = sections_for(profession)
    written, only_read = labels(writable), labels(readable - writable)
    parts = []
    if written:
        parts.append(_("Lecture et écriture : %(sections)s.") % {"sections": _list(written)})
    if only_read:
        parts.append(_("Lecture seule : %(sections)s.") % {"sections": _list(only_read)})
    return " ".join(parts)


def _list(labels: list[str]) -> str:
    return ", ".join(label[:1].lower() + label[1:] for label in labels)


@dataclass(frozen=True, slots=True)
class Question:
    """A dialog before a change that others see at once."""

    title: str
    text: str
    ok: str
    done: str
    details: tuple[str, ...] = ()
    is_danger: bool = False


def before_habilitating(access: Access, line: Line) -> Question:
    told = of_habilitating(access, line.member.party)
    return Question(
        _("Habiliter %(name)s") % {"name": line.name},
        told.sentence,
        _("Habiliter"),
        _("Habilitation donnée."),
        tuple(part for part in (told.rights, *told.limits) if part),
    )


def before_withdrawing(access: Access, line: Line) -> Question:
    if line.is_me:
        text = _("Vous restez dans le cercle de soins, mais vous ne verrez plus ce dossier.")
        title = _("Retirer mon habilitation")
    else:
        text = _("%(name)s reste dans le cercle de soins, mais ne pourra plus ouvrir le dossier.")
        title = _("Retirer l’habilitation de %(name)s")
    return Question(
        title % {"name": line.name},
        text % {"name": line.name},
        _("Retirer l’habilitation"),
        _("Habilitation retirée."),
        _last_one(access, line),
        is_danger=True,
    )


def before_refusing(access: Access, line: Line) -> Question:
    text = _(
        "%(patient)s refuse le partage d’information avec %(name)s. Aucun accès ne lui sera"
        " possible, même en bris de glace, tant que ce refus n’est pas levé."
    )
    details = [_("Son accès au dossier prend fin tout de suite.")] if line.has_access else []
    return Question(
        _("Noter le refus du patient"),
        text % {"patient": access.patient.shown_name, "name": line.name},
        _("Noter le refus"),
        _("Refus de partage noté."),
        (*details, *_last_one(access, line)),
        is_danger=True,
    )


def before_lifting(access: Access, line: Line) -> Question:
    text = _(
        "%(patient)s accepte maintenant le partage d’information avec %(name)s. Cela ne lui donne"
        " pas accès au dossier : il faudra l’habiliter."
    )
    return Question(
        _("Lever le refus du patient"),
        text % {"patient": access.patient.shown_name, "name": line.name},
        _("Lever le refus"),
        _("Refus de partage levé."),
    )


def before_removing(access: Access, line: Line) -> Question:
    lost = []
    if line.has_access:
        lost.append(
            _("votre accès : vous ne verrez plus ce dossier")
            if line.is_me
            else _("l’accès au dossier")
        )
    if line.roles:
        roles = ", ".join(role.label.lower() for role in line.roles)
        count = len(line.roles)
        lost.append(
            ngettext("son rôle : %(roles)s", "ses rôles : %(roles)s", count) % {"roles": roles}
        )
    text = _("%(name)s ne fera plus partie du cercle de soins.") % {"name": line.name}
    if lost:
        text += " " + _("Sera perdu : %(lost)s.") % {"lost": " ; ".join(lost)}
    return Question(
        _("Me retirer du cercle de soins") if line.is_me else _("Retirer du cercle de soins"),
        text,
        _("Retirer du cercle"),
        _("Retiré du cercle de soins."),
        (_("Sa fiche reste visible dans les anciens membres."), *_last_one(access, line)),
        is_danger=True,
    )


def _last_one(access: Access, line: Line) -> tuple[str, ...]:
    if not queries.is_last_with_access(access, line):
        return ()
    return (
        _(
            "C’est le dernier accès au dossier : plus personne ne l’ouvrira, sauf par un bris"
            " de glace."
        ),
    )
