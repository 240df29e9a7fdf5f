from django.urls import path

from ronde.notifications import views

app_name = "notifications"
urlpatterns = [
    path("signaux/", views.signals, name="signals"),
    path("notifications/", views.notices_list, name="list"),
    path("notifications/lues/", views.read_all, name="read_all"),
    path("notifications/<uuid:notice_id>/lue/", views.read, name="read"),
    path("notifications/<uuid:notice_id>/ouvrir/", views.open_notice, name="open"),
    path("profil/notifications/", views.preferences_page, name="preferences"),
    path("profil/notifications/reinitialiser/", views.reset, name="reset"),
]
