"""What an administrator types to draw a zone."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronde.patients.zones import LONGEST, codes_of_lines, communes_of
from ronde.terminology import queries as terminology


class ZoneForm(forms.Form):
    """`communes` are the boxes left checked, `ajout` the commune found, `departement` one taken
    whole, `collees` a pasted list.
    """

    name = forms.CharField(
        label=gettext_lazy("Nom de la zone"),
        max_length=LONGEST,
        error_messages={"required": gettext_lazy("Nommez la zone.")},
    )
    departement = forms.ChoiceField(
        label=gettext_lazy("Ajouter un département entier"), required=False
    )
    collees = forms.CharField(
        label=gettext_lazy("Coller une liste"),
        required=False,
        max_length=20_000,
        help_text=gettext_lazy(
            "Un code par ligne : INSEE, postal ou département. Un code postal et un département"
            " prennent toutes leurs communes."
        ),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.codes: list[str] = []
        self.fields["departement"].choices = [
            ("", _("Choisir…")),
            *((one.code, f"{one.code} · {one.label}") for one in terminology.departements()),
        ]

    @property
    def seen(self) -> str:
        """What the summary that was shown said."""
        return str(self.data.get("vu", ""))

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_collees(self) -> list[str]:
        found, errors = codes_of_lines(self.cleaned_data["collees"])
        if errors:
            raise ValidationError(errors)
        return found

    def clean(self) -> dict[str, Any]:
        checked = [*self.data.getlist("communes"), self.data.get("ajout", "")]
        known = {code for code in checked if code and terminology.commune(code) is not None}
        whole = communes_of(self.cleaned_data.get("departement") or "")
        self.codes = sorted(known.union(self.cleaned_data.get("collees") or [], whole))
        if not self.codes and not self.errors:
            raise ValidationError(_("Ajoutez au moins une commune."))
        return self.cleaned_data

    def with_nothing_pasted(self) -> "ZoneForm":
        """The same form once its list has become boxes."""
        data = self.data.copy()
        data["collees"] = data["departement"] = ""
        data.setlist("communes", self.codes)
        data["ajout"] = ""
        form = ZoneForm(data)
        form.is_valid()
        return form
