"""Acts on many circles: chosen, confirmed, then played one record, one transaction at a time."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronde.accounts import staff
from ronde.accounts.models import Attachment, User
from ronde.accounts.queries import actor_for, identities
from ronde.careteam import bulk as circles
from ronde.careteam.access import accessible
from ronde.careteam.bulk import Before, Done, HinderedError
from ronde.careteam.foresight import Act, Obstacle
from ronde.core.actor import Actor
from ronde.core.context import acting, current
from ronde.directory.models import Party
from ronde.journal.actions import record
from ronde.notifications.actions import quiet
from ronde.worklist import jobs
from ronde.worklist.bulk_models import LineState
from ronde.worklist.events import BulkRunFinished, HabilitationsEnded, HabilitationsGiven
from ronde.worklist.models import BulkLine, BulkRun

SETTLED = (
    "state",
    "obstacle",
    "before",
    "roles",
    "member_id",
    "version",
    "undo_state",
    "undo_obstacle",
)
SOON = 10  # Seconds before the job looks whether a small run needs it.


@transaction.atomic
def begin(actor: Actor, patients: Iterable[UUID]) -> BulkRun:
    """Keep which records were selected; those that are not, or no longer, open are left out."""
    asked = list(dict.fromkeys(patients))[: settings.BULK_LIMIT]
    seen = accessible(actor, asked)
    run = BulkRun(user_id=actor.user_id, party_id=actor.party_id)
    run.patients = [key for key in asked if key in seen]
    run.save(force_insert=True)
    return run


@transaction.atomic
def choose(
    run: BulkRun,
    act: Act,
    parties: Sequence[Party],
    name: str,
    patients: Iterable[UUID],
    *,
    attachment_id: UUID | None = None,
) -> BulkRun:
    """Keep what is to be done, to whom, in which of the selected records."""
    run = BulkRun.objects.select_for_update().get(pk=run.pk)
    wanted = set(patients)
    kept = [key for key in run.patients if key in wanted]
    if len(kept) * len(parties) > settings.BULK_LIMIT:
        raise ValidationError(
            _(
                "%(records)s dossiers × %(members)s membres : plus de %(limit)s changements à la"
                " fois. Sélectionnez moins de dossiers."
            ),
            code="limit",
            params={"records": len(kept), "members": len(parties), "limit": settings.BULK_LIMIT},
        )
    if run.confirmed_at is None:
        run.act, run.parties, run.target_name = act, [one.pk for one in parties], name
        run.ticked, run.attachment_id = kept, attachment_id
        run.save(update_fields=["act", "parties", "target_name", "ticked", "attachment_id"])
    return run


@transaction.atomic
def confirm(actor: Actor, run: BulkRun) -> BulkRun:
    """Write a line for each change asked, and have them played. Asked twice, done once.

    A few lines are played as soon as this is committed; the job finds what is left, whoever died.
    """
    run = BulkRun.objects.select_for_update().get(pk=run.pk)
    if run.confirmed_at is not None:
        return run
    run.confirmed_at = timezone.now()
    if is_own_departure(run):
        staff.may_leave(actor)  # The attachment ends last: until then the lines need it.
    elif run.attachment_id is not None:
        staff.end_attachment(actor, run.attachment_id)
    seen = accessible(actor, run.ticked)
    pairs = [(patient, party) for patient in run.ticked if patient in seen for party in run.parties]
    BulkLine.objects.bulk_create(
        BulkLine(run=run, rank=rank, patient_id=patient, party_id=party)
        for rank, (patient, party) in enumerate(pairs)
    )
    run.save(update_fields=["confirmed_at"])
    _launch(run, len(pairs))
    return run


@transaction.atomic
def take_back(actor: Actor, run: BulkRun) -> BulkRun:
    """Undo a finished run, the last one of this person, in the reverse order."""
    run = BulkRun.objects.select_for_update().get(pk=run.pk)
    if run.undo_asked_at is not None:
        return run
    if run.finished_at is None or not is_last(run):
        raise ValidationError(_("Seule votre dernière opération terminée peut être annulée."))
    run.undo_asked_at = timezone.now()
    run.save(update_fields=["undo_asked_at"])
    if run.attachment_id is not None:
        staff.attach_again(actor, run.attachment_id)
    done = run.lines.filter(state=LineState.DONE)
    _launch(run, done.update(undo_state=LineState.PENDING))
    return run


def is_own_departure(run: BulkRun) -> bool:
    """Whether a super-user registers that they leave the structure themselves."""
    mine = Attachment.objects.filter(pk=run.attachment_id, user_id=run.user_id)
    return run.attachment_id is not None and mine.exists()


def is_last(run: BulkRun) -> bool:
    mine = BulkRun.objects.filter(user_id=run.user_id, party_id=run.party_id)
    return not mine.filter(confirmed_at__gt=run.confirmed_at).exists()


def _launch(run: BulkRun, lines: int) -> None:
    small = lines <= settings.BULK_AT_ONCE
    keys = {"run_id": str(run.pk), "user_id": str(run.user_id), "party_id": str(run.party_id)}
    jobs.play.configure(schedule_in={"seconds": SOON if small else 0}).defer(**keys)
    if small:
        player = Player(run.pk, run.user_id, run.party_id)
        transaction.on_commit(player.play, robust=True)


class Player:
    """Plays the pending lines of a run, each in its own transaction, then closes it.

    The same steps as one by one, in the context of the party that asked, as it is now. Two players
    share the lines: a line that another is playing is left to them. Whoever comes back after a
    crash goes on with what is still pending.
    """

    def __init__(self, run_id: UUID, user_id: UUID, party_id: UUID) -> None:
        self.run_id, self.user_id, self.party_id = run_id, user_id, party_id
        self.parties: dict[UUID, Party] = {}

    @contextmanager
    def context(self, *, delegated: bool = False) -> Iterator[None]:
        known = current()
        with acting(
            party_id=self.party_id,
            user_id=self.user_id,
            request_id=known.request_id,
            delegated=delegated,
        ):
            yield

    def play(self) -> None:
        while self.play_one():
            pass
        self.finish()

    def is_finished(self) -> bool:
        with self.context(), transaction.atomic():
            return not BulkRun.objects.get(pk=self.run_id).is_running

    def play_one(self) -> bool:
        """Take one pending line and settle it; false: none is left for us."""
        with self.context(), transaction.atomic(), quiet():
            run = BulkRun.objects.get(pk=self.run_id)
            line = self._next(run)
            if line is None:
                return False
            actor = self.actor()
            if actor is None:
                self._settle(run, line, Obstacle.IDENTITY)
                return True
            with self.context(delegated=actor.is_delegate):
                self._try(run, line, actor)
        return True

    def _next(self, run: BulkRun) -> BulkLine | None:
        lines = BulkLine.objects.select_for_update(skip_locked=True).filter(run=run)
        if run.undo_asked_at is None:
            return lines.filter(state=LineState.PENDING).order_by("rank").first()
        return lines.filter(undo_state=LineState.PENDING).order_by("-rank").first()

    def actor(self) -> Actor | None:
        """The acting identity, unless it ended since the run was asked for."""
        user = User.objects.filter(pk=self.user_id, is_active=True).select_related("person").first()
        held = identities(user) if user else []
        found = next((one for one in held if one.party_id == self.party_id), None)
        return actor_for(user, found) if user and found else None

    def _try(self, run: BulkRun, line: BulkLine, actor: Actor) -> None:
        try:
            with transaction.atomic():
                self._do(run, line, circles.opened(actor, line.patient_id))
        except HinderedError as hindered:
            self._settle(run, line, hindered.obstacle)
        else:
            self._settle(run, line)

    def _do(self, run: BulkRun, line: BulkLine, access: circles.Access) -> None:
        party, act = self._party(line.party_id), Act(run.act)
        if run.undo_asked_at is None:
            done = circles.apply(access, party, act)
            line.member_id, line.version = done.member_id, done.version
            line.before, line.roles = done.before, list(done.roles)
            return
        assert line.member_id is not None  # noqa: S101
        assert line.version is not None  # noqa: S101
        back = Done(line.member_id, line.version, Before(line.before), tuple(line.roles))
        circles.undo(access, party, act, back)

    def _settle(self, run: BulkRun, line: BulkLine, obstacle: Obstacle | None = None) -> None:
        state = LineState.DONE if obstacle is None else LineState.KEPT
        if run.undo_asked_at is None:
            line.state, line.obstacle = state, obstacle or ""
        else:
            line.undo_state, line.undo_obstacle = state, obstacle or ""
        line.save(update_fields=SETTLED)

    def _party(self, key: UUID) -> Party:
        if key not in self.parties:
            self.parties[key] = Party.objects.select_related("person", "structure").get(pk=key)
        return self.parties[key]

    def finish(self) -> None:
        """Close the run when its last line is settled, once, and tell in one word a party."""
        with self.context(), transaction.atomic():
            run = BulkRun.objects.select_for_update().get(pk=self.run_id)
            undoing = run.undo_asked_at is not None
            pending = {"undo_state" if undoing else "state": LineState.PENDING}
            if not run.is_running or run.lines.filter(**pending).exists():
                return
            name = "undone_at" if undoing else "finished_at"
            setattr(run, name, timezone.now())
            run.save(update_fields=[name])
            if not undoing:
                self._tell(run)
                self._leave(run)
            lines = run.lines.exclude(undo_state="") if undoing else run.lines.all()
            played, records = lines.count(), lines.values("patient_id").distinct().count()
        if played > settings.BULK_AT_ONCE:
            self._tell_author(records)

    def _leave(self, run: BulkRun) -> None:
        """End the attachment of who registered their own departure, unless they are alone now."""
        actor = self.actor() if is_own_departure(run) else None
        if actor is not None and run.attachment_id is not None:
            with suppress(ValidationError, PermissionDenied):
                staff.end_attachment(actor, run.attachment_id)

    def _tell(self, run: BulkRun) -> None:
        event = {
            Act.HABILITATE: HabilitationsGiven,
            Act.WITHDRAW: HabilitationsEnded,
            Act.REMOVE: HabilitationsEnded,
        }.get(Act(run.act))
        if event is None:
            return
        changed = run.lines.filter(state=LineState.DONE)
        if event is HabilitationsEnded:
            changed = changed.filter(before=Before.HABILITATED)
        counts: dict[UUID, int] = {}
        for party in changed.values_list("party_id", flat=True):
            counts[party] = counts.get(party, 0) + 1
        for party, count in counts.items():
            if party != self.party_id:
                told = event(party_id=party, member=str(self._party(party)), count=count)
                record(told, actor=self.actor() or self._as_before())

    def _as_before(self) -> Actor:
        """Who asked, under the name of an identity that has ended since."""
        user = User.objects.get(pk=self.user_id)
        party = self._party(self.party_id)
        return Actor(
            user_id=self.user_id,
            party_id=self.party_id,
            person_id=user.person_id,
            display_name=party.display_name,
            person_name=user.full_name,
            as_structure=party.is_structure,
        )

    def _tell_author(self, records: int) -> None:
        """Whoever asked may have left the page. No author: nobody tells themselves."""
        person = User.objects.filter(pk=self.user_id).values_list("person_id", flat=True).first()
        if person is not None:
            with acting(party_id=None, user_id=None), transaction.atomic():
                record(BulkRunFinished(told=[str(person)], count=records), actor=None)
