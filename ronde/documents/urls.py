from django.urls import path

from ronde.documents import content_views, deposit_views, views

app_name = "documents"
urlpatterns = [
    path("", views.listing, name="list"),
    path("ajouter/", deposit_views.add, name="add"),
    path("<uuid:document_id>/", views.show, name="show"),
    path("<uuid:document_id>/apercu/<int:page>/", content_views.preview, name="preview"),
    path("<uuid:document_id>/fichier/", content_views.download, name="download"),
    path("<uuid:document_id>/fichier/<int:number>/", content_views.download, name="former"),
    path("<uuid:document_id>/modifier/", views.edit, name="edit"),
    path("<uuid:document_id>/remplacer/", deposit_views.replace, name="replace"),
    path("<uuid:document_id>/partage/", views.share, name="share"),
    path("<uuid:document_id>/supprimer/", views.withdraw, name="withdraw"),
]
