"""What one may do, in words: in general («Mes droits»), and in one record."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ronde.accounts.gate import actor_view
from ronde.accounts.profile_tabs import profile_page, tab
from ronde.accounts.queries import Identity, actor_for
from ronde.careteam import lasting
from ronde.careteam.reviewing import waiting_for
from ronde.careteam.why import Explanation, explain, reader_of, rights_of, standing
from ronde.core.actor import Actor
from ronde.core.context import acting
from ronde.core.page import page

tab(gettext_lazy("Mes droits"), "dossier:my_rights", order=25)


@require_safe
@actor_view
def why(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The chain that opens or closes this record to oneself; a stranger meets no record."""
    found = standing(patient_id, request.actor.party_id)
    if found is None:
        raise Http404
    context = {
        "patient_id": patient_id,
        "told": explain(reader_of(request.actor), found),
        "others": [] if found.has_access else _other_ways(request, patient_id),
    }
    return page(request, "dossier/why.html", context, partial="dialog")


def _other_ways(request: HttpRequest, patient_id: UUID) -> list[str]:
    """Of one's other identities, those in whose name the record opens."""
    names = []
    for one in request.identities:
        if one.party_id == request.actor.party_id:
            continue
        with acting(party_id=one.party_id, user_id=request.user.pk, delegated=one.is_delegated):
            found = standing(patient_id, one.party_id)
        if found is not None and found.has_access:
            names.append(one.label)
    return names


@require_safe
@actor_view
def my_rights(request: HttpRequest) -> HttpResponse:
    """What the matrix gives to each of one's identities, in the records that are open to it."""
    told = [_rights(actor_for(request.user, one), one) for one in request.identities]
    context = {
        "mine": told,
        "waiting": waiting_for(request.user.pk),
        "asked": lasting.mine(request.user.pk),
    }
    return profile_page(request, "dossier/my_rights.html", context)


def _rights(actor: Actor, one: Identity) -> tuple[str, str, Explanation]:
    reader = reader_of(actor)
    groups = rights_of(reader.profession, as_structure=reader.as_structure)
    return one.label, reader.acts, Explanation(True, [], groups)
