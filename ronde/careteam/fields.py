"""The fields that several forms of the circle share."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronde.core import checks, formats
from ronde.terminology.fields import OfferedManyField

YES_NO = (("oui", gettext_lazy("Oui")), ("non", gettext_lazy("Non")))
TITLES = (("M", gettext_lazy("Monsieur")), ("MME", gettext_lazy("Madame")))
POSTCODE = r"^\d{5}$"


class CheckedField(forms.CharField):
    """Text that a function of `core.checks` brings to its stored form, or refuses in a sentence."""

    def __init__(self, check: Callable[[str], str], *, shown: Any = str, **options: Any) -> None:
        self.check, self.shown = check, shown
        super().__init__(**{"required": False, "max_length": 254, **options})

    def prepare_value(self, value: Any) -> Any:
        return self.shown(value) if value else value

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            return checks.optional(self.check, text)
        except checks.CheckError as error:
            raise forms.ValidationError(str(error)) from None


def phone_field(label: Any) -> CheckedField:
    return CheckedField(
        checks.phone,
        shown=formats.phone,
        label=label,
        widget=forms.TextInput({"inputmode": "tel", "autocomplete": "off"}),
    )


def email_field() -> CheckedField:
    return CheckedField(
        checks.email,
        label=gettext_lazy("E-mail"),
        widget=forms.TextInput({"inputmode": "email", "autocomplete": "off"}),
    )


def number_field(check: Callable[[str], str], label: Any) -> CheckedField:
    attrs = {"inputmode": "text", "autocomplete": "off"}
    return CheckedField(check, label=label, widget=forms.TextInput(attrs), max_length=40)


def text_field(label: Any, length: int, *, required: bool = False) -> forms.CharField:
    attrs = {"autocomplete": "off"}
    return forms.CharField(
        label=label, max_length=length, required=required, widget=forms.TextInput(attrs)
    )


def roles_field() -> forms.MultipleChoiceField:
    return OfferedManyField(
        "roles",
        label=gettext_lazy("Rôle(s) dans le cercle"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


def postcode_field() -> forms.RegexField:
    return forms.RegexField(
        POSTCODE,
        label=gettext_lazy("Code postal"),
        required=False,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "maxlength": "5"}),
        error_messages={"invalid": gettext_lazy("Le code postal compte 5 chiffres.")},
    )


def description_field() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Description"),
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 2}),
    )


def radio_field(
    label: Any, answers: Iterable[tuple[str, Any]], **options: Any
) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=list(answers), required=False, widget=forms.RadioSelect, **options
    )


class ReviewMixin(forms.Form):
    """When a habilitation is to be looked at again."""

    review_on = forms.DateField(
        label=gettext_lazy("À revoir le"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=gettext_lazy("Laissez vide pour la durée habituelle."),
        error_messages={"invalid": gettext_lazy("Indiquez une date : JJ/MM/AAAA.")},
    )

    def clean_review_on(self) -> date | None:
        """A day to come; one that is past may stay as it was."""
        chosen = self.cleaned_data["review_on"]
        former = self.member.review_on if self.member else None
        if chosen and chosen != former and chosen <= timezone.localdate():
            raise forms.ValidationError(_("Choisissez une date à venir."))
        return chosen
