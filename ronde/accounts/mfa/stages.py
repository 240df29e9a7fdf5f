"""The second step of a sign-in, in the chain of django-allauth."""

from allauth.account.authentication import get_authentication_records
from allauth.mfa.stages import AuthenticateStage
from django.http import HttpRequest

PRO_SANTE = "pro_sante"


class SecondStep(AuthenticateStage):
    def _should_handle(self, request: HttpRequest) -> bool:
        """Pro Santé Connect has already asked for two proofs."""
        records = get_authentication_records(request, self.login.user)
        return not any(one["method"] == PRO_SANTE for one in records) and super()._should_handle(
            request
        )
