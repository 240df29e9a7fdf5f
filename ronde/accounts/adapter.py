"""What django-allauth must know of the house."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.core import context, ratelimit
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from ronde.accounts import actions, mails
from ronde.accounts.addresses import is_ours
from ronde.accounts.models import User
from ronde.accounts.session import PREVIOUS

SAID = {
    "account/messages/logged_out.txt": _("Vous êtes déconnecté."),
    "account/messages/password_changed.txt": _("Votre nouveau mot de passe est enregistré."),
}


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are validated by people: there is no open sign-up at allauth's address."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("L'adresse e-mail ou le mot de passe est incorrect."),
        "too_many_login_attempts": _("Trop d'essais. Attendez quelques minutes, puis recommencez."),
        "incorrect_code": _("Code incorrect."),
        "invalid_password_reset": _("Ce lien n'est plus valable."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """Accounts have an e-mail address and no other name."""

    def is_ajax(self, request: HttpRequest) -> bool:
        """Our pages answer HTML: the JSON of allauth's forms has no reader."""
        return False

    def is_safe_url(self, url: str) -> bool:
        """Only this very site: allauth would also follow an address of another allowed host."""
        return is_ours(context.request, url)

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """Say in our words what is worth saying; the other messages of allauth stay silent."""
        said = message or SAID.get(message_template or "")
        if said:
            messages.add_message(request, level, said, extra_tags=extra_tags)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        user = User.objects.filter(email=email.lower()).first()
        mails.send(template_prefix, email, context, user=user)

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Bound the codes sent to one account: a known password must not fill a mailbox."""
        if not ratelimit.consume(request, action="login_code_sent", key=str(user.pk)):
            self.add_message(
                request, messages.ERROR, message=self.error_messages["too_many_login_attempts"]
            )
            return redirect("account_login")
        return super().pre_login(request, user, **kwargs)

    def login(self, request: HttpRequest, user: User) -> None:
        if not user.is_active:
            raise ImmediateHttpResponse(self.respond_user_inactive(request, user))
        before = user.last_login
        super().login(request, user)
        request.session[PREVIOUS] = before.isoformat() if before else None
        actions.signed_in(user)

    def logout(self, request: HttpRequest) -> None:
        actions.signed_out(request.user)
        super().logout(request)

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """An account closed between the password and the code is refused like any other."""
        clear_login(request)
        self.add_message(
            request, messages.ERROR, message=self.error_messages["email_password_mismatch"]
        )
        return redirect("account_login")
