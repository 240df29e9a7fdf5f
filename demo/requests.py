"""Accounts asked for and colleagues invited, at every point of their life. Written as the owner:
their letters would otherwise leave on the day of the demonstration.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from demo import numbers
from demo.accounts import DOMAIN, OFFICERS
from demo.draw import key
from demo.professionals import ProfessionalPlan, professionals
from demo.structures import CHITS, DAC_VAR, structures
from ronde.accounts.models import AccountRequest, Invitation, RequestStep, User
from ronde.accounts.request_models import RefusalReason, RequestKind, RequestStatus
from ronde.careteam.models import AwaitedAccount, Grant, Member, MemberKind

# Beyond the numbers of the professionals of the region.
UNKNOWN = 9_000
REQUESTER = "lambert"
# Address, days since it was sent, withdrawn.
INVITED = (
    ("zoe.ferrari", 3, False),
    ("luc.savelli", 12, True),
    ("ines.navarro", 41, False),
)


def write(users: dict[str, User], now: datetime) -> None:
    """Fill the queue of the console, one circle that waits, and one list of invitations."""
    rows = list(_requests(users, now))
    AccountRequest.objects.bulk_create(rows)
    _await(rows[-1])
    Invitation.objects.bulk_create(_invitation(users, now, *one) for one in INVITED)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('ronde.purging', 'on', true)")
        for row in rows:
            at = row.decided_at or row.entered_at
            RequestStep.objects.filter(request=row).update(at=at)
        cursor.execute("SELECT set_config('ronde.purging', '', true)")


def _requests(users: dict[str, User], now: datetime) -> Iterable[AccountRequest]:
    known = [one for name, one in professionals().items() if name not in users and one.rpps]
    dac, chits = structures()[DAC_VAR].id, structures()[CHITS].id
    yield _of(known[0], now, days=4, structure_ids=[dac])
    yield _of(known[1], now, days=2, family_name="SAVELLI", name_differs=True)
    yield _request(
        now, "Zoé", "GUIGOU", days=1, profession_code="G15:60", rpps=numbers.rpps(UNKNOWN)
    )
    yield _request(
        now, "Karim", "MEBARKI", hours=5, function="Secrétaire médicale", structure_ids=[chits]
    )
    yield _request(
        now,
        "Adèle",
        "TOUCAS",
        days=6,
        function="Gestionnaire de cas",
        structure_ids=[dac],
        status=RequestStatus.MORE,
        question="Quel est votre service, et qui est votre responsable ?",
        link=uuid.uuid4(),
        link_purpose="complete",
        link_expires_at=now + timedelta(days=8),
        **_decided(now, days=5),
    )
    yield _request(
        now,
        "Rémi",
        "ISNARD",
        days=20,
        function="Visiteur médical",
        status=RequestStatus.REFUSED,
        reason=RefusalReason.NO_CARE,
        **_decided(now, days=19),
    )
    yield _of(known[2], now, days=3, **_asked_by(users))
    yield _request(
        now,
        "Anaïs",
        "CHABERT",
        days=1,
        profession_code="G15:91",
        city="Toulon",
        email="",
        **_asked_by(users),
    )


def _asked_by(users: dict[str, User]) -> dict[str, Any]:
    who = users[REQUESTER]
    return {
        "kind": RequestKind.COLLEAGUE,
        "requester_user": who.pk,
        "requester_party": structures()[DAC_VAR].id,
        "requester_name": who.full_name,
    }


def _decided(now: datetime, *, days: int) -> dict[str, Any]:
    officer = next(one for one in OFFICERS if one.duty == "support")
    return {
        "decided_at": now - timedelta(days=days),
        "decided_by": key("user", officer.name),
        "decided_by_name": officer.full_name,
    }


def _of(plan: ProfessionalPlan, now: datetime, *, days: int, **values: Any) -> AccountRequest:
    """A request under the number of somebody whom the directory knows."""
    traits = {
        "family_name": plan.family_name,
        "profession_code": plan.profession_code,
        "rpps": plan.rpps,
        "person_id": plan.id,
        "city": plan.town.name,
        "email": plan.email,
    }
    return _request(now, plan.given_name, days=days, **{**traits, **values})


def _request(
    now: datetime,
    given_name: str,
    family_name: str,
    *,
    days: int = 0,
    hours: int = 1,
    **values: Any,
) -> AccountRequest:
    name = f"{given_name}.{family_name}".lower()
    at = now - timedelta(days=days, hours=hours)
    usual = {
        "kind": RequestKind.SELF,
        "status": RequestStatus.PENDING,
        "email": f"demande.{days}{hours}@{DOMAIN}",
        "phone": numbers.mobile(7_000 + days * 24 + hours),
        "title": "MME",
        "link": None,
        "created_at": at,
        "entered_at": at,
    }
    return AccountRequest(
        id=key("account-request", name),
        given_name=given_name,
        family_name=family_name,
        **{**usual, **values},
    )


def _await(asked: AccountRequest) -> None:
    """The last request comes from a circle, where somebody typed that colleague by hand."""
    party = structures()[DAC_VAR].id
    seen = Grant.objects.filter(party_id=party, until=None).order_by("patient_id").first()
    if seen is None:
        return
    member = Member.objects.create(
        patient_id=seen.patient_id,
        kind=MemberKind.PROFESSIONAL,
        origin="manual",
        display_name=f"{asked.family_name} {asked.given_name}",
        family_name=asked.family_name,
        given_name=asked.given_name,
        profession_code=asked.profession_code,
        city=asked.city,
        wants_access=True,
        added_at=asked.created_at,
        added_by_user=asked.requester_user,
        added_by_party=party,
        added_by_name=asked.requester_name,
    )
    AwaitedAccount.objects.create(
        patient_id=seen.patient_id,
        member=member,
        request_id=asked.pk,
        asked_at=asked.created_at,
        asked_by_user=asked.requester_user,
        asked_by_party=party,
    )


def _invitation(
    users: dict[str, User], now: datetime, name: str, days: int, withdrawn: bool
) -> Invitation:
    who, at = users[REQUESTER], now - timedelta(days=days)
    return Invitation(
        id=key("invitation", name),
        email=f"{name}@{DOMAIN}",
        text="Bonjour, je vous invite à rejoindre Ronde pour nos suivis communs.",
        by_user=who.pk,
        by_party=structures()[DAC_VAR].id,
        by_name=who.full_name,
        created_at=at,
        sent_at=at,
        expires_at=at + timedelta(days=30),
        withdrawn_at=at + timedelta(days=1) if withdrawn else None,
    )
