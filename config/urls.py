"""Addresses: one line for each app; the words are those of the screens."""

from django.urls import include, path

urlpatterns = [
    path("", include("ronde.worklist.urls")),
    path("", include("ronde.accounts.urls")),
    path("nomenclatures/", include("ronde.terminology.urls")),
    path("dossiers/", include("ronde.dossier.urls")),
    path("dossiers/<uuid:patient_id>/identite/", include("ronde.patients.urls")),
    path("dossiers/<uuid:patient_id>/cercle/", include("ronde.careteam.urls")),
    path("dossiers/<uuid:patient_id>/fil/", include("ronde.feed.urls")),
]
