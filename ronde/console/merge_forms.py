"""What the identity cell types about two records."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST = 300
MOST = 2**62


def _why(label: Any, missing: Any, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=LONGEST,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": missing},
    )


def _number(label: Any, **attrs: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=1,
        max_value=MOST,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", **attrs}),
        error_messages={
            "required": _("Indiquez le numéro du dossier."),
            "invalid": _("Un numéro de dossier ne contient que des chiffres."),
        },
    )


class PairForm(forms.Form):
    first = _number(_("N° du premier dossier"), autofocus=True)
    second = _number(_("N° du second dossier"))


class ReasonForm(forms.Form):
    reason = _why(
        _("Raison"),
        _("Indiquez la raison."),
        _("Lue dans le fil d'actualité des dossiers : aucune donnée de santé."),
    )


class MergeForm(ReasonForm):
    """`confirmed` is asked when one of the two is marked as a homonym."""

    confirmed = _why(
        _("Ce qui prouve que c'est la même personne"),
        _("Une identité est marquée homonyme : indiquez ce qui prouve l'identité commune."),
    )

    def __init__(self, *args: Any, homonyms: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not homonyms:
            del self.fields["confirmed"]
