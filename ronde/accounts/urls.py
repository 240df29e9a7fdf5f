from django.urls import path

from ronde.accounts import dev_mails, legal_views, support_views, views

app_name = "accounts"
urlpatterns = [
    path("conditions/", views.terms, name="terms"),
    path("conditions/<slug:version>/", legal_views.terms_text, name="terms_text"),
    path("mentions-legales/", legal_views.notice, name="legal_notice"),
    path("donnees-personnelles/", legal_views.privacy, name="privacy"),
    path("accessibilite/", legal_views.accessibility, name="accessibility"),
    path("securite/", legal_views.security, name="security"),
    path("assistance/", support_views.ask, name="support"),
    path("assistance/envoyee/", support_views.sent, name="support_sent"),
    path("langue/", views.language, name="language"),
    path("identite/", views.switch, name="switch"),
    path("brouillon/", views.draft, name="draft"),
    path("profil/", views.profile, name="profile"),
    path("profil/conditions/", views.terms_history, name="terms_history"),
    path("dev/mails", dev_mails.mails, name="dev_mails"),
    path("dev/mails/<slug:name>", dev_mails.mail, name="dev_mail"),
]
