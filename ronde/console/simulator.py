"""The simulator: this record as that professional would see it, chain and sections only."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from ronde.accounts.gate import duty_view
from ronde.accounts.models import DutyKind
from ronde.careteam import simulation
from ronde.core.page import fragment, page
from ronde.directory import queries as directory
from ronde.directory.models import Kind, Party
from ronde.terminology.queries import current, pairs

LONGEST = 100


class SimulationForm(forms.Form):
    number = forms.IntegerField(
        label=gettext_lazy("N° de dossier"),
        min_value=1,
        max_value=2**63 - 1,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Indiquez le numéro du dossier.")},
    )
    party = forms.UUIDField(required=False, widget=forms.HiddenInput)
    q = forms.CharField(required=False, max_length=LONGEST)
    profession = forms.ChoiceField(
        label=gettext_lazy("Pour une structure, profession de qui agit en son nom"), required=False
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        unknown = [("", _("Aucune en particulier"))]
        self.fields["profession"].choices = unknown + pairs(current("professions"))

    def clean_number(self) -> int:
        number = self.cleaned_data["number"]
        self.patient_id = simulation.record_numbered(number)
        if self.patient_id is None:
            raise forms.ValidationError(_("Aucun dossier n'a ce numéro."))
        return number

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        self.who = _chosen(values.get("party"), values.get("q", ""))
        if self.who is None:
            self.add_error("party", _("Choisissez un professionnel ou une structure."))
        return values


def _chosen(key: UUID | None, text: str) -> Party | None:
    """The party of that key; without one, the only answer of the directory to what was typed."""
    known = Party.objects.select_related("person", "structure")
    if key is not None:
        return known.filter(pk=key).first()
    found = _search(text)
    return known.get(pk=found[0].party.pk) if len(found) == 1 else None


def _search(text: str) -> list[directory.Found]:
    text = text.strip()[:LONGEST]
    if len(text) < 2:
        return []
    return [
        *directory.search(text, Kind.PERSON, limit=8),
        *directory.search(text, Kind.STRUCTURE, limit=8),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@duty_view(DutyKind.ADMINISTRATOR)
def simulate(request: HttpRequest) -> HttpResponse:
    """Ask which record and for whom; the answer is traced in the record, like an opening."""
    form = SimulationForm(request.POST or None)
    context: dict[str, Any] = {"form": form, "told": None, "who": None, "number": None}
    if request.method == "POST" and form.is_valid():
        number, who = form.cleaned_data["number"], form.who
        told = simulation.simulate(
            request.officer, form.patient_id, number, who, form.cleaned_data["profession"]
        )
        context |= {"told": told, "who": who, "number": number}
    status = 422 if form.errors else 200
    return page(request, "console/simulator.html", context, partial="results", status=status)


@require_safe
@duty_view(DutyKind.ADMINISTRATOR)
def parties(request: HttpRequest) -> HttpResponse:
    """Offer persons and structures of the directory: public names."""
    text = request.GET.get("q", "")
    return fragment(request, "console/_parties.html", {"found": _search(text), "text": text})
