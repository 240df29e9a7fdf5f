from django.urls import path

from ronde.accounts import dev_mails, legal_views, security, support_views, views
from ronde.accounts.mfa import proof
from ronde.accounts.psc import views as psc

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
    path("profil/securite/", security.security, name="my_security"),
    path("profil/securite/application/", security.app, name="app"),
    path("profil/securite/application/retirer/", security.remove_app, name="remove_app"),
    path("profil/securite/cles/", security.passkey, name="passkey"),
    path("profil/securite/cles/<int:key>/", security.rename_passkey, name="rename_passkey"),
    path("profil/securite/cles/<int:key>/retirer/", security.remove_passkey, name="remove_passkey"),
    path("profil/securite/codes/", security.codes, name="codes"),
    path("profil/securite/codes/nouveaux/", security.renew_codes, name="renew_codes"),
    path("profil/securite/sessions/", security.close_others, name="close_others"),
    path("profil/securite/sessions/<uuid:device_id>/", security.close_device, name="close_device"),
    path("profil/lieu/", psc.workplace, name="workplace"),
    path("connexion/psc/", psc.start, name="psc_start"),
    path("connexion/psc/retour/", psc.callback, name="psc_callback"),
    path("connexion/psc/fin/", psc.ended, name="psc_ended"),
    path("deconnexion/psc/", psc.left, name="psc_left"),
    path("verrou/", proof.unlock, name="unlock"),
    path("verrou/poser/", proof.lock, name="lock"),
    path("verrou/presence/", proof.alive, name="alive"),
    path("profil/conditions/", views.terms_history, name="terms_history"),
    path("dev/mails", dev_mails.mails, name="dev_mails"),
    path("dev/mails/<slug:name>", dev_mails.mail, name="dev_mail"),
]
