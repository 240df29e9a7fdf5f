"""What is typed above the worklist."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ronde.directory.models import Party
from ronde.followup.queries import status_choices
from ronde.patients.models import IdentityStatus, Zone
from ronde.terminology import queries as terminology
from ronde.worklist.filters import DEFAULT_SORT, NO, SORTS, YES, Filters, typed_date

NO_LONGER = _("%(label)s (n’est plus proposé)")
SWITCH = [("", _("Tous")), (YES, _("Oui")), (NO, _("Non"))]


def _switch(label: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=SWITCH, required=False)


def _roles() -> list[tuple[str, str]]:
    """Every role: one that is no longer offered may still be held, and comes last."""
    offered = terminology.choices("roles")
    known = dict(offered)
    rest = [one for one in terminology.everything("roles") if one.code not in known]
    return offered + [(one.code, NO_LONGER % {"label": one.label}) for one in rest]


class FilterForm(forms.Form):
    """All the filters; what is wrong is said beside its field and filters nothing."""

    text = forms.CharField(
        label=_("Nom, prénom ou date de naissance"), max_length=100, required=False
    )
    birth_name = forms.CharField(label=_("Nom de naissance"), max_length=100, required=False)
    used_name = forms.CharField(label=_("Nom utilisé"), max_length=100, required=False)
    given = forms.CharField(label=_("Prénom"), max_length=100, required=False)
    birth_date = forms.CharField(label=_("Date de naissance"), max_length=10, required=False)
    sexes = forms.MultipleChoiceField(
        label=_("Sexe"),
        choices=[("F", _("F")), ("M", _("H")), ("U", _("I"))],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    statuses = forms.TypedMultipleChoiceField(
        label=_("Identité"),
        choices=IdentityStatus.choices,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    record_statuses = forms.MultipleChoiceField(
        label=_("Statuts"), required=False, widget=forms.CheckboxSelectMultiple
    )
    professional = forms.UUIDField(label=_("Professionnel du cercle"), required=False)
    roles = forms.MultipleChoiceField(
        label=_("Rôles"), required=False, widget=forms.CheckboxSelectMultiple
    )
    structure = forms.UUIDField(label=_("Structure de coordination"), required=False)
    zones = forms.TypedMultipleChoiceField(
        label=_("Zones"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    commune = forms.RegexField(label=_("Commune"), regex=r"^[0-9AB]{5}$", required=False)
    favourites = _switch(_("Favoris"))
    deceased = _switch(_("Décédés"))
    archived = _switch(_("Archivés"))
    break_glass = _switch(_("Bris de glace"))
    stays = _switch(_("Hospitalisation"))
    sort = forms.CharField(label=_("Trier par"), required=False, max_length=20)

    def __init__(self, *args: Any, zones: Iterable[Zone], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roles"].choices = _roles()
        self.fields["zones"].choices = [(zone.pk, zone.name) for zone in zones]
        self.fields["record_statuses"].choices = status_choices()

    @classmethod
    def showing(cls, filters: Filters, zones: Iterable[Zone]) -> "FilterForm":
        values = filters.values()
        born = values.get("birth_date")
        if born:
            year, month, day = born.split("-")
            values["birth_date"] = f"{day}/{month}/{year}"
        return cls(
            initial={"deceased": NO, "archived": NO, "sort": DEFAULT_SORT, **values}, zones=zones
        )

    def clean_birth_date(self) -> str:
        text = self.cleaned_data["birth_date"]
        if not text:
            return ""
        born = typed_date(text)
        if born is None:
            raise forms.ValidationError(_("Écrivez la date JJ/MM/AAAA, par exemple 12/03/1942."))
        return born.isoformat()

    def clean_sort(self) -> str:
        sort = self.cleaned_data["sort"]
        return sort if sort.lstrip("-") in SORTS else DEFAULT_SORT

    def filters(self) -> Filters:
        """The filters that are valid; a field in error is left out."""
        values = dict(self.cleaned_data)
        for name in ("professional", "structure"):
            party = Party.objects.filter(pk=values.get(name)).first() if values.get(name) else None
            values[name] = str(party.pk) if party else ""
            values[f"{name}_name"] = party.display_name if party else ""
        values["commune_name"] = (
            terminology.place(values["commune"]) if values.get("commune") else ""
        )
        return Filters(**values)


class SearchNameForm(forms.Form):
    name = forms.CharField(label=_("Nom de la recherche"), max_length=60)
    default = forms.BooleanField(label=_("L'appliquer à mon arrivée"), required=False)
