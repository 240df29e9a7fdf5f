"""The fields of identity forms, in the words of AZUREZO, sheets 13 and 14."""

from functools import partial
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ronde.core import checks, formats
from ronde.core.fields import CheckedField
from ronde.patients import nir, traits
from ronde.patients.models import Sex

FRANCE, ABROAD, UNKNOWN = "france", "etranger", "inconnu"
WHERE = [
    (FRANCE, _("En France")),
    (ABROAD, _("À l'étranger")),
    (UNKNOWN, _("Lieu inconnu (99999)")),
]


def name_field(label: Any, missing: Any) -> CheckedField:
    """A birth name or given name. «VIDE» passes here: whether it may stand depends on the form."""
    return CheckedField(
        partial(traits.name, fictitious=True), label=label, error_messages={"required": missing}
    )


def free_name_field(label: Any, **options: Any) -> CheckedField:
    """A name that is checked against another one by the form."""
    return CheckedField(str.strip, label=label, required=False, **options)


def birth_date_field() -> CheckedField:
    return CheckedField(
        lambda text: traits.birth_date(text, timezone.localdate()),
        shown=formats.day,
        label=_("Date de naissance"),
        empty=None,
        max_length=20,
        error_messages={"required": _("Veuillez indiquer la date de naissance (JJ/MM/AAAA).")},
    )


def sex_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("Sexe"),
        choices=[("", _("Sélectionner")), *Sex.choices],
        error_messages={"required": _("Veuillez indiquer le sexe.")},
    )


def where_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("Lieu de naissance"),
        choices=WHERE,
        initial=FRANCE,
        widget=forms.RadioSelect,
        error_messages={"required": _("Veuillez indiquer le lieu de naissance.")},
    )


def code_field(label: Any) -> forms.CharField:
    """A place chosen in a list: its code."""
    return forms.CharField(label=label, required=False, max_length=5)


def twin_field() -> CheckedField:
    return CheckedField(
        traits.twin_rank,
        label=_("Rang gémellaire"),
        required=False,
        empty=None,
        max_length=2,
        widget=forms.TextInput({"inputmode": "numeric"}),
        help_text=_("Pour des jumeaux : 1 pour le premier né, puis 2, 3…"),
    )


def nir_field(label: Any, **options: Any) -> CheckedField:
    return CheckedField(
        nir.check_nir,
        label=label,
        required=False,
        max_length=30,
        widget=forms.TextInput({"inputmode": "numeric"}),
        **options,
    )


class PhoneField(CheckedField):
    """Shown as it is read in France, stored in E.164."""

    def __init__(self, label: Any) -> None:
        super().__init__(
            checks.phone,
            label=label,
            required=False,
            max_length=40,
            widget=forms.TextInput({"inputmode": "tel"}),
        )

    def prepare_value(self, value: Any) -> Any:
        return formats.phone(value) if value else value


def email_field() -> CheckedField:
    return CheckedField(
        checks.email,
        label=_("E-mail"),
        required=False,
        widget=forms.TextInput({"inputmode": "email"}),
    )


def line_field(label: Any, length: int = 250) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=length,
        widget=forms.TextInput({"autocomplete": "off"}),
    )


def postcode_field() -> forms.RegexField:
    return forms.RegexField(
        r"^\d{5}$",
        label=_("Code postal"),
        required=False,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "maxlength": "5"}),
        error_messages={"invalid": _("Le code postal compte 5 chiffres.")},
    )


def flag_field(label: Any, help_text: Any = "") -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False, help_text=help_text)
