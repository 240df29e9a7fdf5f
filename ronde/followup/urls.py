from django.urls import path

from ronde.followup import link_views, memo_views, views

app_name = "followup"
urlpatterns = [
    path("statuts/", views.statuses, name="statuses"),
    path("statuts/changer/", views.set_status, name="set_status"),
    path("hospitalisations/", views.stays, name="stays"),
    path("hospitalisations/ajouter/", views.add_stay, name="add_stay"),
    path("hospitalisations/<uuid:stay_id>/", views.stay, name="stay"),
    path("hospitalisations/<uuid:stay_id>/modifier/", views.edit_stay, name="edit_stay"),
    path("hospitalisations/<uuid:stay_id>/annuler/", views.cancel_stay, name="cancel_stay"),
    path("hospitalisations/<uuid:stay_id>/retablir/", views.restore_stay, name="restore_stay"),
    path("etapes/<uuid:step_id>/cocher/", views.tick_step, name="tick_step"),
    path("etapes/<uuid:step_id>/remettre/", views.restore_step, name="restore_step"),
    path("etapes/<uuid:step_id>/", views.edit_step, name="edit_step"),
    path("memos/", memo_views.memos, name="memos"),
    path("memos/ajouter/", memo_views.add_memo, name="add_memo"),
    path("memos/<uuid:memo_id>/", memo_views.memo, name="memo"),
    path("memos/<uuid:memo_id>/modifier/", memo_views.edit_memo, name="edit_memo"),
    path("memos/<uuid:memo_id>/reprendre/", memo_views.take_over_memo, name="take_over_memo"),
    path("memos/<uuid:memo_id>/supprimer/", memo_views.delete_memo, name="delete_memo"),
    path("memos/<uuid:memo_id>/retablir/", memo_views.restore_memo, name="restore_memo"),
    path("liens/", link_views.links, name="links"),
    path("liens/ajouter/", link_views.add_link, name="add_link"),
    path("liens/relations/", link_views.relations, name="relations"),
    path("liens/<uuid:link_id>/retirer/", link_views.remove_link, name="remove_link"),
]
