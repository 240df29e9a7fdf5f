"""What an administrator types to write and to publish the terms of use."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronde.accounts.terms_actions import WRITTEN
from ronde.accounts.terms_models import LONGEST_SUMMARY, LONGEST_TEXT
from ronde.core.markdown import faults

FARTHEST = timedelta(days=366)


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class DraftForm(forms.Form):
    """`conflict`: somebody else was first."""

    summary = forms.CharField(
        label=gettext_lazy("Ce qui change"),
        max_length=LONGEST_SUMMARY,
        widget=_area(3),
        help_text=gettext_lazy(
            "Montré au-dessus du texte à qui a accepté une version précédente. 500 caractères."
        ),
        error_messages={"required": gettext_lazy("Dites en quelques mots ce qui change.")},
    )
    text = forms.CharField(
        label=gettext_lazy("Texte en français"),
        max_length=LONGEST_TEXT,
        widget=_area(22),
        help_text=gettext_lazy(
            "Une ligne vide sépare deux paragraphes. ## Titre ; - ligne d'une liste ; **gras** ;"
            " [texte du lien](https://…)."
        ),
        error_messages={"required": gettext_lazy("Écrivez le texte des conditions.")},
    )
    summary_en = forms.CharField(
        label=gettext_lazy("Ce qui change, en anglais"),
        max_length=LONGEST_SUMMARY,
        required=False,
        widget=_area(3),
    )
    text_en = forms.CharField(
        label=gettext_lazy("Texte en anglais"),
        max_length=LONGEST_TEXT,
        required=False,
        widget=_area(12),
        help_text=gettext_lazy("Laissé vide : le texte français est montré, et la page le dit."),
    )
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)
    conflict = False

    def clean_text(self) -> str:
        return self._checked("text")

    def clean_text_en(self) -> str:
        return self._checked("text_en")

    def _checked(self, name: str) -> str:
        text = self.cleaned_data[name].replace("\r\n", "\n")
        found = faults(text)
        if found:
            raise ValidationError(found)
        return text

    @property
    def written(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in WRITTEN}


class PublishForm(forms.Form):
    """From when; `seen` once the sentence that says what will happen was read."""

    NOW, LATER = "maintenant", "date"
    when = forms.ChoiceField(
        label=gettext_lazy("Entrée en vigueur"),
        choices=[
            (NOW, gettext_lazy("Dès maintenant")),
            (LATER, gettext_lazy("À partir d'une date")),
        ],
        initial=NOW,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choisissez quand.")},
    )
    day = forms.DateField(
        label=gettext_lazy("Date"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Si elle n'est pas immédiate ; à partir de 0 h."),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if values.get("when") == self.NOW:
            values["day"] = None
        elif "when" in values and "day" in values:
            self._check(values["day"])
        return values

    def _check(self, day: date | None) -> None:
        today = timezone.localdate()
        if day is None:
            self.add_error("day", _("Indiquez la date."))
        elif day <= today:
            self.add_error("day", _("Choisissez une date à venir, ou « Dès maintenant »."))
        elif day > today + FARTHEST:
            self.add_error("day", _("Vérifiez l'année : un an à l'avance au plus."))
