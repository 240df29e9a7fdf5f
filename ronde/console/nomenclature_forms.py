"""What an administrator types about a role of the region."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ronde.console.nomenclature_queries import imported_roles


class RoleForm(forms.Form):
    """`former` is the name that was shown when one began."""

    display = forms.CharField(
        label=_("Nom du rôle"),
        max_length=60,
        widget=forms.TextInput({"autocomplete": "off", "autofocus": True}),
        error_messages={"required": _("Écrivez le nom du rôle.")},
    )
    close_to = forms.ChoiceField(
        label=_("Rôle existant le plus proche"),
        help_text=_("Proposé aux mêmes membres, et transmis comme lui aux autres logiciels."),
        error_messages={"required": _("Choisissez le rôle le plus proche.")},
    )
    former = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["close_to"].choices = [("", ""), *imported_roles()]

    def clean_display(self) -> str:
        return " ".join(self.cleaned_data["display"].split())
