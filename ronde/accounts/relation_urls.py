from django.urls import path

from ronde.accounts import relation_views as views

urlpatterns = [
    path("profil/relations/", views.delegates, name="delegates"),
    path("profil/relations/delegants/", views.delegators, name="delegators"),
    path("profil/relations/<slug:side>/ajouter/", views.relation_add, name="relation_add"),
    path("profil/relations/<slug:side>/recherche/", views.relation_search, name="relation_search"),
    path(
        "profil/relations/<uuid:delegation_id>/<slug:verb>/",
        views.relation_decide,
        name="relation_decide",
    ),
    path(
        "profil/relations/favori/<uuid:party_id>/",
        views.relation_favorite,
        name="relation_favorite",
    ),
]
