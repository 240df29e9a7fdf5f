"""Changing what opens an account: done, recorded, and told to the holder by mail."""

from allauth.account.internal.flows import password_change
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal import flows as codes_flows
from allauth.mfa.totp.internal import flows as totp_flows
from allauth.mfa.webauthn.internal import flows as webauthn_flows
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from ronde.accounts import devices, jobs
from ronde.accounts.access_events import (
    FactorAdded,
    FactorRemoved,
    FactorRenewed,
    PasswordChanged,
    SecondStepsRemoved,
)
from ronde.accounts.actions import record_of_account
from ronde.accounts.mfa.forms import ActivateTOTPForm, AddPasskeyForm, ChangePasswordForm
from ronde.accounts.models import Device, User
from ronde.journal.actions import record


def _proved(request: HttpRequest, kind: str) -> None:
    """Whoever has just shown a code of the app, or the passkey, has proved who they are."""
    record_authentication(request, request.user, "mfa", type=kind, reauthenticated=True)


@transaction.atomic
def add_app(request: HttpRequest, form: ActivateTOTPForm) -> bool:
    """Keep the app; true when recovery codes were made with it, to be shown once."""
    _app, codes = totp_flows.activate_totp(request, form)
    _proved(request, "totp")
    record_of_account(request.user, FactorAdded(account=request.user.pk, factor="totp"))
    return codes is not None


@transaction.atomic
def add_passkey(request: HttpRequest, form: AddPasskeyForm) -> bool:
    """Keep the passkey; true when recovery codes were made with it, to be shown once."""
    name, credential = form.cleaned_data["name"], form.cleaned_data["credential"]
    _key, codes = webauthn_flows.add_authenticator(request, name, credential)
    _proved(request, "webauthn")
    record_of_account(request.user, FactorAdded(account=request.user.pk, factor="webauthn"))
    return codes is not None


@transaction.atomic
def remove(request: HttpRequest, factor: Authenticator) -> None:
    """Take an app or a passkey away; the recovery codes go with the last of them."""
    kind = factor.type
    if kind == Authenticator.Type.TOTP:
        totp_flows.deactivate_totp(request, factor)
    else:
        webauthn_flows.remove_authenticator(request, factor)
    record_of_account(request.user, FactorRemoved(account=request.user.pk, factor=kind))


@transaction.atomic
def rename(request: HttpRequest, passkey: Authenticator, name: str) -> None:
    webauthn_flows.rename_authenticator(request, passkey, name)


@transaction.atomic
def renew_codes(request: HttpRequest) -> None:
    """Make other recovery codes: the former ones open nothing any more."""
    codes_flows.generate_recovery_codes(request)
    event = FactorRenewed(account=request.user.pk, factor="recovery_codes")
    record_of_account(request.user, event)


@transaction.atomic
def change_password(request: HttpRequest, form: ChangePasswordForm) -> None:
    """Set another password; every other session of the account ends."""
    form.save()
    password_change.finalize_password_change(request, form.user)
    devices.follow(request)
    others = devices.open_devices(request.user).exclude(pk=devices.current_id(request))
    devices.close(others)
    record_of_account(request.user, PasswordChanged(account=request.user.pk))


@transaction.atomic
def remove_all(user: User) -> int:
    """Take every second step away from an account whose holder has lost them, and its sessions.

    Who does it has checked their identity as at the opening of the account; the holder is told.
    """
    count, _details = Authenticator.objects.filter(user=user).delete()
    if count:
        devices.close(Device.objects.filter(user=user))
        record(SecondStepsRemoved(account=user.pk), actor=None)
        jobs.send_notice.defer(
            user_id=str(user.pk),
            template="account/email/second_steps_removed",
            device="",
            at=timezone.now().isoformat(),
        )
    return count
