"""The main job, from the first sign-in of the coordinator to the GP who reads the record."""

import re
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from ronde.accounts.models import User
from ronde.core.db.roles import as_owner
from ronde.directory.models import Person
from tests import factories as f
from tests.e2e.axe import check
from tests.e2e.directory import GP, NURSE, bring_in
from tests.e2e.gestures import give_code, give_password, sign_in, type_identity


@pytest.fixture
def coordinator(site):
    """Sophie LAMBERT, who signs in for the first time."""
    return f.user("LAMBERT", "Sophie", terms=False)


@pytest.fixture
def gp(site, tmp_path):
    """Marc LEBLANC, known by the national directory, who has an account."""
    bring_in(tmp_path, GP, NURSE)
    person = Person.objects.get(rpps=GP["Identifiant PP"])
    with as_owner():
        account = User.objects.create_user(
            email="marc.leblanc@exemple.test",
            password=f.PASSWORD,
            person=person,
            full_name="Marc LEBLANC",
        )
        f.TermsAcceptance.objects.create(user=account, version=f.TERMS)
    return account


def create_the_record(page: Page) -> None:
    page.get_by_role("link", name="Créer un nouveau patient").click()
    type_identity(page)
    page.get_by_role("button", name="Rechercher si le patient est existant").click()
    expect(page.get_by_role("heading", name="Créer le patient", level=1)).to_be_visible()
    page.get_by_label("L'usager / patient lui-même").check()
    page.get_by_role("button", name="Créer le patient").click()
    expect(page.locator(".recap-err")).to_contain_text("sans son consentement")
    page.get_by_label(re.compile("J'atteste que le patient est consentant")).check()
    page.get_by_role("button", name="Créer le patient").click()
    expect(page.get_by_role("heading", name="MARCHETTI Jeanne", level=1)).to_be_visible()


def add_the_gp(page: Page) -> None:
    """« + », type, arrow, role, Ctrl Entrée: the keyboard does it all, and comes back."""
    opener = page.get_by_role("link", name="Ajouter au cercle", exact=True)
    opener.press("Enter")
    dialog = page.get_by_role("dialog", name="Ajouter au cercle de soins")
    field = dialog.get_by_role("combobox", name=re.compile("RPPS"))
    expect(field).to_be_focused()
    page.keyboard.type("leblanc")
    found = dialog.get_by_role("listbox", name="Annuaire")
    expect(found.get_by_role("option")).to_have_count(2)
    doctor = found.get_by_role("option", name=re.compile("LEBLANC Marc"))
    for _ in range(2):
        if doctor.get_attribute("aria-selected") != "true":
            page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    role = dialog.get_by_role("checkbox", name="Médecin traitant")
    expect(role).to_be_visible()
    check(page, "add dialog")
    role.press("Space")
    dialog.get_by_role("switch", name=re.compile("Habilité")).press("Space")
    expect(
        dialog.get_by_text(re.compile("pourra consulter et modifier le dossier"))
    ).to_be_visible()
    check(page, "add dialog, with the right")
    page.keyboard.press("Control+Enter")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    circle = page.locator("#place-circle")
    expect(circle).to_contain_text("LEBLANC Marc")
    expect(circle).to_contain_text("Médecin traitant")


def sees_nothing(page: Page, record: str) -> None:
    """By no door: list, quick search, addresses of the record, export."""
    page.goto("/file-active/")
    expect(page.get_by_text("Votre file active est vide")).to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.type("marchetti")
    expect(page.get_by_role("option", name=re.compile("Aucun dossier"))).to_be_visible()
    for end in ("", "cercle/", "identite/", "fil/", "tracabilite/", "panneaux/circle/"):
        answer = page.goto(f"{record}{end}")
        assert answer.status == 404, end
        assert "MARCHETTI" not in page.content().upper().replace("MARCHETTI@", ""), end
    page.goto("/file-active/export/")
    with page.expect_download() as got:
        page.get_by_role("button", name="Télécharger (.xlsx)").click()
    with ZipFile(got.value.path()) as parts:
        assert not [name for name in parts.namelist() if b"MARCHETTI" in parts.read(name)]


def test_a_coordinator_creates_a_record_and_gives_the_gp_access_and_a_stranger_sees_nothing(
    visit, post, coordinator, gp
):
    page = visit().page
    page.goto("/")
    check(page, "sign-in")
    give_password(page, coordinator)
    check(page, "code")
    give_code(page, coordinator, post)
    expect(page.get_by_role("heading", name="Conditions d’utilisation")).to_be_visible()
    check(page, "terms")
    page.get_by_role("button", name="J’accepte").click()
    expect(page.get_by_role("heading", name="File active", level=1)).to_be_visible()
    create_the_record(page)
    record = page.url
    add_the_gp(page)

    letter = post.last(gp.email)
    assert "MARCHETTI" not in letter.as_string() + letter.get_content()
    doctor = visit().page
    doctor.goto(post.link(gp.email))
    sign_in(doctor, gp, post)
    expect(doctor).to_have_url(record)
    expect(doctor.get_by_role("heading", name="MARCHETTI Jeanne", level=1)).to_be_visible()
    doctor.get_by_role("link", name="File active").first.click()
    doctor.get_by_role("link", name="MARCHETTI Jeanne", exact=True).click()
    expect(doctor.locator("#place-circle")).to_contain_text("LAMBERT")
    for tab in ("Identité", "Cercle de soins", "Fil d’actualité", "Traçabilité"):
        doctor.get_by_role("navigation", name="Rubriques du dossier").get_by_role(
            "link", name=re.compile(tab)
        ).click()
        expect(doctor.locator(".onglets [aria-current=page]")).to_contain_text(tab)
        check(doctor, tab)

    sees_nothing(visit(f.user("PETIT", "Léa")).page, record)
