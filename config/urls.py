"""Addresses: one line for each app; the words are those of the screens."""

from django.urls import include, path

urlpatterns = [
    path("", include("ronde.worklist.urls")),
    path("", include("ronde.accounts.urls")),
    path("", include("ronde.accounts.sign_in_urls")),
    path("", include("ronde.notifications.urls")),
    path("console/", include("ronde.console.urls")),
    path("nomenclatures/", include("ronde.terminology.urls")),
    path("dossiers/", include("ronde.dossier.urls")),
    path("dossiers/<uuid:patient_id>/cercle/", include("ronde.careteam.urls")),
    path("dossiers/<uuid:patient_id>/documents/", include("ronde.documents.urls")),
    path("dossiers/<uuid:patient_id>/suivi/", include("ronde.followup.urls")),
    path("dossiers/<uuid:patient_id>/fil/", include("ronde.feed.urls")),
]

handler400 = "ronde.core.errors.bad_request"
handler403 = "ronde.core.errors.forbidden"
handler404 = "ronde.core.errors.not_found"
handler429 = "ronde.core.errors.too_many_requests"  # Read by django-allauth.
handler500 = "ronde.core.errors.server_error"
