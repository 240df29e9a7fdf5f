"""Signing in and out: the views of django-allauth, in our pages and under our gates."""

import time
from typing import Any
from urllib.parse import quote

from allauth.account import views as allauth
from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout as end_session
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic.edit import FormView

from ronde.accounts import devices, forms, jobs, session
from ronde.accounts.adapter import AccountAdapter
from ronde.accounts.addresses import asked_next
from ronde.accounts.mfa.adapter import passkeys_possible
from ronde.accounts.models import Device
from ronde.accounts.psc import is_configured, leaving
from ronde.core.errors import too_many_requests
from ronde.core.gate import public_view
from ronde.core.page import page


class Page:
    """Render through `page()`; a form sent back bears status 422."""

    request: HttpRequest
    template_name: str

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        form = context.get("form")
        status = 422 if form is not None and form.is_bound and form.errors else 200
        del context["view"]
        return page(self.request, self.template_name, context, status=status)


class LoginView(Page, allauth.LoginView):
    form_class = forms.LoginForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A session that still lasts has nothing to do here; one that ends soon is renewed."""
        if request.user.is_authenticated and not session.ends_soon(request):
            return redirect(self.get_authenticated_redirect_url())
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: forms.LoginForm) -> HttpResponse:
        if self.request.user.is_authenticated:
            end_session(self.request)
        return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        going_to = asked_next(self.request)
        query = f"?next={quote(going_to)}" if going_to else ""
        return {
            **super().get_context_data(**kwargs),
            "next": going_to,
            "passkeys": passkeys_possible(),
            "pro_sante_url": reverse("accounts:psc_start") + query if is_configured() else "",
        }


class ConfirmCodeView(Page, allauth.ConfirmLoginCodeView):
    form_class = forms.ConfirmLoginCodeForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self._process: Any = False
        response = super().dispatch(request, *args, **kwargs)
        if self._process is None:
            messages.error(request, _("Ce code a expiré. Recommencez la connexion."))
        return response

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Count the tries of the account too: the count of a session can be raced."""
        key = self._process.state["user_id"]
        if self._action == "verify" and not ratelimit.consume(
            request, action="login_code_tried", key=key
        ):
            return self._give_up()
        return super().post(request, *args, **kwargs)

    def form_invalid(self, form: forms.ConfirmLoginCodeForm) -> HttpResponse:
        if not self._process.record_invalid_attempt():
            return self._give_up()
        left = settings.ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS - self._process.state["failed_attempts"]
        form.add_error(
            "code", ngettext("Il reste %(n)d essai.", "Il reste %(n)d essais.", left) % {"n": left}
        )
        return self.render_to_response(self.get_context_data(form=form))

    def _give_up(self) -> HttpResponse:
        self._process.abort()
        messages.error(self.request, AccountAdapter.error_messages["too_many_login_attempts"])
        return redirect("account_login")

    def _resend_form_valid(self, form: Any) -> HttpResponse:
        """Send another code, valid for its own ten minutes; the tries already made still count."""
        key = self._process.state["user_id"]
        if self._wait() > 0 or not ratelimit.consume(
            self.request, action="login_code_sent", key=key
        ):
            messages.error(self.request, _("Attendez un peu avant de demander un autre code."))
            return redirect("account_confirm_login_code")
        self._process.state["at"] = time.time()
        response = super()._resend_form_valid(form)
        messages.success(self.request, _("Un nouveau code vous a été envoyé."))
        return response

    def _wait(self) -> int:
        """Seconds before another code may be asked for."""
        left = self._process.state["at"] + settings.LOGIN_CODE_RESEND_AFTER - time.time()
        return max(int(left + 0.999), 0)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "wait": self._wait()}


class LogoutView(Page, allauth.LogoutView):
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Leave Pro Santé Connect too when it is what opened this session."""
        token = request.session.get(leaving.ID_TOKEN)
        response = super().post(request, *args, **kwargs)
        return leaving.page_to_provider(request, token) or response if token else response


class PasswordResetView(Page, FormView):
    """Ask for the link that sets a password: the same answer, as fast, account or not."""

    template_name = "account/password_reset.html"
    form_class = forms.PasswordResetForm

    def form_valid(self, form: forms.PasswordResetForm) -> HttpResponse:
        email = form.cleaned_data["email"].lower()
        if not ratelimit.consume(self.request, action="reset_password", key=email):
            return too_many_requests(self.request)
        user = form.user()
        jobs.send_password_link.defer(user_id=str(user.pk) if user else None)
        return redirect("account_reset_password_done")


class PasswordResetDoneView(Page, allauth.PasswordResetDoneView):
    pass


class PasswordResetFromKeyView(Page, allauth.PasswordResetFromKeyView):
    form_class = forms.ResetPasswordKeyForm
    success_url = reverse_lazy("account_login")

    def form_valid(self, form: forms.ResetPasswordKeyForm) -> HttpResponse:
        """Whoever has the former password is put out of every session that is open."""
        response = super().form_valid(form)
        devices.close(Device.objects.filter(user=self.reset_user))
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {"token_fail": False, "form": None, **super().get_context_data(**kwargs)}


login = public_view(LoginView.as_view())
confirm_code = public_view(ConfirmCodeView.as_view())
logout = public_view(LogoutView.as_view())
password_reset = public_view(PasswordResetView.as_view())
password_reset_done = public_view(PasswordResetDoneView.as_view())
password_reset_from_key = public_view(PasswordResetFromKeyView.as_view())
