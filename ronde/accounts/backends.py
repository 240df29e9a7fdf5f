"""Loading the signed-in user with what each page needs, in one query."""

from uuid import UUID

from allauth.account.auth_backends import AuthenticationBackend as AllauthBackend

from ronde.accounts.models import User


class AuthenticationBackend(AllauthBackend):
    def get_user(self, user_id: UUID | str) -> User | None:
        return User.objects.select_related("person").filter(pk=user_id, is_active=True).first()
