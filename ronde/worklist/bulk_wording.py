"""An act on many records in words: the question before, the result after."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ronde.accounts.queries import with_account
from ronde.careteam.foresight import Act
from ronde.core.actor import Actor
from ronde.directory.models import Party
from ronde.worklist.bulk_queries import Tally
from ronde.worklist.models import BulkRun

# What each act means (AZUREZO, sheet 22).
MEANINGS = {
    Act.ADD: gettext_lazy("Ajouté(e) au cercle de soins, sans accès aux dossiers."),
    Act.HABILITATE: gettext_lazy(
        "Ajouté(e) au cercle de soins, avec accès : consulte et renseigne selon sa profession."
    ),
    Act.WITHDRAW: gettext_lazy("Reste dans le cercle de soins, mais n’a plus accès aux dossiers."),
    Act.REMOVE: gettext_lazy(
        "N’apparaît plus dans le cercle de soins et n’a plus accès aux dossiers."
    ),
}
DONE = {
    Act.ADD: gettext_lazy("ajouté(e), sans accès"),
    Act.HABILITATE: gettext_lazy("habilité(e)"),
    Act.WITHDRAW: gettext_lazy("habilitation retirée"),
    Act.REMOVE: gettext_lazy("retiré(e) du cercle"),
}


@dataclass(frozen=True, slots=True)
class Question:
    title: str
    text: str
    details: list[str]
    ok: str
    is_danger: bool


def before(
    actor: Actor, run: BulkRun, parties: Sequence[Party], tally: Tally, *, is_own: bool = False
) -> Question:
    """What follows if the run is confirmed; `is_own`: who asks leaves the structure."""
    act = Act(run.act)
    details = [_kept(tally)] if tally.kept else []
    if act == Act.HABILITATE and tally.changes:
        details.append(_("Les patients en ont été informés et ne s’y opposent pas."))
        details += _limits(parties)
    if run.attachment_id is not None and is_own:
        details.append(
            _("Vous n’agirez plus pour %(house)s, et ne pourrez pas revenir en arrière.")
            % {"house": actor.display_name}
        )
    elif run.attachment_id is not None:
        details.append(
            _("Son rattachement prend fin tout de suite : il ou elle n’agira plus pour %(house)s.")
            % {"house": actor.display_name}
        )
    if act in {Act.WITHDRAW, Act.REMOVE} and actor.party_id in run.parties and tally.changes:
        details.append(_("Vous ne verrez plus ces dossiers, et ne pourrez pas revenir en arrière."))
    return Question(
        _title(act, run.target_name),
        _text(act, run.target_name, tally.changes),
        details,
        _ok(act, tally.changes) if run.attachment_id is None else _("Enregistrer le départ"),
        act in {Act.WITHDRAW, Act.REMOVE},
    )


def _title(act: Act, name: str) -> str:
    titles = {
        Act.ADD: _("Ajouter %(name)s sans habilitation"),
        Act.HABILITATE: _("Habiliter %(name)s"),
        Act.WITHDRAW: _("Retirer l’habilitation de %(name)s"),
        Act.REMOVE: _("Supprimer %(name)s des cercles de soins"),
    }
    return titles[act] % {"name": name}


def _text(act: Act, name: str, changes: int) -> str:
    if not changes:
        return _("Aucun cercle de soins ne changera.")
    texts = {
        Act.ADD: ngettext(
            "%(name)s entrera dans %(n)s cercle de soins, sans accès au dossier.",
            "%(name)s entrera dans %(n)s cercles de soins, sans accès aux dossiers.",
            changes,
        ),
        Act.HABILITATE: ngettext(
            "Voulez-vous vraiment habiliter %(name)s sur %(n)s dossier ? Cela donne l’accès au"
            " dossier, pour le consulter et le renseigner.",
            "Voulez-vous vraiment habiliter %(name)s sur %(n)s dossiers ? Cela donne l’accès aux"
            " dossiers, pour les consulter et les renseigner.",
            changes,
        ),
        Act.WITHDRAW: ngettext(
            "%(name)s n’aura plus accès à %(n)s dossier, mais restera dans le cercle de soins.",
            "%(name)s n’aura plus accès à %(n)s dossiers, mais restera dans les cercles de soins.",
            changes,
        ),
        Act.REMOVE: ngettext(
            "%(name)s n’apparaîtra plus dans %(n)s cercle de soins : accès et rôles prennent fin.",
            "%(name)s n’apparaîtra plus dans %(n)s cercles de soins : accès et rôles prennent fin.",
            changes,
        ),
    }
    return texts[act] % {"name": name, "n": changes}


def _ok(act: Act, changes: int) -> str:
    words = {
        Act.ADD: ngettext("Ajouter à %(n)s dossier", "Ajouter à %(n)s dossiers", changes),
        Act.HABILITATE: ngettext(
            "Habiliter sur %(n)s dossier", "Habiliter sur %(n)s dossiers", changes
        ),
        Act.WITHDRAW: ngettext("Retirer de %(n)s dossier", "Retirer de %(n)s dossiers", changes),
        Act.REMOVE: ngettext("Supprimer de %(n)s dossier", "Supprimer de %(n)s dossiers", changes),
    }
    return words[act] % {"n": changes}


def _kept(tally: Tally) -> str:
    reasons = " ; ".join(f"{one.label} ({count})" for one, count in tally.kept)
    return _("Sans changement : %(reasons)s.") % {"reasons": reasons}


def _limits(parties: Sequence[Party]) -> list[str]:
    """Why a right would not work, or not yet."""
    known = with_account(one.pk for one in parties)
    said = []
    for one in parties:
        if one.is_structure and not one.structure.acts_as_legal_person:
            said.append(
                _("%(name)s n’agit pas comme « personne morale » : habilitation sans effet.")
                % {"name": one.display_name}
            )
        elif not one.is_structure and one.pk not in known:
            said.append(
                _("%(name)s n’a pas encore de compte : les dossiers s’ouvriront à sa création.")
                % {"name": one.display_name}
            )
    return said
