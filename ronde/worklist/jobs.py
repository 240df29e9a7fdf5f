"""What is done apart from any request: the acts on many circles."""

from importlib import import_module
from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

# A lock waited for too long, a server that restarts: the lines already settled stay so.
AGAIN = RetryStrategy(max_attempts=10, wait=5, linear_wait=20)
WATCH = 120  # Seconds after which another worker looks whether the run goes on.


@app.task(name="worklist.play", retry=AGAIN)
def play(*, run_id: str, user_id: str, party_id: str) -> None:
    """Go on with a run until its last line.

    A second job is left behind first: if this worker dies, it goes on where the run stopped.
    """
    bulk = import_module("ronde.worklist.bulk")
    player = bulk.Player(UUID(run_id), UUID(user_id), UUID(party_id))
    if player.is_finished():
        return
    watch(run_id=run_id, user_id=user_id, party_id=party_id)
    player.play()


def watch(**keys: str) -> None:
    later = play.configure(schedule_in={"seconds": WATCH}, queueing_lock=f"run:{keys['run_id']}")
    try:
        later.defer(**keys)
    except AlreadyEnqueued:
        return
