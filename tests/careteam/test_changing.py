"""Changing a member: the sheet, the right, the departure."""

import pytest
from django.conf import settings
from django.shortcuts import resolve_url

from ronde.accounts.models import User
from ronde.careteam import actions, forms, queries
from ronde.careteam.access import access_to
from ronde.careteam.models import UNIQUE_ROLES, Member, MemberKind
from ronde.core.db.roles import as_owner
from ronde.journal.events import sentence
from ronde.journal.models import JournalEntry
from ronde.terminology.queries import entries
from tests import factories as f
from tests.careteam.conftest import Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def cecile(coordinator, record) -> Member:
    return f.member(coordinator, record, f.person("COLOMBO", "Cécile").party, roles=("referent",))


@pytest.fixture
def me(coordinator, record) -> Member:
    with as_owner():
        return Member.objects.get(patient=record, party_id=coordinator.party_id)


def fresh(member: Member) -> Member:
    with as_owner():
        return Member.objects.get(pk=member.pk)


def said() -> list[str]:
    with as_owner():
        entries = JournalEntry.objects.order_by("at")
        return [sentence(entry.event, entry.payload) for entry in entries]


def sheet(member: Member, **values: object) -> dict[str, object]:
    return {"version": fresh(member).version, "roles": "referent", **values}


def test_the_unique_roles_are_those_that_the_nomenclature_says():
    unique = {one.code for one in entries("roles") if one.properties.get("unique") == "yes"}
    assert unique == set(UNIQUE_ROLES)


def test_roles_and_details_change_and_are_told_in_words(desk, cecile):
    values = sheet(cecile, roles=["contributor"], description="Le matin", unit="Rééducation")
    assert desk.post("edit", cecile, **values).status_code == 204
    assert fresh(cecile).unit == "Rééducation"
    assert (
        said()[-1]
        == "COLOMBO Cécile\N{NO-BREAK SPACE}: rôle donné : intervenant ; rôle retiré : référent"
    )


def test_what_is_already_so_tells_nobody(desk, cecile):
    before = said()
    assert desk.post("edit", cecile, **sheet(cecile)).status_code == 204
    assert said() == before


def test_a_stale_sheet_shows_both_and_the_second_one_wins_when_sent_again(
    desk, as_actor, coordinator, record, cecile
):
    typed = sheet(cecile, description="Le soir")
    with as_actor(coordinator):
        access = access_to(coordinator, record.pk)
        actions.change(access, cecile, {"description": "Le matin"}, ["referent"], cecile.version)
    response = desk.post("edit", cecile, **typed)
    assert response.status_code == 409
    html = response.content.decode()
    assert "modifiée pendant votre saisie" in html
    assert "Modifiée par Sophie LAMBERT" in html
    assert "<del>Le matin</del>" in html
    assert "<ins>Le soir</ins>" in html
    assert fresh(cecile).description == "Le matin"
    assert f'name="version" value="{fresh(cecile).version}"' in html
    assert desk.post("edit", cecile, **{**typed, **sheet(cecile)}).status_code == 204
    assert fresh(cecile).description == "Le soir"


def test_the_switches_of_the_sheet_give_and_take_the_right(desk, cecile):
    desk.post("edit", cecile, **sheet(cecile), habilitated="on")
    assert fresh(cecile).habilitated
    desk.post("edit", cecile, **sheet(cecile), refused="on")
    assert fresh(cecile).refused
    assert not fresh(cecile).habilitated
    desk.post("edit", cecile, **sheet(cecile), habilitated="on")
    assert fresh(cecile).habilitated
    assert not fresh(cecile).refused
    desk.post("edit", cecile, **sheet(cecile))
    assert not fresh(cecile).habilitated
    assert said()[-5:] == [
        "COLOMBO Cécile habilité(e) à consulter le dossier",
        "Le patient refuse le partage avec COLOMBO Cécile",
        "Refus de partage avec COLOMBO Cécile levé",
        "COLOMBO Cécile habilité(e) à consulter le dossier",
        "Habilitation de COLOMBO Cécile retirée",
    ]


def test_ones_own_sheet_leaves_the_right_to_its_own_dialogs(desk, me):
    html = desk.read("edit", me)
    assert 'name="habilitated"' not in html
    values = {"version": fresh(me).version, "description": "Joignable le matin"}
    assert desk.post("edit", me, **values).status_code == 204
    assert fresh(me).habilitated


def test_a_relative_is_changed_with_the_fields_of_a_relative(desk, as_actor, coordinator, record):
    with as_actor(coordinator):
        relative = actions.add_by_hand(
            access_to(coordinator, record.pk),
            MemberKind.RELATIVE,
            {"display_name": "DURAND Claire", "family_name": "Durand", "given_name": "Claire"},
            roles=["trusted-person"],
        )
    html = desk.read("edit", relative)
    assert "Lien avec le patient" in html
    assert "Matricule" not in html
    assert 'name="habilitated"' not in html
    values = {
        "version": 1,
        "family_name": "Durand",
        "given_name": "Clara",
        "kin_roles": "main-caregiver",
    }
    assert desk.post("edit", relative, **values).status_code == 204
    assert fresh(relative).display_name == "DURAND Clara"


def test_the_right_is_given_after_the_sentence_naming_both(desk, cecile):
    html = desk.read("habilitate", cecile)
    assert "le professionnel COLOMBO Cécile" in html
    assert "le dossier de MARCHETTI Jeanne" in html
    assert not fresh(cecile).habilitated
    assert desk.post("habilitate", cecile).status_code == 204
    assert fresh(cecile).habilitated


def test_giving_a_right_twice_tells_once(desk, cecile):
    desk.post("habilitate", cecile)
    before = said()
    assert desk.post("habilitate", cecile).status_code == 204
    assert said() == before


def test_a_refused_member_is_not_habilitated_by_a_stale_dialog(desk, cecile):
    desk.post("refuse", cecile)
    response = desk.post("habilitate", cecile)
    assert response.status_code == 422
    assert "Le patient refuse le partage avec COLOMBO Cécile" in response.content.decode()


def test_a_refused_member_stays_until_the_refusal_is_lifted(desk, cecile):
    desk.post("refuse", cecile)
    response = desk.post("remove", cecile)
    assert response.status_code == 422
    assert "levez d" in response.content.decode()
    assert "Retirer du cercle…" not in desk.read("circle")
    desk.post("lift_refusal", cecile)
    assert desk.post("remove", cecile).status_code == 204


def test_removing_names_what_is_lost(desk, cecile):
    desk.post("habilitate", cecile)
    html = desk.read("remove", cecile)
    assert "Sera perdu : l’accès au dossier ; son rôle : référent." in html
    assert desk.post("remove", cecile).status_code == 204
    gone = fresh(cecile)
    assert not gone.habilitated
    assert gone.removed_by_name == "Sophie LAMBERT"
    assert not gone.roles.filter(is_current=True).exists()


def test_somebody_removed_meanwhile_is_said_and_the_circle_refreshes(desk, cecile):
    desk.post("remove", cecile)
    for name in ("habilitate", "withdraw", "refuse", "remove", "edit"):
        response = desk.post(name, cecile, version=1)
        assert response.status_code == 409
        assert "careteam:changed" in response["HX-Trigger"]
        assert "retiré du cercle entre-temps" in response.content.decode()


def test_whoever_left_may_come_back_with_a_clean_sheet(desk, coordinator, record, cecile):
    desk.post("habilitate", cecile)
    desk.post("remove", cecile)
    again = f.member(coordinator, record, cecile.party)
    assert again.pk != cecile.pk
    assert not again.habilitated


@pytest.mark.parametrize("name", ["withdraw", "remove"])
def test_closing_the_record_to_oneself_is_said_then_leads_to_the_list(desk, me, name):
    html = desk.read(name, me)
    assert "vous ne verrez plus ce dossier" in html
    assert "dernier accès au dossier" in html
    response = desk.post(name, me)
    assert response["HX-Redirect"] == resolve_url(settings.LOGIN_REDIRECT_URL)
    assert desk.get("circle").status_code == 404


def test_closing_the_record_to_oneself_without_javascript(desk, me):
    response = desk.post("withdraw", me, htmx=False)
    assert response["Location"] == resolve_url(settings.LOGIN_REDIRECT_URL)


def test_the_last_access_is_named_only_when_it_is_the_last(desk, cecile, me):
    desk.post("habilitate", cecile)
    assert "dernier accès au dossier" not in desk.read("remove", me)


def test_a_nurse_of_the_circle_may_complete_it(coordinator, record, cecile):
    account = f.user("RICCI", "Paola")
    f.member(coordinator, record, account.person.party, habilitated=True)
    desk = Desk(User.objects.get(pk=account.pk), record)
    assert desk.post("habilitate", cecile).status_code == 204


def test_a_member_of_another_record_is_not_changed_through_this_one(desk, coordinator, cecile):
    elsewhere = Desk(desk.user, f.patient(coordinator, birth_name="AUTRE"))
    for name in ("edit", "habilitate", "remove"):
        assert elsewhere.post(name, cecile, version=1).status_code == 404
    assert fresh(cecile).removed_at is None


def test_a_retired_role_already_held_stays_offered(as_actor, coordinator, record):
    offered = dict(queries.role_choices(MemberKind.STRUCTURE, held=["attending-physician"]))
    assert offered["attending-physician"] == "Médecin traitant"
    assert "attending-physician" not in dict(queries.role_choices(MemberKind.STRUCTURE))


def test_every_form_names_columns_of_a_member():
    names = {field.name for field in Member._meta.get_fields()}
    for form in (forms.DirectoryForm, forms.PersonForm, forms.StructureForm):
        assert set(form.columns) <= names
