"""A record, a coordinator who acts as a DAC, and the lists of the region."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from ronde.accounts.models import User
from ronde.careteam.access import Access, access_to
from ronde.core.actor import Actor
from ronde.core.context import acting
from ronde.followup import actions
from ronde.followup.models import ListItem, RecordStatus, Stay
from ronde.patients.models import Patient
from tests import factories as f
from tests.signing import signed_in


def item(list_: str, code: str) -> ListItem:
    return ListItem.objects.get(list=list_, code=code)


@dataclass
class Desk:
    """One person at work on one record."""

    account: User
    actor: Actor
    record: Patient

    def access(self) -> Access:
        return access_to(self.actor, self.record.pk)

    def does(self, act: Any, *args: Any, **kwargs: Any) -> Any:
        """Play an action as this person, in a transaction."""
        with (
            acting(party_id=self.actor.party_id, user_id=self.actor.user_id),
            transaction.atomic(),
        ):
            return act(self.access(), *args, **kwargs)

    def set_status(self, code: str, on: date | None = None, **more: Any) -> RecordStatus:
        kind = item("status", code)
        return self.does(actions.set_status, kind, on or timezone.localdate(), **more)

    def add_stay(self, admitted_at: datetime | None = None, **more: Any) -> Stay:
        start = admitted_at or timezone.now() - timedelta(days=2)
        values = {"place": "CHITS Sainte Musse", "admitted_at": start, **more}
        return self.does(actions.record_stay, values)

    def client(self) -> Client:
        return signed_in(self.account, self.actor.party_id)


@pytest.fixture
def desk() -> Desk:
    house = f.structure("DAC Var Ouest")
    account = f.user("LAMBERT", "Sophie", attached_to=house)
    actor = f.actor(account, house)
    return Desk(account, actor, f.patient(actor))


@pytest.fixture
def colleague(desk: Desk) -> Desk:
    """A GP who is habilitated on the same record."""
    account = f.user("LEBLANC", "Marc")
    f.member(desk.actor, desk.record, account.person.party, habilitated=True)
    return Desk(account, f.actor(account), desk.record)
