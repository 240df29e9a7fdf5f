"""What is typed about documents."""

from dataclasses import replace
from datetime import date
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ronde.careteam.sharing_form import RecordForm, SharingForm
from ronde.documents import types
from ronde.documents.actions import Filing
from ronde.documents.kinds import ACCEPT, PHOTOS
from ronde.documents.models import open_classes
from ronde.documents.queries import DEFAULT_SORT, SORTS, Filters, Tally
from ronde.terminology.fields import OfferedField


class Files(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once; one that is refused is no mistake of the form: each has its answer."""

    widget = Files

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        return [one for one in data or [] if one]


class FileForm(forms.Form):
    """The file that replaces a document, chosen or photographed."""

    file = forms.FileField(
        label=_("Fichier"),
        required=False,
        allow_empty_file=True,
        max_length=1_000,
        widget=forms.ClearableFileInput({"accept": ACCEPT}),
    )
    photo = forms.FileField(
        label=_("Photographier"),
        required=False,
        allow_empty_file=True,
        max_length=1_000,
        widget=forms.ClearableFileInput({"accept": PHOTOS, "capture": "environment"}),
    )

    @property
    def sent(self) -> UploadedFile | None:
        return self.cleaned_data["file"] or self.cleaned_data["photo"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("file") and not cleaned.get("photo"):
            self.add_error("file", _("Choisissez un fichier."))
        return cleaned


class FilingForm(RecordForm):
    type = OfferedField(
        types.SYSTEM,
        label=_("Catégorie et type"),
        error_messages={"required": _("Choisissez le type de document.")},
    )
    title = forms.CharField(
        label=_("Titre"),
        max_length=150,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    event_date = forms.DateField(
        label=_("Date du document"),
        input_formats=["%d/%m/%Y", "%d/%m/%y", "%Y-%m-%d"],
        widget=forms.DateInput(format="%d/%m/%Y"),
        error_messages={
            "required": _("Indiquez la date du document."),
            "invalid": _("Écrivez la date comme 31/12/2026."),
        },
    )

    def __init__(self, *args: Any, kept: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = types.grouped(open_classes(self.access.writable), kept)
        self.fields["type"].choices = [("", _("Choisir…")), *groups]

    def clean_event_date(self) -> date:
        day = self.cleaned_data["event_date"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("Cette date est dans le futur."))
        if day.year < 1900:
            raise forms.ValidationError(_("Vérifiez l'année."))
        return day

    @property
    def filing(self) -> Filing:
        known = self.cleaned_data
        return Filing(known["type"], known["event_date"], known["title"])


class EditForm(FilingForm):
    """Another title, date or type; `conflict`: somebody else was first."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    conflict = False


class DepositForm(FilingForm, SharingForm):
    """Under what several files are filed at once."""

    files = FilesField(
        label=_("Fichiers"),
        required=False,
        widget=Files({"accept": ACCEPT}),
    )
    photo = FilesField(
        label=_("Photographier"),
        required=False,
        widget=Files({"accept": PHOTOS, "capture": "environment"}),
    )
    field_order = ("files", "photo", "type", "event_date", "title", "sharing", "recipients")

    sending = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("event_date", timezone.localdate())
        self.fields["title"].help_text = _("Laissé vide : le nom du fichier.")

    @property
    def filing_of_many(self) -> Filing:
        """Several files at once: each is called by its own name."""
        return replace(self.filing, title="")

    @property
    def sent(self) -> list[UploadedFile]:
        return [*self.cleaned_data.get("files", []), *self.cleaned_data.get("photo", [])]


class WithdrawForm(forms.Form):
    REASONS = (
        ("erreur", _("Déposé par erreur")),
        ("patient", _("Document d'un autre patient")),
        ("doublon", _("Déjà présent dans le dossier")),
        ("illisible", _("Illisible ou incomplet")),
        ("autre", _("Autre motif")),
    )
    reason = forms.ChoiceField(
        label=_("Motif"),
        choices=REASONS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez le motif.")},
    )
    detail = forms.CharField(
        label=_("Précisez"),
        max_length=200,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("reason") == "autre" and not cleaned.get("detail", "").strip():
            self.add_error("detail", _("Précisez le motif en quelques mots."))
        return cleaned

    @property
    def sentence(self) -> str:
        known = self.cleaned_data
        if known["reason"] == "autre":
            return str(known["detail"]).strip()
        return str(dict(self.REASONS)[known["reason"]])


class FilterForm(forms.Form):
    """What the list shows; what it does not know is left out."""

    q = forms.CharField(label=_("Rechercher dans les titres"), max_length=100, required=False)
    classe = forms.MultipleChoiceField(
        label=_("Catégories"), required=False, widget=forms.CheckboxSelectMultiple
    )
    type = forms.MultipleChoiceField(
        label=_("Types"), required=False, widget=forms.CheckboxSelectMultiple
    )
    tri = forms.CharField(required=False, widget=forms.HiddenInput)

    def filters(self) -> Filters:
        sort = self.data.get("tri", "")
        return Filters(
            text=self.data.get("q", "")[:100].strip(),
            classes=tuple(self.data.getlist("classe")),
            types=tuple(self.data.getlist("type")),
            sort=sort if sort.lstrip("-") in SORTS else DEFAULT_SORT,
        )

    def offer(self, tally: Tally) -> None:
        self.fields["classe"].choices = [
            (code, f"{label} ({number})") for code, label, number in tally.classes if number
        ]
        self.fields["type"].choices = [
            (code, f"{label} ({number})") for code, label, number in tally.types
        ]
