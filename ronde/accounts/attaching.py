"""Who asks to be attached to a structure: its super-user says whether they work there."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ronde.accounts import request_queries, requests
from ronde.accounts.gate import actor_view
from ronde.core.page import page

VERDICTS = {"confirmer": True, "infirmer": False}


@require_safe
@actor_view
def asking(request: HttpRequest) -> HttpResponse:
    """The requests that name the structure one acts for; for anybody else, how to get there."""
    acting = request.actor.is_super_user and not request.actor.is_delegate
    context = {
        "acting": acting,
        "asking": request_queries.asking_attachment() if acting else [],
        "places": [one for one in request.identities if one.is_super_user],
    }
    return page(request, "accounts/attachment_requests.html", context)


@require_POST
@actor_view
def judge(request: HttpRequest, request_id: UUID, verdict: str) -> HttpResponse:
    if verdict not in VERDICTS or not request.actor.is_super_user:
        raise Http404
    try:
        requests.judge_attachment(request.actor, request_id, confirmed=VERDICTS[verdict])
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("Avis transmis aux personnes qui valident les comptes."))
    return redirect("accounts:attachment_requests")
