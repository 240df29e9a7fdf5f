"""The lists that an administrator sets up."""

import pytest
from django.db import ProgrammingError, transaction
from django.urls import reverse

from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.followup import queries
from ronde.followup.models import ListItem, ListName
from ronde.journal.models import JournalEntry
from tests import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client):
    who = f.user("VIDAL", "Agnès", duties=["administrator"])
    client.force_login(who)
    return who


def labels(name: ListName) -> list[str]:
    return [item.label for item in queries.items(name)]


def test_a_line_is_added_at_its_rank_and_offered(client, administrator):
    values = {"label": "  Suivi   pédiatrique ", "nature": "active", "position": "1"}
    answer = client.post(reverse("console:add_item", args=["status"]), values)
    assert answer.status_code == 302
    assert "Suivi pédiatrique" in labels(ListName.STATUS)[:3]
    with as_owner():
        assert JournalEntry.objects.get(event="ListChanged").user_id == administrator.pk


def test_a_status_moved_says_that_the_lists_follow(client, administrator):
    item = ListItem.objects.get(list="status", code="light")
    values = {"label": item.label, "nature": item.nature, "position": item.position}
    address = reverse("console:edit_item", args=[item.pk])
    assert "triées par statut" not in client.post(address, values, follow=True).text
    answer = client.post(address, {**values, "position": 40}, follow=True)
    assert "triées par statut suivent" in answer.text
    assert queries.items(ListName.STATUS)[-1] == item


def test_the_same_label_twice_is_said_beside_the_field(client, administrator):
    values = {"label": "Sorti", "nature": "out", "position": "1"}
    answer = client.post(reverse("console:add_item", args=["status"]), values)
    assert answer.status_code == 422
    assert "contient déjà « Sorti »" in answer.text


def test_a_line_that_is_retired_is_not_offered_and_comes_back(client, administrator):
    item = ListItem.objects.get(list="exit_reason", code="lost")
    address = reverse("console:retire_item", args=[item.pk])
    client.post(address)
    assert item.label not in labels(ListName.EXIT_REASON)
    client.post(address)
    assert item.label in labels(ListName.EXIT_REASON)


def test_a_line_put_back_beside_its_twin_is_refused_in_words(client, administrator):
    item = ListItem.objects.get(list="exit_reason", code="lost")
    address = reverse("console:retire_item", args=[item.pk])
    client.post(address)
    values = {"label": item.label, "position": "1"}
    client.post(reverse("console:add_item", args=["exit_reason"]), values)
    answer = client.post(address, follow=True)
    assert "contient déjà" in answer.text
    assert ListItem.objects.get(pk=item.pk).retired_at is not None


def test_the_database_lets_nobody_else_write_a_list():
    who = f.user("ROUX", "Hugo")
    with (
        acting(party_id=who.person_id, user_id=who.pk, duty="administrator"),
        pytest.raises(ProgrammingError),
        transaction.atomic(),
    ):
        ListItem.objects.create(list="status", code="x", label="x", nature="active")


@pytest.mark.parametrize("name", ListName.values)
def test_every_list_can_be_read(client, administrator, name):
    assert client.get(f"{reverse('console:lists')}?liste={name}").status_code == 200


def test_an_unknown_list_does_not_exist(client, administrator):
    assert client.get(f"{reverse('console:lists')}?liste=autre").status_code == 404
