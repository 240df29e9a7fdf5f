"""Signing in as people do: the form, the mail, the code."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from tests import factories as f

LOGIN, CODE, LOGOUT = "/connexion/", "/connexion/code/", "/deconnexion/"


@pytest.fixture(autouse=True)
def _no_throttle_left(db: None) -> None:
    cache.clear()


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


@pytest.fixture
def person() -> Person:
    return Person(f.user())
