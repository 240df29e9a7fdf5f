"""What is chosen for many records: for whom, and which act."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronde.accounts import groups
from ronde.careteam.foresight import Act
from ronde.core.actor import Actor
from ronde.directory.models import Party
from ronde.worklist.bulk_queries import parties_of

PERSON, STRUCTURE, MEMBER, GROUP, MYSELF = "personne", "structure", "membre", "groupe", "moi"
TARGETS = [
    (PERSON, gettext_lazy("Professionnel")),
    (STRUCTURE, gettext_lazy("Structure")),
    (MEMBER, gettext_lazy("Membre actuel")),
    (GROUP, gettext_lazy("Groupe de favoris")),
    (MYSELF, gettext_lazy("Moi-même")),
]


def _key(label: Any) -> forms.UUIDField:
    said = {"invalid": gettext_lazy("Choisissez dans la liste.")}
    return forms.UUIDField(label=label, required=False, error_messages=said)


class ChoiceForm(forms.Form):
    """`parties` and `name` are what was chosen, once the form is valid."""

    target = forms.ChoiceField(
        label=gettext_lazy("Pour qui"), choices=TARGETS, widget=forms.RadioSelect, initial=PERSON
    )
    person = _key(gettext_lazy("Professionnel"))
    structure = _key(gettext_lazy("Structure"))
    member = _key(gettext_lazy("Membre actuel"))
    group = _key(gettext_lazy("Groupe de favoris"))
    act = forms.ChoiceField(
        label=gettext_lazy("Que faire"),
        choices=Act.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choisissez ce qu’il faut faire.")},
    )

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        self.actor = actor
        self.groups = groups.usable(actor)
        self.parties: list[Party] = []
        self.name = ""

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        field, parties, name = self._chosen(values)
        self.parties, self.name = parties, name
        if not parties and field not in self.errors:
            self.add_error(field, _("Choisissez pour qui."))
        return values

    def _chosen(self, values: dict[str, Any]) -> tuple[str, list[Party], str]:
        target = values.get("target") or PERSON
        if target == GROUP:
            found = next((one for one in self.groups if one.pk == values.get("group")), None)
            return "group", found.members if found else [], found.name if found else ""
        if target == MYSELF:
            parties = parties_of([self.actor.party_id])
            return "target", parties, self.actor.display_name
        field = {STRUCTURE: "structure", MEMBER: "member"}.get(target, "person")
        parties = parties_of([values[field]]) if values.get(field) else []
        if target != MEMBER:
            parties = [one for one in parties if one.is_structure == (target == STRUCTURE)]
        return field, parties, parties[0].display_name if parties else ""

    @property
    def chosen_act(self) -> Act | None:
        value = getattr(self, "cleaned_data", {}).get("act")
        return Act(value) if value else None
