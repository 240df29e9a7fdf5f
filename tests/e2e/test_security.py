"""What opens an account, set and used in the browser: app, passkey, recovery code, sessions."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page, expect

from ronde.accounts.models import User
from tests import factories as f
from tests.e2e import axe
from tests.e2e.browsing import Visitor, only_chromium
from tests.e2e.gestures import sign_in

SECURITY = "/profil/securite/"
DISPLAYED = "Code affiché par l'application"
CODE = "Code de l'application, ou code de secours"


def app_code(secret: str, *, step: int = 0) -> str:
    return format_hotp_value(hotp_value(secret.replace(" ", ""), int(time.time()) // 30 + step))


def open_page(page: Page, heading: str, link: str) -> None:
    """Follow a link of «Sécurité», giving the password when it is asked for."""
    page.goto(SECURITY)
    page.get_by_role("link", name=link).click()
    title = page.get_by_role("heading", level=1)
    expect(title).to_have_text(re.compile(f"{heading}|Confirmez que c’est vous"))
    if title.text_content() != heading:
        page.get_by_label("Mot de passe").fill(f.PASSWORD)
        page.get_by_role("button", name="Confirmer avec le mot de passe").click()
    expect(title).to_have_text(heading)


def set_app(page: Page) -> str:
    open_page(page, "Application d’authentification", "Ajouter une application")
    expect(page.get_by_role("img", name="Code à scanner")).to_be_visible()
    page.get_by_text("Je ne peux pas scanner").click()
    secret = page.locator("code").text_content()
    page.get_by_label(DISPLAYED).fill(app_code(secret))
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("heading", name="Codes de secours")).to_be_visible()
    return secret


def password_then(page: Page, user: User) -> None:
    page.goto("/connexion/")
    page.get_by_label("Adresse e-mail").fill(user.email)
    page.get_by_label("Mot de passe").fill(f.PASSWORD)
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("heading", name="Seconde étape")).to_be_visible()


def test_sophie_sets_an_app_and_signs_in_with_it(visit, sophie, post):
    page = visit(sophie).page
    page.goto("/profil/")
    page.get_by_role("main").get_by_role("link", name="Sécurité").click()
    expect(page.get_by_role("heading", name="Sécurité")).to_be_visible()
    axe.check(page, "security, nothing set")
    page.get_by_role("link", name="Ajouter une application").click()
    axe.check(page, "proof")
    open_page(page, "Application d’authentification", "Ajouter une application")
    axe.check(page, "app")
    secret = set_app(page)
    axe.check(page, "recovery codes")
    page.get_by_role("link", name="Je les ai gardés").click()
    expect(page.get_by_role("heading", name="Sécurité")).to_be_visible()
    axe.check(page, "security, app set")
    assert "application" in post.last(sophie.email)["Subject"]
    other = visit().page
    password_then(other, sophie)
    axe.check(other, "second step")
    other.get_by_label(CODE).fill("000000")
    other.get_by_role("button", name="Se connecter").click()
    expect(other.locator(".recap-err")).to_be_focused()
    # The code of enrolment is spent: the next one is taken a step early.
    other.get_by_label(CODE).fill(app_code(secret, step=1))
    other.get_by_role("button", name="Se connecter").click()
    expect(other).to_have_url(re.compile("/file-active/"))


def test_a_recovery_code_replaces_a_lost_telephone(visit, sophie):
    page = visit(sophie).page
    set_app(page)
    kept = page.locator(".codes li").first.text_content()
    phone = visit(phone=True).page
    password_then(phone, sophie)
    phone.get_by_label(CODE).fill(kept)
    phone.get_by_role("button", name="Se connecter").click()
    expect(phone).to_have_url(re.compile("/file-active/"))
    phone.goto(SECURITY)
    expect(phone.get_by_text("Il reste 9 codes.")).to_be_visible()


@contextmanager
def telephone(page: Page) -> Iterator[None]:
    """A passkey of the browser's own, that answers at once (CDP WebAuthn)."""
    only_chromium(page.context.browser, "holds a passkey")
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    cdp.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    yield
    cdp.send("WebAuthn.disable")


def set_passkey(page: Page) -> None:
    open_page(page, "Nouvelle clé d’accès", "Ajouter une clé d’accès")
    page.get_by_label("Nom de cette clé").fill("Mon téléphone")
    page.get_by_role("button", name="Créer la clé").click()
    expect(page.get_by_role("heading", name="Codes de secours")).to_be_visible()


def test_sophie_signs_in_with_a_passkey_alone_then_removes_it(visit, sophie):
    page = visit(sophie).page
    with telephone(page):
        set_passkey(page)
        page.goto(SECURITY)
        expect(page.get_by_text("Mon téléphone")).to_be_visible()
        axe.check(page, "security, passkey set")
        page.get_by_role("button", name="Se déconnecter").first.click()
        expect(page.get_by_role("heading", name="Connexion")).to_be_visible()
        axe.check(page, "sign-in with a passkey")
        page.get_by_role("button", name="Se connecter avec une clé d’accès").click()
        expect(page).to_have_url(re.compile("/file-active/"))
        password = visit().page
        with telephone(password):
            password_then(password, sophie)
            axe.check(password, "second step, passkey")
            password.get_by_role("button", name="Utiliser ma clé d’accès").click()
            expect(password.get_by_role("alert")).to_contain_text("Aucune clé d’accès")
        page.goto(SECURITY)
        page.get_by_role("link", name="Retirer la clé Mon téléphone").click()
        page.get_by_role("button", name="Utiliser ma clé d’accès").click()
        expect(page.get_by_text("codes de secours seront effacés")).to_be_visible()
        axe.check(page, "removal")
        page.get_by_role("button", name="Retirer").click()
        expect(page.get_by_text("Votre clé d'accès est retirée.")).to_be_visible()


def test_a_passkey_already_there_is_told(visit, sophie):
    page = visit(sophie).page
    with telephone(page):
        set_passkey(page)
        page.goto("/profil/securite/cles/")
        page.get_by_role("button", name="Créer la clé").click()
        expect(page.get_by_role("alert")).to_contain_text("a déjà une clé")


def test_sophie_closes_the_session_that_she_left_open_elsewhere(visit, sophie, post):
    forgotten: Visitor = visit(sophie, phone=True)
    forgotten.page.goto("/file-active/")
    page = visit().page
    page.goto("/connexion/")
    sign_in(page, sophie, post)
    page.goto(SECURITY)
    sessions = page.get_by_role("table", name="Sessions ouvertes")
    expect(sessions.get_by_role("row")).to_have_count(3)
    page.get_by_role("link", name="Fermer la session").click()
    page.get_by_label("Mot de passe").fill(f.PASSWORD)
    page.get_by_role("button", name="Confirmer avec le mot de passe").click()
    expect(page.get_by_role("heading", name="Fermer cette session ?")).to_be_visible()
    page.get_by_role("button", name="Fermer la session").click()
    expect(page.get_by_text("1 session fermée.")).to_be_visible()
    expect(sessions.get_by_role("row")).to_have_count(2)
    forgotten.page.reload()
    expect(forgotten.page.get_by_role("heading", name="Connexion")).to_be_visible()


@pytest.mark.parametrize("phone", [False, True])
def test_sophie_changes_her_password(visit, sophie, phone):
    page = visit(sophie, phone=phone).page
    page.goto(SECURITY)
    page.get_by_role("link", name="Changer le mot de passe").click()
    axe.check(page, "password")
    page.get_by_label("Mot de passe actuel").fill(f.PASSWORD)
    page.get_by_label("Nouveau mot de passe").fill("une autre phrase de passe")
    page.get_by_label("Le même, une seconde fois").fill("une autre phrase de passe")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Votre nouveau mot de passe est enregistré.")).to_be_visible()
