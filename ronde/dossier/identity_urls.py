from django.urls import path

from ronde.dossier import identity_views as views

record = "<uuid:patient_id>/identite/"
urlpatterns = [
    path(record, views.show, name="identity"),
    path(f"{record}modification/", views.edit, name="identity_edit"),
    path(f"{record}piece/", views.check, name="identity_check"),
    path(f"{record}cas-particuliers/", views.flags, name="identity_flags"),
    path(f"{record}doublons/", views.duplicates, name="identity_duplicates"),
    path(f"{record}consentement/", views.consent_give, name="consent_give"),
    path(f"{record}consentement/retrait/", views.consent_withdraw, name="consent_withdraw"),
    path(f"{record}consentement/document/", views.consent_pdf, name="consent_pdf"),
]
