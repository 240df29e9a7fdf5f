"""«Comptes à valider»: what a validator reads, decides, and what everybody is told."""

from uuid import uuid4

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.db import ProgrammingError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ronde.accounts.models import AccountRequest, Attachment, RequestStep, User
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.directory.keys import person_key
from ronde.directory.models import Person, Source
from ronde.journal.models import JournalEntry
from tests import factories as f
from tests.accounts.asking import (
    OTHER_RPPS,
    RPPS,
    SECOND,
    Applicant,
    letters,
    link_to,
    only_request,
    registered,
)
from tests.notifications.worker import run_jobs
from tests.query_budget import budget
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
EMAIL = SECOND["email"]


@pytest.fixture(autouse=True)
def _no_throttle_left(db):
    cache.clear()


class Validator:
    """Somebody on duty, in front of the queue."""

    def __init__(self, given: str = "Agnès", duty: str = "administrator") -> None:
        self.user, self.web = f.user("VIDAL", given, duties=[duty]), Client()
        self.web.force_login(self.user)

    def read(self, name: str = "account_requests", *keys, **params) -> str:
        return self.web.get(reverse(f"console:{name}", args=keys), params).content.decode()

    def decide(self, name: str, asked: AccountRequest, **values):
        address = reverse(f"console:{name}", args=[asked.pk])
        return self.web.post(address, {"version": asked.version, **values})


@pytest.fixture
def validator() -> Validator:
    return Validator()


def asked_by_lina(**values) -> AccountRequest:
    Applicant().confirm(**values)
    run_jobs()
    return only_request()


def test_the_queue_shows_who_waits_for_how_long_and_not_who_has_not_verified_their_address(
    validator,
):
    Applicant().ask(email="jamais.verifiee@cabinet.example", family_name="Fantome")
    Applicant().confirm()
    html = validator.read()
    assert "MOREAU Lina" in html
    assert "aujourd’hui" in html
    assert "FANTOME" not in html


def test_the_queue_is_narrowed_by_words_and_origin(validator):
    asked_by_lina()
    assert "MOREAU Lina" in validator.read(q="moreau")
    assert "MOREAU Lina" in validator.read(q=RPPS)
    assert "MOREAU Lina" not in validator.read(q="dupont")
    assert "MOREAU Lina" not in validator.read(origine="colleague")


def test_the_queue_costs_the_same_for_one_line_and_for_twenty(validator):
    now = timezone.now()
    with as_owner():
        AccountRequest.objects.bulk_create(
            AccountRequest(
                kind="self",
                status="pending",
                family_name=f"NOM{n}",
                given_name="Lina",
                email=f"n{n}@cabinet.example",
                created_at=now,
                entered_at=now,
            )
            for n in range(20)
        )
    with budget("account_requests"):
        assert validator.read().count("NOM") == 20


def test_a_request_stands_beside_what_the_directory_says_and_beside_what_looks_like_it(validator):
    registered("MOREL", "Lina")
    f.user("MOREAU", "Lina")
    asked = asked_by_lina(keep_name="on")
    html = validator.read("account_request", asked.pk)
    assert "Le nom donné n’est pas celui de l’annuaire" in html
    assert "MOREL Lina" in html
    assert "différent" in html
    assert "compte existant" in html


def test_names_are_brought_together_whatever_the_accents(validator):
    f.user("LÉVÊQUE", "Zoé")
    asked = asked_by_lina(family_name="Leveque", given_name="Zoe")
    assert "compte existant" in validator.read("account_request", asked.pk)
    assert "LEVEQUE Zoe" in validator.read(q="zoé lévêque")


def test_accepting_opens_the_account_of_the_directorys_person_with_what_is_ticked(validator):
    who = registered()
    ticked, other = f.structure("SSIAD du Port"), f.structure("EHPAD Les Pins")
    asked = asked_by_lina(structure_1=str(ticked.pk), structure_2=str(other.pk))
    answer = validator.decide("accept_account", asked, structures=[str(ticked.pk)])
    assert answer.url == reverse("console:account_requests")
    user = User.objects.get(email=EMAIL)
    assert user.person_id == who.pk
    assert not user.has_usable_password()
    assert [one.structure_id for one in Attachment.objects.filter(user=user)] == [ticked.pk]
    run_jobs()
    form = Client().get(link_to(EMAIL), follow=True)
    assert "Nouveau mot de passe" in form.content.decode()
    with as_owner():
        line = JournalEntry.objects.get(event="AccountAccepted")
    assert line.user_id == validator.user.pk


def test_somebody_unknown_to_the_directory_enters_it_under_the_key_of_the_imports(validator):
    asked = asked_by_lina()
    validator.decide("accept_account", asked)
    person = User.objects.get(email=EMAIL).person
    assert person.pk == person_key("8", RPPS)
    assert (person.party.source, person.party.display_name) == (Source.LOCAL, "MOREAU Lina")
    assert person.profession_code == "G15:60"


def test_refusing_sends_the_reason_and_keeps_the_history(validator):
    asked = asked_by_lina()
    assert validator.decide("refuse_account", asked, reason="other").status_code == 422
    validator.decide("refuse_account", asked, reason="outside", text="Écrivez à la région voisine.")
    run_jobs()
    assert "Hors du périmètre de la région" in letters(EMAIL)[-1].body
    assert "région voisine" in letters(EMAIL)[-1].body
    assert not User.objects.filter(email=EMAIL).exists()
    html = validator.read("account_request", asked.pk)
    assert "Agnès VIDAL" in html
    with as_owner():
        states = list(RequestStep.objects.order_by("pk").values_list("status", flat=True))
    assert states == ["unverified", "pending", "refused"]


def test_what_is_missing_is_asked_by_a_link_that_serves_once(validator):
    asked = asked_by_lina()
    validator.decide("ask_more", asked, question="Quel est votre service ?")
    run_jobs()
    path = link_to(EMAIL)
    assert "Quel est votre service ?" in Client().get(path).content.decode()
    assert Client().post(path, {"answer": ""}).status_code == 422
    assert Client().post(path, {"answer": "Le service de soins"}).status_code == 200
    assert Client().post(path, {"answer": "Encore"}).status_code == 410
    again = only_request()
    assert (again.status, again.answer) == ("pending", "Le service de soins")
    assert "Le service de soins" in validator.read("account_request", asked.pk)
    run_jobs()
    assert len(letters(settings.SUPPORT_EMAIL)) == 2
    told = letters(EMAIL)[-1]
    assert told.subject == "Votre demande de compte Ronde"
    assert "vous recevrez sa décision" in told.body
    bell = validator.web.get(reverse("notifications:list")).content.decode()
    assert "Un complément demandé pour un compte est arrivé" in bell


def test_of_two_validators_one_wins_and_the_other_is_told(validator):
    asked = asked_by_lina()
    other = Validator("Théo", "support")
    other.decide("refuse_account", asked, reason="unknown")
    answer = validator.decide("accept_account", asked)
    assert answer.status_code == 409
    assert "Théo VIDAL a déjà traité cette demande" in answer.content.decode()
    assert not User.objects.filter(email=EMAIL).exists()


def test_a_decision_on_a_request_that_changed_since_it_was_read_is_refused(validator):
    asked = asked_by_lina()
    validator.decide("ask_more", asked, question="Votre service ?")
    asked.version = 99
    assert validator.decide("accept_account", asked).status_code == 409


def test_an_address_or_a_person_that_has_an_account_meanwhile_is_said(validator):
    who = registered()
    asked = asked_by_lina()
    with as_owner():
        User.objects.create_user("deja@cabinet.example", person=who, full_name="Lina MOREAU")
    answer = validator.decide("accept_account", asked)
    assert answer.status_code == 422
    assert "a déjà un compte" in answer.content.decode()


def test_support_validates_and_the_others_see_no_queue():
    asked_by_lina()
    assert "MOREAU Lina" in Validator("Théo", "support").read()
    for duty in ("identity_cell", "privacy_officer"):
        assert "MOREAU" not in Validator("Karim", duty).read()


# The super-user of a structure.


@pytest.fixture
def house():
    return f.structure("SSIAD du Port")


@pytest.fixture
def chief(house):
    who = f.user("PONS", "Irène", attached_to=house)
    with as_owner():
        Attachment.objects.filter(user=who).update(is_super_user=True)
    return who


def test_the_super_user_is_told_and_confirms_and_the_validator_finds_it_ticked(
    validator, house, chief
):
    f.user("EMPLOYE", "Paul", attached_to=house)
    asked = asked_by_lina(structure_1=str(house.pk))
    run_jobs()
    told = [one for one in mail.outbox if "rattachement" in one.subject]
    assert [one.to for one in told] == [[chief.email]]
    assert "MOREAU" not in told[0].body
    web = signed_in(chief, house.pk)
    html = web.get(reverse("accounts:attachment_requests")).content.decode()
    assert "Lina MOREAU" in html
    assert EMAIL not in html
    web.post(reverse("accounts:judge_attachment", args=[asked.pk, "confirmer"]))
    form = validator.read("accept_account", asked.pk)
    assert "confirmé par Irène PONS" in form
    assert "checked" in form


def test_nobody_else_reads_or_judges_who_asks_to_be_attached(house, chief):
    asked = asked_by_lina(structure_1=str(house.pk))
    employee = f.user("EMPLOYE", "Paul", attached_to=house)
    delegate = f.user("SECOND", "Rose")
    f.delegation(house, delegate)
    elsewhere = f.structure("EHPAD Les Pins")
    stranger = f.user("AUTRE", "Luc", attached_to=elsewhere)
    with as_owner():
        Attachment.objects.filter(user=stranger).update(is_super_user=True)
    for who, place in ((employee, house), (delegate, house), (stranger, elsewhere)):
        web = signed_in(who, place.pk)
        assert "MOREAU" not in web.get(reverse("accounts:attachment_requests")).content.decode()
        web.post(reverse("accounts:judge_attachment", args=[asked.pk, "confirmer"]))
    with as_owner():
        assert not asked.opinions.exists()


# The database by itself.


def test_the_database_shows_requests_to_validators_alone(validator):
    asked_by_lina()
    ordinary = f.user("ROUX", "Hugo")
    with acting(party_id=ordinary.person_id, user_id=ordinary.pk):
        assert not AccountRequest.objects.exists()
        assert not RequestStep.objects.exists()
    with acting(party_id=None, user_id=None):
        assert not AccountRequest.objects.exists()
    with acting(party_id=None, user_id=ordinary.pk, duty="post"):
        assert not AccountRequest.objects.exists()
    with acting(party_id=None, user_id=ordinary.pk, duty="administrator"):
        assert not AccountRequest.objects.exists()
    with acting(party_id=None, user_id=validator.user.pk, duty="administrator"):
        assert AccountRequest.objects.count() == 1


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "self", "status": "pending"},
        {"kind": "self", "status": "unverified", "decided_by": uuid4()},
        {"kind": "colleague", "status": "pending", "requester_user": uuid4()},
        {"kind": "colleague", "status": "accepted", "account_id": uuid4()},
    ],
)
def test_the_database_lets_nobody_enter_a_request_past_its_first_step(values):
    ordinary = f.user("ROUX", "Hugo")
    with (
        acting(party_id=ordinary.person_id, user_id=ordinary.pk),
        pytest.raises(ProgrammingError),
        transaction.atomic(),
    ):
        AccountRequest(family_name="X", given_name="Y", created_at=timezone.now(), **values).save(
            force_insert=True
        )


def test_nobody_rewrites_the_history_of_a_request(validator):
    asked_by_lina()
    with (
        acting(party_id=None, user_id=validator.user.pk, duty="administrator"),
        pytest.raises(ProgrammingError),
        transaction.atomic(),
    ):
        RequestStep.objects.update(by_name="Personne")


def test_a_number_taken_by_somebody_else_meanwhile_is_the_directorys(validator):
    asked = asked_by_lina(rpps=OTHER_RPPS)
    who = registered("MOREAU", "Lina", OTHER_RPPS)
    validator.decide("accept_account", asked)
    assert User.objects.get(email=EMAIL).person_id == who.pk
    assert Person.objects.filter(rpps=OTHER_RPPS).count() == 1
