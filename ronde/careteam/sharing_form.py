"""The fields by which one chooses to whom something is shown."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ronde.careteam.access import Access
from ronde.careteam.sharing import choices, levels
from ronde.core.sharing import Shareable, Sharing


class RecordForm(forms.Form):
    """A form that offers what `access` may do."""

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        self.access = access
        super().__init__(*args, **kwargs)


class SharingForm(RecordForm):
    """Public, shared with chosen members, or private. `row`: what is shared already, if anything.

    A recipient who no longer opens the record stays offered, so that nothing is lost by saving.
    A template draws it by `{% include form.sharing_template %}`.
    """

    sharing_template = "careteam/_sharing.html"

    sharing = forms.TypedChoiceField(
        label=_("Partage"),
        coerce=lambda value: Sharing(int(value)),
        initial=Sharing.PUBLIC.value,
        widget=forms.RadioSelect,
    )
    recipients = forms.TypedMultipleChoiceField(
        label=_("Partagé avec"),
        coerce=UUID,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, row: Shareable | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sharing"].choices = levels(self.access)
        offered = dict(choices(self.access))
        if row is not None:
            self.initial.setdefault("sharing", row.sharing)
            self.initial.setdefault("recipients", [str(key) for key in row.recipients])
            for key in row.recipients:
                offered.setdefault(str(key), _("Professionnel sans accès au dossier"))
        self.fields["recipients"].choices = list(offered.items())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("sharing") == Sharing.SHARED and cleaned.get("recipients") == []:
            message = _("Choisissez au moins une personne avec qui partager.")
            self.add_error("recipients", ValidationError(message))
        return cleaned
