"""What a validator decides about a request for an account."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronde.accounts.request_models import AccountRequest, RefusalReason, RequestKind
from ronde.console.account_queries import Wished
from ronde.core import checks


class VersionForm(forms.Form):
    """Every decision says which version of the request was read."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class AcceptForm(VersionForm):
    """The structures ticked, among those asked for; the address, when a colleague gave none."""

    email = forms.CharField(
        label=gettext_lazy("Adresse e-mail du compte"),
        max_length=254,
        required=False,
        widget=forms.EmailInput({"autocomplete": "off"}),
    )
    structures = forms.MultipleChoiceField(
        label=gettext_lazy("Rattacher à"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, *args: Any, asked: AccountRequest, wished: tuple[Wished, ...], **options: Any
    ) -> None:
        confirmed = [str(w.structure.pk) for w in wished if w.opinion and w.opinion.confirmed]
        options["initial"] = {
            "version": asked.version,
            "email": asked.email,
            "structures": confirmed,
        }
        super().__init__(*args, **options)
        self.fields["structures"].choices = [(str(w.structure.pk), _said(w)) for w in wished]
        if asked.kind == RequestKind.SELF:
            del self.fields["email"]
        else:
            self.fields["email"].required = True

    def clean_email(self) -> str:
        try:
            return checks.email(self.cleaned_data["email"]).lower()
        except checks.CheckError as error:
            raise forms.ValidationError(str(error)) from None


def _said(wished: Wished) -> str:
    name = wished.structure.party.display_name
    if wished.opinion is None:
        return _("%(name)s – pas d’avis") % {"name": name}
    said = _("%(name)s – confirmé par %(by)s") if wished.opinion.confirmed else ""
    said = said or _("%(name)s – infirmé par %(by)s")
    return said % {"name": name, "by": wished.opinion.by_name}


class RefuseForm(VersionForm):
    reason = forms.ChoiceField(
        label=gettext_lazy("Motif"), choices=RefusalReason.choices, widget=forms.RadioSelect
    )
    text = forms.CharField(
        label=gettext_lazy("Explication, envoyée avec le motif"),
        max_length=1_000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if values.get("reason") == RefusalReason.OTHER and not values.get("text"):
            self.add_error("text", _("Dites pourquoi : ce motif seul n'explique rien."))
        return values


class MoreForm(VersionForm):
    question = forms.CharField(
        label=gettext_lazy("Ce qui manque"),
        max_length=1_000,
        widget=forms.Textarea({"rows": 4, "autofocus": True}),
        help_text=gettext_lazy("Envoyé tel quel, avec un lien pour répondre valable 14 jours."),
    )
