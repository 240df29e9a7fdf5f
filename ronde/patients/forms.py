"""What is typed of an identity: the search on five traits, the creation, the correction."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronde.core import formats
from ronde.core.checks import CheckError
from ronde.core.text import fold
from ronde.patients import fields, traits
from ronde.patients.conventions import EMPTY, UNKNOWN_PLACE, date_is_known
from ronde.patients.fields import ABROAD, FRANCE, UNKNOWN
from ronde.patients.matching import Traits
from ronde.patients.models import Patient
from ronde.terminology import queries as terminology

MAJORITY = 18
FRANCE_CODE = "99100"


class TraitsForm(forms.Form):
    """«Rechercher si le patient est existant»: the five strict traits."""

    birth_name = fields.name_field(
        gettext_lazy("Nom de naissance"), gettext_lazy("Veuillez indiquer le nom de naissance.")
    )
    first_given = fields.name_field(
        gettext_lazy("1er prénom de naissance"),
        gettext_lazy("Veuillez indiquer le 1er prénom de naissance."),
    )
    birth_date = fields.birth_date_field()
    sex = fields.sex_field()
    where = fields.where_field()
    birth_commune = fields.code_field(gettext_lazy("Commune de naissance"))
    birth_country = fields.code_field(gettext_lazy("Pays de naissance"))

    # Names of the fields that are chosen in a list, in the order in which the page shows them.
    lists: tuple[str, ...] = ("birth_commune", "birth_country")

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if "where" in values:
            self._place(values)
        return values

    def _place(self, values: dict[str, Any]) -> None:
        """Read the place of birth: code, name, and code of the country."""
        abroad = values["where"] == ABROAD
        name = "birth_country" if abroad else "birth_commune"
        if UNKNOWN_PLACE in (values.get(name), self._typed_text(name)):  # As the guides say to.
            values["where"], values[name] = UNKNOWN, ""
        if values["where"] == UNKNOWN:
            values["place"] = (UNKNOWN_PLACE, _("Lieu inconnu"), UNKNOWN_PLACE)
            return
        code = self._chosen(values, name)
        if name in self.errors:
            return
        if not code:
            self.add_error(
                name,
                _("Veuillez indiquer le pays.") if abroad else _("Veuillez indiquer la ville."),
            )
        elif abroad and code == FRANCE_CODE:
            self.add_error(name, _("Pour une naissance en France, indiquez la commune."))
        else:
            values["place"] = (code, _place_name(code), code if abroad else FRANCE_CODE)

    def _chosen(self, values: dict[str, Any], name: str) -> str:
        """Read a code, or the text typed when it names one place only."""
        code, text = values.get(name, ""), self._typed_text(name)
        country = name == "birth_country"
        find: Callable[[str], Any] = _country if country else terminology.commune
        if code and find(code) is None:
            self.add_error(name, _("Ce lieu n'existe pas : choisissez-le dans la liste."))
        if code or not text:
            return code
        look = terminology.countries if country else terminology.communes
        values[name] = found = _named(look(text), text)
        if not found:
            self.add_error(
                name, _("« %(text)s » : choisissez dans la liste qui s'ouvre.") % {"text": text}
            )
        return found

    def text_of(self, name: str) -> str:
        """What stands in the visible field of a list: typed, or the name of the code it holds."""
        return self._typed_text(name) or terminology.place(self[name].value() or "")

    def _typed_text(self, name: str) -> str:
        """Every list sends what is typed as `q`; those that are hidden send nothing."""
        typed = self.data.getlist("q") if self.is_bound else []
        hidden = self._hidden_lists()
        shown = [one for one in self.lists if one not in hidden]
        if len(typed) == len(self.lists):  # Without JavaScript nothing is hidden.
            shown = list(self.lists)
        return dict(zip(shown, typed, strict=False)).get(name, "").strip()

    def _hidden_lists(self) -> set[str]:
        where = self.data.get("where", FRANCE)
        visible = {FRANCE: "birth_commune", ABROAD: "birth_country"}.get(where)
        return {"birth_commune", "birth_country"} - {visible}

    def traits(self) -> Traits:
        values = self.cleaned_data
        return Traits(
            birth_name=values["birth_name"],
            first_given=values["first_given"],
            birth_date=values["birth_date"],
            sex=values["sex"],
            birth_place=values["place"][0],
        )

    def typed(self) -> dict[str, Any]:
        """The values as another form takes them for initial: as stored once valid, or as typed."""
        return {name: self._typed(name) for name in self.fields}

    def _typed(self, name: str) -> Any:
        value = self.cleaned_data.get(name) if hasattr(self, "cleaned_data") else None
        if value is None or name in self.errors:
            return self[name].value()
        return value if isinstance(value, (str, bool, int)) else formats.day(value)


def _place_name(code: str) -> str:
    """The name without its département, since screens write the code beside it."""
    found = terminology.commune(code)
    return found.name if found else terminology.place(code)


def _country(code: str) -> Any:
    return terminology.concept("countries", code)


def _named(found: list[Any], text: str) -> str:
    """The code of the only place found, or of the only one of exactly that name."""
    labels = {one.code: getattr(one, "label", None) or one.name for one in found}
    if len(labels) == 1:
        return next(iter(labels))
    same = [one.code for one in found if fold(text) in (fold(labels[one.code]), fold(str(one)))]
    return same[0] if len(same) == 1 else ""


class IdentityForm(TraitsForm):
    """The whole identity: section «Identité», then «Informations»."""

    given_names = fields.free_name_field(
        gettext_lazy("Prénom(s)"),
        help_text=gettext_lazy("Tous, dans l'ordre de la pièce d'identité, le premier compris."),
    )
    uses_other = fields.flag_field(
        gettext_lazy("Utilise un autre nom ou un autre prénom dans la vie courante")
    )
    used_name = fields.free_name_field(gettext_lazy("Nom utilisé"))
    used_given = fields.free_name_field(gettext_lazy("Prénom utilisé"))
    twin_rank = fields.twin_field()
    nir = fields.nir_field(
        gettext_lazy("NIR"), help_text=gettext_lazy("Numéro de sécurité sociale, 15 chiffres.")
    )
    holder_nir = fields.nir_field(
        gettext_lazy("NIR de l'ouvrant droit"),
        help_text=gettext_lazy("Si le patient est mineur."),
    )
    email = fields.email_field()
    mobile = fields.PhoneField(gettext_lazy("Numéro de mobile"))
    phone = fields.PhoneField(gettext_lazy("Téléphone fixe"))
    address_line = fields.line_field(gettext_lazy("Adresse"))
    address_extra = fields.line_field(gettext_lazy("Complément d'adresse"))
    postcode = fields.postcode_field()
    commune_code = fields.code_field(gettext_lazy("Commune"))

    lists = ("birth_commune", "birth_country", "commune_code")

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        first = values.get("first_given")
        if first:
            self._checked(values, "given_names", traits.given_names, first)
        self._used(values)
        self._empty_is_fictitious(values)
        self._holder(values)
        self._address(values)
        return values

    def _checked(
        self, values: dict[str, Any], name: str, check: Callable[..., Any], *with_: Any
    ) -> None:
        try:
            values[name] = check(values.get(name, ""), *with_)
        except CheckError as error:
            self.add_error(name, str(error))

    def _used(self, values: dict[str, Any]) -> None:
        """A used name is kept only when it is another one, and asked for when one is announced."""
        if not values.get("uses_other"):
            values["used_name"] = values["used_given"] = ""
            return
        typed = values.get("used_name") or values.get("used_given")
        for used, birth in (("used_name", "birth_name"), ("used_given", "first_given")):
            if birth in values:
                self._checked(values, used, traits.used_name, values[birth])
        if typed or {"used_name", "used_given"} & self.errors.keys():
            return
        self.add_error(
            "used_name", _("Indiquez le nom utilisé ou le prénom utilisé, ou décochez la case.")
        )

    def _empty_is_fictitious(self, values: dict[str, Any]) -> None:
        if self.is_fictitious(values):
            return
        for name in ("birth_name", "first_given"):
            if values.get(name) == EMPTY:
                self._checked(values, name, traits.name)

    def is_fictitious(self, values: dict[str, Any]) -> bool:
        return bool(values.get("is_fictitious"))

    def _holder(self, values: dict[str, Any]) -> None:
        if values.get("holder_nir") and is_adult(values.get("birth_date")):
            self.add_error(
                "holder_nir", _("Le NIR de l'ouvrant droit n'est demandé que pour un mineur.")
            )

    def _address(self, values: dict[str, Any]) -> None:
        """Name the commune; with one postcode, fill it in."""
        values["city"] = ""
        code = self._chosen(values, "commune_code")
        found = terminology.commune(code) if code else None
        if found is None or "commune_code" in self.errors:
            return
        values["commune_code"], values["city"] = code, found.name
        if not values.get("postcode") and len(found.postcodes) == 1:
            values["postcode"] = found.postcodes[0]

    columns = (
        "birth_name",
        "first_given",
        "given_names",
        "used_name",
        "used_given",
        "birth_date",
        "sex",
        "twin_rank",
        "nir",
        "holder_nir",
        "email",
        "mobile",
        "phone",
        "address_line",
        "address_extra",
        "postcode",
        "city",
        "commune_code",
    )

    def identity(self) -> dict[str, Any]:
        """The columns of the patient."""
        code, name, country = self.cleaned_data["place"]
        return {
            **{column: self.cleaned_data[column] for column in self.columns},
            "birth_place_code": code,
            "birth_place": name,
            "birth_country_code": country,
        }

    def traits(self) -> Traits:
        values = self.identity()
        return Traits(
            **{
                name: values[name]
                for name in (
                    "birth_name",
                    "first_given",
                    "given_names",
                    "used_name",
                    "used_given",
                    "birth_date",
                    "sex",
                    "twin_rank",
                )
            },
            birth_place=values["birth_place_code"],
        )


def is_adult(born: Any) -> bool:
    """Whether this is the birth date of somebody of age; an unknown date says nothing."""
    if not date_is_known(born):
        return False
    today = timezone.localdate()
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day)) >= MAJORITY


def initial_of(patient: Patient) -> dict[str, Any]:
    """What the form shows first for this patient."""
    code = patient.birth_place_code
    where = FRANCE
    if code == UNKNOWN_PLACE:
        where = UNKNOWN
    elif code.startswith(terminology.COUNTRY_PREFIX):
        where = ABROAD
    columns = [name for name in IdentityForm.columns if name != "city"]
    return {
        **{name: getattr(patient, name) for name in columns},
        "where": where,
        "birth_commune": code if where == FRANCE else "",
        "birth_country": code if where == ABROAD else "",
        "uses_other": bool(patient.used_name or patient.used_given),
        "version": patient.version,
    }
