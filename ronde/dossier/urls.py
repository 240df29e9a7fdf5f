from django.urls import path

from ronde.dossier import (
    creation_urls,
    due_views,
    emergency,
    end_views,
    explanations,
    extract_views,
    extraction_views,
    identity_urls,
    lifeline_views,
    views,
    why_views,
)

app_name = "dossier"
urlpatterns = [
    *creation_urls.urlpatterns,
    *identity_urls.urlpatterns,
    path("bris-de-glace/fin/", emergency.left, name="left"),
    path("bris-de-glace/bilan/", explanations.glass_counts, name="glass_counts"),
    path("explications/<uuid:explanation_id>/", explanations.explain, name="explain"),
    path("habilitations-a-revoir/", due_views.due_habilitations, name="due_habilitations"),
    path("mes-droits/", why_views.my_rights, name="my_rights"),
    path("<uuid:patient_id>/", views.record, name="record"),
    path("<uuid:patient_id>/pourquoi/", why_views.why, name="why"),
    path("<uuid:patient_id>/panneaux/<slug:name>/", views.panel, name="panel"),
    path("<uuid:patient_id>/rubriques/", views.tabs, name="tabs"),
    path("<uuid:patient_id>/matricule/", views.ins, name="ins"),
    path("<uuid:patient_id>/lu/", views.mark_read, name="mark_read"),
    path("<uuid:patient_id>/tracabilite/", views.trace, name="trace"),
    path("<uuid:patient_id>/ligne-de-vie/", lifeline_views.show, name="lifeline"),
    path("<uuid:patient_id>/tracabilite/extrait/", extract_views.extract, name="extract"),
    path(
        "<uuid:patient_id>/tracabilite/extrait/document/",
        extract_views.extract_pdf,
        name="extract_pdf",
    ),
    path("<uuid:patient_id>/extraction/", extraction_views.extract_data, name="extract_data"),
    path(
        "<uuid:patient_id>/extraction/<uuid:extraction_id>/",
        extraction_views.extraction_file,
        name="extraction_file",
    ),
    path("<uuid:patient_id>/cloture/", end_views.close, name="close"),
    path("<uuid:patient_id>/cloture/archiver/", end_views.archive, name="archive"),
    path("<uuid:patient_id>/cloture/rouvrir/", end_views.reopen, name="reopen"),
    path("<uuid:patient_id>/deces/", end_views.declare_death, name="declare_death"),
    path("<uuid:patient_id>/deces/annuler/", end_views.undo_death, name="undo_death"),
    path("<uuid:patient_id>/bris-de-glace/", emergency.break_glass, name="break_glass"),
    path("<uuid:patient_id>/bris-de-glace/fin/", emergency.close_glass, name="close_glass"),
    path("<uuid:patient_id>/bris-de-glace/acces-durable/", emergency.ask_access, name="ask_access"),
]
