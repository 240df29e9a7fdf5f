from django.urls import path

from ronde.dossier import creation_views as views

urlpatterns = [
    path("nouveau/", views.search, name="search"),
    path("nouveau/consentement/", views.consent_form, name="consent_form"),
    path("nouveau/<uuid:creation_id>/", views.near, name="create_near"),
    path("nouveau/<uuid:creation_id>/identite/", views.identity, name="create_identity"),
    path(
        "nouveau/<uuid:creation_id>/consentement/", views.prefilled_consent, name="create_consent"
    ),
    path("nouveau/<uuid:creation_id>/abandon/", views.abandon, name="create_abandon"),
]
