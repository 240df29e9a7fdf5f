"""What an administrator types about the rights matrix."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronde.careteam import matrix
from ronde.careteam.matrix import Key
from ronde.careteam.models import Level
from ronde.careteam.sections import SECTIONS

INHERITED = ""
PREFIX = "s-"


class LineForm(forms.Form):
    """The levels of one line, one field for each section; `version` is what they started from."""

    profession = forms.CharField(required=False, widget=forms.HiddenInput)
    role = forms.CharField(required=False, widget=forms.HiddenInput)
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(INHERITED, _("hérité")), *((str(value), name) for value, name in Level.choices)]
        for name, label in SECTIONS.items():
            self.fields[PREFIX + name] = forms.ChoiceField(
                label=label, choices=choices, required=False
            )

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        key = Key(values.get("profession", ""), values.get("role", ""))
        if not matrix.is_known(key):
            raise forms.ValidationError(_("Cette profession ou ce rôle n'existe pas."))
        if key == Key() and any(values.get(PREFIX + name, "") == INHERITED for name in SECTIONS):
            raise forms.ValidationError(
                _("La ligne de tout le monde donne un niveau à chaque rubrique.")
            )
        return values

    @property
    def key(self) -> Key:
        return Key(self.cleaned_data["profession"], self.cleaned_data["role"])

    @property
    def levels(self) -> dict[str, int | None]:
        asked = {name: self.cleaned_data[PREFIX + name] for name in SECTIONS}
        return {name: None if value == INHERITED else int(value) for name, value in asked.items()}


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Motif du changement"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Gardé dans l'historique avec votre nom."),
        error_messages={"required": gettext_lazy("Indiquez pourquoi la matrice change.")},
    )
