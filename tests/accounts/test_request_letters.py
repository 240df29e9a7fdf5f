"""The letters about requests: the worker of production and a mail server that comes and goes."""

import pytest
from django.core.cache import cache

from tests.accounts.asking import SECOND, Applicant, only_request
from tests.notifications.mailbox import HOST, Mailbox, free_port, serving
from tests.notifications.worker import deferred, make_due, run_worker

pytestmark = pytest.mark.django_db(transaction=True)
EMAIL = SECOND["email"]


@pytest.fixture
def port(settings, transactional_db) -> int:
    cache.clear()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = HOST, free_port()
    return settings.EMAIL_PORT


def test_a_mail_server_that_is_down_delays_a_letter_and_loses_none(port):
    Applicant().ask()
    run_worker()
    assert [job.task_name for job in deferred()] == ["accounts.write_about_request"]
    box = Mailbox()
    with serving(box, port):
        make_due()
        run_worker()
    assert box.addresses() == [EMAIL]
    assert deferred() == []


def test_a_letter_leaves_once_and_does_not_show_the_key_of_its_link(port):
    Applicant().ask()
    asked = only_request()
    box = Mailbox()
    with serving(box, port):
        run_worker()
        run_worker()
    assert len(box.received) == 1
    assert str(asked.link) not in box.received[0].get_content()


def test_a_job_holds_no_name_and_no_address(port):
    Applicant().ask()
    (job,) = deferred()
    said = str(job.args)
    assert EMAIL not in said
    assert "MOREAU" not in said.upper()
