"""Adding somebody to a circle: from the directory, or by hand."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.core import mail

from ronde.careteam import actions
from ronde.careteam.access import access_to
from ronde.careteam.models import Member, MemberKind, MemberRole
from ronde.core.db.roles import as_owner
from ronde.directory.models import Structure
from ronde.journal.models import AccessTrace, JournalEntry
from tests import factories as f
from tests.notifications.worker import run_jobs

pytestmark = pytest.mark.django_db
SENTENCE = (
    "Voulez-vous vraiment habiliter le professionnel COLOMBO Cécile ? Il intégrera le cercle de"
    " soins et pourra consulter et modifier le dossier de MARCHETTI Jeanne."
)


@pytest.fixture
def cecile():
    return f.person("COLOMBO", "Cécile")


def the_member(party) -> Member:
    with as_owner():
        return Member.objects.get(party_id=party.pk, removed_at=None)


def roles_of(member: Member) -> set[str]:
    with as_owner():
        return set(
            MemberRole.objects.filter(member=member, is_current=True).values_list("role", flat=True)
        )


def events() -> list[str]:
    with as_owner():
        return list(JournalEntry.objects.order_by("at").values_list("event", flat=True))


def options(html: str) -> dict[str, str]:
    """Name and standing of each option of a list."""
    return dict(
        re.findall(
            r'data-ronde-texte="([^"]+)".*?<span class="puce[^>]*>(?:<svg.*?</svg>)?([^<]+)', html
        )
    )


# The list.


def test_the_list_says_what_adding_each_person_could_give(desk, coordinator, record):
    f.member(coordinator, record, f.person("RICCI", "Paola").party)
    f.person("RICCI", "Gérard")
    f.user("RICCIARDI", "Anna")
    html = desk.read("search", q="ricci", type="personne")
    assert options(html) == {
        "RICCI Paola": "déjà membre",
        "RICCI Gérard": "sans compte",
        "RICCIARDI Anna": "a un compte",
    }
    assert html.count('aria-disabled="true"') == 1
    assert 'data-ronde-resume="3 résultats"' in html


def test_the_list_of_structures_is_narrowed_by_category_and_postcode(desk):
    near = f.structure("SSIAD Les Pins", postcode="83000", city="Toulon")
    f.structure("SSIAD Les Oliviers", postcode="06000", city="Nice")
    with as_owner():
        Structure.objects.filter(pk=near.pk).update(category_code="354", finess="830000006")
    html = desk.read("search", q="ssiad", type="structure", categorie="354", lieu="83")
    assert options(html) == {"SSIAD Les Pins": "personne morale"}
    assert "FINESS 830000006" in html
    assert "83000 Toulon" in html


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("unite", {"SSIAD Les Pins, antenne ouest"}),
        ("etablissement", {"SSIAD Les Pins"}),
        ("autre", {"SSIAD Les Pins", "SSIAD Les Pins, antenne ouest"}),
    ],
)
def test_the_units_of_a_structure_are_told_from_it(desk, level, expected):
    house = f.structure("SSIAD Les Pins")
    unit = f.structure("SSIAD Les Pins, antenne ouest")
    with as_owner():
        Structure.objects.filter(pk=unit.pk).update(parent=house)
    assert set(options(desk.read("search", q="ssiad", type="structure", niveau=level))) == expected


def test_what_is_typed_in_the_dialog_leaves_one_trace_with_it(desk, record):
    with time_machine.travel(datetime(2026, 11, 25, 9, tzinfo=UTC)) as clock:
        desk.read("search", q="r")
        desk.read("search", q="ri")
        clock.shift(timedelta(minutes=6))
        desk.read("add")
        desk.read("search", q="ric")
    with as_owner():
        assert AccessTrace.objects.filter(patient_id=record.pk).count() == 2


def test_a_search_without_result_answers_an_option_that_cannot_be_chosen(desk):
    html = desk.read("search", q="zzzz")
    assert "Aucun résultat" in html
    assert 'aria-disabled="true"' in html


@pytest.mark.parametrize("text", ["", "\0", "x" * 5000, "'; --", "%_\\"])
def test_any_text_may_be_searched(desk, text):
    assert desk.get("search", q=text).status_code == 200


# From the directory.


def test_the_right_is_explained_in_the_words_of_the_guide_before_it_is_given(desk, cecile):
    html = desk.read("chosen", party=str(cecile.pk))
    assert SENTENCE in html
    assert "n’a pas encore de compte" in html
    assert "Lecture et écriture" in html
    assert "Lecture seule : traçabilité, recueil lié à la santé" in html


def test_a_structure_that_is_not_personne_morale_says_that_the_right_has_no_effect(desk):
    html = desk.read("chosen", party=str(f.structure("SAAD", legal_person=False).pk))
    assert "restera sans effet" in html
    assert "restera sans effet" not in desk.read("chosen", party=str(f.structure("DAC").pk))


def test_whoever_cannot_be_chosen_does_not_exist(desk, coordinator, record, cecile):
    f.member(coordinator, record, cecile.party)
    for key in (str(cecile.pk), "", "abc", str(record.pk)):
        assert desk.get("chosen", party=key).status_code == 404


def test_a_professional_is_added_habilitated_and_told_by_mail(desk, coordinator):
    doctor = f.user("COLOMBO", "Cécile")
    response = desk.post(
        "add",
        party=str(doctor.person_id),
        roles=["attending-physician", "contributor"],
        description="Bilan de déglutition",
        establishment="Cabinet du Mas",
        habilitated="on",
    )
    assert response.status_code == 204
    told = json.loads(response["HX-Trigger"])
    assert set(told) == {"ronde:fermer", "careteam:changed", "ronde:annonce"}
    assert "COLOMBO" not in response["HX-Trigger"]
    member = the_member(doctor.person.party)
    assert member.habilitated
    assert member.description == "Bilan de déglutition"
    assert member.establishment == "Cabinet du Mas"
    assert member.added_by_party == coordinator.party_id
    assert roles_of(member) == {"attending-physician", "contributor"}
    assert events()[-2:] == ["MemberAdded", "MemberHabilitated"]
    run_jobs()
    assert [message.to for message in mail.outbox] == [[doctor.email]]


def test_without_the_switch_the_member_has_no_access_and_nobody_is_told(desk, cecile):
    assert desk.post("add", party=str(cecile.pk)).status_code == 204
    assert not the_member(cecile).habilitated
    run_jobs()
    assert mail.outbox == []


def test_a_refusal_is_noted_from_the_start(desk, cecile):
    assert desk.post("add", party=str(cecile.pk), refused="on").status_code == 204
    assert the_member(cecile).refused


def test_a_refusal_excludes_the_habilitation(desk, cecile):
    response = desk.post("add", party=str(cecile.pk), refused="on", habilitated="on")
    assert response.status_code == 422
    assert "l’habilitation est impossible" in response.content.decode()
    assert "MemberAdded" not in events()


def test_adding_and_going_on_leaves_the_dialog_empty(desk, cecile):
    response = desk.post("add", party=str(cecile.pk), **{"continue": "1"})
    assert response.status_code == 200
    assert "COLOMBO" not in response.content.decode()
    assert "ronde:fermer" not in json.loads(response["HX-Trigger"])
    assert "careteam:changed" in json.loads(response["HX-Trigger"])


def test_without_javascript_one_comes_back_to_the_circle(desk, cecile):
    response = desk.post("add", htmx=False, party=str(cecile.pk))
    assert response.status_code == 302
    assert response["Location"] == desk.address("circle")


def test_nobody_chosen_is_said(desk):
    response = desk.post("add", party="")
    assert response.status_code == 422
    assert "Choisissez dans la liste" in response.content.decode()


def test_somebody_added_meanwhile_is_said(desk, coordinator, record, cecile):
    f.member(coordinator, record, cecile.party)
    response = desk.post("add", party=str(cecile.pk))
    assert response.status_code == 422
    assert "fait déjà partie" in response.content.decode()


def test_a_held_unique_role_names_its_holder_and_is_replaced_in_one_go(
    desk, coordinator, record, cecile
):
    holder = f.member(
        coordinator,
        record,
        f.person("LEBLANC", "Marc").party,
        roles=("attending-physician", "referent"),
    )
    response = desk.post("add", party=str(cecile.pk), roles="attending-physician")
    assert response.status_code == 422
    html = response.content.decode()
    assert "« Médecin traitant » est unique et déjà tenu par LEBLANC Marc" in html
    replace = f"attending-physician:{holder.pk}"
    assert f'value="{replace}"' in html
    response = desk.post("add", party=str(cecile.pk), roles="attending-physician", replace=replace)
    assert response.status_code == 204
    assert roles_of(the_member(cecile)) == {"attending-physician"}
    assert roles_of(holder) == {"referent"}
    with as_owner():
        lost = JournalEntry.objects.get(event="MemberChanged")
    assert lost.payload["lost"] == ["attending-physician"]
    assert lost.payload["successor"] == "COLOMBO Cécile"


def test_agreeing_to_replace_one_holder_does_not_replace_the_next(
    desk, coordinator, record, cecile
):
    former = f.member(coordinator, record, f.person("LEBLANC", "Marc").party)
    f.member(coordinator, record, f.person("VIDAL", "Pierre").party, roles=("attending-physician",))
    response = desk.post(
        "add",
        party=str(cecile.pk),
        roles="attending-physician",
        replace=f"attending-physician:{former.pk}",
    )
    assert response.status_code == 422
    assert "tenu par VIDAL Pierre" in response.content.decode()


def test_a_role_of_another_kind_is_refused(desk):
    place = f.structure("DAC")
    response = desk.post("add", type="structure", party=str(place.pk), roles="attending-physician")
    assert response.status_code == 422


def test_without_consent_nobody_is_habilitated(desk, record, cecile):
    with as_owner():
        record.consents.update(withdrawn_at="2026-11-20T10:00Z", withdrawal_reason="Départ")
    assert "Le consentement a été retiré" in desk.read("chosen", party=str(cecile.pk))
    response = desk.post("add", party=str(cecile.pk), habilitated="on")
    assert response.status_code == 422
    assert "Le consentement a été retiré" in response.content.decode()
    with as_owner():
        assert not Member.objects.filter(party_id=cecile.pk).exists()


# By hand.

PRO = {"is_professional": "oui", "family_name": "Petit", "given_name": "Léa"}
KIN = {"is_professional": "non", "family_name": "Durand", "given_name": "Claire"}


def by_hand() -> Member:
    with as_owner():
        return Member.objects.get(party=None)


def test_a_relative_is_added_without_access_nor_mail(desk):
    response = desk.post(
        "add_person",
        **KIN,
        relationship_code="DAUC",
        mobile="06 39 98 00 01",
        is_unlisted="on",
        kin_roles=["trusted-person", "main-caregiver"],
        profession_code="G15:60",
        registration_number="12",
        wants_access="oui",
    )
    assert response.status_code == 204
    member = by_hand()
    assert member.kind == MemberKind.RELATIVE
    assert member.display_name == "DURAND Claire"
    assert member.mobile == "+33639980001"
    assert member.is_unlisted
    assert not member.habilitated
    assert (member.profession_code, member.registration_number) == ("", "")
    assert roles_of(member) == {"trusted-person", "main-caregiver"}
    run_jobs()
    assert mail.outbox == []


@pytest.mark.parametrize("question", ["wants_access", "is_informed"])
def test_one_yes_makes_four_fields_mandatory_and_asks_the_directory(desk, question):
    response = desk.post("add_person", **PRO, **{question: "oui"})
    assert response.status_code == 422
    assert response.content.decode().count("l’annuaire en a besoin") == 4
    response = desk.post(
        "add_person", **PRO, **{question: "oui"}, city="Toulon", profession_code="G15:60"
    )
    assert response.status_code == 204
    assert not by_hand().habilitated
    run_jobs()
    told = {"wants_access": [settings.SUPPORT_EMAIL], "is_informed": []}[question]
    assert [message.to[0] for message in mail.outbox] == [settings.DIRECTORY_SERVICE_EMAIL, *told]
    body = mail.outbox[0].body
    assert all(word in body for word in ("Petit", "Léa", "Toulon", "Infirmier"))
    assert "MARCHETTI" not in body
    assert "Jeanne" not in body


def test_two_noes_ask_nothing(desk):
    response = desk.post("add_person", **PRO, wants_access="non", is_informed="non")
    assert response.status_code == 204
    assert by_hand().is_informed is False
    run_jobs()
    assert mail.outbox == []


def test_whether_it_is_a_professional_must_be_said(desk):
    response = desk.post("add_person", family_name="Durand")
    assert response.status_code == 422


def test_a_namesake_must_be_wanted(desk):
    assert desk.post("add_person", **KIN).status_code == 204
    response = desk.post("add_person", **{**KIN, "family_name": "DURAND", "given_name": "claire"})
    assert response.status_code == 422
    assert "DURAND Claire est déjà dans le cercle" in response.content.decode()
    assert desk.post("add_person", **KIN, twin="on").status_code == 204
    with as_owner():
        assert Member.objects.filter(party=None).count() == 2


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("phone", "12", "téléphone"),
        ("email", "claire", "arobase"),
        ("postcode", "8300", "5 chiffres"),
        ("description", "x" * 501, "500"),
        ("family_name", "", "obligatoire"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(desk, field, value, said):
    response = desk.post("add_person", **{**KIN, field: value})
    assert response.status_code == 422
    html = response.content.decode()
    assert said in html
    assert f'id="id_{field}_error"' in html
    with as_owner():
        assert not Member.objects.filter(party=None).exists()


HOUSE = {
    "family_name": "Association Les Mimosas",
    "short_name": "ALM",
    "finess": "83 000 000 6",
    "siret": "732 829 320 00074",
    "siren": "732829320",
    "city": "Toulon",
    "responsible": "Mme Roche",
    "phone": "04 94 00 00 03",
    "email": "contact@mimosas.example",
}


def test_a_structure_is_added_by_hand(desk):
    assert desk.post("add_structure", **HOUSE, roles="contributor").status_code == 204
    member = by_hand()
    assert member.kind == MemberKind.STRUCTURE
    assert member.display_name == "Association Les Mimosas"
    assert (member.finess, member.siret, member.siren) == (
        "830000006",
        "73282932000074",
        "732829320",
    )
    assert "ALM · FINESS 830000006" in desk.read("circle")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("finess", "830000001"),
        ("finess", "12"),
        ("siret", "73282932000075"),
        ("siren", "732829321"),
        ("siren", "404833048"),
    ],
)
def test_numbers_of_a_structure_are_checked(desk, field, value):
    response = desk.post("add_structure", **{**HOUSE, field: value})
    assert response.status_code == 422
    assert f'id="id_{field}_error"' in response.content.decode()


def test_somebody_typed_by_hand_can_never_be_habilitated(desk, as_actor, coordinator, record):
    desk.post("add_person", **KIN)
    member = by_hand()
    assert desk.post("habilitate", member).status_code == 404
    with as_actor(coordinator), pytest.raises(actions.ValidationError):
        actions.habilitate(access_to(coordinator, record.pk), member)
