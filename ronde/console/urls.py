from django.urls import path

from ronde.console import list_views, views

app_name = "console"
urlpatterns = [
    path("", views.home, name="home"),
    path("fonctions/", views.duties, name="duties"),
    path("fonctions/confier/", views.give_duty, name="give_duty"),
    path("fonctions/<uuid:user_id>/<slug:duty>/retirer/", views.end_duty, name="end_duty"),
    path("listes/", list_views.lists, name="lists"),
    path("listes/<slug:list_name>/ajouter/", list_views.add_item, name="add_item"),
    path("listes/lignes/<uuid:item_id>/", list_views.edit_item, name="edit_item"),
    path("listes/lignes/<uuid:item_id>/retirer/", list_views.retire_item, name="retire_item"),
]
