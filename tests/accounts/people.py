"""Somebody at a browser, with their mailbox; and the worker that sends the mails."""

import re

from django.core import mail
from django.db import connection
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from ronde.accounts import jobs
from ronde.core.db.roles import as_owner
from tests import factories as f

LOGIN, CODE, LOGOUT = "/connexion/", "/connexion/code/", "/deconnexion/"


def run_jobs() -> None:
    """Do what was deferred, once each, as the worker would."""
    with as_owner():
        waiting = list(ProcrastinateJob.objects.filter(status="todo").order_by("id"))
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs")
    for job in waiting:
        getattr(jobs, job.task_name.rpartition(".")[2])(**job.args)


class Person:
    """Somebody at a browser, with their mailbox."""

    def __init__(self, user, client: Client | None = None) -> None:
        self.user, self.web = user, client or Client()

    def password(self, password: str = f.PASSWORD, **more):
        return self.web.post(LOGIN, {"login": self.user.email, "password": password, **more})

    def code(self, code: str, **more):
        return self.web.post(CODE, {"code": code, "action": "verify", **more})

    def mailed_code(self) -> str:
        return re.search(r"\b\d{6}\b", mail.outbox[-1].body).group()

    def sign_in(self, **more):
        self.password(**more)
        return self.code(self.mailed_code())

    def signed_in(self) -> bool:
        return "_auth_user_id" in self.web.session
