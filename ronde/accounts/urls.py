from django.urls import path

from ronde.accounts import dev_mails, views

app_name = "accounts"
urlpatterns = [
    path("conditions/", views.terms, name="terms"),
    path("identite/", views.switch, name="switch"),
    path("brouillon/", views.draft, name="draft"),
    path("profil/", views.profile, name="profile"),
    path("dev/mails", dev_mails.mails, name="dev_mails"),
    path("dev/mails/<slug:name>", dev_mails.mail, name="dev_mail"),
]
