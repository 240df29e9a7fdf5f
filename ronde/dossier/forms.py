"""What is asked before what is out of the ordinary: an emergency access, a death."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.validators import MinLengthValidator
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ronde.careteam.models import BreakGlassReason
from ronde.dossier.after_death import Planned
from ronde.dossier.models import ExtractionPurpose
from ronde.followup.forms import ItemField
from ronde.followup.models import ListName
from ronde.terminology import queries as terminology

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


class DeathForm(forms.Form):
    """«Déclarer le décès du patient» (AZUREZO, sheet 32): when, or that it is not known; where.

    `planned` is what would not happen any more: all of it is proposed for cancellation.
    """

    died_on = forms.DateField(
        label=_("Date du décès"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Indiquez une date.")},
    )
    unknown = forms.BooleanField(label=_("Non connue"), required=False)
    declared_on = forms.DateField(
        label=_("Date de déclaration de décès"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "invalid": _("Indiquez une date."),
            "required": _("Indiquez la date de la déclaration."),
        },
    )
    country_code = forms.CharField(label=_("Pays du décès"), required=False, max_length=5)
    commune_code = forms.CharField(label=_("Ville du décès"), required=False, max_length=5)
    place = ItemField(ListName.DEATH_PLACE, label=_("Lieu du décès"), required=False)
    cancelled = forms.MultipleChoiceField(
        label=_("À annuler"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, planned: Sequence[Planned] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["place"].offer()
        self.fields["cancelled"].choices = [(one.key, one.label) for one in planned]
        self.initial.setdefault("cancelled", [one.key for one in planned])
        self.initial.setdefault("declared_on", timezone.localdate())

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if "died_on" in self.errors:
            return values
        if not values.get("died_on") and not values.get("unknown"):
            self.add_error(
                "died_on", gettext("Indiquez la date du décès, ou cochez qu'elle n'est pas connue.")
            )
        elif values.get("died_on") and values.get("unknown"):
            self.add_error("died_on", gettext("Une date connue ne peut pas être « non connue »."))
        self._check_declaration(values)
        return values

    def _check_declaration(self, values: dict[str, Any]) -> None:
        declared, died = values.get("declared_on"), values.get("died_on")
        if declared and declared > timezone.localdate():
            self.add_error("declared_on", gettext("La date de déclaration est à venir."))
        elif declared and died and declared < died:
            self.add_error("declared_on", gettext("La déclaration précède le décès."))

    def clean_commune_code(self) -> str:
        code = self.cleaned_data["commune_code"]
        if code and terminology.commune(code) is None:
            raise forms.ValidationError(gettext("Choisissez la ville dans la liste."))
        return code

    def clean_country_code(self) -> str:
        code = self.cleaned_data["country_code"]
        if code and terminology.concept("countries", code) is None:
            raise forms.ValidationError(gettext("Choisissez le pays dans la liste."))
        return code

    def chosen(self) -> dict[str, str]:
        """What the pickers show for the codes sent."""
        names = ("country_code", "commune_code")
        return {name: terminology.place(self.data.get(name, "")) for name in names}

    def values(self) -> dict[str, Any]:
        values = self.cleaned_data
        town = values["commune_code"]
        return {
            "died_on": values["died_on"],
            "declared_on": values["declared_on"],
            "country_code": values["country_code"],
            "commune_code": town,
            "town": terminology.place(town) if town else "",
            "place": values["place"].label if values["place"] else "",
        }


class UndoDeathForm(forms.Form):
    reason = forms.CharField(
        label=_("Pourquoi annuler cette déclaration ?"),
        max_length=250,
        error_messages={"required": _("Indiquez la raison.")},
    )
    restored = forms.MultipleChoiceField(
        label=_("À rétablir"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, cancelled: Sequence[Planned] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["restored"].choices = [(one.key, one.label) for one in cancelled]
        self.initial.setdefault("restored", [one.key for one in cancelled if one.proposed])


class ExtractionForm(forms.Form):
    purpose = forms.ChoiceField(
        label=_("Pourquoi cette extraction ?"),
        choices=ExtractionPurpose.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez le motif.")},
    )
