"""The habilitations of one record to look at again."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from ronde.careteam import due
from ronde.careteam.access import Access
from ronde.careteam.finding import key
from ronde.careteam.gate import record_view
from ronde.core.page import page


def ticked(request: HttpRequest) -> tuple[list[UUID], str]:
    """The members ticked, and what is to be done with them; a row's own button ticks it alone."""
    gesture, _sep, alone = request.POST.get("geste", "").partition(":")
    asked = [alone] if alone else request.POST.getlist("membres")
    found = [one for one in map(key, asked[: due.SHOWN]) if one is not None]
    return found, gesture if gesture in {due.KEEP, due.WITHDRAW} else ""


def say(request: HttpRequest, outcomes: list[due.Outcome]) -> None:
    """Tell how many were done, and why the others were not."""
    done = sum(one.is_done for one in outcomes)
    if done:
        text = ngettext("%(n)s habilitation traitée.", "%(n)s habilitations traitées.", done)
        messages.success(request, text % {"n": done})
    for one in outcomes:
        if not one.is_done:
            said = _("%(name)s : %(why)s") % {"name": one.member.display_name, "why": one.text}
            messages.error(request, said)
    if not outcomes:
        messages.error(request, _("Cochez au moins une habilitation."))


@require_http_methods(["GET", "HEAD", "POST"])
@record_view("careteam", write=True)
def due_members(request: HttpRequest, access: Access) -> HttpResponse:
    """Keep or withdraw, one by one or those ticked."""
    if request.method == "POST":
        keys, gesture = ticked(request)
        mine = {one.member.pk for one in due.of_record(access)}
        chosen = [one for one in keys if one in mine]
        say(request, due.settle(access.actor, chosen, gesture) if gesture else [])
        return redirect("careteam:due", patient_id=access.patient_id)
    context = {"access": access, "tab": "cercle", "lines": due.of_record(access)}
    return page(request, "careteam/due.html", context)
