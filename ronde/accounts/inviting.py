"""«Inviter un confrère»: the form, and the list of one's invitations."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronde.accounts import invitations as actions
from ronde.accounts import request_queries
from ronde.accounts.gate import actor_view
from ronde.accounts.profile_tabs import profile_page, tab
from ronde.accounts.request_models import Invitation
from ronde.core.actor import Actor
from ronde.core.page import page
from ronde.core.pagination import paginate

MOST = 10
tab(gettext_lazy("Invitations"), "accounts:invitations", order=60)


class InvitationForm(forms.Form):
    """`patient_names`: the names that the text may not hold, when it is written from a record."""

    emails = forms.CharField(
        label=gettext_lazy("Adresses e-mail"),
        max_length=2_000,
        widget=forms.Textarea({"rows": 2, "inputmode": "email", "autofocus": True}),
        help_text=gettext_lazy("Plusieurs : séparez-les par une virgule ou un retour à la ligne."),
    )
    text = forms.CharField(
        label=gettext_lazy("Message"),
        max_length=2_000,
        widget=forms.Textarea({"rows": 7}),
        help_text=gettext_lazy(
            "Aucune donnée de patient. Le lien d’inscription est ajouté à la fin du message."
        ),
    )

    def __init__(
        self, *args: Any, actor: Actor, patient_names: tuple[str, ...] = (), **options: Any
    ) -> None:
        options.setdefault("initial", {"text": default_text(actor)})
        super().__init__(*args, **options)
        self.patient_names = patient_names

    def clean_emails(self) -> list[str]:
        found = actions.addresses(self.cleaned_data["emails"])
        if not found:
            raise forms.ValidationError(_("Indiquez au moins une adresse e-mail."))
        if len(found) > MOST:
            raise forms.ValidationError(
                _("%(n)d adresses au plus à la fois.") % {"n": MOST}, code="many"
            )
        return found

    def clean_text(self) -> str:
        text = self.cleaned_data["text"]
        problem = actions.about_a_patient(text, self.patient_names)
        if problem:
            raise forms.ValidationError(problem)
        return text


def default_text(actor: Actor) -> str:
    return _(
        "Bonjour,\n\nJ’utilise Ronde pour coordonner la prise en charge de patients que nous"
        " suivons. Je vous invite à y créer votre compte : vous pourrez partager les informations"
        " utiles et échanger avec les autres professionnels.\n\nBien cordialement,\n%(name)s"
    ) % {"name": actor.person_name}


def run(
    request: HttpRequest, template: str, context: dict[str, Any], **options: Any
) -> HttpResponse:
    """Show the form, send the invitations, show what became of each address."""
    form = InvitationForm(request.POST or None, actor=request.actor, **options)
    outcome: list[actions.Sent] = []
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        outcome = actions.invite(request.actor, values["emails"], values["text"])
        kept = [one.email for one in outcome if one.problem]
        again = {"emails": "\n".join(kept), "text": values["text"]}
        form = InvitationForm(actor=request.actor, initial=again, **options)
    status = 422 if form.errors or any(one.problem for one in outcome) else 200
    context = {**context, "form": form, "outcome": outcome}
    return page(request, template, context, partial="dialog", status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@actor_view
def invite(request: HttpRequest) -> HttpResponse:
    """Invite from one's own list, outside of any record."""
    return run(request, "accounts/invite.html", {})


@require_safe
@actor_view
def invitations(request: HttpRequest) -> HttpResponse:
    """My invitations and what became of them."""
    found = paginate(request, request_queries.invitations(request.actor))
    lines = [(one, *actions.state(one), _may_change(one)) for one in found.rows]
    context = {"page": found, "lines": lines}
    return profile_page(request, "accounts/invitations.html", context, partial="results")


def _may_change(invitation: Invitation) -> bool:
    return not invitation.used_at and not invitation.withdrawn_at


@require_POST
@actor_view
def resend(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    return _do(request, actions.send_again, invitation_id, _("Invitation renvoyée."))


@require_POST
@actor_view
def withdraw(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    said = _("Invitation retirée : son lien ne sert plus.")
    return _do(request, actions.withdraw, invitation_id, said)


def _do(request: HttpRequest, verb: Any, invitation_id: UUID, said: str) -> HttpResponse:
    try:
        verb(request.actor, invitation_id)
    except Invitation.DoesNotExist:
        raise Http404 from None
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, said)
    return redirect("accounts:invitations")
