"""Choosing in a nomenclature what the region offers, said in words when it no longer does."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from ronde.terminology.queries import concept


class _Offered:
    """The form gives `choices`, what is already held included; another code is refused."""

    def __init__(self, system: str, **options: Any) -> None:
        self.system = system
        super().__init__(**options)

    def valid_value(self, value: Any) -> bool:
        if super().valid_value(value):  # type: ignore[misc]
            return True
        found = concept(self.system, str(value))
        if found is None or found.offered:
            return False
        raise forms.ValidationError(
            _("« %(label)s » n’est plus proposé dans la région : faites un autre choix."),
            code="invalid_choice",
            params={"label": found.label},
        )


class OfferedField(_Offered, forms.ChoiceField):
    pass


class OfferedManyField(_Offered, forms.MultipleChoiceField):
    pass


def with_held(choices: list[tuple[str, str]], system: str, held: str) -> list[tuple[str, str]]:
    """Add the present value to what is offered, so that it is not lost when the rest is changed."""
    found = concept(system, held) if held and held not in dict(choices) else None
    return [*choices, (found.code, found.label)] if found else choices
