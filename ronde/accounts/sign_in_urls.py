"""The addresses of django-allauth that we keep, under its own names: it reverses them itself."""

from django.urls import path

from ronde.accounts import security, sign_in
from ronde.accounts.mfa import proof
from ronde.accounts.mfa import views as mfa

urlpatterns = [
    path("connexion/", sign_in.login, name="account_login"),
    path("connexion/code/", sign_in.confirm_code, name="account_confirm_login_code"),
    path("connexion/seconde-etape/", mfa.authenticate, name="mfa_authenticate"),
    path("connexion/cle/", mfa.passkey, name="mfa_login_webauthn"),
    path("profil/securite/preuve/", proof.confirm, name="account_reauthenticate"),
    path("profil/securite/mot-de-passe/", security.password, name="account_change_password"),
    path("deconnexion/", sign_in.logout, name="account_logout"),
    path("mot-de-passe/", sign_in.password_reset, name="account_reset_password"),
    path("mot-de-passe/envoi/", sign_in.password_reset_done, name="account_reset_password_done"),
    path(
        "mot-de-passe/<slug:uidb36>/<str:key>/",
        sign_in.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
]
