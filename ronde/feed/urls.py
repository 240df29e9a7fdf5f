from django.urls import path

from ronde.feed import views

app_name = "feed"
urlpatterns = [
    path("", views.feed, name="list"),
    path("note/", views.add_note, name="add_note"),
]
