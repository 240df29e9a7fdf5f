"""What is typed, or signed by a passkey, at the second step and to change it."""

import base64
import json
from typing import Any

from allauth.account import forms as allauth
from allauth.core import context
from allauth.mfa.base import forms as base
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.internal.flows.add import validate_can_add_authenticator
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.webauthn import forms as webauthn
from allauth.mfa.webauthn.internal import auth as webauthn_auth
from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ronde.accounts.forms import plain
from ronde.accounts.mfa import secrets
from ronde.accounts.mfa.adapter import MFAAdapter, site_origin
from ronde.accounts.models import User

# A code of the app is accepted one step early or late, hence during three steps: it is spent for
# longer than that (allauth forgets it after one step).
SPENT_FOR = 120
LONGEST_NAME = 60
WRONG_CODE, WRONG_KEY = "incorrect_code", "incorrect_passkey"


def _spend(user: User, code: str) -> None:
    """Refuse a code of the app that this account already used, here or elsewhere."""
    digits = "".join(filter(str.isdigit, code))
    if not cache.add(f"accounts.totp_spent:{user.pk}:{digits}", value=True, timeout=SPENT_FOR):
        raise MFAAdapter().validation_error(WRONG_CODE)


class _CodeForm:
    """A code of the app or a recovery code."""

    fields: dict[str, forms.Field]
    user: User
    authenticator: Authenticator

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain(self.fields["code"], _("Code de l'application, ou code de secours"))

    def clean_code(self) -> str:
        code = super().clean_code()  # type: ignore[misc]
        if self.authenticator.type == Authenticator.Type.TOTP:
            _spend(self.user, code)
        return code


class AuthenticateForm(_CodeForm, base.AuthenticateForm):
    pass


class ReauthenticateForm(_CodeForm, base.ReauthenticateForm):
    pass


class ConfirmPasswordForm(allauth.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain(self.fields["password"], _("Mot de passe"))


class ActivateTOTPForm(forms.Form):
    """The first code of an app that has just been given our secret."""

    code = forms.CharField(label=_("Code affiché par l'application"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.user = kwargs.pop("user")
        super().__init__(*args, **kwargs)
        self.secret = self._secret()

    def _secret(self) -> str:
        """The secret being given: encrypted in the session until the app proves that it has it."""
        kept = context.request.session.get(totp.SECRET_SESSION_KEY)
        if kept:
            return secrets.decrypt(kept)
        made = totp.generate_totp_secret()
        context.request.session[totp.SECRET_SESSION_KEY] = secrets.encrypt(made)
        return made

    def clean_code(self) -> str:
        validate_can_add_authenticator(self.user)
        forget = check_rate_limit(self.user)
        code = self.cleaned_data["code"]
        if not totp.validate_totp_code(self.secret, code):
            raise MFAAdapter().validation_error(WRONG_CODE)
        forget()
        _spend(self.user, code)
        return code


def _check_origin(credential: Any) -> None:
    """Accept what was signed on this very site: not on another name or port of the same machine."""
    try:
        signed = base64.urlsafe_b64decode(credential["response"]["clientDataJSON"] + "===")
        origin = json.loads(signed)["origin"]
    except (KeyError, TypeError, ValueError):
        origin = None
    if origin != site_origin():
        raise MFAAdapter().validation_error(WRONG_KEY)


class PasskeyForm(webauthn.AuthenticateWebAuthnForm):
    def clean_credential(self) -> Authenticator:
        _check_origin(self.cleaned_data["credential"])
        try:
            return super().clean_credential()
        except ValidationError as refused:
            if refused.code == "incorrect_code":
                raise MFAAdapter().validation_error(WRONG_KEY) from refused
            raise


class LoginPasskeyForm(PasskeyForm):
    passwordless = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, user=None, **kwargs)


class ConfirmPasskeyForm(PasskeyForm):
    reauthenticated = True


class AddPasskeyForm(webauthn.AddWebAuthnForm):
    """A new passkey; all of ours can sign in alone, hence ask for a finger, a face or a PIN."""

    passwordless = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain(self.fields["name"], _("Nom de cette clé"), maxlength=str(LONGEST_NAME))
        self.fields["name"].max_length = LONGEST_NAME

    def clean_name(self) -> str:
        return super().clean_name()[:LONGEST_NAME]

    def clean_credential(self) -> Any:
        _check_origin(self.cleaned_data["credential"])
        return self.cleaned_data["credential"]

    def creation_options(self) -> str:
        return json.dumps(dict(webauthn_auth.begin_registration(self.user, passwordless=True)))


class RenamePasskeyForm(webauthn.EditWebAuthnForm):
    name = forms.CharField(label=_("Nom de cette clé"), max_length=LONGEST_NAME)


class ChangePasswordForm(allauth.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain(self.fields["oldpassword"], _("Mot de passe actuel"))
        plain(self.fields["password1"], _("Nouveau mot de passe"))
        self.fields["password1"].help_text = _(
            "12 caractères au moins. Une phrase est facile à retenir."
        )
        plain(self.fields["password2"], _("Le même, une seconde fois"))
