"""What was typed and not sent: kept when the session ends, given back at the same page.

In a view that shows a form:

    form = MemoForm(request.POST or None, initial=…)
    drafts.restore(request, form)      # before it is shown; or initial=drafts.initial(request)

and `drafts.drop(request)` once it is saved. In the template, the form bears
`data-ronde-brouillon="{{ draft_url }}"`, which every page receives.
A draft is found by the path of the page; it is gone after a week.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from ronde.accounts.models import Draft

MAX_BYTES = 64 * 1024  # What a browser sends from a page that is being left.
MAX_FIELDS = 500
KEPT_BY_PERSON = 20
LONGEST_ADDRESS = 300


def address_to_save(request: HttpRequest) -> str:
    """Where the browser posts the draft of this page."""
    return f"{reverse('accounts:draft')}?pour={quote(request.path)}"


def initial(request: HttpRequest) -> dict[str, Any]:
    """The values typed on this page before the session ended, by name of the HTML field."""
    if not request.user.is_authenticated:
        return {}
    with transaction.atomic(savepoint=False):
        found = Draft.objects.filter(user=request.user, address=request.path).first()
    if found is None:
        return {}
    return {
        name: values[0] if len(values) == 1 else values for name, values in found.values.items()
    }


def restore(request: HttpRequest, form: BaseForm) -> bool:
    """Put a draft back into a form not sent yet; true when there was one.

    A box that was not ticked leaves nothing in a draft: it is given back unticked.
    """
    kept = {} if form.is_bound else initial(request)
    if not kept:
        return False
    for name, field in form.fields.items():
        nothing: Any = [] if getattr(field.widget, "allow_multiple_selected", False) else ""
        value = kept.get(form.add_prefix(name), nothing)
        multiple = nothing == [] and not isinstance(value, list)
        form.initial[name] = [value] if multiple else value
    return True


def drop(request: HttpRequest) -> None:
    """Forget the draft of this page: what it held is saved now."""
    if request.user.is_authenticated:
        with transaction.atomic(savepoint=False):
            Draft.objects.filter(user=request.user, address=request.path).delete()


@transaction.atomic
def keep(user_id: UUID, address: str, typed: QueryDict) -> bool:
    """Keep what was typed at `address`; secrets left out. False when there is nothing to keep."""
    values = _worth_keeping(dict(typed.lists()))
    if not values or not address.startswith("/") or len(address) > LONGEST_ADDRESS:
        return False
    Draft.objects.update_or_create(user_id=user_id, address=address, defaults={"values": values})
    mine = Draft.objects.filter(user_id=user_id).order_by("-saved_at").values("pk")
    Draft.objects.filter(user_id=user_id).exclude(pk__in=mine[:KEPT_BY_PERSON]).delete()
    return True


def _worth_keeping(typed: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    """Leave the secrets out; nothing at all when it is more than a form can hold."""
    if len(typed) > MAX_FIELDS or sum(len(str(values)) for values in typed.values()) > MAX_BYTES:
        return {}
    return {
        name: values
        for name, values in typed.items()
        if "password" not in name and name != "csrfmiddlewaretoken"
    }
