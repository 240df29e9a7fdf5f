"""What is asked before an access that is out of the ordinary."""

from django import forms
from django.core.validators import MinLengthValidator
from django.utils.translation import gettext_lazy as _

from ronde.careteam.models import BreakGlassReason

SHORTEST_REASON, LONGEST_REASON = 10, 500


class BreakGlassForm(forms.Form):
    reason = forms.TypedChoiceField(
        label=_("Motif"),
        choices=BreakGlassReason.choices,
        coerce=BreakGlassReason,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez le motif.")},
    )
    detail = forms.CharField(
        label=_("Précisez la situation"),
        help_text=_("Le cercle de soins lira ce texte, et l'accès sera contrôlé a posteriori."),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        validators=[
            MinLengthValidator(
                SHORTEST_REASON, _("Dites-en un peu plus : au moins %(limit_value)s caractères.")
            )
        ],
        error_messages={"required": _("Précisez la situation en quelques mots.")},
    )


class AskAccessForm(forms.Form):
    text = forms.CharField(
        label=_("Pourquoi un accès durable ?"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
        error_messages={"required": _("Dites au cercle pourquoi vous suivrez ce patient.")},
    )
