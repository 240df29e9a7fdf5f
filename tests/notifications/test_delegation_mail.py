"""A delegation by mail, from the request to the answer, through a real mail server."""

import re
from urllib.parse import urlsplit

import pytest
from django.db import transaction
from django.test import Client
from django.utils.encoding import force_str

from ronde.accounts import delegating
from ronde.core.context import acting
from ronde.directory.models import Party
from ronde.notifications.models import Notice
from tests import factories as f
from tests.notifications.mailbox import HOST, Mailbox, free_port, serving
from tests.notifications.worker import make_due, run_worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def port(settings) -> int:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = HOST, free_port()
    return settings.EMAIL_PORT


@pytest.fixture
def marc():
    return f.user("LEBLANC", "Marc")


@pytest.fixture
def ask(marc):
    nina = f.actor(f.user("PETIT", "Nina"))

    def act() -> None:
        with acting(party_id=nina.party_id, user_id=nina.user_id), transaction.atomic():
            delegating.ask(nina, Party.objects.get(pk=marc.person_id), ["records"])

    return act


def test_the_link_of_the_mail_leads_to_the_request(port, marc, ask):
    box = Mailbox()
    with serving(box, port):
        ask()
        run_worker()
    [received] = box.received
    assert received["To"] == marc.email
    assert received["Subject"].strip() == "Ronde : Vous avez une demande de délégation en attente"
    body = received.get_content()
    assert "Par : Nina PETIT" in body
    link = re.search(r"http://\S+", body).group()
    web = Client()
    web.force_login(marc)
    page = force_str(web.get(urlsplit(link).path).content)
    assert "PETIT Nina" in page
    assert "Accepter" in page


def test_a_server_that_is_down_delays_the_mail_and_not_the_bell(port, marc, ask):
    ask()
    run_worker()
    with acting(party_id=marc.person_id, user_id=marc.pk), transaction.atomic():
        assert Notice.objects.count() == 1
    box = Mailbox()
    with serving(box, port):
        make_due()
        run_worker()
    assert box.addresses() == [marc.email]
    with acting(party_id=marc.person_id, user_id=marc.pk), transaction.atomic():
        assert Notice.objects.count() == 1


def test_a_request_that_is_rolled_back_is_told_to_nobody(port, ask):
    box = Mailbox()
    with serving(box, port):
        with transaction.atomic():
            ask()
            transaction.set_rollback(True)
        run_worker()
    assert not box.received
