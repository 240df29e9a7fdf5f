"""From nothing to an account: asking for one, being invited, being asked for by a colleague."""

import re

import pytest
from playwright.sync_api import Page, expect

from ronde.accounts.models import User
from tests import factories as f
from tests.accounts.asking import RPPS
from tests.e2e.axe import check
from tests.e2e.directory import GP, NURSE, bring_in
from tests.e2e.gestures import box, choose, sign_in

ANNE = "anne.leblanc-morel@cabinet.example"
# The same nurse under an invented number whose key is right, as the form asks.
NURSE_RPPS = RPPS
ANNE_LINE = {
    **NURSE,
    "Identifiant PP": RPPS,
    "Identification nationale PP": f"8{RPPS}",
}


@pytest.fixture
def theo(site) -> User:
    """The support."""
    return f.user("GARNIER", "Théo", duties=["support"])


def say_function(page: Page, rpps: str = NURSE_RPPS) -> None:
    page.get_by_label("Profession enregistrée").check()
    page.get_by_label("Profession", exact=False).and_(page.locator("select")).select_option(
        "G15:60"
    )
    box(page, "Numéro RPPS").fill(rpps)
    page.get_by_role("button", name="Continuer").click()


def say_contact(page: Page, email: str = ANNE) -> None:
    page.get_by_label("Madame").check()
    page.get_by_label("Adresse e-mail professionnelle").fill(email)
    page.get_by_label("Téléphone").fill("06 39 98 12 34")


def send(page: Page) -> None:
    page.get_by_role("button", name="Envoyer ma demande").click()
    expect(page.get_by_role("heading", name="Vérifiez votre messagerie")).to_be_visible()


def confirm(page: Page, post, email: str = ANNE) -> None:
    page.goto(post.link(email))
    page.get_by_role("button", name="Confirmer mon adresse").click()
    expect(page.get_by_role("heading", name="Demande transmise")).to_be_visible()


def accept(page: Page, name: str) -> None:
    """From the menu to the open account."""
    page.goto("/console/")
    page.get_by_role("link", name="Comptes à valider").first.click()
    page.get_by_role("link", name=name).click()
    check(page, "request for an account")
    page.get_by_role("link", name="Accepter", exact=True).click()
    dialog = page.get_by_role("dialog", name="Ouvrir le compte")
    check(page, "accept dialog")
    dialog.get_by_role("button", name="Ouvrir le compte").click()
    expect(page.get_by_text("le lien de mot de passe part par e-mail")).to_be_visible()


def choose_password_and_sign_in(page: Page, post, email: str) -> None:
    letter = next(
        mail for mail in reversed(post.letters(email)) if "/mot-de-passe/" in mail.get_content()
    )
    page.goto(re.search(r"https?://\S+", letter.get_content()).group())
    page.get_by_label("Nouveau mot de passe").fill(f.PASSWORD)
    page.get_by_label("Le même, une seconde fois").fill(f.PASSWORD)
    page.get_by_role("button", name="Enregistrer").click()
    sign_in(page, User.objects.get(email=email), post)
    page.get_by_role("button", name="J’accepte").click()
    expect(page).to_have_url(re.compile("/file-active/"))


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_a_nurse_asks_for_an_account_and_signs_in(visit, post, theo, tmp_path, phone):
    bring_in(tmp_path, GP, ANNE_LINE)
    f.structure("SSIAD du Port")
    page = visit(phone=phone).page
    page.goto("/connexion/")
    page.get_by_role("link", name="Demande d’inscription").click()
    check(page, "sign-up, first step")
    say_function(page, rpps="98000000013")
    expect(page.get_by_text("sa clé est fausse").first).to_be_visible()
    say_function(page)
    expect(page.get_by_text("CABINET INFIRMIER DU PORT").first).to_be_visible()
    check(page, "sign-up, second step")
    say_contact(page, email="anne")
    choose(page, "Structure de rattachement souhaitée", "ssiad", "SSIAD du Port")
    page.get_by_role("button", name="Envoyer ma demande").click()
    expect(page.get_by_text("il manque l'arobase").first).to_be_visible()
    say_contact(page)
    send(page)
    confirm(page, post)
    accept(visit(theo).page, "LEBLANC-MOREL Anne")
    choose_password_and_sign_in(page, post, ANNE)


def test_an_invited_colleague_signs_up_and_the_inviter_is_told(visit, post, sophie, theo, tmp_path):
    bring_in(tmp_path, GP, ANNE_LINE)
    inviter = visit(sophie).page
    inviter.goto("/profil/")
    inviter.get_by_role("link", name="Inviter un confrère").click()
    dialog = inviter.get_by_role("dialog", name="Inviter un confrère à utiliser l’application")
    check(inviter, "invitation")
    dialog.get_by_label("Adresses e-mail").fill(f"{ANNE}, faux@")
    dialog.get_by_role("button", name="Envoyer").click()
    expect(dialog.get_by_text("invitation envoyée")).to_be_visible()
    expect(dialog.get_by_label("Adresses e-mail")).to_have_value("faux@")
    guest = visit().page
    guest.goto(post.link(ANNE))
    expect(guest.get_by_text("Vous êtes invité(e) par Sophie LAMBERT.")).to_be_visible()
    say_function(guest)
    expect(guest.get_by_label("Adresse e-mail professionnelle")).to_have_value(ANNE)
    say_contact(guest)
    send(guest)
    confirm(guest, post)
    accept(visit(theo).page, "LEBLANC-MOREL Anne")
    assert "s'est inscrit" in post.last(sophie.email)["Subject"]
    assert "Anne LEBLANC-MOREL" in post.last(sophie.email).get_content()
    inviter.goto("/invitations/")
    expect(inviter.get_by_text("compte créé")).to_be_visible()
    check(inviter, "my invitations")


def test_a_colleague_asked_for_from_the_circle_sees_the_record(
    visit, post, sophie, theo, record, tmp_path
):
    bring_in(tmp_path, GP, ANNE_LINE)
    page = visit(sophie).page
    page.goto(f"/dossiers/{record.pk}/cercle/")
    page.get_by_role("link", name="Ajouter un professionnel ou un aidant", exact=True).click()
    dialog = page.get_by_role("dialog", name="Ajouter au cercle de soins")
    field = dialog.get_by_role("combobox", name=re.compile("RPPS"))
    field.press_sequentially("anne leblanc")
    dialog.get_by_role("option", name=re.compile("LEBLANC-MOREL")).click()
    dialog.get_by_role("switch", name="Habilité").check()
    dialog.get_by_role("switch", name="Demander la création de son compte").check()
    box(dialog, "E-mail (facultatif)").fill(ANNE)
    check(page, "account asked for from the circle")
    dialog.get_by_role("button", name="Ajouter au cercle", exact=True).click()
    expect(page.get_by_text("Son compte est demandé.")).to_be_visible()
    expect(page.get_by_text("compte demandé", exact=True)).to_be_visible()
    accept(visit(theo).page, "LEBLANC-MOREL Anne")
    anne = visit().page
    choose_password_and_sign_in(anne, post, ANNE)
    anne.get_by_role("link", name=re.compile("MARCHETTI")).first.click()
    expect(anne.get_by_role("heading", name=re.compile("MARCHETTI"))).to_be_visible()


def test_somebody_who_is_not_found_is_asked_for_by_hand_and_takes_the_place_of_the_line(
    visit, post, sophie, theo, record
):
    lea = "lea.petit@cabinet.example"
    page = visit(sophie).page
    page.goto(f"/dossiers/{record.pk}/cercle/")
    page.get_by_role("link", name="Ajouter un professionnel ou un aidant", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("link", name="Demander la création de son compte").click()
    box(dialog, "Nom").fill("Petit")
    box(dialog, "Prénom").fill("Léa")
    dialog.get_by_role("button", name="Ajouter la personne").click()
    expect(dialog.get_by_text("l’annuaire en a besoin").first).to_be_visible()
    box(dialog, "Ville").fill("Toulon")
    dialog.get_by_label("Profession", exact=True).select_option("G15:60")
    box(dialog, "E-mail").fill(lea)
    box(dialog, "Description (facultatif)").fill("Pansements")
    dialog.get_by_role("button", name="Ajouter la personne").click()
    expect(page.get_by_text("compte demandé", exact=True)).to_be_visible()
    accept(visit(theo).page, "PETIT Léa")
    newcomer = visit().page
    choose_password_and_sign_in(newcomer, post, lea)
    newcomer.get_by_role("link", name=re.compile("MARCHETTI")).first.click()
    expect(newcomer.get_by_role("heading", name=re.compile("MARCHETTI"))).to_be_visible()
    page.reload()
    row = page.get_by_role("row", name=re.compile("PETIT Léa"))
    expect(row).to_contain_text("Pansements")
    expect(row).to_contain_text("Habilité")
