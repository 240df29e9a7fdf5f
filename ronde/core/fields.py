"""Fields of forms whose value a check brings to the form in which it is stored."""

from collections.abc import Callable
from typing import Any

from django import forms

from ronde.core.checks import CheckError


class CheckedField(forms.CharField):
    """Text that `check` turns into what is stored, or refuses in a sentence shown beside the field.

    `shown` turns a stored value into text. Left empty, an optional field gives `empty`.
    """

    def __init__(
        self,
        check: Callable[[str], Any],
        *,
        shown: Callable[[Any], str] = str,
        empty: Any = "",
        **options: Any,
    ) -> None:
        self.check, self.shown, self.empty = check, shown, empty
        super().__init__(**{"max_length": 254, **options})
        self.widget.attrs.setdefault("autocomplete", "off")

    def prepare_value(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else self.shown(value)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text.strip():
            return self.empty
        try:
            return self.check(text)
        except CheckError as error:
            raise forms.ValidationError(str(error)) from None
