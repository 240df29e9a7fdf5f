"""What the privacy officer of the demonstration did with the break-glass accesses of the region.

The oldest are closed, one of them as unjustified; among the others each state of a review is there:
late, waiting for an answer, answered, to clarify, not looked at yet.
"""

from collections.abc import Callable
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from demo.accounts import OFFICERS
from demo.history import unguarded
from demo.play import Player, stage
from ronde.accounts.models import DutyKind, User
from ronde.accounts.queries import actor_for, identities
from ronde.careteam import reviewing
from ronde.careteam.models import BreakGlass, Explanation, Verdict
from ronde.core.actor import Officer
from ronde.core.context import acting

QUESTION = "Quel était votre lien avec cette personne au moment de l’accès ?"
ANSWER = "Garde médicale du secteur ce soir-là : appel de la régulation, traitement à vérifier."
_JUSTIFIED = "Motif cohérent avec l’heure et avec ce qui a été ouvert."
_UNJUSTIFIED = "Aucune prise en charge retrouvée ; rappel à l’ordre fait par la direction."
_UNCLEAR = "Motif trop bref pour trancher."
_AFTER = timedelta(days=2)  # How long after an access it was reviewed.
_DATES = (
    """UPDATE careteam_review r
       SET decided_at = least(b.opened_at + %(after)s, now() - interval '1 h'),
       closed_at = CASE WHEN r.closed_at IS NULL THEN NULL
                   ELSE least(b.opened_at + %(after)s, now() - interval '1 h') END
       FROM careteam_breakglass b WHERE b.id = r.glass_id""",
    """UPDATE careteam_explanation e
       SET asked_at = least(b.opened_at + %(after)s, now() - interval '1 h'),
       answered_at = CASE WHEN e.answered_at IS NULL THEN NULL
                     ELSE least(b.opened_at + %(after)s, now() - interval '30 min') END
       FROM careteam_breakglass b WHERE b.id = e.glass_id""",
    """UPDATE journal_journalentry j SET at = least(b.opened_at + %(after)s, now() - interval '1 h')
       FROM careteam_breakglass b
       WHERE j.section = 'console' AND (j.payload ->> 'glass')::uuid = b.id""",
)


def write(player: Player) -> None:
    """Play the reviews, oldest access first; then put the dates of the closed ones behind."""
    user = player.users[_plan().name]
    officer = Officer(user.pk, user.full_name, DutyKind.PRIVACY_OFFICER)
    with stage():
        with _on_duty(officer):
            ended = BreakGlass.objects.filter(until__lt=timezone.now()).order_by("opened_at")
            glasses = list(ended)
        for glass, play in zip(glasses, states(len(glasses)), strict=True):
            if play is not None:
                play(officer, glass)
    _date_back()


Play = Callable[[Officer, BreakGlass], object]


def _plan():
    return next(one for one in OFFICERS if one.duty == DutyKind.PRIVACY_OFFICER)


def _on_duty(officer: Officer):
    return acting(party_id=None, user_id=officer.user_id, duty=DutyKind.PRIVACY_OFFICER)


def states(count: int) -> list[Play | None]:
    """What is done with each access, the oldest first; nothing with the last ones, one of which is
    late.
    """
    lately: list[Play | None] = [None, _ask, _answered, _unclear, None]
    old: list[Play | None] = [
        _unjustified if rank % 5 == 1 else _justified for rank in range(count)
    ]
    return (old[: max(count - len(lately), 0)] + lately[max(len(lately) - count, 0) :])[:count]


def _justified(officer: Officer, glass: BreakGlass) -> None:
    with _on_duty(officer):
        reviewing.decide(officer, glass, Verdict.JUSTIFIED, _JUSTIFIED, 0, close=True)


def _unjustified(officer: Officer, glass: BreakGlass) -> None:
    with _on_duty(officer):
        reviewing.decide(officer, glass, Verdict.UNJUSTIFIED, _UNJUSTIFIED, 0, close=True)


def _ask(officer: Officer, glass: BreakGlass) -> Explanation:
    with _on_duty(officer):
        return reviewing.ask_explanation(officer, glass, QUESTION)


def _answered(officer: Officer, glass: BreakGlass) -> None:
    asked = _ask(officer, glass)
    user = User.objects.get(pk=glass.user_id)
    actor = actor_for(user, identities(user)[0])
    with acting(party_id=actor.party_id, user_id=user.pk):
        reviewing.answer(actor, asked, ANSWER)


def _unclear(officer: Officer, glass: BreakGlass) -> None:
    with _on_duty(officer):
        reviewing.decide(officer, glass, Verdict.UNCLEAR, _UNCLEAR, 0)


def _date_back() -> None:
    """The owner's: in the product nobody reviews in the past."""
    with connection.cursor() as cursor, unguarded(cursor):
        for statement in _DATES:
            cursor.execute(statement, {"after": _AFTER})
