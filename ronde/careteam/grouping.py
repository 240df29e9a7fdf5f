"""Adding a whole favourite group to a circle: a line of result for each member."""

from dataclasses import dataclass

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from ronde.accounts import groups
from ronde.careteam import bulk
from ronde.careteam.access import Access
from ronde.careteam.answers import CHANGED
from ronde.careteam.foresight import ALREADY, GIVING, Act, Obstacle
from ronde.careteam.gate import record_view
from ronde.core.page import fragment, page
from ronde.directory.models import Party

DONE = {Act.ADD: gettext_lazy("ajouté(e), sans accès"), Act.HABILITATE: gettext_lazy("habilité(e)")}


@dataclass(frozen=True, slots=True)
class Result:
    party: Party
    label: str
    kind: str


class GroupForm(forms.Form):
    group = forms.ChoiceField(
        label=gettext_lazy("Groupe de favoris"),
        error_messages={"required": gettext_lazy("Choisissez un groupe.")},
    )
    act = forms.ChoiceField(
        label=gettext_lazy("Que faire"),
        choices=[(one.value, one.label) for one in Act if one in GIVING],
        widget=forms.RadioSelect,
        initial=Act.ADD,
    )

    def __init__(self, *args: object, known: list[groups.Group], **options: object) -> None:
        super().__init__(*args, **options)
        self.known = {str(one.pk): one for one in known}
        lines = [(key, f"{one.name} ({len(one.members)})") for key, one in self.known.items()]
        self.fields["group"].choices = [("", ""), *lines]

    def clean_group(self) -> str:
        key = self.cleaned_data["group"]
        if not self.known[key].members:
            raise forms.ValidationError(_("Ce groupe n’a aucun membre."))
        return key

    @property
    def chosen(self) -> groups.Group:
        return self.known[self.cleaned_data["group"]]


@require_http_methods(["GET", "HEAD", "POST"])
@record_view("careteam", write=True)
def add_group(request: HttpRequest, access: Access) -> HttpResponse:
    """Choose one of one's groups and what to do; each member gives a line of result."""
    form = GroupForm(request.POST or None, known=groups.usable(access.actor))
    context = {"access": access, "tab": "cercle", "form": form, "results": []}
    if request.method == "POST" and form.is_valid():
        context["results"] = _added(access, form.chosen, Act(form.cleaned_data["act"]))
        if request.htmx:
            return fragment(
                request, "careteam/add_group.html", context, block="dialog", trigger=CHANGED
            )
    status = 422 if form.errors else 200
    return page(request, "careteam/add_group.html", context, partial="dialog", status=status)


def _added(access: Access, group: groups.Group, act: Act) -> list[Result]:
    found = []
    for party in group.members:
        try:
            bulk.apply(access, party, act)
        except bulk.HinderedError as hindered:
            met = Obstacle(hindered.obstacle)
            found.append(Result(party, str(met.label), "" if met in ALREADY else "al"))
        else:
            found.append(Result(party, str(DONE[act]), "ok"))
    return found
