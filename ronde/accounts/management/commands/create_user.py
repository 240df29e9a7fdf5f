"""Open the first accounts of an installation, before any screen does it."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.forms import ValidationError

from ronde.accounts import actions, jobs
from ronde.accounts.models import DutyKind, User
from ronde.directory.models import Person, Structure


class Command(BaseCommand):
    help = "Create an account and print the link where its holder chooses a password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--rpps", help="RPPS number of the person in the directory")
        parser.add_argument(
            "--structure",
            action="append",
            default=[],
            metavar="FINESS",
            help="FINESS number of a structure that the person acts for (may be repeated)",
        )
        parser.add_argument(
            "--duty",
            action="append",
            default=[],
            choices=DutyKind.values,
            help="what the person does for the region (may be repeated)",
        )
        parser.add_argument("--name", default="", help="full name, when there is no --rpps")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"]
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(error.messages[0]) from error
        if User.objects.filter(email__iexact=email).exists():
            message = "An account already has this address."
            raise CommandError(message)
        person = _person(options["rpps"]) if options["rpps"] else None
        structures = [_structure(number) for number in options["structure"]]
        if person is None and not (options["name"] and (structures or options["duty"])):
            message = "Give --rpps, or --name with --structure or --duty: an account has a use."
            raise CommandError(message)
        user = actions.create_account(
            email,
            person=person,
            structures=structures,
            duties=options["duty"],
            full_name=options["name"],
        )
        for structure in structures:
            if not structure.acts_as_legal_person:
                self.stderr.write(
                    f"{structure.finess} is not «personne morale»: not offered as identity."
                )
        days = settings.PASSWORD_RESET_TIMEOUT // 86_400
        self.stdout.write(f"Account created. Password, within {days} days and once:")
        self.stdout.write(jobs.password_link(user))


def _person(rpps: str) -> Person:
    person = Person.objects.filter(rpps=rpps).first()
    if person is None:
        message = f"No person of the directory has the RPPS number {rpps}."
        raise CommandError(message)
    if User.objects.filter(person=person).exists():
        message = "This person already has an account."
        raise CommandError(message)
    return person


def _structure(finess: str) -> Structure:
    structure = Structure.objects.filter(finess=finess).first()
    if structure is None:
        message = f"No structure of the directory has the FINESS number {finess}."
        raise CommandError(message)
    return structure
