"""The mails of a request, through a real mail server and a real worker."""

import pytest
from django.test import Client

from tests import factories as f
from tests.notifications.mailbox import HOST, Mailbox, free_port, serving
from tests.notifications.worker import deferred, make_due, run_worker

pytestmark = pytest.mark.django_db(transaction=True)
ASKED = {"category": "bug", "text": "La liste reste vide."}


@pytest.fixture
def port(settings) -> int:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = HOST, free_port()
    return settings.EMAIL_PORT


def ask() -> str:
    web, sophie = Client(), f.user("LAMBERT", "Sophie")
    web.force_login(sophie)
    web.post("/assistance/", ASKED)
    return sophie.email


def test_a_mail_server_that_is_down_delays_and_loses_nothing(port, settings):
    author = ask()
    run_worker()
    assert [job.attempts for job in deferred()] == [1, 1]
    box = Mailbox()
    with serving(box, port):
        make_due()
        run_worker()
        run_worker()
    assert sorted(box.addresses()) == sorted([settings.SUPPORT_EMAIL, author])
    assert not deferred()


def test_an_author_whose_address_is_refused_does_not_hold_the_request(port, settings):
    author = ask()
    box = Mailbox()
    box.refused = {author}
    with serving(box, port):
        run_worker()
    assert box.addresses() == [settings.SUPPORT_EMAIL]
    assert not deferred()
