"""A computer shared in a ward: a screen left alone is covered in every tab, and nothing is lost."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from ronde.accounts.models import Device, User
from tests import factories as f
from tests.e2e import axe
from tests.e2e.gestures import box, let_minutes_pass, type_identity
from tests.e2e.test_security import set_passkey, telephone

SEARCH = "/dossiers/nouveau/"
MINUTES = 5


@pytest.fixture(autouse=True)
def _lock(settings) -> None:
    settings.SESSION_IDLE_LOCK = MINUTES


def cover(page: Page):
    return page.get_by_role("alertdialog", name="Écran verrouillé")


def tabs_of(visitor, *addresses: str) -> list[Page]:
    """Tabs of one browser, whose clocks the test moves."""
    visitor.context.clock.install()
    pages = [visitor.page, *(visitor.context.new_page() for _ in addresses[1:])]
    for page, address in zip(pages, addresses, strict=True):
        page.goto(address)
    return pages


def leave_alone(user: User, page: Page, minutes: int = MINUTES) -> None:
    """Let the minutes pass, in every tab of this browser and for the server."""
    seen = timezone.now() - timedelta(minutes=minutes)
    Device.objects.filter(user=user).update(seen_at=seen)
    let_minutes_pass(page, minutes)


def uncover(page: Page) -> None:
    password = cover(page).get_by_label("Mot de passe")
    expect(password).to_be_focused()
    password.fill(f.PASSWORD)
    cover(page).get_by_role("button", name="Confirmer avec le mot de passe").click()


def test_a_screen_left_alone_is_covered_and_comes_back_as_it_was(visit, sophie):
    visitor = visit(sophie)
    page, other = tabs_of(visitor, SEARCH, "/file-active/")
    type_identity(page)
    leave_alone(sophie, page)
    expect(cover(page)).to_be_visible()
    expect(cover(other)).to_be_visible()
    expect(cover(page).get_by_label("Mot de passe")).to_be_focused()
    axe.check(page, "covered")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(cover(page)).to_be_visible()
    cover(page).get_by_label("Mot de passe").fill("pas le bon")
    cover(page).get_by_role("button", name="Confirmer avec le mot de passe").click()
    expect(cover(page).get_by_text("Mot de passe incorrect.")).to_be_visible()
    cover(page).get_by_label("Mot de passe").fill(f.PASSWORD)
    cover(page).get_by_role("button", name="Confirmer avec le mot de passe").click()
    expect(cover(page)).to_be_hidden()
    expect(cover(other)).to_be_hidden()
    expect(box(page, "Nom de naissance")).to_have_value("Marchetti")
    page.get_by_role("button", name="Rechercher si le patient est existant").click()
    expect(page.get_by_role("heading", name="Créer le patient")).to_be_visible()


def test_whoever_works_in_one_tab_keeps_the_others_open(visit, sophie):
    visitor = visit(sophie)
    page, other = tabs_of(visitor, SEARCH, "/file-active/")
    for _minute in range(MINUTES + 1):
        box(page, "Nom de naissance").press("a")
        leave_alone(sophie, page, minutes=1)
    expect(cover(page)).to_be_hidden()
    expect(cover(other)).to_be_hidden()


def test_a_covered_screen_that_is_loaded_again_shows_nothing(visit, sophie):
    visitor = visit(sophie)
    (page,) = tabs_of(visitor, SEARCH)
    leave_alone(sophie, page)
    expect(cover(page).get_by_label("Mot de passe")).to_be_focused()
    page.goto("/file-active/")
    expect(page).to_have_url(re.compile(r"/verrou/\?next=/file-active/"))
    axe.check(page, "locked")
    expect(page.get_by_text("LAMBERT")).to_have_count(0)
    page.get_by_label("Mot de passe").fill(f.PASSWORD)
    page.get_by_role("button", name="Confirmer avec le mot de passe").click()
    expect(page).to_have_url(visitor.base_url + "/file-active/")


def test_what_the_server_refuses_first_covers_the_page(visit, sophie):
    """The computer slept: the page believes that it is still open."""
    page = visit(sophie).page
    page.goto(SEARCH)
    type_identity(page)
    seen = timezone.now() - timedelta(minutes=MINUTES + 2)
    Device.objects.filter(user=sophie).update(seen_at=seen)
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Nom, date de naissance").fill("marchetti")
    uncover(page)
    expect(cover(page)).to_be_hidden()
    expect(box(page, "Nom de naissance")).to_have_value("Marchetti")


def choose_lock(page: Page) -> None:
    page.get_by_role("button", name="Changer de compte").click()
    page.get_by_role("button", name="Verrouiller").click()


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_one_locks_at_once_before_leaving_the_desk(visit, sophie, settings, phone):
    """The installation covers nothing by itself; in two clicks every tab is covered."""
    settings.SESSION_IDLE_LOCK = 0
    visitor = visit(sophie, phone=phone)
    page, other = visitor.page, visitor.context.new_page()
    page.goto(SEARCH)
    other.goto("/file-active/")
    type_identity(page)
    choose_lock(page)
    expect(cover(page)).to_be_visible()
    expect(cover(other)).to_be_visible()
    page.keyboard.press("Escape")
    uncover(page)
    expect(cover(page)).to_be_hidden()
    expect(cover(other)).to_be_hidden()
    expect(box(page, "Nom de naissance")).to_have_value("Marchetti")
    choose_lock(page)
    expect(cover(page).get_by_label("Mot de passe")).to_be_focused()
    other.goto("/profil/")
    expect(other).to_have_url(re.compile(r"/verrou/\?next=/profil/"))


def test_a_passkey_uncovers_the_screen(visit, sophie):
    visitor = visit(sophie)
    page = visitor.page
    with telephone(page):
        set_passkey(page)
        tabs_of(visitor, SEARCH)
        leave_alone(sophie, page)
        expect(cover(page)).to_be_visible()
        cover(page).get_by_role("button", name="Utiliser ma clé d’accès").click()
        expect(cover(page)).to_be_hidden()
        page.goto("/file-active/")
        expect(page.get_by_role("heading", name="File active")).to_be_visible()
