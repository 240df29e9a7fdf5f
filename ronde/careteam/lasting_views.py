"""The circle answers who asked for a lasting access: yes, or no and why."""

from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronde.careteam import lasting, wording
from ronde.careteam.access import Access
from ronde.careteam.answers import done, refused, status_of
from ronde.careteam.changing import form_methods
from ronde.careteam.gate import record_view
from ronde.core.page import page


class DeclineForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Pourquoi ?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
        help_text=gettext_lazy("Envoyé à qui a fait la demande : rien du dossier."),
        error_messages={"required": gettext_lazy("Dites pourquoi : la personne le lira.")},
    )


@form_methods
@record_view("careteam", write=True)
def grant(request: HttpRequest, access: Access, asked_id: UUID) -> HttpResponse:
    asked = lasting.one(access, asked_id)
    told = wording.of_habilitating(access, asked.party)
    question = wording.Question(
        _("Habiliter %(name)s") % {"name": asked.party_name},
        told.sentence,
        _("Habiliter"),
        _("Habilitation donnée."),
        tuple(part for part in (told.rights, *told.limits) if part),
    )
    context = {"access": access, "tab": "cercle", "question": question, "problem": ""}
    status = 200
    if request.method == "POST":
        try:
            lasting.grant(access, asked)
        except ValidationError as error:
            context["problem"], status = " ".join(error.messages), status_of(error)
        else:
            return done(request, access, question.done)
    return refused(page(request, "careteam/confirm.html", context, partial="dialog", status=status))


@form_methods
@record_view("careteam", write=True)
def decline(request: HttpRequest, access: Access, asked_id: UUID) -> HttpResponse:
    asked = lasting.one(access, asked_id)
    form, status = DeclineForm(request.POST if request.method == "POST" else None), 200
    if form.is_valid():
        try:
            lasting.decline(access, asked, form.cleaned_data["reason"])
        except ValidationError as error:
            form.add_error(None, error)
            status = status_of(error)
        else:
            return done(request, access, _("Demande refusée."))
    elif form.is_bound:
        status = 422
    context = {"access": access, "tab": "cercle", "asked": asked, "form": form}
    return refused(page(request, "careteam/decline.html", context, partial="dialog", status=status))
