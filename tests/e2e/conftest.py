"""Journeys in a real browser, against a real server, database, worker and mail server."""

import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.signals import request_finished, request_started
from playwright.sync_api import Browser, expect, sync_playwright

from ronde.accounts.models import User
from ronde.patients.models import Patient
from tests import factories as f
from tests.e2e.browsing import PATIENCE, Visitor, only_chromium
from tests.e2e.post import Post
from tests.notifications.mailbox import HOST, Mailbox, free_port, serving

HERE = Path(__file__).parent
NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)
LAST_WORDS = 0.1  # Seconds for what a page being closed sends to reach the server.
# What Firefox's driver cannot play, or plays otherwise than a person: left to Chromium.
ONLY_CHROMIUM = {
    "print": ("test_print", "test_the_record_is_printed_on_a_page_of_its_own"),
    "a browser without script": ("test_without_script_the_form_sends_its_files_all_together",),
    "the focus of a window": (
        "test_one_locks_at_once_before_leaving_the_desk",
        "test_a_screen_left_alone_is_covered_and_comes_back_as_it_was",
        "test_the_focus_stays_in_the_dialog_and_comes_back_to_the_button",
    ),
    "typing over an address that is proposed": (
        "test_an_invited_colleague_signs_up_and_the_inviter_is_told",
        "test_a_nurse_asks_for_an_account_and_signs_in",
    ),
    "the name of an error": ("test_a_page_in_error_is_seen",),
}
VISITORS = pytest.StashKey[list[Visitor]]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            if "firefox" in os.environ.get("RONDE_BROWSER", ""):
                _leave_to_chromium(item)


def _leave_to_chromium(item: pytest.Item) -> None:
    for what, names in ONLY_CHROMIUM.items():
        if item.path.stem in names or item.name.split("[")[0] in names:
            item.add_marker(pytest.mark.skip(reason=f"Only Chromium plays {what}."))


def _found() -> str:
    asked = os.environ.get("RONDE_BROWSER")
    found = shutil.which(asked) if asked else next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(
            f"Chromium not found: apt-get install chromium (looked for {asked or NAMES[0]})"
        )
    return found


@pytest.fixture(scope="session")
def assets() -> None:
    """What the browser loads must be built."""
    folder = django_settings.BASE_DIR / "ronde/static/dist"
    missing = [one for one in ("app.css", "app.js", "htmx.js") if not (folder / one).exists()]
    if missing:
        pytest.fail(f"{', '.join(missing)} missing in {folder}: run `make assets`.", pytrace=False)


@pytest.fixture(scope="module")
def browser(assets: None) -> Iterator[Browser]:
    """A browser, for one module: while it runs, the event loop of this thread is Playwright's."""
    path = _found()
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        expect.set_options(timeout=PATIENCE)
        if "firefox" in Path(path).name:  # Debian's, as it is: by WebDriver BiDi.
            launched = playwright.firefox.launch(channel="moz-firefox", executable_path=path)
        else:
            launched = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def site(transactional_db: None, live_server: object, settings: object) -> str:
    """The address of the running site."""
    settings.SITE_URL = live_server.url
    return live_server.url


@pytest.fixture
def post(site: str, settings: object) -> Iterator[Post]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = HOST, free_port()
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    box = Mailbox()
    with serving(box, settings.EMAIL_PORT):
        yield Post(box)


class Traffic:
    """The requests that the server is answering."""

    def __init__(self) -> None:
        self.changed, self.pending = threading.Condition(), 0

    def begins(self, **kwargs: object) -> None:
        self._add(1)

    def ends(self, **kwargs: object) -> None:
        self._add(-1)

    def _add(self, number: int) -> None:
        with self.changed:
            self.pending += number
            self.changed.notify_all()

    def settle(self) -> None:
        """Wait for what a page sent while it was closing: the tables are emptied next."""
        time.sleep(LAST_WORDS)
        with self.changed:
            assert self.changed.wait_for(lambda: not self.pending, timeout=PATIENCE / 1000)


@pytest.fixture
def traffic() -> Iterator[Traffic]:
    seen = Traffic()
    request_started.connect(seen.begins)
    request_finished.connect(seen.ends)
    yield seen
    request_started.disconnect(seen.begins)
    request_finished.disconnect(seen.ends)


@pytest.fixture
def visit(
    request: pytest.FixtureRequest, browser: Browser, site: str, post: Post, traffic: Traffic
) -> Iterator[Callable[..., Visitor]]:
    """`visit(user)` is somebody signed in at a browser, `visit()` somebody who is not yet.

    At the end of the test, an error in their console or a refusal of the CSP fails it.
    """
    visitors = request.node.stash[VISITORS] = []

    def arrive(user: object = None, *, phone: bool = False, at: str = site) -> Visitor:
        if phone:
            only_chromium(browser, "plays a phone")
        visitor = Visitor(browser, at, phone=phone)
        visitors.append(visitor)
        return visitor.signed_in(user) if user else visitor

    yield arrive
    for visitor in visitors:
        visitor.close()
    traffic.settle()
    troubles = [trouble for visitor in visitors for trouble in visitor.troubles]
    assert not troubles, "\n".join(troubles)


@pytest.fixture
def sophie(site: str) -> User:
    """The coordinator."""
    return f.user("LAMBERT", "Sophie")


@pytest.fixture
def marc(site: str) -> User:
    """The GP."""
    return f.user("LEBLANC", "Marc")


@pytest.fixture
def record(sophie: User) -> Patient:
    """Jeanne MARCHETTI's record, opened by Sophie."""
    return f.patient(f.actor(sophie))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Say of a failed journey what its pages looked like."""
    report = yield
    if report.when == "call" and report.failed:
        report.sections.append(("pages", "\n".join(_photographs(item))))
    return report


def _photographs(item: pytest.Item) -> Iterator[str]:
    folder = django_settings.STATE_DIR / "e2e"
    folder.mkdir(parents=True, exist_ok=True)
    pages = [page for visitor in item.stash.get(VISITORS, []) for page in visitor.context.pages]
    for number, page in enumerate(pages, 1):
        path = folder / f"{item.name}-{number}.png"
        page.screenshot(path=path)
        yield f"{page.url}: {path}"
    for visitor in item.stash.get(VISITORS, []):
        yield from visitor.troubles
