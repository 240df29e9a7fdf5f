from django.urls import path

from ronde.console import account_views, list_views, matrix_views, review_views, simulator, views

app_name = "console"
urlpatterns = [
    path("", views.home, name="home"),
    path("comptes/", account_views.queue, name="account_requests"),
    path("comptes/<uuid:request_id>/", account_views.one, name="account_request"),
    path("comptes/<uuid:request_id>/accepter/", account_views.accept, name="accept_account"),
    path("comptes/<uuid:request_id>/refuser/", account_views.refuse, name="refuse_account"),
    path("comptes/<uuid:request_id>/completer/", account_views.ask_more, name="ask_more"),
    path("fonctions/", views.duties, name="duties"),
    path("fonctions/confier/", views.give_duty, name="give_duty"),
    path("fonctions/<uuid:user_id>/<slug:duty>/retirer/", views.end_duty, name="end_duty"),
    path("matrice/", matrix_views.show, name="matrix"),
    path("matrice/enregistrer/", matrix_views.save, name="matrix_save"),
    path("matrice/historique/", matrix_views.history, name="matrix_history"),
    path("matrice/historique/<uuid:change_id>/annuler/", matrix_views.undo, name="matrix_undo"),
    path("matrice/export/", matrix_views.export, name="matrix_export"),
    path("simulateur/", simulator.simulate, name="simulate"),
    path("relectures/", review_views.queue, name="reviews"),
    path("relectures/<uuid:glass_id>/", review_views.review, name="review"),
    path("relectures/<uuid:glass_id>/explication/", review_views.ask, name="review_ask"),
    path("simulateur/annuaire/", simulator.parties, name="parties"),
    path("listes/", list_views.lists, name="lists"),
    path("listes/<slug:list_name>/ajouter/", list_views.add_item, name="add_item"),
    path("listes/lignes/<uuid:item_id>/", list_views.edit_item, name="edit_item"),
    path("listes/lignes/<uuid:item_id>/retirer/", list_views.retire_item, name="retire_item"),
]
