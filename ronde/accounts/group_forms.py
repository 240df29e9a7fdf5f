"""What is typed about favourite groups and about colleagues."""

from django import forms
from django.utils.translation import gettext_lazy as _


class GroupNameForm(forms.Form):
    name = forms.CharField(label=_("Nom du groupe"), max_length=60)


class PartyForm(forms.Form):
    """Somebody chosen in the directory."""

    party = forms.UUIDField(
        label=_("Nom, RPPS, profession, ville ou structure"),
        error_messages={
            "required": _("Choisissez dans la liste de l’annuaire."),
            "invalid": _("Choisissez dans la liste de l’annuaire."),
        },
    )


class ShareForm(PartyForm):
    may_edit = forms.BooleanField(label=_("Peut aussi le modifier"), required=False)
