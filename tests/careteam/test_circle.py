"""What the circle shows, and to whom it offers what."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from ronde.accounts.models import User
from ronde.careteam import actions, queries
from ronde.careteam.access import access_to
from ronde.careteam.models import BreakGlass, BreakGlassReason, MemberKind
from ronde.core.db.roles import as_owner
from ronde.directory.models import Party, Post, Structure
from tests import factories as f
from tests.careteam.conftest import Desk
from tests.query_budget import counted

pytestmark = pytest.mark.django_db


def text(html: str) -> str:
    """What is read on the page, on one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def by_hand(as_actor, coordinator, record, **values):
    with as_actor(coordinator):
        access = access_to(coordinator, record.pk)
        return actions.add_by_hand(
            access, MemberKind.RELATIVE, {"display_name": "DURAND Claire", **values}
        )


def line_of(as_actor, coordinator, record, member) -> queries.Line:
    with as_actor(coordinator):
        found = queries.one(access_to(coordinator, record.pk), member.pk)
    assert found is not None
    return found


def test_the_page_groups_members_and_counts_those_with_access(desk, coordinator, record):
    f.member(coordinator, record, f.person("LEBLANC", "Marc").party, habilitated=True)
    f.member(coordinator, record, f.structure("SSIAD Les Pins").party)
    html = desk.read("circle")
    assert "3 membres, dont 2 avec accès" in text(html)
    assert "Professionnels (2)" in text(html)
    assert "Structures (1)" in text(html)
    assert "Entourage" not in html


def test_one_member_and_thirty_cost_the_same_number_of_queries(desk, coordinator, record):
    def cost() -> int:
        with counted() as seen:
            desk.read("circle", taille=100)
        return len(seen)

    desk.read("circle")
    alone = cost()
    for number in range(30):
        place = f.structure(f"Cabinet {number}")
        someone = f.person("RICCI", f"Anna {number}")
        with as_owner():
            Post.objects.create(person=someone, structure=place, know_how_code="C24")
        f.member(coordinator, record, someone.party, roles=("contributor",), habilitated=True)
    assert cost() == alone


def test_the_circle_is_read_in_one_query(as_actor, coordinator, record, django_assert_num_queries):
    f.member(coordinator, record, f.person("LEBLANC", "Marc").party, habilitated=True)
    with as_actor(coordinator):
        access = access_to(coordinator, record.pk)
        queries.circle(access)
        with django_assert_num_queries(1):
            assert len(queries.circle(access)) == 2


def test_the_panel_shows_phone_description_and_roles(desk, coordinator, record, as_actor):
    added = f.member(coordinator, record, f.person("RICCI", "Paola").party, roles=("referent",))
    with as_actor(coordinator):
        access = access_to(coordinator, record.pk)
        actions.change(
            access, added, {"description": "Passage matin et soir"}, ["referent"], added.version
        )
    html = desk.read("panel")
    assert "Passage matin et soir" in html
    assert "04 94 00 00 01" in html
    assert "Référent" in html
    assert 'hx-trigger="careteam:changed from:document"' in html


def test_the_creator_bears_the_yellow_label(desk):
    assert "auto-habilitation" in desk.read("circle")


def test_a_refusal_is_dated_and_said_in_words(as_actor, coordinator, record):
    refused = f.member(coordinator, record, f.person("VIDAL", "Pierre").party, refused=True)
    state = line_of(as_actor, coordinator, record, refused).state
    assert state.label == "Partage refusé"
    assert state.detail == f"par la patiente, {timezone.localdate():%d/%m/%Y}"


def test_a_right_given_to_a_structure_that_is_not_personne_morale_is_said_without_effect(
    as_actor, coordinator, record
):
    place = f.structure("SAAD Les Mimosas", legal_person=False)
    added = f.member(coordinator, record, place.party, habilitated=True)
    line = line_of(as_actor, coordinator, record, added)
    assert not line.has_access
    assert line.state.detail.startswith("sans effet")
    with as_owner():
        Structure.objects.filter(pk=place.pk).update(acts_as_legal_person=True)
    line = line_of(as_actor, coordinator, record, added)
    assert line.has_access
    assert line.state.detail == "aucun professionnel rattaché pour l’instant"


def test_a_habilitated_person_without_account_is_told_apart(as_actor, coordinator, record):
    known = f.member(coordinator, record, f.user("LEBLANC", "Marc").person.party, habilitated=True)
    unknown = f.member(coordinator, record, f.person("COSTA", "Hugo").party, habilitated=True)
    assert line_of(as_actor, coordinator, record, known).state.detail == ""
    assert line_of(as_actor, coordinator, record, unknown).state.detail == "pas encore de compte"


@pytest.mark.parametrize(
    ("title", "word"), [("MME", "Habilitée"), ("M", "Habilité"), ("DR", "Habilité(e)")]
)
def test_habilitated_agrees_with_the_title_when_it_is_known(
    as_actor, coordinator, record, title, word
):
    someone = f.person("RICCI", "Paola")
    with as_owner():
        type(someone).objects.filter(pk=someone.pk).update(title=title)
    added = f.member(coordinator, record, someone.party, habilitated=True)
    assert line_of(as_actor, coordinator, record, added).state.label == word


def test_profession_know_how_and_workplace_come_from_the_directory(as_actor, coordinator, record):
    place, someone = f.structure("MSP du Port"), f.person("LEBLANC", "Marc")
    with as_owner():
        Post.objects.create(person=someone, structure=place, know_how_code="C03", city="Toulon")
        Party.objects.filter(pk=someone.pk).update(phone="")
        Post.objects.filter(person=someone).update(phone="+33494000099")
    added = f.member(coordinator, record, someone.party)
    line = line_of(as_actor, coordinator, record, added)
    assert line.subtitle == "Médecin · Anesthésie-réanimation"
    assert line.place == "MSP du Port, Toulon"
    assert line.phone == "+33494000099"


def test_an_unlisted_number_is_marked(desk, as_actor, coordinator, record):
    by_hand(as_actor, coordinator, record, phone="+33639980001", is_unlisted=True)
    html = desk.read("circle")
    assert "liste rouge" in html
    assert "tel:+33639980001" in html


def test_members_sort_inside_their_kind(desk, as_actor, coordinator, record):
    by_hand(as_actor, coordinator, record, display_name="ADAM Luc")
    f.member(coordinator, record, f.person("ÉTIENNE", "Zoé").party, roles=("contributor",))
    f.member(coordinator, record, f.person("FABRE", "Ana").party, roles=("attending-physician",))

    def order(**params) -> list[str]:
        html = desk.read("circle", **params)
        return re.findall(r"data-ronde-principal[^>]*>([^<]+)</a>", html)

    assert order() == ["ÉTIENNE Zoé", "FABRE Ana", "LAMBERT Sophie", "ADAM Luc"]
    assert order(tri="-nom") == ["LAMBERT Sophie", "FABRE Ana", "ÉTIENNE Zoé", "ADAM Luc"]
    assert order(tri="role") == ["FABRE Ana", "ÉTIENNE Zoé", "LAMBERT Sophie", "ADAM Luc"]
    assert order(tri="acces") == ["LAMBERT Sophie", "ÉTIENNE Zoé", "FABRE Ana", "ADAM Luc"]
    assert order(tri="n'importe quoi") == order()


def test_pages_have_the_size_asked(desk, coordinator, record):
    for number in range(11):
        f.member(coordinator, record, f.person("RICCI", f"Anna {number:02}").party)
    html = desk.read("circle", taille=10, page=2)
    assert "Professionnels (12)" in text(html)
    assert html.count("data-ronde-principal") == 2
    assert desk.read("circle", taille=10, page=99).count("data-ronde-principal") == 2


def test_past_members_are_shown_on_demand_with_who_and_when(desk, as_actor, coordinator, record):
    gone = f.member(coordinator, record, f.person("DUVAL", "Anne").party)
    assert "ancien membre" not in desk.read("circle")
    with as_actor(coordinator):
        actions.remove(access_to(coordinator, record.pk), gone)
    html = desk.read("circle")
    assert "DUVAL" not in html
    assert "1 ancien membre" in html
    past = desk.read("past")
    assert "DUVAL Anne" in past
    assert "par Sophie LAMBERT" in past
    sheet = desk.read("member", gone)
    assert "Ne fait plus partie du cercle de soins" in sheet
    assert "Modifier" not in sheet


def test_the_sheet_holds_what_the_row_has_no_room_for(desk, as_actor, coordinator, record):
    doctor = f.person("LEBLANC", "Marc")
    sheet = desk.read("member", f.member(coordinator, record, doctor.party))
    assert doctor.rpps in sheet
    assert "annuaire" in sheet
    assert (
        desk.get("member", f.member(coordinator, f.patient(coordinator), doctor.party)).status_code
        == 404
    )


def test_a_running_break_glass_access_is_in_sight_until_it_ends(desk, as_actor, record):
    doctor = f.actor(f.user("ROUX", "Hugo"))
    with as_actor(doctor):
        actions.break_glass(doctor, record.pk, BreakGlassReason.EMERGENCY, "Chute")
    assert "Accès bris de glace en cours" in desk.read("circle")
    with as_owner():
        BreakGlass.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert "Accès bris de glace en cours" not in desk.read("circle")


def test_break_glass_reads_the_circle_and_is_offered_nothing(as_actor, coordinator, record):
    doctor = f.user("ROUX", "Hugo")
    member = f.member(coordinator, record, f.person("LEBLANC", "Marc").party)
    with as_actor(f.actor(doctor)):
        actions.break_glass(f.actor(doctor), record.pk, BreakGlassReason.EMERGENCY, "Chute")
    desk = Desk(doctor, record)
    html = desk.read("circle")
    assert "LEBLANC Marc" in html
    assert "Ajouter" not in text(html)
    assert "Actions pour" not in html
    assert "Modifier" not in desk.read("member", member)
    for name in ("add", "search", "chosen", "add_person", "add_structure"):
        assert desk.get(name).status_code == 403
    for name in ("edit", "habilitate", "withdraw", "refuse", "lift_refusal", "remove"):
        assert desk.get(name, member).status_code == 403
        assert desk.post(name, member).status_code == 403
    for name in ("add", "add_person", "add_structure"):
        assert desk.post(name, party=member.party_id).status_code == 403


def test_a_stranger_finds_no_circle(coordinator, record):
    member = f.member(coordinator, record, f.person("LEBLANC", "Marc").party)
    desk = Desk(f.user("ROUX", "Hugo"), record)
    for name in ("circle", "panel", "past", "add", "search", "chosen", "add_person"):
        assert desk.get(name).status_code == 404
    for name in ("member", "edit", "habilitate", "remove"):
        assert desk.get(name, member).status_code == 404


def test_a_structure_acts_in_its_own_name(as_actor):
    house = f.structure("DAC Var Ouest")
    account = f.user("LAMBERT", "Sophie", attached_to=house)
    record = f.patient(f.actor(account, house))
    desk = Desk(account, record, structure=house)
    html = desk.read("circle")
    assert "DAC Var Ouest" in html
    assert "Retirer mon habilitation" in html
    assert Desk(User.objects.get(pk=account.pk), record).get("circle").status_code == 404
