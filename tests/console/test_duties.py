"""Who is on duty for the region."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.db import ProgrammingError, transaction
from django.urls import reverse

from ronde.accounts import actions
from ronde.accounts.models import Duty, DutyKind, User
from ronde.core.actor import Officer
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.journal.models import JournalEntry
from tests import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client):
    who = f.user("VIDAL", "Agnès", duties=["administrator"])
    client.force_login(who)
    return who


def test_a_page_of_the_console_that_is_refused_leaves_a_line_in_the_audit(client):
    who = f.user("ROUX", "Hugo")
    client.force_login(who)
    assert client.get(reverse("console:duties")).status_code == 404
    with as_owner():
        line = JournalEntry.objects.get(event="DutyRefused")
    assert (line.user_id, line.payload["asked"]) == (who.pk, "administrator")


def test_the_menu_shows_what_the_duties_open(client, administrator):
    assert "Fonctions régionales" in client.get(reverse("console:home")).content.decode()
    client.force_login(f.user("GARNIER", "Théo", duties=["support"]))
    assert "Fonctions régionales" not in client.get(reverse("console:home")).content.decode()


@pytest.mark.parametrize(
    ("address", "said"),
    [("/console/zones/", "page"), ("/console/zones/ajouter/", "true"), ("/console/listes/", "")],
)
def test_the_menu_says_where_one_is_and_under_what(client, administrator, address, said):
    client.force_login(administrator)
    page = client.get(address).content.decode()
    here = re.findall(r'href="/console/zones/" aria-current="(\w+)"', page)
    assert here == [said] * bool(said)


def test_the_main_menu_leads_to_the_console_for_who_is_on_duty(client, administrator):
    assert 'href="/console/"' in client.get(reverse("worklist:list")).content.decode()
    client.force_login(f.user("ROUX", "Hugo"))
    assert 'href="/console/"' not in client.get(reverse("worklist:list")).content.decode()


def test_who_acts_for_the_region_alone_starts_in_the_console(client, administrator):
    nobody = f.user("SANS", "Fiche")
    with as_owner():
        User.objects.filter(pk__in=(administrator.pk, nobody.pk)).update(person=None)
    assert client.get("/", follow=True).redirect_chain[-1] == ("/console/", 302)
    refused = client.get(reverse("dossier:search"))
    assert refused.status_code == 403
    assert 'href="/console/"' in refused.content.decode()
    client.force_login(nobody)
    refused = client.get("/", follow=True)
    assert refused.status_code == 403
    assert "/console/" not in refused.content.decode()


def test_an_administrator_gives_a_duty_by_the_address_of_the_account(client, administrator):
    who = f.user("FERRAND", "Lucie")
    answer = client.post(
        reverse("console:give_duty"), {"email": who.email.upper(), "kind": "identity_cell"}
    )
    assert answer.status_code == 302
    assert Duty.objects.filter(user=who, kind="identity_cell", given_by=administrator.pk).exists()


def test_an_address_without_account_is_said_beside_the_field(client, administrator):
    answer = client.post(
        reverse("console:give_duty"), {"email": "inconnue@exemple.test", "kind": "support"}
    )
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "Aucun compte ouvert n&#39;a cette adresse." in html
    assert "inconnue@exemple.test" in html


def test_the_last_administrator_stays(client, administrator):
    address = reverse("console:end_duty", args=[administrator.pk, "administrator"])
    answer = client.post(address)
    assert answer.status_code == 422
    assert "dernière personne" in answer.content.decode()
    assert Duty.objects.filter(user=administrator, ended_at=None).exists()


def test_a_duty_that_is_ended_closes_the_console_at_the_next_page(client, administrator):
    other = f.user("SECOND", "Paul", duties=["administrator"])
    client.post(reverse("console:end_duty", args=[other.pk, "administrator"]))
    client.force_login(other)
    assert client.get(reverse("console:home")).status_code == 404


def test_the_database_lets_nobody_put_themselves_on_duty():
    who = f.user("ROUX", "Hugo")
    with (
        acting(party_id=None, user_id=who.pk, duty="administrator"),
        pytest.raises(ProgrammingError),
        transaction.atomic(),
    ):
        Duty.objects.create(user=who, kind="administrator", given_by=who.pk)


def test_a_duty_counts_in_the_console_alone(administrator):
    other = f.user("ROUX", "Hugo")
    with (
        acting(party_id=administrator.person_id, user_id=administrator.pk),
        pytest.raises(ProgrammingError),
        transaction.atomic(),
    ):
        Duty.objects.create(user=other, kind="support", given_by=administrator.pk)


def test_ending_what_the_last_administrator_holds_is_refused_in_the_action(administrator):
    officer = Officer(administrator.pk, administrator.full_name, "administrator")
    with (
        acting(party_id=None, user_id=administrator.pk, duty="administrator"),
        pytest.raises(ValidationError),
    ):
        actions.end_duty(officer, administrator, DutyKind.ADMINISTRATOR)


def test_whoever_is_on_duty_alone_signs_out_and_reaches_their_security_from_any_page(client):
    who = f.user("VIDAL", "Agnès", duties=["administrator"])
    with as_owner():
        User.objects.filter(pk=who.pk).update(person=None)
    client.force_login(who)
    page = client.get(reverse("console:home")).text
    assert "agit pour la région" in page
    assert reverse("account_logout") in page
    assert reverse("accounts:my_security") in page
