"""The life of an account and of rights: what a person meets beside the first sign-up."""

import re

import pytest
from playwright.sync_api import expect

from ronde.accounts.models import Attachment
from ronde.core.db.roles import as_owner
from tests import factories as f
from tests.e2e.axe import check
from tests.e2e.directory import GP, bring_in
from tests.e2e.gestures import act_for, choose, give_code
from tests.e2e.test_sign_up import ANNE, ANNE_LINE, confirm, say_contact, say_function, send

NEW = "une autre phrase de passe"


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_a_forgotten_password_is_chosen_again_by_mail_and_the_link_serves_once(
    visit, post, sophie, phone
):
    page = visit(phone=phone).page
    page.goto("/connexion/")
    page.get_by_role("link", name="Mot de passe oublié ou jamais reçu").click()
    check(page, "forgotten password")
    page.get_by_label("Adresse e-mail").fill(sophie.email)
    page.get_by_role("button", name="Envoyer le lien").click()
    expect(page.get_by_role("heading", name="Regardez vos e-mails")).to_be_visible()
    link = post.link(sophie.email)
    page.goto(link)
    page.get_by_label("Nouveau mot de passe").fill(NEW)
    page.get_by_label("Le même, une seconde fois").fill(NEW)
    check(page, "new password")
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_label("Adresse e-mail").fill(sophie.email)
    page.get_by_label("Mot de passe").fill(NEW)
    page.get_by_role("button", name="Continuer").click()
    give_code(page, sophie, post)
    expect(page).to_have_url(re.compile("/file-active/"))
    other = visit().page
    other.goto(link)
    expect(other.get_by_text("plus valable").first).to_be_visible()


def test_a_request_is_completed_then_refused_and_each_step_is_told_by_mail(visit, post, tmp_path):
    bring_in(tmp_path, GP, ANNE_LINE)
    page = visit().page
    page.goto("/inscription/")
    say_function(page)
    say_contact(page)
    send(page)
    confirm(page, post)
    desk = visit(f.user("GARNIER", "Théo", duties=["support"])).page
    desk.goto("/console/")
    desk.get_by_role("link", name="Comptes à valider").first.click()
    check(desk, "requests")
    desk.get_by_role("link", name="LEBLANC-MOREL Anne").click()
    desk.get_by_role("link", name="Demander un complément").click()
    dialog = desk.get_by_role("dialog", name="Demander un complément")
    dialog.get_by_role("textbox").fill("Dans quel cabinet exercez-vous ?")
    check(desk, "more dialog")
    dialog.get_by_role("button", name="Envoyer").click()
    expect(desk.get_by_text("Complément demandé").first).to_be_visible()

    page.goto(post.link(ANNE))
    expect(page.get_by_text("Dans quel cabinet exercez-vous ?")).to_be_visible()
    check(page, "complement")
    page.get_by_role("textbox").fill("Cabinet du Port.")
    page.get_by_role("button", name="Envoyer la réponse").click()
    expect(page.get_by_role("button", name="Envoyer la réponse")).to_have_count(0)

    desk.reload()
    desk.get_by_role("link", name="LEBLANC-MOREL Anne").click()
    expect(desk.get_by_text("Cabinet du Port.").first).to_be_visible()
    desk.get_by_role("link", name="Refuser", exact=True).click()
    dialog = desk.get_by_role("dialog", name="Refuser la demande")
    dialog.get_by_label("Hors du périmètre de la région").check()
    check(desk, "refuse dialog")
    dialog.get_by_role("button", name="Refuser").click()
    expect(desk.get_by_text("Demande refusée")).to_be_visible()
    assert "Hors du périmètre de la région" in post.last(ANNE).get_content()


def test_an_administrator_gives_a_function_and_the_menu_of_the_colleague_follows(visit, sophie):
    page = visit(f.user("VIDAL", "Agnès", duties=["administrator"])).page
    theirs = visit(sophie).page
    theirs.goto("/file-active/")
    expect(theirs.get_by_role("link", name="Console")).to_have_count(0)
    page.goto("/console/")
    page.get_by_role("link", name="Fonctions régionales").first.click()
    check(page, "duties")
    page.get_by_role("link", name="Confier une fonction").click()
    dialog = page.get_by_role("dialog", name="Confier une fonction régionale")
    dialog.get_by_role("textbox").fill(sophie.email)
    dialog.get_by_label("Assistance").check()
    check(page, "give a function")
    dialog.get_by_role("button", name="Confier").click()
    expect(page.get_by_role("region", name="Assistance")).to_contain_text("Sophie LAMBERT")

    theirs.reload()
    theirs.get_by_role("link", name="Console").first.click()
    menu = theirs.get_by_role("navigation", name="Console")
    expect(menu.get_by_role("link", name="Comptes à valider")).to_be_visible()
    expect(menu.get_by_role("link", name="Matrice")).to_have_count(0)

    page.get_by_role("link", name="Retirer la fonction de Sophie LAMBERT").click()
    page.get_by_role("dialog").get_by_role("button", name="Retirer").click()
    expect(page.get_by_role("region", name="Assistance")).not_to_contain_text("Sophie LAMBERT")
    theirs.goto("/file-active/")
    expect(theirs.get_by_role("link", name="Console")).to_have_count(0)


def test_an_account_is_found_helped_closed_and_the_audit_says_so(visit, post, sophie):
    theirs = visit(sophie).page
    theirs.goto("/file-active/")
    page = visit(f.user("VIDAL", "Agnès", duties=["administrator"])).page
    page.goto("/console/")
    page.get_by_role("link", name="Comptes", exact=True).first.click()
    page.get_by_label("Nom, e-mail, RPPS ou ADELI").fill("lambert")
    page.get_by_role("button", name="Filtrer").click()
    check(page, "accounts")
    page.get_by_role("link", name="Sophie LAMBERT").click()
    check(page, "one account")
    page.get_by_role("link", name="Envoyer un lien de mot de passe").click()
    page.get_by_role("dialog").get_by_role("button", name="Envoyer").click()
    expect(page.get_by_text("Le lien part par e-mail.")).to_be_visible()
    assert "/mot-de-passe/" in post.link(sophie.email)
    page.get_by_role("link", name="Fermer le compte").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Motif").fill("Départ signalé par la structure")
    check(page, "close an account")
    dialog.get_by_role("button", name="Fermer le compte").click()
    expect(page.get_by_text("Compte fermé.")).to_be_visible()
    theirs.goto("/file-active/")
    expect(theirs).to_have_url(re.compile("/connexion/"))
    page.get_by_role("link", name="Audit").first.click()
    expect(page.get_by_text("Compte fermé : Départ signalé par la structure")).to_be_visible()
    check(page, "audit")


def test_the_patient_is_handed_the_list_of_who_opened_the_record(visit, sophie, record):
    marc = f.user("LEBLANC", "Marc")
    f.member(f.actor(sophie), record, marc.person.party, habilitated=True)
    doctor = visit(marc).page
    doctor.goto(f"/dossiers/{record.pk}/")
    page = visit(sophie).page
    page.goto(f"/dossiers/{record.pk}/tracabilite/")
    expect(page.get_by_role("cell", name=re.compile("Marc LEBLANC"))).to_be_visible()
    page.get_by_role("link", name="Extrait pour le patient").click()
    dialog = page.get_by_role("dialog", name="Qui a vu mon dossier")
    expect(dialog).to_be_visible()
    check(page, "extract for the patient")
    with page.expect_download() as received:
        dialog.get_by_role("button", name="Télécharger le PDF").click()
    with received.value.path().open("rb") as file:
        assert file.read(5) == b"%PDF-"


def test_a_long_run_shows_how_far_it_is_and_its_end(visit, post, sophie, settings, tmp_path):
    settings.BULK_AT_ONCE = 1
    bring_in(tmp_path, GP)
    for letter in "ABC":
        f.patient(f.actor(sophie), birth_name=f"NOM{letter}")
    page = visit(sophie).page
    page.goto("/file-active/?tri=nom")
    page.get_by_label("Tout sélectionner").first.check()
    page.get_by_role("button", name="Gérer les habilitations").click()
    choose(page, "Nom, RPPS", "leblanc", "LEBLANC")
    page.get_by_role("radio", name=re.compile("SANS")).check()
    page.get_by_role("button", name="Continuer").click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("Ajouter")).click()
    expect(page.get_by_text("0 sur 3")).to_be_visible()
    expect(page.get_by_role("progressbar", name="Avancement")).to_be_visible()
    check(page, "run in progress")
    post.deliver()
    expect(page.get_by_role("status").get_by_text("3 changements faits")).to_be_visible()


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_a_super_user_leaves_the_structure_once_another_is_named(visit, site, phone):
    house = f.structure("DAC Var Ouest")
    laurent = f.user("MERCIER", "Laurent", attached_to=house)
    f.user("BLANC", "Ana", attached_to=house)
    with as_owner():
        Attachment.objects.filter(user=laurent).update(is_super_user=True)
    record = f.patient(f.actor(laurent, house))
    f.member(f.actor(laurent, house), record, laurent.person.party, habilitated=True)
    page = visit(laurent, phone=phone).page
    page.goto("/file-active/")
    act_for(page, "DAC Var Ouest")
    page.goto("/ma-structure/")
    page.get_by_role("link", name="Mon départ").click()
    expect(page.get_by_text("Nommez d’abord un autre super-utilisateur")).to_be_visible()
    check(page, "departure of the last super-user")
    page.get_by_role("main").get_by_role("link", name="Ma structure").last.click()
    page.get_by_role("button", name="Actions pour Ana BLANC").click()
    page.get_by_role("link", name="Nommer super-utilisateur").click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("Nommer")).click()
    expect(page.get_by_text("Niveau enregistré.")).to_be_visible()
    page.get_by_role("link", name="Mon départ").click()
    page.get_by_role("button", name="Continuer").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Vous n’agirez plus pour DAC Var Ouest")
    check(page, "own departure")
    dialog.get_by_role("button", name="Enregistrer le départ").click()
    expect(page.get_by_text("Votre départ est enregistré.")).to_be_visible()
    expect(page.get_by_role("link", name="Ma structure")).to_have_count(0)
    expect(page.get_by_text("agit en son nom")).to_have_count(1)
