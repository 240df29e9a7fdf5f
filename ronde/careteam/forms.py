"""What is typed about the members of a circle."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronde.careteam import queries
from ronde.careteam.access import Access
from ronde.careteam.fields import (
    TITLES,
    YES_NO,
    ReviewMixin,
    description_field,
    email_field,
    number_field,
    phone_field,
    postcode_field,
    radio_field,
    roles_field,
    text_field,
)
from ronde.careteam.models import Member, MemberKind, Right
from ronde.core import checks
from ronde.directory import numbers
from ronde.terminology.fields import OfferedField, with_held
from ronde.terminology.queries import choices, display


class TakenRoles(forms.MultipleChoiceField):
    """«role:member»: whom the user agrees to replace. Compared with the present holders later."""

    widget = forms.CheckboxSelectMultiple

    def valid_value(self, value: Any) -> bool:
        return True


class CircleForm(forms.Form):
    """Base of all: `holders` are the other members who hold a unique role today."""

    kind = MemberKind.PROFESSIONAL
    columns: tuple[str, ...] = ()
    replace = TakenRoles(required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        access: Access,
        member: Member | None = None,
        held: Iterable[str] = (),
        kind: MemberKind | None = None,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.kind = kind or (MemberKind(member.kind) if member else self.kind)
        self.access, self.member = access, member
        holding = queries.holders(access)
        self.holders = {role: who for role, who in holding.items() if who != member}
        for name, kind in self.offered_roles().items():
            self.fields[name].choices = queries.role_choices(kind, held)

    def offered_roles(self) -> dict[str, MemberKind]:
        return {"roles": self.kind}

    def rivals(self, name: str) -> list[dict[str, Any]]:
        """The holders of the unique roles that this field offers, with what replaces them."""
        offered = {code for code, _label in self.fields[name].choices}
        asked = self.data.getlist("replace") if self.is_bound else []
        return [
            {
                "role": role,
                "label": display("roles", role),
                "name": holder.display_name,
                "value": f"{role}:{holder.pk}",
                "checked": f"{role}:{holder.pk}" in asked,
            }
            for role, holder in self.holders.items()
            if role in offered
        ]

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        agreed = set(values.get("replace", []))
        for name in self.offered_roles():
            for role in set(values.get(name, [])).intersection(self.holders):
                if f"{role}:{self.holders[role].pk}" not in agreed:
                    self.add_error(name, self._taken(role))
        return values

    def _taken(self, role: str) -> str:
        return _(
            "« %(role)s » est unique et déjà tenu par %(name)s :"
            " cochez « Remplacer » ou laissez-lui ce rôle."
        ) % {"role": display("roles", role), "name": self.holders[role].display_name}

    @property
    def replacing(self) -> dict[str, UUID]:
        """What the action needs: the member who loses each unique role."""
        agreed = set(self.cleaned_data["replace"])
        return {
            role: holder.pk
            for role, holder in self.holders.items()
            if f"{role}:{holder.pk}" in agreed
        }

    @property
    def role_field(self) -> str:
        """The field beside which what is said of a role is shown."""
        return "roles"

    @property
    def wanted_roles(self) -> list[str]:
        return self.cleaned_data[self.role_field]

    @property
    def values(self) -> dict[str, Any]:
        """The columns of the member, as the action takes them."""
        return {name: self.cleaned_data[name] for name in self.columns}


class RightMixin(forms.Form):
    """The two switches of the guides: the patient's refusal excludes the habilitation."""

    refused = forms.BooleanField(
        required=False,
        label=gettext_lazy("Refus du patient au partage d’information pour ce professionnel"),
    )
    habilitated = forms.BooleanField(required=False, label=gettext_lazy("Habilité"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.kind == MemberKind.STRUCTURE:
            self.fields["habilitated"].label = _("Habilitée")
            self.fields["refused"].label = _(
                "Refus du patient au partage d’information pour cette structure"
            )

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if values.get("refused") and values.get("habilitated"):
            self.add_error(
                "habilitated", _("Le patient refuse le partage : l’habilitation est impossible.")
            )
        return values

    @property
    def right(self) -> Right:
        if self.cleaned_data["refused"]:
            return Right.REFUSED
        return Right.HABILITATED if self.cleaned_data["habilitated"] else Right.NONE


class DetailsForm(CircleForm):
    """Somebody of the directory; fields in the order of AZUREZO, sheet 17."""

    columns = (
        "description",
        "establishment",
        "unit",
        "function",
        "address_line",
        "postcode",
        "city",
    )
    roles = roles_field()
    description = description_field()
    establishment = text_field(gettext_lazy("Établissement"), 250)
    unit = text_field(gettext_lazy("Unité"), 120)
    function = text_field(gettext_lazy("Fonction"), 120)
    address_line = text_field(gettext_lazy("Adresse"), 250)
    postcode = postcode_field()
    city = text_field(gettext_lazy("Ville"), 100)


class DirectoryForm(ReviewMixin, RightMixin, DetailsForm):
    """The same with the right, whose switches come last."""

    columns = (*DetailsForm.columns, "review_on")


class ByHandForm(CircleForm):
    """Somebody typed by hand: a second member of the same name must be wanted."""

    twin = forms.BooleanField(required=False, label=gettext_lazy("C’est une autre personne"))

    def display_name(self) -> str:
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        name = self.display_name()
        if name and not self.member and not values.get("twin"):
            known = queries.namesake(self.access, name)
            if known is not None:
                self.add_error(
                    "twin",
                    _("%(name)s est déjà dans le cercle : cochez si c’est quelqu’un d’autre.")
                    % {"name": known.display_name},
                )
        return values

    @property
    def values(self) -> dict[str, Any]:
        return {**super().values, "display_name": self.display_name()}


class PersonForm(ByHandForm):
    """A professional outside the directory, or somebody of the entourage (AZUREZO, sheet 18).

    When the professional should have access or is informed, the directory is asked to add them,
    which needs the name, the first name, the town and the profession.
    """

    columns = (
        "registration_number",
        "title",
        "family_name",
        "given_name",
        "email",
        "phone",
        "mobile",
        "is_unlisted",
        "establishment",
        "unit",
        "function",
        "address_line",
        "city",
        "postcode",
        "profession_code",
        "relationship_code",
        "description",
    )
    only_professional = (
        "registration_number",
        "establishment",
        "unit",
        "function",
        "profession_code",
    )
    only_relative = ("is_unlisted", "relationship_code")

    is_professional = radio_field(gettext_lazy("S’agit-il d’un professionnel ?"), YES_NO)
    wants_access = radio_field(
        gettext_lazy("Le professionnel doit-il pouvoir accéder au dossier patient ?"),
        YES_NO,
        initial="non",
    )
    is_informed = radio_field(gettext_lazy("Le professionnel est-il informé ?"), YES_NO)
    registration_number = text_field(gettext_lazy("Matricule"), 20)
    title = radio_field(gettext_lazy("Civilité"), TITLES)
    family_name = text_field(gettext_lazy("Nom"), 120, required=True)
    given_name = text_field(gettext_lazy("Prénom"), 120)
    email = email_field()
    phone = phone_field(gettext_lazy("Numéro de téléphone fixe"))
    mobile = phone_field(gettext_lazy("Numéro de mobile"))
    is_unlisted = forms.BooleanField(required=False, label=gettext_lazy("Sur liste rouge"))
    establishment = text_field(gettext_lazy("Établissement"), 250)
    unit = text_field(gettext_lazy("Unité"), 120)
    function = text_field(gettext_lazy("Fonction"), 120)
    address_line = text_field(gettext_lazy("Adresse"), 250)
    city = text_field(gettext_lazy("Ville"), 100)
    postcode = postcode_field()
    profession_code = OfferedField("professions", label=gettext_lazy("Profession"), required=False)
    relationship_code = OfferedField(
        "relationships", label=gettext_lazy("Lien avec le patient"), required=False
    )
    roles = roles_field()
    kin_roles = roles_field()
    description = description_field()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("profession_code", "relationship_code"):
            system = self.fields[name].system
            held = getattr(self.member, name, "")
            self.fields[name].choices = [("", ""), *with_held(choices(system), system, held)]
        if self.member is None:
            self.fields["is_professional"].required = True

    def offered_roles(self) -> dict[str, MemberKind]:
        return {"roles": MemberKind.PROFESSIONAL, "kin_roles": MemberKind.RELATIVE}

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        for name in self.only_relative if self.is_for_professional else self.only_professional:
            values[name] = False if name == "is_unlisted" else ""
        if self.asks_directory:
            self._require(values, "family_name", "given_name", "city", "profession_code")
        return values

    def _require(self, values: dict[str, Any], *names: str) -> None:
        for name in names:
            if not values.get(name) and name not in self.errors:
                self.add_error(name, _("À remplir : l’annuaire en a besoin."))

    def display_name(self) -> str:
        family = self.cleaned_data.get("family_name", "").upper()
        return f"{family} {self.cleaned_data.get('given_name', '')}".strip()

    @property
    def is_for_professional(self) -> bool:
        if self.member is not None:
            return self.member.kind == MemberKind.PROFESSIONAL
        return self.cleaned_data.get("is_professional") == "oui"

    @property
    def asks_directory(self) -> bool:
        answers = {self.cleaned_data.get("wants_access"), self.cleaned_data.get("is_informed")}
        return self.is_for_professional and "oui" in answers

    @property
    def role_field(self) -> str:
        return "roles" if self.is_for_professional else "kin_roles"

    @property
    def member_kind(self) -> MemberKind:
        return MemberKind.PROFESSIONAL if self.is_for_professional else MemberKind.RELATIVE

    @property
    def values(self) -> dict[str, Any]:
        if self.member is not None or not self.is_for_professional:
            return super().values
        informed = self.cleaned_data["is_informed"]
        return {
            **super().values,
            "wants_access": self.cleaned_data["wants_access"] == "oui",
            "is_informed": informed == "oui" if informed else None,
        }


class StructureForm(ByHandForm):
    """A structure outside the directory; fields in the order of SPICO, slide 9."""

    kind = MemberKind.STRUCTURE
    columns = (
        "family_name",
        "short_name",
        "finess",
        "siret",
        "siren",
        "address_line",
        "city",
        "postcode",
        "responsible",
        "phone",
        "email",
        "description",
    )
    family_name = text_field(gettext_lazy("Libellé"), 120, required=True)
    short_name = text_field(gettext_lazy("Sigle"), 120)
    finess = number_field(numbers.finess, gettext_lazy("Numéro FINESS"))
    siret = number_field(checks.siret, gettext_lazy("Numéro SIRET"))
    siren = number_field(checks.siren, gettext_lazy("Numéro SIREN"))
    address_line = text_field(gettext_lazy("Adresse"), 250)
    city = text_field(gettext_lazy("Ville"), 100)
    postcode = postcode_field()
    responsible = text_field(gettext_lazy("Responsable"), 120)
    phone = phone_field(gettext_lazy("Numéro de téléphone"))
    email = email_field()
    roles = roles_field()
    description = description_field()

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        siret, siren = values.get("siret"), values.get("siren")
        if siret and siren and not siret.startswith(siren):
            self.add_error("siren", _("Ce SIREN n’est pas le début du SIRET."))
        return values

    member_kind = MemberKind.STRUCTURE

    def display_name(self) -> str:
        return self.cleaned_data.get("family_name", "")


def form_for(member: Member, *, is_me: bool = False) -> type[CircleForm]:
    """The form that changes a member: by hand what was typed by hand, else the circle's own.

    One's own right has its own dialogs, which say that the record will be closed to oneself.
    """
    if member.party_id is not None:
        return DetailsForm if is_me else DirectoryForm
    return StructureForm if member.kind == MemberKind.STRUCTURE else PersonForm


def initial_of(member: Member, roles: list[str]) -> dict[str, Any]:
    """What a form shows first for this member."""
    return {
        **{name: getattr(member, name) for name in form_for(member).columns},
        "roles": roles,
        "kin_roles": roles,
        "refused": member.refused,
        "habilitated": member.habilitated,
    }
