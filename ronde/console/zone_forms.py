"""What an administrator types to draw a zone."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronde.patients.zones import LONGEST, codes_of_lines
from ronde.terminology import queries as terminology


class ZoneForm(forms.Form):
    """`communes` are the boxes left checked, `ajout` the commune found, `collees` a pasted list."""

    name = forms.CharField(
        label=gettext_lazy("Nom de la zone"),
        max_length=LONGEST,
        error_messages={"required": gettext_lazy("Nommez la zone.")},
    )
    collees = forms.CharField(
        label=gettext_lazy("Coller une liste"),
        required=False,
        max_length=20_000,
        help_text=gettext_lazy(
            "Une commune par ligne : code INSEE ou code postal. Un code postal prend toutes ses"
            " communes."
        ),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.codes: list[str] = []

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
        self.codes = sorted(known.union(self.cleaned_data.get("collees") or []))
        if not self.codes and not self.errors:
            raise ValidationError(_("Ajoutez au moins une commune."))
        return self.cleaned_data

    def with_nothing_pasted(self) -> "ZoneForm":
        """The same form once its list has become boxes."""
        data = self.data.copy()
        data["collees"] = ""
        data.setlist("communes", self.codes)
        data["ajout"] = ""
        form = ZoneForm(data)
        form.is_valid()
        return form
