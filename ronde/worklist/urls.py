from django.urls import path

from ronde.worklist import views

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
    path("recherche/", views.palette, name="palette"),
]
