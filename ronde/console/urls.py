from django.urls import path

from ronde.console import views

app_name = "console"
urlpatterns = [
    path("", views.home, name="home"),
    path("fonctions/", views.duties, name="duties"),
    path("fonctions/confier/", views.give_duty, name="give_duty"),
    path("fonctions/<uuid:user_id>/<slug:duty>/retirer/", views.end_duty, name="end_duty"),
]
