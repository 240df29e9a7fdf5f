from django.urls import path

from ronde.accounts import (
    dev_mails,
    directory_views,
    group_views,
    legal_views,
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
    path("profil/groupes/", group_views.index, name="groups"),
    path("profil/groupes/nouveau/", group_views.create, name="group_new"),
    path("profil/groupes/<uuid:group_id>/", group_views.show, name="group"),
    path("profil/groupes/<uuid:group_id>/nom/", group_views.rename, name="group_rename"),
    path("profil/groupes/<uuid:group_id>/ajouter/", group_views.add, name="group_add"),
    path(
        "profil/groupes/<uuid:group_id>/membres/<uuid:party_id>/retirer/",
        group_views.take_out,
        name="group_take_out",
    ),
    path("profil/groupes/<uuid:group_id>/partager/", group_views.share, name="group_share"),
    path(
        "profil/groupes/<uuid:group_id>/partages/<uuid:user_id>/retirer/",
        group_views.unshare,
        name="group_unshare",
    ),
    path("profil/groupes/<uuid:group_id>/quitter/", group_views.leave, name="group_leave"),
    path("profil/groupes/<uuid:group_id>/supprimer/", group_views.delete, name="group_delete"),
    path("annuaire/<slug:kind>/", directory_views.search, name="directory"),
    path("dev/mails", dev_mails.mails, name="dev_mails"),
    path("dev/mails/<slug:name>", dev_mails.mail, name="dev_mail"),
]
