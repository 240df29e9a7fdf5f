"""Gates that know nobody."""

from collections.abc import Callable

from django.http import HttpResponse

View = Callable[..., HttpResponse]


def public_view(view: View) -> View:
    """Mark a page that anyone may read: it shows nothing of a patient nor of an account."""
    view.gate = "public"  # type: ignore[attr-defined]
    return view
