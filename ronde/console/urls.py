from django.urls import path

from ronde.console import list_views, merge_views, views, zone_views

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
    path("doublons/", merge_views.duplicates, name="duplicates"),
    path("doublons/saisir/", merge_views.enter_pair, name="enter_pair"),
    path("doublons/<uuid:pair_id>/", merge_views.duplicate, name="duplicate"),
    path("doublons/<uuid:pair_id>/reunir/", merge_views.merge, name="merge"),
    path("doublons/<uuid:pair_id>/differents/", merge_views.tell_apart, name="tell_apart"),
    path("doublons/<uuid:pair_id>/separer/", merge_views.separate, name="separate"),
    path("zones/", zone_views.zones, name="zones"),
    path("zones/ajouter/", zone_views.add_zone, name="add_zone"),
    path("zones/<int:zone_id>/", zone_views.edit_zone, name="edit_zone"),
    path("zones/<int:zone_id>/retirer/", zone_views.retire_zone, name="retire_zone"),
]
