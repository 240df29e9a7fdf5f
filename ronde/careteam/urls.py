from django.urls import path

from ronde.careteam import adding, asking, changing, due_views, grouping, lasting_views, views

app_name = "careteam"
urlpatterns = [
    path("", views.circle, name="circle"),
    path("panneau/", views.panel, name="panel"),
    path("a-revoir/", due_views.due_members, name="due"),
    path("anciens/", views.past, name="past"),
    path("ajouter/", adding.add, name="add"),
    path("ajouter/annuaire/", adding.search, name="search"),
    path("ajouter/choix/", adding.chosen, name="chosen"),
    path("ajouter/personne/", adding.add_person, name="add_person"),
    path("ajouter/groupe/", grouping.add_group, name="add_group"),
    path("ajouter/structure/", adding.add_structure, name="add_structure"),
    path("inviter/", asking.invite, name="invite"),
    path("demandes/<uuid:asked_id>/habiliter/", lasting_views.grant, name="grant_access"),
    path("demandes/<uuid:asked_id>/refuser/", lasting_views.decline, name="decline_access"),
    path("<uuid:member_id>/", views.member, name="member"),
    path("<uuid:member_id>/modifier/", changing.edit, name="edit"),
    path("<uuid:member_id>/habiliter/", changing.habilitate, name="habilitate"),
    path("<uuid:member_id>/retirer-habilitation/", changing.withdraw, name="withdraw"),
    path("<uuid:member_id>/refus/", changing.refuse, name="refuse"),
    path("<uuid:member_id>/lever-refus/", changing.lift_refusal, name="lift_refusal"),
    path("<uuid:member_id>/retirer/", changing.remove, name="remove"),
]
