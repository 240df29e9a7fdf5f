"""What is typed to sign in, and in the profile."""

from typing import Any

from allauth.account import forms as allauth
from django import forms
from django.utils.translation import gettext_lazy as _

from ronde.accounts.models import User

CODE_LENGTH = 6


def plain(field: forms.Field, label: Any, **attrs: str) -> None:
    """Keep allauth's field, with our label, and without its placeholder nor its help."""
    field.label, field.help_text = label, ""
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs.update(attrs)


class LoginForm(allauth.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain(self.fields["login"], _("Adresse e-mail"), autocomplete="username")
        plain(self.fields["password"], _("Mot de passe"))


class ConfirmLoginCodeForm(allauth.ConfirmLoginCodeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain(self.fields["code"], _("Code reçu par e-mail"))


class PasswordResetForm(forms.Form):
    email = forms.EmailField(
        label=_("Adresse e-mail"),
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )

    def user(self) -> User | None:
        """The account of this address, if it is open."""
        email = self.cleaned_data["email"].lower()
        return User.objects.filter(email=email, is_active=True).first()


class ResetPasswordKeyForm(allauth.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain(self.fields["password1"], _("Nouveau mot de passe"))
        self.fields["password1"].help_text = _(
            "12 caractères au moins. Une phrase est facile à retenir."
        )
        plain(self.fields["password2"], _("Le même, une seconde fois"))


class ShortcutsForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["single_key_shortcuts"]
        labels = {"single_key_shortcuts": _("Raccourcis clavier à une touche")}
