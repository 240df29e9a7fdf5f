"""The pages of an account: terms, identity, profile, drafts."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, resolve_url
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronde.accounts import actions, drafts, queries, session, switching, terms_page
from ronde.accounts import language as speaking
from ronde.accounts import terms as terms_of_use
from ronde.accounts.addresses import asked_next, page_behind
from ronde.accounts.forms import LanguageForm, ShortcutsForm
from ronde.accounts.gate import TERMS, actor_view, signed_in
from ronde.accounts.models import Attachment, DutyKind, User
from ronde.accounts.profile_tabs import profile_page, tab
from ronde.core.errors import bad_request, forbidden
from ronde.core.gate import public_view
from ronde.core.page import page
from ronde.terminology.queries import display

FORM = "application/x-www-form-urlencoded"
tab(gettext_lazy("Profil"), "accounts:profile", order=10)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def terms(request: HttpRequest) -> HttpResponse:
    """Show the terms of use; nothing else opens before they are accepted."""
    going_to, version, problem = asked_next(request), terms_of_use.in_force(), ""
    if request.method == "POST":
        read = request.POST.get(terms_page.READ, "")
        if terms_of_use.is_known(read):
            actions.accept_terms(request.user, read)
            request.session[TERMS] = read
            return redirect(going_to or resolve_url(settings.LOGIN_REDIRECT_URL))
        problem = _("Rien n'est accepté : relisez la version en vigueur, puis choisissez.")
    status = 422 if problem else 200
    return terms_page.show(request, version, going_to=going_to, problem=problem, status=status)


@require_safe
@actor_view
def terms_history(request: HttpRequest) -> HttpResponse:
    """Show which versions one accepted and when, on a sheet that can be printed."""
    context = {"acceptances": queries.acceptances(request.user), "printed_at": timezone.now()}
    return page(request, "accounts/terms_history.html", context)


@require_POST
@public_view
def language(request: HttpRequest) -> HttpResponse:
    """Speak another language from now on, and go back to the page on screen."""
    form = LanguageForm(request.POST)
    if not form.is_valid():
        return bad_request(request)
    code = form.cleaned_data["language"]
    if request.user.is_authenticated:
        actions.choose_language(request.user, code)
    response = redirect(page_behind(request) or "/")
    speaking.remember(response, code)
    return response


@require_POST
@signed_in
def switch(request: HttpRequest) -> HttpResponse:
    """Act for another of one's identities; the forms of other tabs then have to be reloaded."""
    asked = _key(request.POST.get("identity", ""))
    chosen = next((one for one in request.identities if one.party_id == asked), None)
    if chosen is None:
        if request.actor is not None:
            actions.refuse_identity(request.actor, asked)
        return forbidden(request)
    actor = actions.switch_identity(request.user, request.actor, chosen)
    request.session[session.ACTING] = str(actor.party_id)
    rotate_token(request)
    going_to = asked_next(request) or page_behind(request)
    if going_to and switching.may_open(actor, going_to):
        return redirect(going_to)
    return redirect(settings.LOGIN_REDIRECT_URL)


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@require_POST
@signed_in
def draft(request: HttpRequest) -> HttpResponse:
    """Keep what is typed on the page `pour`; 204 whether or not there was something to keep."""
    if request.content_type != FORM:
        return HttpResponse(status=415)
    if int(request.META.get("CONTENT_LENGTH") or 0) > drafts.MAX_BYTES:
        return HttpResponse(status=413)
    address = request.GET.get("pour", "")
    try:
        resolve(address)
    except Resolver404:
        return HttpResponseBadRequest()
    drafts.keep(request.user.pk, address, request.POST)
    return HttpResponse(status=204)


@require_http_methods(["GET", "HEAD", "POST"])
@actor_view
def profile(request: HttpRequest) -> HttpResponse:
    """Show who one is for the directory, and choose one's shortcuts."""
    user = request.user
    if request.method == "POST":
        form = ShortcutsForm(request.POST, instance=user)
        form.full_clean()
        actions.set_shortcuts(user, wanted=form.cleaned_data["single_key_shortcuts"])
        messages.success(request, _("Préférence enregistrée."))
        return redirect("accounts:profile")
    attachments = queries.attachments(user)
    context = {
        "user": user,
        "person": user.person,
        "profession": display("professions", user.person.profession_code) if user.person else "",
        "posts": [
            (display("professions", one.profession_code), one) for one in queries.posts(user)
        ],
        "attachments": attachments,
        "previous": session.previous_login(request),
        "acceptances": queries.acceptances(user),
        "roles": _roles(user, attachments),
        "form": ShortcutsForm(instance=user),
    }
    return profile_page(request, "accounts/profile.html", context)


def _roles(user: User, attachments: list[Attachment]) -> list[str]:
    """Name the levels of somebody: for the region, for their structures, or the usual one."""
    held = queries.duties(user)
    roles = [str(kind.label) for kind in DutyKind if kind.value in held]
    for one in attachments:
        if one.is_super_user:
            name = one.structure.party.display_name
            roles.append(_("Super-utilisateur de %(name)s") % {"name": name})
    return roles or [_("Utilisateur")]
