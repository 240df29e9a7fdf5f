"""«Qui a vu mon dossier»: the period asked, and the document for the patient."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ronde.careteam.access import Access
from ronde.careteam.gate import record_view
from ronde.core.page import page
from ronde.dossier import extract as documents
from ronde.dossier import visits

YEAR = timedelta(days=365)


class PeriodForm(forms.Form):
    du = forms.DateField(label=gettext_lazy("Du"), widget=forms.DateInput(attrs={"type": "date"}))
    au = forms.DateField(label=gettext_lazy("Au"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.widget.format = "%Y-%m-%d"
            field.error_messages |= {
                "required": _("Indiquez une date."),
                "invalid": _("Indiquez une date : JJ/MM/AAAA."),
            }

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if values.get("du") and values.get("au") and values["du"] > values["au"]:
            self.add_error("au", _("La fin de la période est avant son début."))
        return values


@require_safe
@record_view("trace")
def extract(request: HttpRequest, access: Access) -> HttpResponse:
    """Ask the period, the last year unless said."""
    today = timezone.localdate()
    return _ask(request, access, PeriodForm(initial={"du": today - YEAR, "au": today}))


def _ask(request: HttpRequest, access: Access, form: PeriodForm, status: int = 200) -> HttpResponse:
    context = {"access": access, "tab": "trace", "form": form}
    return page(request, "dossier/extract.html", context, partial="dialog", status=status)


@require_safe
@record_view("trace", traced="trace_extract")
def extract_pdf(request: HttpRequest, access: Access) -> HttpResponse:
    """The document; its own making is in the trace."""
    form = PeriodForm(request.GET)
    if not form.is_valid():
        return _ask(request, access, form, 422)
    start, end = form.cleaned_data["du"], form.cleaned_data["au"]
    found, total = visits.between(access, _midnight(start), _midnight(end + timedelta(days=1)))
    content = documents.document(access, start, end, found, total)
    name = f"qui-a-vu-mon-dossier-{access.patient.record_number}.pdf"
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _midnight(value: date) -> datetime:
    return timezone.make_aware(datetime.combine(value, time()))
