"""What is typed about the follow-up."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronde.careteam.access import Access
from ronde.careteam.sharing_form import SharingForm
from ronde.core.formats import said
from ronde.directory.models import Kind, Party
from ronde.followup import kinship, queries
from ronde.followup.models import ListItem, ListName, Memo, Nature, Stay
from ronde.journal.models import Weight
from ronde.patients.models import Patient

MOMENT = "%Y-%m-%dT%H:%M"


def _moment(label: Any, *, required: bool = False, help_text: Any = "") -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT)
    return forms.DateTimeField(
        label=label,
        required=required,
        help_text=help_text,
        widget=widget,
        input_formats=[MOMENT, "%Y-%m-%dT%H:%M:%S"],
        error_messages={"invalid": gettext_lazy("Indiquez la date et l'heure.")},
    )


def _day(label: Any, *, required: bool = False) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("Indiquez une date.")},
    )


class ItemField(forms.ChoiceField):
    """A choice in a list of the region: gives the line itself; the one in use stays offered."""

    def __init__(self, list_: ListName, **options: Any) -> None:
        self.list = list_
        self.known: dict[str, ListItem] = {}
        super().__init__(**options)

    def offer(self, held: ListItem | None = None) -> None:
        rows = queries.items(self.list)
        if held is not None and held not in rows:
            rows = [*rows, held]
        self.known = {str(row.pk): row for row in rows}
        blank = [] if self.required and isinstance(self.widget, forms.RadioSelect) else [("", "")]
        self.choices = blank + [(key, said(row.label)) for key, row in self.known.items()]

    def prepare_value(self, value: Any) -> Any:
        return str(value.pk) if isinstance(value, ListItem) else value

    def clean(self, value: Any) -> ListItem | None:
        return self.known.get(super().clean(value))


class StatusForm(forms.Form):
    kind = ItemField(
        ListName.STATUS,
        label=gettext_lazy("Type de statut"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choisissez le statut.")},
    )
    started_on = _day(gettext_lazy("Date du statut"), required=True)
    expertise = ItemField(
        ListName.EXPERTISE, label=gettext_lazy("Type d'expertise"), required=False
    )
    reason = ItemField(ListName.STATUS_REASON, label=gettext_lazy("Motif"), required=False)
    exit_reason = ItemField(
        ListName.EXIT_REASON, label=gettext_lazy("Motif de la sortie"), required=False
    )
    comment = forms.CharField(
        label=gettext_lazy("Commentaire"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    former = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, first: bool = False, **options: Any) -> None:
        """`first`: the party has no status yet, its follow-up begins (AZUREZO, sheet 21)."""
        super().__init__(*args, **options)
        if first:
            self.fields["started_on"].label = _("Date de début de prise en charge")
        for name in ("kind", "expertise", "reason", "exit_reason"):
            self.fields[name].offer()
        self.initial.setdefault("started_on", timezone.localdate())

    @property
    def out(self) -> list[str]:
        """The values of `kind` that close: the reason of the exit is asked for with them."""
        known = self.fields["kind"].known
        return [key for key, item in known.items() if item.nature == Nature.OUT]

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        kind = values.get("kind")
        if kind is not None and kind.nature == Nature.OUT and not values.get("exit_reason"):
            self.add_error("exit_reason", _("Indiquez le motif de la sortie."))
        return values

    def reason_given(self) -> ListItem | None:
        values = self.cleaned_data
        out = values["kind"].nature == Nature.OUT
        return values["exit_reason"] if out else values["reason"]


class StayForm(forms.Form):
    establishment = forms.UUIDField(
        label=gettext_lazy("Établissement"),
        required=False,
        error_messages={"invalid": gettext_lazy("Choisissez l'établissement dans la liste.")},
    )
    place = forms.CharField(
        label=gettext_lazy("Établissement absent de l'annuaire"), required=False, max_length=250
    )
    unit = forms.CharField(label=gettext_lazy("Service ou unité"), required=False, max_length=120)
    is_planned = forms.BooleanField(
        label=gettext_lazy("Hospitalisation programmée"), required=False
    )
    admitted_at = _moment(gettext_lazy("Entrée"), required=True)
    expected_on = _day(gettext_lazy("Sortie prévue le"))
    discharged_at = _moment(gettext_lazy("Sortie"))
    reason = ItemField(ListName.STAY_REASON, label=gettext_lazy("Motif"), required=False)
    comment = forms.CharField(
        label=gettext_lazy("Commentaire"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, stay: Stay | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.stay = stay
        self.fields["reason"].offer(stay.reason if stay else None)
        self.party: Party | None = None
        if stay is not None and not self.is_bound:
            self.party = stay.establishment

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if "establishment" in self.errors:
            return values
        self.party = self._establishment(values.get("establishment"))
        if self.party is None and values.get("establishment"):
            self.add_error("establishment", _("Choisissez l'établissement dans la liste."))
        elif self.party is None and not values.get("place"):
            self.add_error("establishment", _("Indiquez l'établissement."))
        return values

    def _establishment(self, key: Any) -> Party | None:
        return Party.objects.filter(pk=key, kind=Kind.STRUCTURE).first() if key else None

    def values(self) -> dict[str, Any]:
        """What is stored; the name of the establishment is written beside its key."""
        kept = ("unit", "is_planned", "admitted_at", "expected_on", "discharged_at", "reason")
        values = {name: self.cleaned_data[name] for name in (*kept, "comment")}
        name = self.party.display_name if self.party else self.cleaned_data["place"]
        return {**values, "establishment": self.party, "place": name}

    @classmethod
    def of(cls, stay: Stay, data: Any = None) -> "StayForm":
        names = ("unit", "is_planned", "admitted_at", "expected_on", "discharged_at", "reason")
        initial = {name: getattr(stay, name) for name in (*names, "comment", "version")}
        initial["establishment"] = stay.establishment_id
        initial["place"] = "" if stay.establishment_id else stay.place
        for name in ("admitted_at", "discharged_at"):
            if initial[name]:
                initial[name] = timezone.localtime(initial[name])
        return cls(data, stay=stay, initial=initial)


class CancelForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Pourquoi l'annuler ?"),
        max_length=250,
        error_messages={"required": gettext_lazy("Indiquez la raison.")},
    )


class StepForm(forms.Form):
    owner = forms.ChoiceField(label=gettext_lazy("Qui s'en charge"), required=False)
    due_at = _moment(gettext_lazy("Avant le"))

    def __init__(self, *args: Any, members: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["owner"].choices = [("", _("Personne en particulier")), *members]


class ItemForm(forms.Form):
    """One line of a list; what its list does not use is not asked."""

    label = forms.CharField(
        label=gettext_lazy("Libellé"),
        max_length=120,
        error_messages={"required": gettext_lazy("Écrivez le libellé.")},
    )
    nature = forms.ChoiceField(
        label=gettext_lazy("Ce qu'il signifie"),
        choices=Nature.choices,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("Les listes, les couleurs et les alarmes s'y réfèrent."),
    )
    due_hours = forms.IntegerField(
        label=gettext_lazy("Délai, en heures"),
        required=False,
        min_value=0,
        max_value=720,
        help_text=gettext_lazy("Compté depuis l'entrée ou la sortie."),
    )
    position = forms.IntegerField(label=gettext_lazy("Rang"), min_value=0, max_value=500)

    def __init__(self, *args: Any, list_: ListName, **options: Any) -> None:
        super().__init__(*args, **options)
        if list_ != ListName.STATUS:
            del self.fields["nature"]
        if list_ not in {ListName.ADMISSION_STEP, ListName.DISCHARGE_STEP}:
            del self.fields["due_hours"]

    def clean_label(self) -> str:
        return " ".join(self.cleaned_data["label"].split())


class MemoForm(SharingForm):
    title = forms.CharField(label=gettext_lazy("Titre"), required=False, max_length=120)
    content = forms.CharField(
        label=gettext_lazy("Contenu"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "autofocus": True}),
        error_messages={"required": gettext_lazy("Écrivez le mémo.")},
    )
    weight = forms.TypedChoiceField(
        label=gettext_lazy("Niveau d'importance"),
        choices=[
            (Weight.NORMAL.value, gettext_lazy("Normal")),
            (Weight.IMPORTANT.value, gettext_lazy("Important")),
            (Weight.VERY_IMPORTANT.value, gettext_lazy("Très important")),
        ],
        coerce=lambda value: Weight(int(value)),
        initial=Weight.NORMAL,
        widget=forms.RadioSelect,
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    conflict = False

    def __init__(self, *args: Any, mine: bool = True, **options: Any) -> None:
        super().__init__(*args, **options)
        self.mine = mine
        self.fields["sharing"].label = _("Mode de partage")  # AZUREZO, sheet 33.
        if not mine:
            del self.fields["sharing"], self.fields["recipients"]

    def values(self) -> dict[str, Any]:
        names = ["title", "content", "weight", *(["sharing", "recipients"] if self.mine else [])]
        return {name: self.cleaned_data[name] for name in names}

    @classmethod
    def of(cls, memo: Memo, data: Any, *, access: Access, mine: bool) -> "MemoForm":
        initial = {name: getattr(memo, name) for name in ("title", "content", "weight", "version")}
        return cls(data, access=access, row=memo, mine=mine, initial=initial)


class MemoKindsForm(forms.Form):
    """Which memos to show; what the address does not know is left out."""

    afficher = forms.MultipleChoiceField(
        label=gettext_lazy("Afficher"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[
            ("important", gettext_lazy("Importants")),
            ("tres-important", gettext_lazy("Très importants")),
            ("miens", gettext_lazy("Les miens")),
            ("partages", gettext_lazy("Partagés")),
            ("prives", gettext_lazy("Privés")),
        ],
    )

    def kinds(self) -> list[str]:
        known = dict(self.fields["afficher"].choices)
        return [kind for kind in self.data.getlist("afficher") if kind in known]


class LinkForm(forms.Form):
    other = forms.UUIDField(
        label=gettext_lazy("Patient"),
        error_messages={
            "required": gettext_lazy("Choisissez le patient dans la liste."),
            "invalid": gettext_lazy("Choisissez le patient dans la liste."),
        },
    )
    kinship = forms.ChoiceField(
        label=gettext_lazy("Type de relation"),
        error_messages={"required": gettext_lazy("Choisissez la relation.")},
    )
    comment = forms.CharField(label=gettext_lazy("Commentaire"), required=False, max_length=250)
    confirmed = forms.BooleanField(
        label=gettext_lazy("Les dates de naissance sont justes, lier quand même"), required=False
    )

    def __init__(
        self, *args: Any, patient: Patient, other_patient: Patient | None, **options: Any
    ) -> None:
        """Once the other patient is chosen, the relations are worded for them."""
        super().__init__(*args, **options)
        about = (
            (other_patient.sex, patient.birth_date, other_patient.birth_date)
            if other_patient
            else ()
        )
        self.fields["kinship"].choices = [("", ""), *kinship.choices(*about)]
