"""Who acts for whom in the demonstration, who asked to, and what they were told lately."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta

from django.utils import timezone

from demo import history
from demo.play import Player, stage
from demo.steps import By
from demo.stories import SOPHIE
from demo.structures import DAC_VAR
from ronde.accounts import delegating
from ronde.accounts.models import Delegation, DelegationScope
from ronde.core.actor import Actor
from ronde.core.context import acting
from ronde.directory.models import Party
from ronde.journal.models import JournalEntry
from ronde.notifications import notices
from ronde.notifications.mails import Notice
from ronde.notifications.queries import keys_of

RECORDS, MESSAGES = [DelegationScope.RECORDS.value], [DelegationScope.MESSAGES.value]
BOTH = RECORDS + MESSAGES
TOLD = ("GlassBroken", "NoteWritten", "PatientDied")
LATELY, MOST = timedelta(days=20), 8
ASKED = timedelta(days=3, hours=5)


def write(player: Player) -> None:
    with stage():
        marc, sophie, ricci = (player.actor(By(one)) for one in ("leblanc", "lambert", "ricci"))
        dac = replace(player.actor(By("mercier", DAC_VAR)), is_super_user=True)
        _give(sophie, player.actor(By("mercier")), BOTH)
        _give(marc, sophie, RECORDS)
        _give(dac, player.actor(By("haddad")), RECORDS)
        _ask(sophie, player.actor(By("castel")), RECORDS)
        _ask(ricci, marc, BOTH)
        refused = _ask(player.actor(By("belkacem")), marc, MESSAGES)
        with _as(marc):
            for one in refused:
                delegating.refuse(marc, one.pk)
            delegating.turn_favorite(marc, ricci.party_id)
        for actor in (marc, sophie, player.actor(SOPHIE)):
            _tell(actor)
    history.set_back_relations(ASKED)


def _as(actor: Actor) -> AbstractContextManager[None]:
    return acting(party_id=actor.party_id, user_id=actor.user_id)


def _give(actor: Actor, delegate: Actor, scopes: Iterable[str]) -> None:
    with _as(actor):
        delegating.give(actor, Party.objects.get(pk=delegate.party_id), scopes)


def _ask(actor: Actor, delegator: Actor, scopes: Iterable[str]) -> list[Delegation]:
    with _as(actor):
        return delegating.ask(actor, Party.objects.get(pk=delegator.party_id), scopes)


def _tell(actor: Actor) -> None:
    """Give this person the notices of what happened lately on their records."""
    with _as(actor):
        rows = JournalEntry.objects.filter(event__in=TOLD, at__gt=timezone.now() - LATELY)
        for entry in rows.exclude(user_id=actor.user_id).order_by("-at")[:MOST]:
            notices.keep(Notice.of(keys_of(entry)), actor.party_id, actor.user_id)
