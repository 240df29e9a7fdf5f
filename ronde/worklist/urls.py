from django.urls import path

from ronde.worklist import bulk_views, staff_views, views

app_name = "worklist"
urlpatterns = [
    path("mes-dossiers/", views.records, name="records"),
    path("", views.home, name="home"),
    path("file-active/", views.worklist, name="list"),
    path("file-active/export/", views.export_list, name="export"),
    path("file-active/recherches/", views.save_search, name="save_search"),
    path(
        "file-active/recherches/<uuid:search_id>/defaut/", views.make_default, name="make_default"
    ),
    path(
        "file-active/recherches/<uuid:search_id>/suppression/",
        views.delete_search,
        name="delete_search",
    ),
    path("file-active/<uuid:patient_id>/favori/", views.star, name="star"),
    path("file-active/annuaire/<slug:kind>/", views.parties, name="parties"),
    path("habilitations/", bulk_views.runs, name="bulk_runs"),
    path("habilitations/nouvelle/", bulk_views.new, name="bulk_new"),
    path("habilitations/<uuid:run_id>/", bulk_views.show, name="bulk_run"),
    path("habilitations/<uuid:run_id>/choix/", bulk_views.choose, name="bulk_choose"),
    path("habilitations/<uuid:run_id>/apercu/", bulk_views.preview, name="bulk_preview"),
    path("habilitations/<uuid:run_id>/confirmation/", bulk_views.confirm, name="bulk_confirm"),
    path("habilitations/<uuid:run_id>/annulation/", bulk_views.undo, name="bulk_undo"),
    path("ma-structure/", staff_views.index, name="staff"),
    path("ma-structure/rattacher/", staff_views.attach, name="staff_attach"),
    path(
        "ma-structure/<uuid:attachment_id>/depart/", staff_views.departure, name="staff_departure"
    ),
    path("ma-structure/<uuid:attachment_id>/niveau/", staff_views.level, name="staff_level"),
    path("recherche/", views.palette, name="palette"),
]
