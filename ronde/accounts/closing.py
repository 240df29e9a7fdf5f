"""Closing an account, and opening it again: decided in the console, with a reason."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronde.accounts import devices, jobs, queries
from ronde.accounts.access_events import AccountClosed, AccountReopened, PasswordLinkSent
from ronde.accounts.models import Device, DutyKind, User
from ronde.core.actor import Officer
from ronde.journal.actions import record


def obstacle(by: Officer, user: User) -> str:
    """What keeps `by` from closing this account, in words; empty: nothing."""
    if user.pk == by.user_id:
        return _("Votre propre compte se ferme par quelqu'un d'autre.")
    is_last = not queries.other_administrators(user)
    if DutyKind.ADMINISTRATOR in queries.duties(user) and is_last:
        return _("%(name)s est la dernière personne chargée de l'administration régionale.") % {
            "name": user.full_name
        }
    return ""


@transaction.atomic
def close(by: Officer, user: User, reason: str) -> None:
    """End the sessions of an account, which opens nothing any more; nothing of it is lost."""
    queries.hold_administrators()
    found = User.objects.select_for_update().get(pk=user.pk)
    if not found.is_active:
        return
    problem = obstacle(by, found)
    if problem:
        raise ValidationError(problem)
    User.objects.filter(pk=found.pk).update(is_active=False)
    devices.close(Device.objects.filter(user=found))
    record(AccountClosed(account=found.pk, reason=reason), actor=by)
    _tell(found, "account_closed")


@transaction.atomic
def reopen(by: Officer, user: User, reason: str) -> None:
    """The account opens again, with the rights that it still has; its password is the same."""
    if User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
        record(AccountReopened(account=user.pk, reason=reason), actor=by)
        _tell(user, "account_reopened")


@transaction.atomic
def send_password_link(by: Officer, user: User) -> None:
    """Mail the link by which its holder chooses a password; a closed account gets none."""
    if user.is_active:
        record(PasswordLinkSent(account=user.pk), actor=by)
        jobs.send_password_link.defer(user_id=str(user.pk))


def _tell(user: User, letter: str) -> None:
    jobs.send_notice.defer(
        user_id=str(user.pk),
        template=f"account/email/{letter}",
        device="",
        at=timezone.now().isoformat(),
    )
