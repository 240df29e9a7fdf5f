"""What an administrator types in the console."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronde.accounts.models import DutyKind, User


class DutyForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("Adresse e-mail du compte"),
        widget=forms.EmailInput(attrs={"autocomplete": "off", "autofocus": True}),
        error_messages={"required": gettext_lazy("Indiquez l'adresse e-mail du compte.")},
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Fonction"), choices=DutyKind.choices, widget=forms.RadioSelect
    )

    def clean_email(self) -> Any:
        """The account itself, open and known."""
        email = self.cleaned_data["email"].lower()
        user = User.objects.filter(email=email, is_active=True).first()
        if user is None:
            raise forms.ValidationError(_("Aucun compte ouvert n'a cette adresse."))
        return user
