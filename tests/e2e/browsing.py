"""Somebody at a browser: what they open, and what goes wrong on their pages meanwhile."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, WebError

from ronde.accounts.models import User

DESKTOP: dict[str, Any] = {"viewport": {"width": 1366, "height": 768}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
# A screen of 1280 px enlarged four times (WCAG 1.4.10).
NARROW: Any = {"width": 320, "height": 256}
PATIENCE = 20_000  # Milliseconds before something awaited is missing.
# Chromium writes the CSP's refusals to the console too, but not all of them as errors.
TELL_CSP = """document.addEventListener("securitypolicyviolation", (event) =>
    console.error(`CSP: ${event.violatedDirective} refuses ${event.blockedURI}`))"""
# An answer 4xx is part of the product (422: the form again): the tests look at what it shows.
EXPECTED = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")
# Firefox says so of a request that ends because its page is left, and its driver of a frame that is
# shut away (sandbox).
PAGE_LEFT = re.compile(r"NetworkError when attempting to fetch resource")
NETWORK_DOWN = re.compile(r"net::ERR_INTERNET_DISCONNECTED|Failed to fetch|htmx:error")


def only_chromium(browser: Browser | None, does: str) -> None:
    """Leave the journey out in another browser: what it needs, only Chromium can play."""
    if browser is None or browser.browser_type.name != "chromium":
        pytest.skip(f"Only Chromium {does}.")


class Visitor:
    """One person with a browser of their own; `page` is their first tab."""

    def __init__(self, browser: Browser, base_url: str, *, phone: bool = False) -> None:
        self.base_url = base_url
        self.troubles: list[str] = []
        self._excused: list[re.Pattern[str]] = [EXPECTED]
        self._firefox = browser.browser_type.name == "firefox"
        if self._firefox:
            self.excuse(PAGE_LEFT)
        self.context = browser.new_context(
            base_url=base_url,
            locale="fr-FR",
            timezone_id="Europe/Paris",
            reduced_motion="reduce",
            **(PHONE if phone else DESKTOP),
        )
        self.context.set_default_timeout(PATIENCE)
        self.context.add_init_script(TELL_CSP)
        self.context.on("console", self._said)
        self.context.on("weberror", self._threw)
        self.context.on("response", self._answered)
        self.page: Page = self.context.new_page()

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(one.search(message.text) for one in self._excused):
            self.troubles.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _threw(self, error: WebError) -> None:
        if not (self._firefox and "recipient window’s origin (‘null’)" in str(error.error)):
            self.troubles.append(f"exception: {error.error}")

    def _answered(self, response: Response) -> None:
        missing = response.status >= 400 and settings.STATIC_URL in response.url
        if response.status >= 500 or missing:
            self.troubles.append(f"{response.status} {response.request.method} {response.url}")

    def signed_in(self, user: User) -> "Visitor":
        """Give this browser the session that the sign-in pages would have given."""
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        self.context.add_cookies(
            [{"name": name, "value": client.cookies[name].value, "url": self.base_url}]
        )
        return self

    def excuse(self, said: re.Pattern[str]) -> None:
        """What the browser says so in its console is no trouble."""
        self._excused.append(said)

    @contextmanager
    def without_network(self) -> Iterator[None]:
        """Cut the network for the block; what the browser itself says of it is no trouble."""
        self.excuse(NETWORK_DOWN)
        self.context.set_offline(True)
        try:
            yield
        finally:
            self.context.set_offline(False)

    def close(self) -> None:
        self.context.close()
