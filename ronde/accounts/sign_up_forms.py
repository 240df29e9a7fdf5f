"""What somebody types to ask for an account, in two steps."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronde.accounts import request_queries
from ronde.accounts.request_queries import Known
from ronde.core import checks
from ronde.directory import numbers
from ronde.directory.models import Structure
from ronde.terminology.fields import OfferedField
from ronde.terminology.queries import professions

YES, NO = "oui", "non"
REGISTERED = (
    (YES, gettext_lazy("Profession enregistrée (RPPS ou ADELI)")),
    (NO, gettext_lazy("Autre fonction, sans numéro")),
)
TITLES = (("MME", gettext_lazy("Madame")), ("M", gettext_lazy("Monsieur")))
MOST_STRUCTURES = 3


class Trap(forms.Form):
    """A field that nobody sees: what fills it is a program."""

    website = forms.CharField(required=False, label=gettext_lazy("Ne remplissez pas ce champ"))

    @property
    def is_trapped(self) -> bool:
        return bool(self.data.get("website", "").strip()) if self.is_bound else False


def _text(label: Any, length: int, **attrs: str) -> forms.CharField:
    return forms.CharField(label=label, max_length=length, widget=forms.TextInput(attrs))


class NumberForm(Trap):
    """First step: what one does, and the number that says so."""

    registered = forms.ChoiceField(
        label=gettext_lazy("Votre fonction"), choices=REGISTERED, widget=forms.RadioSelect
    )
    profession_code = OfferedField(
        "professions",
        label=gettext_lazy("Profession"),
        error_messages={"required": gettext_lazy("Choisissez votre profession.")},
    )
    rpps = forms.CharField(
        label=gettext_lazy("Numéro RPPS"),
        max_length=20,
        required=False,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
        help_text=gettext_lazy(
            "11 chiffres, sur votre carte CPS ou e-CPS, et sur annuaire.esante.gouv.fr."
        ),
    )
    adeli = forms.CharField(
        label=gettext_lazy("Numéro ADELI"),
        max_length=20,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=gettext_lazy(
            "9 signes, sur votre feuille d'enregistrement de l'agence régionale de santé. À"
            " défaut de RPPS."
        ),
    )
    function = forms.CharField(
        label=gettext_lazy("Fonction exercée"),
        max_length=120,
        error_messages={"required": gettext_lazy("Indiquez votre fonction.")},
        widget=forms.TextInput({"autocomplete": "organization-title"}),
        help_text=gettext_lazy("Par exemple : secrétaire médicale, gestionnaire de cas."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["profession_code"].choices = [("", ""), *professions()]
        if self.is_bound:  # Each answer to the first question has fields of its own.
            answer = self.data.get("registered")
            self.fields["profession_code"].required = answer == YES
            self.fields["function"].required = answer == NO

    def clean_rpps(self) -> str:
        return self._number("rpps", numbers.rpps)

    def clean_adeli(self) -> str:
        return self._number("adeli", numbers.adeli)

    def _number(self, name: str, check: Callable[[str], str]) -> str:
        if self.data.get("registered") == NO:
            return ""
        try:
            return checks.optional(check, self.cleaned_data[name])
        except checks.CheckError as error:
            raise forms.ValidationError(str(error)) from None

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if values.get("registered") == NO:
            values["profession_code"] = ""
        elif values.get("registered") == YES:
            values["function"] = ""
            if not (values.get("rpps") or values.get("adeli") or self.errors):
                self.add_error("rpps", _("Indiquez votre numéro RPPS, ou à défaut ADELI."))
        return values


class IdentityForm(Trap):
    """Second step: who one is, how to be reached, where one works.

    `known` is what the directory says of the number; `locked`: Pro Santé Connect said the name.
    """

    title = forms.ChoiceField(
        label=gettext_lazy("Civilité"), choices=TITLES, widget=forms.RadioSelect
    )
    family_name = _text(gettext_lazy("Nom d'exercice"), 120, autocomplete="family-name")
    given_name = _text(gettext_lazy("Prénom"), 120, autocomplete="given-name")
    keep_name = forms.BooleanField(
        required=False,
        label=gettext_lazy("C'est bien mon nom : ma demande sera vérifiée à la main"),
    )
    email = forms.CharField(
        label=gettext_lazy("Adresse e-mail professionnelle"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email"}),
        help_text=gettext_lazy("Un lien y sera envoyé ; elle servira à vous connecter."),
    )
    phone = forms.CharField(
        label=gettext_lazy("Téléphone"),
        max_length=30,
        widget=forms.TextInput({"inputmode": "tel", "autocomplete": "tel"}),
    )
    workplaces = forms.MultipleChoiceField(
        label=gettext_lazy("Vos lieux d'exercice, d'après l'annuaire"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Cochez les structures au nom desquelles vous devez agir."),
    )

    def __init__(
        self, *args: Any, known: Known | None = None, locked: bool = False, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.known, self.locked = known, locked
        self.name_differs = False  # Known once cleaned.
        places = known.workplaces if known else ()
        self.fields["workplaces"].choices = [(str(key), name) for key, name in places]
        for rank in range(1, MOST_STRUCTURES + 1):
            self.fields[f"structure_{rank}"] = forms.UUIDField(
                required=False, label=_("Structure de rattachement souhaitée")
            )
        if locked:
            for name in ("family_name", "given_name"):
                self.fields[name].disabled = True

    @property
    def structure_fields(self) -> list[Any]:
        """Each field of a structure, with the name of the one that was chosen."""
        fields = [self[f"structure_{rank}"] for rank in range(1, MOST_STRUCTURES + 1)]
        keys = [_uuid(bound.value()) for bound in fields]
        named = {
            one.pk: one.party.display_name
            for one in request_queries.structures_named([key for key in keys if key])
        }
        return [(bound, named.get(key, "")) for bound, key in zip(fields, keys, strict=True)]

    def clean_family_name(self) -> str:
        return self.cleaned_data["family_name"].strip().upper()

    def clean_email(self) -> str:
        return _checked(checks.email, self.cleaned_data["email"]).lower()

    def clean_phone(self) -> str:
        return _checked(checks.phone, self.cleaned_data["phone"])

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        names = [values.get(name, "") for name in ("family_name", "given_name")]
        self.name_differs = bool(self.known and all(names) and not self.known.is_named(*names))
        if self.name_differs and not values.get("keep_name"):
            self.add_error(
                "family_name",
                _(
                    "L'annuaire connaît ce numéro au nom de %(name)s. Corrigez votre nom ou votre"
                    " prénom, ou cochez la case ci-dessous."
                )
                % {"name": self.known.name},
            )
        return values

    @property
    def structures(self) -> list[UUID]:
        """The structures wished: those of the directory that were ticked, then those searched."""
        ticked = [UUID(key) for key in self.cleaned_data["workplaces"]]
        searched = [
            self.cleaned_data[f"structure_{rank}"] for rank in range(1, MOST_STRUCTURES + 1)
        ]
        keys = list(dict.fromkeys([*ticked, *(key for key in searched if key)]))
        found = Structure.objects.filter(party__gone_on=None).in_bulk(keys)
        return [key for key in keys if key in found]

    @property
    def values(self) -> dict[str, Any]:
        names = ("title", "family_name", "given_name", "email", "phone")
        return {name: self.cleaned_data[name] for name in names}


def _uuid(value: Any) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None


def _checked(check: Callable[[str], str], value: str) -> str:
    try:
        return check(value)
    except checks.CheckError as error:
        raise forms.ValidationError(str(error)) from None


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label=gettext_lazy("Votre réponse"),
        max_length=2_000,
        widget=forms.Textarea({"rows": 6, "autofocus": True}),
    )


def initial_from(kept: Mapping[str, list[str]], form: type[forms.Form]) -> dict[str, Any]:
    """What was typed on a step, as the first values of its form."""
    several = {
        name
        for name, field in form.base_fields.items()
        if isinstance(field, forms.MultipleChoiceField)
    }
    return {
        name: values if name in several else values[-1] for name, values in kept.items() if values
    }
