"""Writing the directory, the zones and the accounts, as the owner of the tables.

The application may not write them: real regions import files, and administrators give accounts.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password

from demo.accounts import ACCOUNTS, OFFICERS, PASSWORD
from demo.draw import draw, key
from demo.professionals import ProfessionalPlan, professionals, team
from demo.steps import By, Record
from demo.structures import StructurePlan, structures
from demo.towns import ZONES
from ronde.accounts import terms
from ronde.accounts.models import Attachment, Duty, TermsAcceptance, User
from ronde.core.text import fold
from ronde.directory.models import Kind, Party, Person, Post, Source, Structure
from ronde.patients.models import Zone

OPENED = timedelta(days=560)  # The region began to use Ronde shortly before its oldest record.


def write_zones() -> None:
    zones = [Zone(name=name, commune_codes=codes) for name, codes in ZONES.items()]
    Zone.objects.bulk_create(zones, ignore_conflicts=True)


def write_parties() -> dict[str, Party]:
    """Write structures and professionals; answer the parties by the key of their plan."""
    parties = {key: _structure_party(plan) for key, plan in structures().items()}
    parties |= {key: _person_party(plan) for key, plan in professionals().items()}
    Party.objects.bulk_create(parties.values(), ignore_conflicts=True)
    Structure.objects.bulk_create(
        [_structure(plan) for plan in structures().values()], ignore_conflicts=True
    )
    Person.objects.bulk_create(
        [_person(plan) for plan in professionals().values()], ignore_conflicts=True
    )
    Post.objects.bulk_create(
        [_post(plan) for plan in professionals().values()], ignore_conflicts=True
    )
    return parties


def _structure_party(plan: StructurePlan) -> Party:
    return Party(
        id=plan.id,
        kind=Kind.STRUCTURE,
        display_name=plan.name,
        sort_key=fold(plan.name),
        phone=plan.phone,
        email=plan.email,
        address_line=plan.address,
        postcode=plan.postcode,
        city=plan.town.name,
        commune_code=plan.town.code,
        source=Source.LOCAL,
    )


def _structure(plan: StructurePlan) -> Structure:
    return Structure(
        party_id=plan.id,
        legal_name=plan.name,
        finess=plan.finess,
        category_code=plan.category,
        acts_as_legal_person=plan.acts_as_legal_person,
        is_coordination=plan.is_coordination,
    )


def _person_party(plan: ProfessionalPlan) -> Party:
    return Party(
        id=plan.id,
        kind=Kind.PERSON,
        display_name=plan.name,
        sort_key=fold(plan.name),
        phone=plan.phone,
        email=plan.email,
        address_line=plan.address,
        postcode=plan.postcode,
        city=plan.town.name,
        commune_code=plan.town.code,
        source=Source.LOCAL,
    )


def _person(plan: ProfessionalPlan) -> Person:
    return Person(
        party_id=plan.id,
        family_name=plan.family_name,
        given_name=plan.given_name,
        title="Docteur" if plan.profession_code == "G15:10" else "",
        rpps=plan.rpps,
        profession_code=plan.profession_code,
    )


def _post(plan: ProfessionalPlan) -> Post:
    """What they do, and where; a post in a structure takes its address and phone."""
    own = not plan.structure
    return Post(
        id=key("post", plan.key),
        person_id=plan.id,
        structure_id=plan.structure.id if plan.structure else None,
        profession_code=plan.profession_code,
        know_how_type="S" if plan.know_how_code else "",
        know_how_code=plan.know_how_code,
        mode_code="L" if own else "S",
        phone=plan.phone if own else "",
        address_line=plan.address if own else "",
        postcode=plan.postcode if own else "",
        city=plan.town.name if own else "",
        commune_code=plan.town.code if own else "",
        source=Source.LOCAL,
    )


def write_accounts(records: Iterable[Record], now: datetime) -> dict[str, User]:
    """Give an account to whoever acts, works in a team, or drew one; answer them by person.

    Nobody has a password yet.
    """
    acting = {step.by for record in records for step in record.steps}
    attached = _attached(acting)
    holders = {by.person for by in acting} | {by.person for by in attached}
    holders |= {account.person for account in ACCOUNTS}
    rng = draw("accounts")
    holders |= {name for name in professionals() if rng.chance(0.4)}
    users = {name: _user(professionals()[name]) for name in sorted(holders)}
    User.objects.bulk_create(users.values(), ignore_conflicts=True)
    supers = {account.person for account in ACCOUNTS if account.super_user}
    attachments = [
        Attachment(
            id=key("attachment", f"{by.person}:{by.structure}"),
            user=users[by.person],
            structure_id=structures()[by.structure].id,
            is_super_user=by.person in supers,
        )
        for by in sorted(attached, key=lambda by: (by.person, by.structure))
    ]
    Attachment.objects.bulk_create(attachments, ignore_conflicts=True)
    _write_officers(users)
    _accept_terms(users)
    _long_ago(users, now)
    return users


def _write_officers(users: dict[str, User]) -> None:
    """Add whoever is on duty for the region to the accounts, each under their own name."""
    officers = {
        one.name: User(
            id=key("officer", one.name), email=one.email, password="", full_name=one.full_name
        )
        for one in OFFICERS
    }
    User.objects.bulk_create(officers.values(), ignore_conflicts=True)
    Duty.objects.bulk_create(
        [
            Duty(id=key("duty", one.name), user=officers[one.name], kind=one.duty)
            for one in OFFICERS
        ],
        ignore_conflicts=True,
    )
    users.update(officers)


def _attached(acting: Iterable[By]) -> set[By]:
    found = {by for by in acting if by.structure}
    for plan in structures().values():
        if plan.acts_as_legal_person:
            found |= {By(one.key, plan.key) for one in team(plan.key)}
    return found | {By(account.person, one) for account in ACCOUNTS for one in account.attached}


def _user(plan: ProfessionalPlan) -> User:
    return User(
        id=plan.user_id,
        email=plan.email,
        password="",
        person_id=plan.id,
        full_name=f"{plan.given_name} {_spoken(plan.family_name)}",
    )


def _spoken(family: str) -> str:
    return " ".join(word.capitalize() for word in family.split())


def open_doors(users: dict[str, User]) -> None:
    """Give the accounts of the demonstration their password: the region is ready."""
    User.objects.filter(pk__in=[user.pk for user in users.values()]).update(
        password=make_password(None)
    )
    password = make_password(PASSWORD)
    for account in ACCOUNTS:
        first = structures()[account.attached[0]].id if account.attached else None
        User.objects.filter(pk=users[account.person].pk).update(
            password=password, last_identity_id=first
        )
    User.objects.filter(pk__in=[users[one.name].pk for one in OFFICERS]).update(password=password)


def _accept_terms(users: dict[str, User]) -> None:
    new, version = {one.person for one in ACCOUNTS if not one.terms}, terms.in_force()
    accepted = [
        TermsAcceptance(id=key("terms", name), user=user, version=version)
        for name, user in users.items()
        if name not in new
    ]
    TermsAcceptance.objects.bulk_create(accepted, ignore_conflicts=True)


def _long_ago(users: dict[str, User], now: datetime) -> None:
    """Put the accounts before the records: their dates are those of the insertion."""
    ids, then = [user.pk for user in users.values()], now - OPENED
    User.objects.filter(pk__in=ids).update(created_at=then)
    Attachment.objects.filter(user_id__in=ids).update(since=then)
    TermsAcceptance.objects.filter(user_id__in=ids).update(accepted_at=then)
