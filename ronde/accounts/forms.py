"""What is typed to sign in, and in the profile."""

from typing import Any

from allauth.account import forms as allauth
from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from ronde.accounts import patient_data
from ronde.accounts.models import SupportRequest, User
from ronde.core import checks
from ronde.core.fields import CheckedField

LONGEST_REQUEST = 4_000


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


class SupportForm(forms.Form):
    """A request to the support. Who is signed in is known: name and address are not asked."""

    name = forms.CharField(
        label=_("Votre nom"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = CheckedField(
        checks.email,
        label=_("Votre adresse e-mail"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    category = forms.ChoiceField(
        label=_("Sujet"), choices=[("", _("Choisir…")), *SupportRequest.Category.choices]
    )
    text = forms.CharField(
        label=_("Votre demande"),
        help_text=_("Ce que vous vouliez faire, ce qui s’est passé."),
        max_length=LONGEST_REQUEST,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Écrivez votre demande.")},
    )
    phone = CheckedField(
        checks.phone,
        label=_("Téléphone où vous rappeler"),
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    # Seen by no one: what fills it in is a machine.
    site = forms.CharField(required=False, max_length=200)

    def __init__(self, *args: Any, user: User | None = None, **kwargs: Any) -> None:
        # It opens over any page, whose own form may have the usual ids.
        super().__init__(*args, auto_id="aide_%s", **kwargs)
        self.fields["category"].error_messages["required"] = _("Choisissez un sujet.")
        if user is not None:
            for name in ("name", "email", "site"):
                del self.fields[name]

    def clean_text(self) -> str:
        text = self.cleaned_data["text"]
        number = patient_data.national_number(text)
        if number:
            raise forms.ValidationError(
                _(
                    "« %(found)s » est un numéro de sécurité sociale (INS) valable : retirez-le."
                    " L’assistance n’en a pas besoin, et ne doit pas le recevoir."
                ),
                params={"found": number},
            )
        dated = patient_data.dated_name(text)
        if dated:
            raise forms.ValidationError(
                _(
                    "« %(found)s » près d’un nom ressemble à l’identité d’un patient : retirez le"
                    " nom ou la date. Dites plutôt sur quelle page et à quelle heure."
                ),
                params={"found": dated},
            )
        return text

    @property
    def is_from_a_machine(self) -> bool:
        return bool(self.cleaned_data.get("site"))


class LanguageForm(forms.Form):
    language = forms.ChoiceField(choices=settings.LANGUAGES)
