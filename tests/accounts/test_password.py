"""Choosing a password: by the link of a mail, or of the command that opens the first accounts."""

import io
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils.encoding import force_str
from procrastinate.contrib.django.models import ProcrastinateJob

from ronde.accounts import jobs
from ronde.accounts.models import User
from ronde.core.db.roles import as_owner
from tests import factories as f
from tests.accounts.conftest import LOGIN, Person, run_jobs

pytestmark = pytest.mark.django_db
RESET, DONE = "/mot-de-passe/", "/mot-de-passe/envoi/"
NEW = "une autre phrase de passe"


def ask(email: str) -> None:
    assert Client().post(RESET, {"email": email}).url == DONE


def send_mails() -> None:
    """Run what was deferred, as the worker would."""
    run_jobs()


def link() -> str:
    return re.search(r"https?://[^/]+(/\S+)", mail.outbox[-1].body).group(1)


def choose(path: str, password: str = NEW, again: str = NEW):
    web = Client()
    form = web.get(path)
    if form.status_code != 302:
        return form
    return web.post(form.url, {"password1": password, "password2": again})


def test_the_mailed_link_sets_a_password_that_opens_the_account(person):
    ask(person.user.email)
    send_mails()
    assert mail.outbox[0].to == [person.user.email]
    assert mail.outbox[0].subject.isascii()
    assert choose(link()).url == LOGIN
    send_mails()
    assert "vient d’être changé" in mail.outbox[1].body
    assert person.password(f.PASSWORD).status_code == 422
    person.password(NEW)
    assert person.code(person.mailed_code()).url == reverse("worklist:list")


def test_the_link_serves_once(person):
    path = jobs.password_link(person.user).partition("8000")[2]
    choose(path)
    answer = choose(path, "encore une autre phrase", "encore une autre phrase")
    assert "plus valable" in force_str(answer.content)
    assert person.password(NEW).url == "/connexion/code/"


def test_the_link_lasts_three_days(person):
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    with time_machine.travel(now, tick=False) as clock:
        path = jobs.password_link(person.user).partition("8000")[2]
        clock.shift(timedelta(days=3, seconds=2))
        assert "plus valable" in force_str(choose(path).content)


def test_the_key_does_not_stay_in_the_address(person):
    path = jobs.password_link(person.user).partition("8000")[2]
    assert Client().get(path).url.endswith("/set-password/")


def test_a_new_password_ends_the_open_sessions(person):
    person.sign_in()
    person.user.refresh_from_db()
    choose(jobs.password_link(person.user).partition("8000")[2])
    assert person.web.get("/profil/").status_code == 302


def test_an_unknown_address_gets_the_same_answer_and_no_mail(person):
    with as_owner():
        closed = f.user("CLOS", "Jean")
        closed.is_active = False
        closed.save()
    ask("personne@exemple.test")
    ask(closed.email)
    ask(person.user.email)
    assert ProcrastinateJob.objects.count() == 3
    send_mails()
    assert [message.to for message in mail.outbox] == [[person.user.email]]


def test_the_job_carries_no_address(person):
    ask(person.user.email)
    assert ProcrastinateJob.objects.get().args == {"user_id": str(person.user.pk)}


def test_asking_many_times_is_refused(person):
    for _time in range(3):
        ask(person.user.email)
    assert Client().post(RESET, {"email": person.user.email}).status_code == 429


@pytest.mark.parametrize(
    ("password", "again", "said"),
    [
        ("court", "court", "12 caractères"),
        ("motdepasse123", "motdepasse124", "deux fois"),
        ("1q2w3e4r5t6y", "1q2w3e4r5t6y", "trop courant"),
        ("", "", "obligatoire"),
    ],
)
def test_a_weak_password_is_refused_with_a_reason(person, password, again, said):
    path = jobs.password_link(person.user).partition("8000")[2]
    answer = choose(path, password, again)
    assert answer.status_code == 422
    assert said in force_str(answer.content)


@pytest.mark.parametrize("path", ["/mot-de-passe/abc/def/", f"/mot-de-passe/{'0' * 32}/x-y/"])
def test_a_link_made_up_is_told_so(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    assert "plus valable" in force_str(answer.content)


# The command.


def create(*arguments: str) -> str:
    out = io.StringIO()
    call_command("create_user", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_the_command_opens_an_account_that_its_holder_can_use():
    somebody = f.person("LEBLANC", "Marc")
    said = create("marc@exemple.test", "--rpps", somebody.rpps)
    choose(re.search(r"https?://[^/]+(/\S+)", said).group(1))
    person = Person(User.objects.get(email="marc@exemple.test"))
    assert person.user.full_name == "Marc LEBLANC"
    person.password(NEW)
    person.code(person.mailed_code())
    person.web.post("/conditions/")
    assert person.web.get("/profil/").wsgi_request.actor.party_id == somebody.pk


def test_the_command_attaches_to_structures_and_says_what_will_not_work():
    with as_owner():
        dac, practice = f.structure("DAC"), f.structure("Cabinet", legal_person=False)
        for number, one in (("830000001", dac), ("830000002", practice)):
            one.finess = number
            one.save()
    said = create(
        "dac@exemple.test", "--name", "Accueil DAC", "--structure", "830000001",
        "--structure", "830000002",
    )  # fmt: skip
    account = User.objects.get(email="dac@exemple.test")
    assert {one.structure_id for one in account.attachments.all()} == {dac.pk, practice.pk}
    assert "830000002" in said
    assert "830000001" not in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["pas une adresse"], "Saisissez"),
        (["a@exemple.test"], "--rpps"),
        (["a@exemple.test", "--name", "A"], "--structure"),
        (["a@exemple.test", "--rpps", "10000000000"], "RPPS number"),
        (["a@exemple.test", "--name", "A", "--structure", "000000000"], "FINESS number"),
    ],
)
def test_the_command_says_what_is_missing(arguments, said):
    with pytest.raises(CommandError, match=said):
        create(*arguments)
    assert not User.objects.exists()


def test_the_command_opens_no_second_account(person):
    with pytest.raises(CommandError, match="already has this address"):
        create(person.user.email.upper(), "--rpps", person.user.person.rpps)
    with pytest.raises(CommandError, match="already has an account"):
        create("autre@exemple.test", "--rpps", person.user.person.rpps)
