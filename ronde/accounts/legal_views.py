"""Pages that anyone may read: who answers for the service, and for what."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from ronde.accounts import legal, terms
from ronde.core.gate import public_view
from ronde.core.page import page


def _legal(request: HttpRequest, template: str, **values: object) -> HttpResponse:
    context = {"operator": settings.OPERATOR, "demonstration": settings.DEMONSTRATION, **values}
    return page(request, template, context)


@require_safe
@public_view
def notice(request: HttpRequest) -> HttpResponse:
    return _legal(request, "accounts/legal_notice.html")


@require_safe
@public_view
def privacy(request: HttpRequest) -> HttpResponse:
    return _legal(
        request,
        "accounts/privacy.html",
        record_years=settings.RECORD_RETENTION_YEARS,
        support_months=settings.SUPPORT_KEPT_FOR.days // 30,
    )


@require_safe
@public_view
def accessibility(request: HttpRequest) -> HttpResponse:
    return _legal(request, "accounts/accessibility.html", statement=legal.statement())


@require_safe
@public_view
def security(request: HttpRequest) -> HttpResponse:
    return _legal(request, "accounts/security.html")


@require_safe
@public_view
def terms_present(request: HttpRequest) -> HttpResponse:
    """Lead to the version in force: the foot of every page knows no version by name."""
    return redirect("accounts:terms_text", terms.in_force())


@require_safe
@public_view
def terms_text(request: HttpRequest, version: str) -> HttpResponse:
    """Show a version of the terms of use, present or past, without asking for anything."""
    if not terms.is_known(version):
        raise Http404
    return _legal(
        request,
        "accounts/terms_text.html",
        version=version,
        text=terms.text_of(version),
        present=terms.in_force(),
    )
