from django.urls import path

from ronde.followup import views

app_name = "followup"
urlpatterns = [
    path("statuts/", views.statuses, name="statuses"),
    path("statuts/changer/", views.set_status, name="set_status"),
    path("hospitalisations/", views.stays, name="stays"),
    path("hospitalisations/ajouter/", views.add_stay, name="add_stay"),
    path("hospitalisations/<uuid:stay_id>/", views.stay, name="stay"),
    path("hospitalisations/<uuid:stay_id>/modifier/", views.edit_stay, name="edit_stay"),
    path("hospitalisations/<uuid:stay_id>/annuler/", views.cancel_stay, name="cancel_stay"),
    path("etapes/<uuid:step_id>/cocher/", views.tick_step, name="tick_step"),
    path("etapes/<uuid:step_id>/", views.edit_step, name="edit_step"),
]
