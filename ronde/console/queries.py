"""What the pages of the console read."""

from ronde.accounts.models import Duty, DutyKind


def on_duty() -> list[tuple[DutyKind, list[Duty]]]:
    """Who is on duty today, duty by duty, each by name."""
    held = (
        Duty.objects.filter(ended_at=None).select_related("user").order_by("user__full_name", "pk")
    )
    return [(kind, [one for one in held if one.kind == kind]) for kind in DutyKind]
