"""Mails for real: a server that speaks SMTP, and the page that shows what it kept."""

import asyncio
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.utils.encoding import force_str

from tests import factories as f
from tests.accounts.conftest import CODE, LOGIN
from tools.run import mail_server

pytestmark = pytest.mark.django_db
MAILS = "/dev/mails"


@pytest.fixture
def folder(tmp_path: Path, settings) -> Path:
    settings.DEV_MAILS_DIR = str(tmp_path)
    return tmp_path


@pytest.fixture
def smtp(folder: Path, settings) -> Iterator[Path]:
    """The mail server of `make run`, in a thread of its own."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(mail_server(folder, 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = server.sockets[0].getsockname()[1]
    yield folder
    loop.call_soon_threadsafe(server.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()


def write(folder: Path, name: str, text: str) -> None:
    (folder / f"{name}.eml").write_bytes(text.encode())


def test_the_code_goes_out_by_smtp_and_is_read_in_the_browser(client, smtp):
    account = f.user()
    client.post(LOGIN, {"login": account.email, "password": f.PASSWORD})
    reader = Client()
    listed = force_str(reader.get(MAILS).content)
    assert account.email in listed
    assert "Votre code de connexion Ronde" in listed
    opened = force_str(reader.get(re.search(r'href="(/dev/mails/[^"]+)"', listed).group(1)).content)
    code = re.search(r"\b\d{6}\b", opened).group()
    assert client.post(CODE, {"code": code, "action": "verify"}).url == "/file-active/"


def test_the_newest_mail_comes_first(client, folder):
    write(folder, "20261121T090000000000-aaaaaa", "Subject: premier\n\nun")
    write(folder, "20261121T100000000000-bbbbbb", "Subject: second\n\ndeux")
    (folder / "brouillon.part").write_text("à moitié", encoding="utf-8")
    page = force_str(client.get(MAILS).content)
    assert page.index("second") < page.index("premier")
    assert page.count('href="/dev/mails/') == 2


def test_an_empty_folder_says_so(client, folder):
    assert "Aucun mail" in force_str(client.get(MAILS).content)


def test_what_a_mail_holds_is_text(client, folder):
    write(folder, "a", "Subject: <script>alert(1)</script>\n\n<script>alert(2)</script>")
    for address in (MAILS, f"{MAILS}/a"):
        page = force_str(client.get(address).content)
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_a_link_of_a_mail_can_be_followed(client, folder):
    write(folder, "a", "Subject: lien\n\nhttp://127.0.0.1:8000/mot-de-passe/abc/def/\n")
    page = force_str(client.get(f"{MAILS}/a").content)
    assert 'href="http://127.0.0.1:8000/mot-de-passe/abc/def/"' in page


@pytest.mark.parametrize(
    "name", ["inconnu", "../secret", "..%2Fsecret", "%2e%2e/secret", "secret.eml", "a%00"]
)
def test_only_the_mails_of_the_folder_are_read(client, folder, name):
    (folder.parent / "secret.eml").write_text("Subject: secret\n\nsecret", encoding="utf-8")
    answer = client.get(f"{MAILS}/{name}")
    assert answer.status_code == 404


@pytest.mark.parametrize("setting", [None, ""])
def test_a_real_installation_shows_no_mail(client, settings, setting):
    settings.DEV_MAILS_DIR = setting
    assert client.get(MAILS).status_code == 404
    assert client.get(f"{MAILS}/a").status_code == 404
