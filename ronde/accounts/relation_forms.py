"""What is typed to ask for a delegation, or to give one."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from ronde.accounts import relations
from ronde.accounts.models import DelegationScope

BOTH = "both"


class RelationForm(forms.Form):
    """Whom, and which scopes; the party is a key that the search brought."""

    party = forms.CharField(
        label=_("Professionnel ou structure"),
        error_messages={
            "required": _("Choisissez dans la liste un professionnel ou une structure.")
        },
    )
    scope = forms.ChoiceField(
        label=_("Délégation"),
        choices=[
            (BOTH, _("Dossiers & RCP et Discussions")),
            *DelegationScope.choices,
        ],
        initial=BOTH,
    )

    def clean_party(self) -> Any:
        try:
            found = relations.candidate(UUID(self.cleaned_data["party"]))
        except ValueError:
            found = None
        if found is None:
            raise forms.ValidationError(
                _("Choisissez dans la liste un professionnel ou une structure.")
            )
        return found

    @property
    def scopes(self) -> list[str]:
        chosen = self.cleaned_data["scope"]
        return list(DelegationScope.values) if chosen == BOTH else [chosen]
