"""What is typed in the feed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ronde.feed.queries import ACTIVE, IMPORTANT, NOTES, VERY_IMPORTANT
from ronde.journal.models import Weight

LONGEST_NOTE = 2_000
WEIGHTS = [
    (Weight.NORMAL.value, _("Normale")),
    (Weight.IMPORTANT.value, _("Importante")),
    (Weight.VERY_IMPORTANT.value, _("Très importante")),
]
KIND_LABELS = [
    (IMPORTANT, _("Important")),
    (VERY_IMPORTANT, _("Très important")),
    (NOTES, _("Notes")),
    (ACTIVE, _("Événements actifs")),
]


class NoteForm(forms.Form):
    text = forms.CharField(
        label=_("Texte de la note"),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 5, "autofocus": True}),
        error_messages={"required": _("Écrivez la note.")},
    )
    weight = forms.TypedChoiceField(
        label=_("Importance"),
        choices=WEIGHTS,
        coerce=lambda value: Weight(int(value)),
        initial=Weight.NORMAL,
        widget=forms.RadioSelect,
    )


class KindsForm(forms.Form):
    """Which kinds of lines to show; what the address does not know is left out."""

    afficher = forms.MultipleChoiceField(
        label=_("Afficher"),
        choices=KIND_LABELS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def kinds(self) -> list[str]:
        known: list[Any] = [kind for kind, _label in KIND_LABELS]
        return [kind for kind in self.data.getlist("afficher") if kind in known]
