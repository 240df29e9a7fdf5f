"""What people do again and again: sign in, type an identity, choose in a list."""

import re
from datetime import timedelta
from importlib import import_module

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from ronde.accounts.models import User
from ronde.accounts.session import STARTED
from tests import factories as f
from tests.e2e.keyboard import RING
from tests.e2e.post import Post

JEANNE = {
    "Nom de naissance": "Marchetti",
    "1er prénom de naissance": "Jeanne",
    "Date de naissance": "12/03/1942",
}
TOWN = "La Seyne-sur-Mer"
MOST_TABS = 60
# The calendar that a browser puts in the box of a date shows its focus by itself.
SEEN = f"e => e.matches('[type=date]') || ({RING})(e)"


def sign_in(page: Page, user: User, post: Post) -> None:
    """Give the password, then the code that arrives by mail."""
    give_password(page, user)
    give_code(page, user, post)


def give_password(page: Page, user: User) -> None:
    page.get_by_label("Adresse e-mail").fill(user.email)
    page.get_by_label("Mot de passe").fill(f.PASSWORD)
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_label("Code reçu par e-mail")).to_be_focused()


def give_code(page: Page, user: User, post: Post) -> None:
    code = page.get_by_label("Code reçu par e-mail")
    expect(code).to_be_visible()  # The letter is written by then.
    code.fill(post.code(user.email))
    page.get_by_role("button", name="Se connecter").click()
    expect(code).to_have_count(0)


def box(page: Page | Locator, label: str) -> Locator:
    """The text box of exactly that name: « Nom de naissance » ends other names too."""
    return page.get_by_role("textbox", name=label, exact=True)


def choose(page: Page, label: str, typed: str, option: str) -> None:
    """Type in a list that searches, and take one of its answers by the keyboard."""
    field = page.get_by_role("combobox", name=label).filter(visible=True)
    field.press_sequentially(typed)
    found = page.get_by_role("option", name=option)
    expect(found.first).to_be_visible()
    while found.first.get_attribute("aria-selected") != "true":
        field.press("ArrowDown")
    field.press("Enter")
    expect(field).to_have_value(re.compile(f"^{re.escape(option)}"))


def type_identity(page: Page, *, town: str = TOWN, **other: str) -> None:
    """Fill the five traits of the search."""
    for label, value in {**JEANNE, **other}.items():
        box(page, label).fill(value)
    page.get_by_label("Sexe").select_option("F")
    choose(page, "Commune de naissance", town, town)


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until `wanted` has the focus; each stop on the way shows that it has it. After the
    last comes the window, once, then the first.
    """
    turned = False
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        here = page.evaluate_handle("document.activeElement")
        if not turned and here.evaluate("e => e === document.body"):
            turned = True
            continue
        assert here.evaluate(SEEN), f"no focus seen on {here.evaluate('e => e.outerHTML')[:200]}"
        if wanted.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"{wanted} is not reached by {MOST_TABS} tabs")


def act_for(page: Page, name: str) -> None:
    """Act in one's own name, a structure's or a delegator's, and see that one does."""
    page.get_by_role("button", name="Changer de compte").click()
    page.get_by_role("group", name="Agir pour").get_by_role("button", name=name).click()
    expect(page.locator("#menu-qui [aria-current]", has_text=name)).to_have_count(1)


def let_minutes_pass(page: Page, minutes: float) -> None:
    """Move the clocks of all the tabs of this browser, which the test has installed."""
    # Minutes pass in an instant here: an answer on its way would seem to have been lost.
    for tab in page.context.pages:
        expect(tab.locator("#signaux.htmx-request")).to_have_count(0)
        tab.evaluate("document.getElementById('signaux')?.remove()")
    page.context.clock.run_for(int(minutes * 60_000) + 5_000)


def let_time_pass(user: User, *, left: timedelta) -> None:
    """Move the start of the person's sessions so that they end after `left`."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    started = timezone.now() - settings.SESSION_MAX_AGE + left
    for row in Session.objects.all():
        session = store(row.session_key)
        if session.get("_auth_user_id") == str(user.pk):
            session[STARTED] = started.isoformat()
            session.save()


# What a person clicks, keys apart, and the dialogs that open on the way; a page that changes does
# not start the count again.
COUNT = """addEventListener("click", (event) => {
    if (!event.isTrusted || !event.detail) return;
    sessionStorage.clicks = Number(sessionStorage.clicks ?? 0) + 1;
}, true)
const show = HTMLDialogElement.prototype.showModal
HTMLDialogElement.prototype.showModal = function () {
    sessionStorage.dialogs = Number(sessionStorage.dialogs ?? 0) + 1
    show.call(this)
}"""


def clicks(page: Page) -> int:
    """How many there were in this tab, once `COUNT` was put in its context."""
    return page.evaluate("Number(sessionStorage.clicks ?? 0)")


def dialogs(page: Page) -> int:
    """How many opened in this tab, once `COUNT` was put in its context."""
    return page.evaluate("Number(sessionStorage.dialogs ?? 0)")
