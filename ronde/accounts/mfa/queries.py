"""Reading the second steps of an account."""

from dataclasses import dataclass, field

from allauth.mfa.models import Authenticator

from ronde.accounts.models import User

STRONG = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


@dataclass(frozen=True, slots=True)
class SecondSteps:
    """What an account signs in with after its password."""

    app: Authenticator | None = None
    codes: Authenticator | None = None
    passkeys: list[Authenticator] = field(default_factory=list)

    @property
    def any(self) -> bool:
        return self.app is not None or bool(self.passkeys)

    @property
    def codes_left(self) -> int:
        return len(self.codes.wrap().get_unused_codes()) if self.codes else 0

    def is_last(self, one: Authenticator) -> bool:
        """Tell whether the code by mail comes back when `one` goes."""
        return [*self.passkeys, *([self.app] if self.app else [])] == [one]


def second_steps(user: User) -> SecondSteps:
    found = list(Authenticator.objects.filter(user=user).order_by("created_at"))
    of = {kind: [one for one in found if one.type == kind] for kind in Authenticator.Type}
    return SecondSteps(
        app=next(iter(of[Authenticator.Type.TOTP]), None),
        codes=next(iter(of[Authenticator.Type.RECOVERY_CODES]), None),
        passkeys=of[Authenticator.Type.WEBAUTHN],
    )


def has_second_step(user: User | None) -> bool:
    """Tell whether an app or a passkey stands in the place of the mailed code."""
    return user is not None and Authenticator.objects.filter(user=user, type__in=STRONG).exists()
