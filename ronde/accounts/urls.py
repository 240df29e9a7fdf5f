from django.urls import path

from ronde.accounts import dev_mails, security, views
from ronde.accounts.mfa import proof
from ronde.accounts.psc import views as psc

app_name = "accounts"
urlpatterns = [
    path("conditions/", views.terms, name="terms"),
    path("identite/", views.switch, name="switch"),
    path("brouillon/", views.draft, name="draft"),
    path("profil/", views.profile, name="profile"),
    path("profil/securite/", security.security, name="security"),
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
    path("dev/mails", dev_mails.mails, name="dev_mails"),
    path("dev/mails/<slug:name>", dev_mails.mail, name="dev_mail"),
]
