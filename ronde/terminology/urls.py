from django.urls import path

from ronde.terminology import views

app_name = "terminology"
urlpatterns = [
    path("communes/", views.communes, name="communes"),
    path("pays/", views.countries, name="countries"),
]
