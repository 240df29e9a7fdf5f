"""Adding somebody of the directory, and asking for their account when they have none."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from ronde.careteam.awaiting import Wish
from ronde.careteam.fields import email_field, phone_field
from ronde.careteam.forms import DirectoryForm
from ronde.directory.models import Party


class AddForm(DirectoryForm):
    """What is known to reach them is proposed; the request may leave without it."""

    ask_account = forms.BooleanField(
        required=False, label=gettext_lazy("Demander la création de son compte")
    )
    account_email = email_field()
    account_phone = phone_field(gettext_lazy("Téléphone"))

    def __init__(self, *args: Any, party: Party, has_account: bool, **options: Any) -> None:
        options["initial"] = {"account_email": party.email, "account_phone": party.phone}
        super().__init__(*args, **options)
        self.may_ask = not party.is_structure and not has_account

    @property
    def account(self) -> Wish | None:
        """The account to ask for; nobody asks for one that exists, whatever was sent."""
        values = self.cleaned_data
        if not (self.may_ask and values["ask_account"]):
            return None
        return Wish(values["account_email"], values["account_phone"])
