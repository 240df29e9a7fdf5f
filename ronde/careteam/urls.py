from django.urls import URLPattern

app_name = "careteam"
urlpatterns: list[URLPattern] = []
