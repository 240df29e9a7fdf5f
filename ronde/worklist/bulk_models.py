"""Acts on many circles: who asked for what, and what came of it in each record."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ronde.careteam.bulk import Before
from ronde.careteam.foresight import Act, Obstacle
from ronde.core.models import UUIDModel


class BulkRun(UUIDModel):
    """One act asked for on the circles of `ticked`, among `patients`, for each of `parties`.

    Being chosen until `confirmed_at`; then its lines are played, at once or by a job, until
    `finished_at`. It may be taken back: from `undo_asked_at` to `undone_at`. `attachment_id`: the
    attachment that it ended (departure of an employee).
    """

    user_id = models.UUIDField()
    party_id = models.UUIDField()
    act = models.CharField(max_length=12, choices=Act, blank=True)
    parties = ArrayField(models.UUIDField(), default=list)
    target_name = models.CharField(max_length=250, blank=True)
    patients = ArrayField(models.UUIDField(), default=list)
    ticked = ArrayField(models.UUIDField(), default=list)
    attachment_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    undo_asked_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["user_id", "-created_at"], name="worklist_bulkrun_mine")]

    def __str__(self) -> str:
        return f"{self.act} {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def is_running(self) -> bool:
        return self.confirmed_at is not None and (
            self.finished_at is None or (self.undo_asked_at is not None and self.undone_at is None)
        )


class LineState(models.TextChoices):
    PENDING = "pending", _("en attente")
    DONE = "done", _("fait")
    KEPT = "kept", _("inchangé")


class BulkLine(UUIDModel):
    """One party in one record: `obstacle` says why it was kept as it was.

    `before`, `roles`, `member_id` and `version` are what taking back needs.
    """

    run = models.ForeignKey(BulkRun, models.PROTECT, related_name="lines")
    rank = models.PositiveIntegerField()
    patient_id = models.UUIDField()
    party_id = models.UUIDField()
    state = models.CharField(max_length=8, choices=LineState, default=LineState.PENDING)
    obstacle = models.CharField(max_length=12, choices=Obstacle, blank=True)
    before = models.CharField(max_length=12, choices=Before, blank=True)
    roles = ArrayField(models.CharField(max_length=40), default=list)
    member_id = models.UUIDField(null=True)
    version = models.PositiveIntegerField(null=True)
    undo_state = models.CharField(max_length=8, choices=LineState, blank=True)
    undo_obstacle = models.CharField(max_length=12, choices=Obstacle, blank=True)

    class Meta:
        # The players ask for the next line a thousand times: what is settled is out of their way.
        indexes = [
            models.Index(fields=["run", "rank"], name="worklist_bulkline_order"),
            models.Index(
                fields=["run", "rank"],
                condition=Q(state="pending"),
                name="worklist_bulkline_next",
            ),
            models.Index(
                fields=["run", "-rank"],
                condition=Q(undo_state="pending"),
                name="worklist_bulkline_back",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "patient_id", "party_id"], name="worklist_bulkline_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.run_id} · {self.rank}"
