"""What the pages of the console read."""

from ronde.accounts.models import Duty, DutyKind
from ronde.followup.models import ListItem, ListName


def on_duty() -> list[tuple[DutyKind, list[Duty]]]:
    """Who is on duty today, duty by duty, each by name."""
    held = (
        Duty.objects.filter(ended_at=None).select_related("user").order_by("user__full_name", "pk")
    )
    return [(kind, [one for one in held if one.kind == kind]) for kind in DutyKind]


def list_items(name: ListName) -> list[ListItem]:
    """The lines of a list, those in use first."""
    return list(ListItem.objects.filter(list=name).order_by("retired_at", "position", "label"))
