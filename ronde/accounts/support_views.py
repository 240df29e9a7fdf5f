"""The form that writes to the support: from every page, signed in or not, errors included."""

from typing import Any

from allauth.core import ratelimit
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ronde.accounts import actions, drafts, support
from ronde.accounts.forms import SupportForm
from ronde.accounts.models import User
from ronde.core.gate import public_view
from ronde.core.page import fragment, page

FORM, SENT = "accounts/support.html", "accounts/support_sent.html"


@require_http_methods(["GET", "HEAD", "POST"])
@public_view
def ask(request: HttpRequest) -> HttpResponse:
    """Show the form with what is sent along; keep what is typed until it is accepted."""
    user = request.user if request.user.is_authenticated else None
    if request.method == "POST":
        return _sent(request, user)
    form = SupportForm(user=user, initial=_known(request))
    drafts.restore(request, form)
    return _show(request, form, support.place_of(request))


def _known(request: HttpRequest) -> dict[str, Any]:
    asked = request.GET.get("sujet", "")
    return {"category": asked} if asked in dict(SupportForm.base_fields["category"].choices) else {}


def _sent(request: HttpRequest, user: User | None) -> HttpResponse:
    place = support.Place.unsealed(request.POST.get("origine", ""))
    form = SupportForm(request.POST, user=user)
    if not form.is_valid():
        return _show(request, form, place, status=422)
    if form.is_from_a_machine:
        return _thanks(request, support.new_reference())
    asked = {name: form.cleaned_data[name] for name in ("category", "text", "phone")}
    author = user or None
    asked["name"] = author.full_name or author.email if author else form.cleaned_data["name"]
    asked["email"] = author.email if author else form.cleaned_data["email"]
    key = str(author.pk) if author else asked["email"].lower()
    if not ratelimit.consume(request, action="support", key=key):
        form.add_error(None, _("Trop de demandes en peu de temps : attendez une heure."))
        return _show(request, form, place, status=429)
    kept = actions.ask_support(request.actor, user, asked, support.facts(request, place))
    drafts.drop(request)
    return _thanks(request, kept.reference)


def _show(
    request: HttpRequest, form: SupportForm, place: support.Place, *, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "place": place.sealed(),
        "facts": support.lines(support.facts(request, place)),
        **_telephone(),
    }
    return page(request, FORM, context, partial="dialog", status=status)


def _thanks(request: HttpRequest, reference: str) -> HttpResponse:
    """Say the reference. In a page of its own the browser goes there: a reload sends nothing."""
    request.session["support_reference"] = reference
    if request.htmx:
        context = {"reference": reference, **_telephone()}
        return fragment(request, SENT, context, block="dialog")
    return redirect("accounts:support_sent")


@require_safe
@public_view
def sent(request: HttpRequest) -> HttpResponse:
    reference = request.session.get("support_reference")
    if reference is None:
        return redirect("accounts:support")
    return page(request, SENT, {"reference": reference, **_telephone()})


def _telephone() -> dict[str, str]:
    return {"telephone": settings.SUPPORT_PHONE, "hours": settings.SUPPORT_HOURS}
