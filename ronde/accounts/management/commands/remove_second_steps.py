"""For whoever has lost their telephone, their passkeys and their recovery codes."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ronde.accounts.mfa.actions import remove_all
from ronde.accounts.models import User


class Command(BaseCommand):
    help = "Take app, passkeys and recovery codes away from an account, once its holder is known."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=options["email"].lower()).first()
        if user is None:
            message = "No account has this address."
            raise CommandError(message)
        if not remove_all(user):
            self.stdout.write("This account has neither app nor passkey: nothing was changed.")
            return
        self.stdout.write("Removed; the holder is told by mail and signs in with a mailed code.")
