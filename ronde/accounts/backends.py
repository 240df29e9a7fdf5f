"""Who may sign in, and loading the signed-in user with what each page needs, in one query."""

from uuid import UUID

from allauth.account.auth_backends import AuthenticationBackend as AllauthBackend
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from ronde.accounts.models import Duty, User


class AuthenticationBackend(AllauthBackend):
    def get_user(self, user_id: UUID | str) -> User | None:
        held = Duty.objects.filter(user=OuterRef("pk"), ended_at=None).values("kind")
        return (
            User.objects.select_related("person")
            .annotate(duty_kinds=ArraySubquery(held))
            .filter(pk=user_id, is_active=True)
            .first()
        )

    def _check_password(self, user: User | None, password: str) -> User | None:
        """Refuse a closed account as a wrong password: allauth would say that it is closed."""
        if user is None:
            return None
        self._did_check_password = True
        return user if user.check_password(password) and self.user_can_authenticate(user) else None
