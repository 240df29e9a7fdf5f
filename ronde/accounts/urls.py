from django.urls import path

from ronde.accounts import (
    attaching,
    dev_mails,
    inviting,
    legal_views,
    sign_up,
    support_views,
    views,
)

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
    path("inscription/", sign_up.sign_up, name="sign_up"),
    path("inscription/identite/", sign_up.identity, name="sign_up_identity"),
    path("inscription/structures/", sign_up.structures, name="sign_up_structures"),
    path("inscription/envoyee/", sign_up.sent, name="sign_up_sent"),
    path("inscription/confirmer/<str:token>/", sign_up.confirm, name="sign_up_confirm"),
    path("inscription/completer/<str:token>/", sign_up.complete, name="sign_up_complete"),
    path("invitation/<str:token>/", sign_up.invited, name="invited"),
    path("invitations/", inviting.invitations, name="invitations"),
    path("invitations/nouvelle/", inviting.invite, name="invite"),
    path("invitations/<uuid:invitation_id>/renvoyer/", inviting.resend, name="invite_again"),
    path("invitations/<uuid:invitation_id>/retirer/", inviting.withdraw, name="uninvite"),
    path("rattachements/", attaching.asking, name="attachment_requests"),
    path(
        "rattachements/<uuid:request_id>/<slug:verdict>/",
        attaching.judge,
        name="judge_attachment",
    ),
    path("dev/mails", dev_mails.mails, name="dev_mails"),
    path("dev/mails/<slug:name>", dev_mails.mail, name="dev_mail"),
]
