"""The second step of a sign-in, and the sign-in by a passkey alone."""

from typing import Any

from allauth.account.internal.stagekit import get_pending_stage, unstash_login
from allauth.account.models import Login
from allauth.core.internal import ratelimit
from allauth.mfa.base import views as base
from allauth.mfa.webauthn.internal import auth as webauthn_auth
from allauth.mfa.webauthn.internal import flows as webauthn_flows
from django.contrib import messages
from django.contrib.auth import logout as end_session
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from ronde.accounts import session
from ronde.accounts.addresses import asked_next
from ronde.accounts.gate import public_view
from ronde.accounts.mfa.adapter import passkeys_possible
from ronde.accounts.mfa.forms import AuthenticateForm, LoginPasskeyForm, PasskeyForm
from ronde.accounts.mfa.queries import second_steps
from ronde.accounts.models import User
from ronde.accounts.sign_in import Page
from ronde.core.errors import too_many_requests

FOR_SECOND_STEP = "seconde-etape"


class AuthenticateView(Page, base.AuthenticateView):
    template_name = "mfa/authenticate.html"
    form_class = AuthenticateForm
    webauthn_form_class = PasskeyForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Show what this account has; the passkey's challenge is asked for when it is used."""
        steps = second_steps(self.stage.login.user)
        wrong = self.webauthn_form if self.webauthn_form.is_bound else None
        return {
            "form": self.auth_form if steps.app or steps.codes else None,
            "app": steps.app is not None,
            "passkeys": bool(steps.passkeys) and passkeys_possible(),
            "passkey_errors": wrong.errors.get("credential", []) if wrong else [],
            "view": self,
        }


def _known(request: HttpRequest) -> User | None:
    """Whose passkeys are asked for: nobody's in particular at the door."""
    if request.user.is_authenticated:
        return request.user
    if request.GET.get("pour") == FOR_SECOND_STEP and get_pending_stage(request):
        login = unstash_login(request, peek=True)
        return login.user if login else None
    return None


@require_http_methods(["GET", "POST"])
@public_view
def passkey(request: HttpRequest) -> HttpResponse:
    """Give the challenge that a passkey signs, and sign in with the passkey alone."""
    if not ratelimit.consume(request=request, app="allauth.mfa", action="webauthn_login"):
        return too_many_requests(request)
    if request.method == "POST":
        return _sign_in(request)
    if request.headers.get("Accept") != "application/json":
        return redirect("account_login")
    return JsonResponse(dict(webauthn_auth.begin_authentication(_known(request))))


def _sign_in(request: HttpRequest) -> HttpResponse:
    form = LoginPasskeyForm(request.POST)
    if not form.is_valid():
        for said in form.errors.get("credential", []):
            messages.error(request, said)
        return redirect("account_login")
    if request.user.is_authenticated:
        if not session.ends_soon(request):
            return redirect("worklist:home")
        end_session(request)
    key = form.cleaned_data["credential"]
    login = Login(user=key.user, redirect_url=asked_next(request) or None)
    return webauthn_flows.perform_passwordless_login(request, key, login)


authenticate = public_view(AuthenticateView.as_view())
