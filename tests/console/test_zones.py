"""An administrator draws the zones; the records follow at once."""

import re

import pytest
from django.db import ProgrammingError, transaction
from django.urls import reverse

from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.journal.models import JournalEntry
from ronde.patients.models import Zone
from ronde.patients.queries import zones_of
from ronde.terminology.models import Commune
from tests import factories as f
from tests.query_budget import budget

pytestmark = pytest.mark.django_db
LA_SEYNE, TOULON, OLLIOULES = "83126", "83137", "83090"


@pytest.fixture
def administrator(client):
    who = f.user("VIDAL", "Agnès", duties=["administrator"])
    client.force_login(who)
    return who


@pytest.fixture
def rade():
    with as_owner():
        return Zone.objects.create(name="Rade", commune_codes=[TOULON])


def send(client, address: str, *, save: bool = True, **values: object):
    """Check, then save what was shown."""
    answer = client.post(address, {"etape": "verifier", **values})
    if not save or answer.status_code != 200:
        return answer
    seen = answer.text.split('name="vu" value="')[1].split('"')[0]
    checked = [one.split('"')[0] for one in answer.text.split('name="communes" value="')[1:]]
    values = {"name": values["name"], "communes": checked}
    return client.post(address, {"etape": "enregistrer", "vu": seen, **values})


def test_a_pasted_list_of_codes_and_postcodes_makes_a_zone(client, administrator):
    pasted = f"{LA_SEYNE}\n83000\n\n{OLLIOULES};"
    answer = send(client, reverse("console:add_zone"), name=" Var  Ouest ", collees=pasted)
    assert answer.status_code == 302
    zone = Zone.objects.get()
    assert zone.name == "Var Ouest"
    assert zone.commune_codes == [OLLIOULES, LA_SEYNE, TOULON]
    assert zones_of(TOULON) == ["Var Ouest"]


def test_a_whole_departement_is_taken_by_its_code_or_chosen_in_the_list(client, administrator):
    address = reverse("console:add_zone")
    var = Commune.objects.filter(departement="83", kind="current", retired_on=None).count()
    assert var > 100
    for values in ({"collees": "83"}, {"departement": "83"}):
        answer = send(client, address, save=False, name="Var", **values)
        assert len(re.findall(r'name="communes" value="83\d{3}" checked', answer.text)) == var
        assert 'name="departement"' in answer.text
    # Of the hundred that enter, a few are named; the others are in the list.
    assert f"et {var - 12} autres" in answer.text
    assert send(client, address, name="Var", departement="83").status_code == 302
    assert len(Zone.objects.get().commune_codes) == var
    assert send(client, address, save=False, name="X", departement="00").status_code == 422


def test_lines_that_name_no_commune_are_said_one_by_one_and_nothing_is_lost(client, administrator):
    pasted = f"{LA_SEYNE}\nToulon\n99999"
    values = {"name": "Rade", "collees": pasted, "communes": [TOULON]}
    answer = send(client, reverse("console:add_zone"), **values)
    assert answer.status_code == 422
    said = set(re.findall(r"Ligne (\d)", answer.text))
    assert said == {"2", "3"}
    assert "99999" in answer.text
    assert f'value="{TOULON}" checked' in answer.text
    assert not Zone.objects.exists()


def test_the_summary_says_who_is_concerned_before_anything_is_saved(client, administrator, rade):
    f.patient(f.actor(f.user()), commune_code=LA_SEYNE, city="La Seyne-sur-Mer")
    address = reverse("console:edit_zone", args=[rade.pk])
    answer = send(client, address, save=False, name="Rade", ajout=LA_SEYNE)
    assert "1 commune" in answer.text
    assert "1 dossier concerné" in answer.text
    assert "La Seyne-sur-Mer" in answer.text.split("Entrent dans la zone")[1]
    assert "Toulon" in answer.text.split("En sortent")[1]
    rade.refresh_from_db()
    assert rade.commune_codes == [TOULON]


def test_what_changed_after_the_summary_is_shown_again_before_it_is_saved(
    client, administrator, rade
):
    address = reverse("console:edit_zone", args=[rade.pk])
    shown = client.post(address, {"name": "Rade", "communes": [TOULON, LA_SEYNE]})
    seen = shown.text.split('name="vu" value="')[1].split('"')[0]
    values = {"name": "Rade", "communes": [LA_SEYNE], "vu": seen, "etape": "enregistrer"}
    assert client.post(address, values).status_code == 200
    rade.refresh_from_db()
    assert rade.commune_codes == [TOULON]


def test_a_zone_is_renamed_retired_and_put_back_and_the_history_tells(client, administrator, rade):
    address = reverse("console:edit_zone", args=[rade.pk])
    send(client, address, name="Rade de Toulon", communes=[TOULON, LA_SEYNE])
    assert zones_of(LA_SEYNE) == ["Rade de Toulon"]
    client.post(reverse("console:retire_zone", args=[rade.pk]))
    assert zones_of(LA_SEYNE) == []
    client.post(reverse("console:retire_zone", args=[rade.pk]))
    assert zones_of(LA_SEYNE) == ["Rade de Toulon"]
    page = client.get(reverse("console:zones")).text
    assert f"communes ajoutées : {LA_SEYNE}" in page
    assert "appelait « Rade »" in page
    with as_owner():
        assert JournalEntry.objects.filter(event="ZoneChanged").count() == 3


def test_the_list_costs_the_same_whatever_its_length(client, administrator, rade):
    client.get(reverse("console:home"))
    with budget("console:zones"):
        client.get(reverse("console:zones"))
    with as_owner():
        for number in range(5):
            Zone.objects.create(name=f"Zone {number}", commune_codes=[OLLIOULES, LA_SEYNE])
    with budget("console:zones"):
        client.get(reverse("console:zones"))


def test_two_zones_in_use_have_two_names(client, administrator, rade):
    answer = send(client, reverse("console:add_zone"), name="Rade", ajout=LA_SEYNE)
    assert answer.status_code == 422
    assert "appelle déjà « Rade »" in answer.text
    client.post(reverse("console:retire_zone", args=[rade.pk]))
    assert send(client, reverse("console:add_zone"), name="Rade", ajout=LA_SEYNE).status_code == 302
    said = client.post(reverse("console:retire_zone", args=[rade.pk]), follow=True)
    assert "appelle déjà « Rade »" in said.text


def test_the_database_lets_nobody_else_draw_a_zone(rade):
    who = f.user("ROUX", "Hugo")
    with acting(party_id=who.person_id, user_id=who.pk, duty="administrator"):
        with pytest.raises(ProgrammingError), transaction.atomic():
            Zone.objects.create(name="x", commune_codes=[TOULON])
        assert Zone.objects.filter(pk=rade.pk).update(name="x") == 0
