"""The pages of favourite groups."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronde.accounts import groups
from ronde.accounts.gate import actor_view
from ronde.accounts.group_forms import GroupNameForm, PartyForm, ShareForm
from ronde.accounts.profile_tabs import profile_page, tab
from ronde.core.page import no_content, page
from ronde.directory.models import Party

form_methods = require_http_methods(["GET", "HEAD", "POST"])
tab(gettext_lazy("Groupes de favoris"), "accounts:groups", order=50)


@require_safe
@actor_view
def index(request: HttpRequest) -> HttpResponse:
    context = {"groups": groups.usable(request.actor)}
    return profile_page(request, "accounts/groups.html", context)


def _group(request: HttpRequest, group_id: UUID, *, edit: bool = False) -> groups.Group:
    found = groups.one(request.actor, group_id)
    if found is None or (edit and not found.may_edit):
        raise Http404
    return found


def _mine(request: HttpRequest, group_id: UUID) -> groups.Group:
    found = _group(request, group_id)
    if not found.is_mine:
        raise Http404
    return found


@require_safe
@actor_view
def show(request: HttpRequest, group_id: UUID) -> HttpResponse:
    return page(request, "accounts/group.html", {"group": _group(request, group_id)})


def _ask(
    request: HttpRequest,
    template: str,
    form: forms.Form,
    act: Callable[[], Any],
    context: dict[str, Any],
) -> HttpResponse:
    """A dialog with one form: what an action refuses is said beside its first field."""
    if request.method == "POST" and form.is_valid():
        try:
            return act()
        except ValidationError as error:
            form.add_error(next(iter(form.fields)), error)
    status = 422 if form.errors else 200
    values = {"form": form, "address": request.path, **context}
    return page(request, template, values, partial="dialog", status=status)


def _go(request: HttpRequest, text: str, group_id: UUID | None = None) -> HttpResponse:
    messages.success(request, text)
    keys = [group_id] if group_id else []
    address = resolve_url("accounts:group" if keys else "accounts:groups", *keys)
    return no_content(redirect=address) if request.htmx else redirect(address)


@form_methods
@actor_view
def create(request: HttpRequest) -> HttpResponse:
    form = GroupNameForm(request.POST or None)

    def act() -> HttpResponse:
        made = groups.create(request.actor, form.cleaned_data["name"])
        return _go(request, _("Groupe créé : ajoutez-y des membres."), made.pk)

    context = {"title": _("Nouveau groupe de favoris"), "ok": _("Créer"), "back": None}
    return _ask(request, "accounts/group_name.html", form, act, context)


@form_methods
@actor_view
def rename(request: HttpRequest, group_id: UUID) -> HttpResponse:
    group = _group(request, group_id, edit=True)
    form = GroupNameForm(request.POST or None, initial={"name": group.name})

    def act() -> HttpResponse:
        groups.rename(request.actor, group.pk, form.cleaned_data["name"])
        return _go(request, _("Groupe renommé."), group.pk)

    context = {"title": _("Renommer le groupe"), "ok": _("Enregistrer"), "back": group.pk}
    return _ask(request, "accounts/group_name.html", form, act, context)


def _party(form: PartyForm) -> Party:
    found = Party.objects.filter(pk=form.cleaned_data["party"], gone_on=None).first()
    if found is None:
        raise ValidationError(_("Choisissez dans la liste de l’annuaire."))
    return found


@form_methods
@actor_view
def add(request: HttpRequest, group_id: UUID) -> HttpResponse:
    group = _group(request, group_id, edit=True)
    form = PartyForm(request.POST or None)
    structures = (request.POST or request.GET).get("type") == "structure"

    def act() -> HttpResponse:
        party = _party(form)
        groups.add(request.actor, group.pk, party)
        return _go(request, _("%(name)s ajouté(e).") % {"name": party.display_name}, group.pk)

    context = {"group": group, "structures": structures}
    return _ask(request, "accounts/group_add.html", form, act, context)


@require_POST
@actor_view
def take_out(request: HttpRequest, group_id: UUID, party_id: UUID) -> HttpResponse:
    group = _group(request, group_id, edit=True)
    groups.take_out(request.actor, group.pk, party_id)
    return _go(request, _("Retiré du groupe."), group.pk)


@form_methods
@actor_view
def share(request: HttpRequest, group_id: UUID) -> HttpResponse:
    group = _mine(request, group_id)
    form = ShareForm(request.POST or None)

    def act() -> HttpResponse:
        person = _party(form)
        groups.share(request.actor, group.pk, person, may_edit=form.cleaned_data["may_edit"])
        said = _("Groupe partagé avec %(name)s.") % {"name": person.display_name}
        return _go(request, said, group.pk)

    return _ask(request, "accounts/group_share.html", form, act, {"group": group})


@require_POST
@actor_view
def unshare(request: HttpRequest, group_id: UUID, user_id: UUID) -> HttpResponse:
    group = _mine(request, group_id)
    groups.stop_sharing(request.actor, group.pk, user_id)
    return _go(request, _("Partage retiré."), group.pk)


@form_methods
@actor_view
def leave(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Ask, then leave a group shared by somebody else."""
    group = _group(request, group_id)
    if group.is_mine:
        raise Http404
    if request.method == "POST":
        groups.stop_sharing(request.actor, group.pk, request.actor.user_id)
        return _go(request, _("Vous avez quitté ce groupe."))
    question = {
        "title": _("Quitter le groupe"),
        "text": _("« %(name)s » ne figurera plus parmi vos groupes. %(owner)s le garde.")
        % {"name": group.name, "owner": group.owner},
        "ok": _("Quitter"),
    }
    return page(request, "accounts/group_confirm.html", _asked(group, question), partial="dialog")


@form_methods
@actor_view
def delete(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Say who loses it, then delete."""
    group = _mine(request, group_id)
    if request.method == "POST":
        groups.delete(request.actor, group.pk)
        return _go(request, _("Groupe supprimé."))
    text = _("Le groupe « %(name)s » sera supprimé. Aucun dossier n’est touché.") % {
        "name": group.name
    }
    if group.shares:
        lost = ngettext(
            "Le perd aussi : %(names)s.", "Le perdent aussi : %(names)s.", len(group.shares)
        )
        text += " " + lost % {"names": ", ".join(one.user.full_name for one in group.shares)}
    question = {"title": _("Supprimer le groupe"), "text": text, "ok": _("Supprimer")}
    return page(request, "accounts/group_confirm.html", _asked(group, question), partial="dialog")


def _asked(group: groups.Group, question: dict[str, str]) -> dict[str, Any]:
    return {"group": group, "question": question}
