"""The rooms of a record as the guides tell them: a journey a sheet, step by step, in its words."""

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from ronde.accounts.models import User
from ronde.patients.models import Patient
from tests import factories as f
from tests.documents.files import pdf
from tests.e2e.axe import check
from tests.e2e.gestures import act_for, choose, type_identity

DAY = timedelta(days=1)


@pytest.fixture
def agnes(site: str) -> User:
    return f.user("VIDAL", "Agnès", duties=["administrator"])


@pytest.fixture
def colleague(marc: User, sophie: User, record: Patient) -> User:
    """Marc, habilitated on the record."""
    f.member(f.actor(sophie), record, marc.person.party, habilitated=True)
    return marc


@pytest.fixture
def gisela(sophie: User) -> Patient:
    """Another patient of Sophie's."""
    return f.patient(
        f.actor(sophie), birth_name="MARCHETTI", first_given="GISELA", birth_date=date(1970, 11, 27)
    )


def dialog(page: Page, name: str) -> Locator:
    return page.get_by_role("dialog", name=name)


def panel(page: Page, name: str) -> Locator:
    return page.locator(f"#place-{name}")


def open_record(page: Page, record: Patient, end: str = "") -> None:
    page.goto(f"/dossiers/{record.pk}/{end}")


def room(page: Page, name: str) -> None:
    """A tab of the record."""
    tabs = page.get_by_role("navigation", name="Rubriques du dossier")
    tabs.get_by_role("link", name=re.compile(f"^{name}")).click()


# Sheet 12, «Dossiers liés».


def test_sheet_12_two_records_of_a_family_are_linked(visit, sophie, record, gisela):
    page = visit(sophie).page
    open_record(page, record)
    panel(page, "links").get_by_role("link", name="Ajouter une relation").click()
    link = dialog(page, "Ajouter une relation")
    choose(page, "Patient", "gisela", "MARCHETTI Gisela")
    relation = link.get_by_label("Type de relation")
    expect(relation.locator("option", has_text=re.compile("^Fille$"))).to_have_count(1)
    check(page, "relation")
    odd = relation.locator("optgroup")
    expect(odd).to_have_attribute("label", "Contredit par les dates de naissance")
    expect(odd.locator("option", has_text=re.compile("^Mère$"))).to_have_count(1)
    relation.select_option(label="Fille")
    link.get_by_label("Commentaire").fill("Vit à Hyères")
    link.get_by_role("button", name="Créer la relation").click()
    expect(link).to_be_hidden()
    expect(panel(page, "links")).to_contain_text("Fille · Vit à Hyères")
    panel(page, "links").get_by_role("link", name="MARCHETTI Gisela", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Gisela")
    expect(panel(page, "links")).to_contain_text("MARCHETTI Jeanne")
    expect(panel(page, "links")).to_contain_text("Mère")
    check(page, "linked record")
    panel(page, "links").get_by_role("link", name="Retirer le lien avec MARCHETTI Jeanne").click()
    gone = dialog(page, "Retirer le lien")
    expect(gone).to_be_visible()
    check(page, "link to be removed")
    gone.get_by_role("button", name="Retirer").click()
    expect(panel(page, "links")).to_contain_text("Aucun dossier lié")
    open_record(page, record, "suivi/liens/")
    expect(page.get_by_role("main")).to_contain_text("Aucun dossier lié")
    check(page, "no linked record")


def test_sheet_12_the_patient_who_does_not_exist_is_created_in_passing(visit, sophie, record):
    page = visit(sophie).page
    open_record(page, record)
    panel(page, "links").get_by_role("link", name="Ajouter une relation").click()
    page.get_by_role("button", name="Mon patient n’existe pas : créer un nouveau patient").click()
    type_identity(page, **{"1er prénom de naissance": "Louise"})
    page.get_by_role("button", name="Rechercher si le patient est existant").click()
    expect(page.get_by_role("heading", name="Identités proches", level=1)).to_be_visible()
    page.get_by_role("button", name=re.compile("Créer")).click()
    page.get_by_label("L'usager / patient lui-même").check()
    page.get_by_label(re.compile("J'atteste que le patient est consentant")).check()
    page.get_by_role("button", name="Créer le patient").click()
    expect(page.get_by_role("heading", name="Ajouter une relation")).to_be_visible()
    expect(page.get_by_role("combobox", name="Patient").filter(visible=True)).to_have_value(
        re.compile("MARCHETTI Louise")
    )
    page.get_by_label("Type de relation").select_option(label="Sœur jumelle")
    page.get_by_role("button", name="Créer la relation").click()
    expect(page.get_by_role("main")).to_contain_text("Sœur jumelle")


def test_sheet_12_without_a_right_on_the_other_record_nothing_tells_of_the_link(
    visit, sophie, record, gisela, colleague
):
    f.link(f.actor(sophie), record, gisela, "child")
    page = visit(colleague).page
    open_record(page, record)
    expect(panel(page, "links")).to_contain_text("Aucun dossier lié")
    room(page, "Fil d’actualité")
    expect(page.get_by_role("main")).not_to_contain_text("Dossier lié")
    page.keyboard.press("Control+k")
    page.keyboard.type("gisela")
    expect(page.get_by_role("option", name=re.compile("Aucun dossier"))).to_be_visible()


# Sheet 21, «Le statut du dossier patient».


@pytest.mark.parametrize("phone", [False, True])
def test_sheet_21_the_status_changes_and_its_history_stays(visit, sophie, record, phone):
    page = visit(sophie, phone=phone).page
    open_record(page, record)
    panel(page, "status").get_by_role("link", name="Renseigner le statut").click()
    status = dialog(page, "Statut du dossier")
    status.get_by_role("radio", name="Suivi coordination intensive").check()
    week_ago = (timezone.localdate() - 7 * DAY).isoformat()
    status.get_by_label("Date de début de prise en charge").fill(week_ago)
    status.get_by_label("Type d'expertise").select_option(label="Gérontologie")
    status.get_by_role("button", name="Enregistrer").click()
    expect(panel(page, "status")).to_contain_text("Suivi coordination intensive")
    expect(panel(page, "status")).to_contain_text("Gérontologie")

    panel(page, "status").get_by_role("link", name="Changer le statut").click()
    status.get_by_role("radio", name="Suivi coordination soutenue").check()
    status.get_by_label("Motif (facultatif)").select_option(label="Situation améliorée")
    status.get_by_label("Commentaire").fill("Aides en place")
    status.get_by_role("button", name="Enregistrer").click()
    expect(panel(page, "status")).to_contain_text("Suivi coordination soutenue")

    panel(page, "status").get_by_role("link", name="Historique des statuts").click()
    table = page.get_by_role("table", name="Historique des statuts")
    if not phone:
        for column in ("Date du statut", "Type", "Motif", "Commentaire"):
            expect(table.get_by_role("columnheader", name=column)).to_be_visible()
    rows = table.locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("Situation améliorée")
    expect(rows.nth(0)).to_contain_text("Aides en place")
    expect(rows.nth(1)).to_contain_text("Suivi coordination intensive")
    check(page, "history of the statuses")


def test_sheet_21_the_administrator_sets_the_lists_that_the_status_offers(
    visit, agnes, sophie, record
):
    desk = visit(agnes).page
    desk.goto("/console/")
    desk.get_by_role("link", name="Listes").first.click()
    add(desk, "Suivi renforcé", nature="Suivi actif")
    desk.get_by_role("navigation", name="Listes").get_by_role(
        "link", name="Motifs de sortie"
    ).click()
    add(desk, "Fin d’expérimentation")
    check(desk, "lists of the region")

    page = visit(sophie).page
    open_record(page, record)
    panel(page, "status").get_by_role("link", name="Renseigner le statut").click()
    status = dialog(page, "Statut du dossier")
    status.get_by_role("radio", name="Suivi renforcé").check()
    status.get_by_role("radio", name="Sorti").check()
    status.get_by_label("Motif de la sortie").select_option(label="Fin d’expérimentation")
    status.get_by_role("radio", name="Suivi renforcé").check()
    status.get_by_role("button", name="Enregistrer").click()
    expect(panel(page, "status")).to_contain_text("Suivi renforcé")

    desk.goto("/console/listes/")
    desk.get_by_role("button", name="Retirer Suivi renforcé").click()
    expect(desk.get_by_role("row").filter(has_text="Suivi renforcé")).to_contain_text("retirée")
    page.reload()
    expect(panel(page, "status")).to_contain_text("Suivi renforcé")
    panel(page, "status").get_by_role("link", name="Changer le statut").click()
    expect(status.get_by_role("radio", name="Sorti")).to_be_visible()
    expect(status.get_by_role("radio", name="Suivi renforcé")).to_have_count(0)


def add(page: Page, label: str, *, nature: str = "") -> None:
    page.get_by_role("link", name="Ajouter une ligne").click()
    line = page.get_by_role("dialog")
    line.get_by_label("Libellé").fill(label)
    if nature:
        line.get_by_role("radio", name=nature).check()
    line.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("row").filter(has_text=label)).to_be_visible()


# Room 4 of the record, «Hospitalisations».


def test_a_stay_is_followed_from_the_admission_to_the_way_home(visit, sophie, record, colleague):
    with_directory = f.structure("CHITS Hôpital Sainte Musse")
    page = visit(sophie).page
    open_record(page, record)
    panel(page, "stays").get_by_role("link", name="Noter une hospitalisation").click()
    stay = dialog(page, "Noter une hospitalisation")
    choose(page, "Établissement", "chits", with_directory.party.display_name)
    stay.get_by_label("Service ou unité").fill("Gériatrie")
    admitted = timezone.localtime(timezone.now() - timedelta(hours=30))
    stay.get_by_label("Entrée", exact=False).first.fill(admitted.strftime("%Y-%m-%dT%H:%M"))
    stay.get_by_label("Sortie prévue le").fill((timezone.localdate() + 5 * DAY).isoformat())
    stay.get_by_label("Motif").select_option(label="Chute")
    stay.get_by_role("button", name="Enregistrer").click()
    expect(panel(page, "stays")).to_contain_text("en cours")
    expect(panel(page, "stays")).to_contain_text("6 étapes à faire")
    page.reload()
    expect(page.get_by_label("Identité du patient")).to_contain_text("Hospitalisée J+")
    check(page, "record of somebody in hospital")

    panel(page, "stays").get_by_role("link", name="CHITS Hôpital Sainte Musse").click()
    steps = page.locator("#phase-admission")
    told = steps.get_by_role("listitem").filter(has_text="Prévenir le médecin traitant")
    expect(told).to_contain_text("en retard")
    told.get_by_role("link", name=re.compile("Confier ou dater")).click()
    step = dialog(page, "Prévenir le médecin traitant")
    step.get_by_label("Qui s'en charge").select_option(label="LEBLANC Marc")
    step.get_by_role("button", name="Enregistrer").click()
    expect(told).to_contain_text("LEBLANC Marc")
    told.get_by_role("button", name=re.compile("Marquer fait")).click()
    expect(told).to_contain_text("délai :")
    expect(told).to_contain_text("30 h")
    check(page, "round trip")
    told.get_by_role("button", name=re.compile("À refaire")).click()
    expect(told).to_contain_text("en retard")

    page.get_by_role("link", name="Modifier", exact=True).click()
    edited = dialog(page, "Modifier l’hospitalisation")
    left = timezone.localtime(timezone.now() - timedelta(hours=1))
    edited.get_by_label("Sortie (facultatif)", exact=True).fill(left.strftime("%Y-%m-%dT%H:%M"))
    edited.get_by_role("button", name="Enregistrer").click()
    home = page.locator("#phase-discharge")
    expect(home).to_contain_text("Faire reprendre les passages à domicile")
    expect(home).to_contain_text("Recevoir la liste des traitements de sortie")
    expect(page.locator("#fiche-sejour")).to_contain_text("terminée")
    expect(page.get_by_label("Identité du patient")).not_to_contain_text("Hospitalisée")
    check(page, "way home")

    page.goto("/file-active/")
    expect(page.get_by_role("row").filter(has_text="MARCHETTI")).not_to_contain_text("CHITS")


def test_a_stay_cancelled_by_mistake_and_a_step_set_aside_come_back(visit, sophie, record):
    stay, _step = f.stay(f.actor(sophie), record)
    page = visit(sophie).page
    open_record(page, record, f"suivi/hospitalisations/{stay.pk}/")
    steps = page.locator("#phase-admission").get_by_role("listitem")
    steps.first.get_by_role("link", name=re.compile("Confier ou dater")).click()
    step = dialog(page, "Prévenir le médecin traitant")
    check(page, "a step given or set aside")
    step.get_by_role("button", name="Ne concerne pas ce séjour").click()
    expect(steps).to_have_count(5)
    aside = page.locator("#etapes-ecartees")
    aside.locator("summary").click()
    check(page, "a step set aside")
    aside.get_by_role("button", name="Remettre Prévenir le médecin traitant").click()
    expect(steps).to_have_count(6)
    expect(aside).to_have_count(0)

    page.get_by_role("link", name="Modifier", exact=True).click()
    dialog(page, "Modifier l’hospitalisation").get_by_role(
        "link", name="Annuler l’hospitalisation"
    ).click()
    cancel = dialog(page, "Annuler l’hospitalisation")
    expect(cancel).to_be_visible()
    check(page, "stay cancelled")
    cancel.get_by_label("Pourquoi l'annuler ?").fill("Notée sur le mauvais dossier")
    cancel.get_by_role("button", name="Annuler l’hospitalisation").click()
    sheet = page.locator("#fiche-sejour")
    expect(sheet).to_contain_text("Notée sur le mauvais dossier")
    expect(page.get_by_label("Identité du patient")).not_to_contain_text("Hospitalisée")
    check(page, "cancelled stay")
    sheet.get_by_role("button", name="Rétablir").click()
    expect(page.get_by_text("Hospitalisation rétablie.").first).to_be_visible()
    expect(page.get_by_label("Identité du patient")).to_contain_text("Hospitalisée")


# Sheet 31, «Le fil d'actualité».


def test_sheet_31_the_feed_tells_all_and_its_four_filters_add_up(visit, sophie, record):
    f.stay(f.actor(sophie), record)
    page = visit(sophie).page
    open_record(page, record)
    room(page, "Fil d’actualité")
    page.get_by_role("link", name="Nouvelle note personnalisée").click()
    note = dialog(page, "Nouvelle note personnalisée")
    note.get_by_label("Texte de la note").fill("Plus de place au SSIAD avant lundi")
    note.get_by_role("radio", name="Très importante").check()
    note.get_by_role("button", name="Ajouter la note").click()
    feed = page.locator("#fil")
    expect(feed).to_contain_text("Plus de place au SSIAD")
    expect(feed).to_contain_text("Hospitalisation : CHITS Sainte Musse")
    expect(feed).to_contain_text("Dossier créé")
    filters = page.get_by_role("group", name="Afficher")
    lines = feed.get_by_role("listitem")
    for ticked, shown in (
        ("Événements actifs", ["Hospitalisation"]),
        ("Notes", ["SSIAD"]),
        ("Très important", ["SSIAD"]),
        ("Important", ["Hospitalisation", "Dossier créé"]),
    ):
        filters.get_by_role("checkbox", name=ticked, exact=True).check()
        expect(lines).to_have_count(len(shown))
        for words in shown:
            expect(feed).to_contain_text(words)
        check(page, f"feed, {ticked}")
        filters.get_by_role("checkbox", name=ticked, exact=True).uncheck()
        expect(feed).to_contain_text("Dossier créé")
    filters.get_by_role("checkbox", name="Notes").check()
    filters.get_by_role("checkbox", name="Événements actifs").check()
    expect(lines).to_have_count(2)


# Sheet 32, «Clôture du dossier patient».


def test_sheet_32_a_record_is_closed_and_opened_again_with_its_history(visit, sophie, record):
    f.stay(f.actor(sophie), record)
    page = visit(sophie).page
    open_record(page, record)
    room(page, "Suivi")
    page.get_by_role("link", name="Clôturer le dossier").click()
    left = page.locator("#cloture")
    expect(page.get_by_role("button", name="Archiver le dossier")).to_be_disabled()
    for point, detail in (
        ("Aucune hospitalisation en cours ou à venir", "CHITS Sainte Musse"),
        ("Allers-retours avec l'hôpital terminés", "6 étapes à faire · CHITS Sainte Musse"),
    ):
        line = left.get_by_role("listitem").filter(has_text=point)
        expect(line.locator(".sous")).to_have_text(detail)
    check(page, "what is left")
    left.get_by_role("link", name=re.compile("Voir Aucune hospitalisation")).click()
    expect(page.get_by_role("heading", name="Hospitalisations", level=2)).to_be_visible()
    page.go_back(wait_until="commit")

    left.get_by_role("link", name="Changer le statut").click()
    status = dialog(page, "Statut du dossier")
    status.get_by_role("radio", name="Sorti").check()
    status.get_by_role("button", name="Enregistrer").click()
    expect(status).to_contain_text("Indiquez le motif de la sortie.")
    status.get_by_label("Motif de la sortie").select_option(label="Entrée en établissement")
    status.get_by_role("button", name="Enregistrer").click()
    expect(left).to_contain_text("Sorti · Entrée en établissement")
    page.get_by_role("button", name="Archiver le dossier").click()
    expect(page.get_by_text("Dossier archivé.").first).to_be_visible()
    check(page, "archived record")
    page.goto("/file-active/")
    expect(page.get_by_role("main")).not_to_contain_text("MARCHETTI")
    page.get_by_text("Plus de filtres").click()
    page.get_by_label("Archivés").select_option(label="Oui")
    expect(page.get_by_role("link", name="MARCHETTI Jeanne", exact=True)).to_be_visible()

    open_record(page, record, "cloture/")
    page.get_by_role("button", name="Rouvrir le dossier").click()
    expect(page.get_by_text("Dossier rouvert").first).to_be_visible()
    page.get_by_role("link", name="Statut du dossier", exact=True).click()
    expect(page.get_by_role("table", name="Historique des statuts")).to_contain_text(
        "Entrée en établissement"
    )
    room(page, "Fil d’actualité")
    expect(page.locator("#fil")).to_contain_text("archivé")


def test_sheet_32_a_death_is_declared_in_the_identity_and_taken_back(
    visit, post, sophie, colleague, record
):
    f.stay(f.actor(sophie), record)
    page = visit(sophie).page
    open_record(page, record)
    room(page, "Identité")
    others = page.locator("#autres-actions")
    expect(others).to_contain_text("Extraire les données du patient")
    expect(others.get_by_role("link", name="Extraire")).to_be_visible()
    check(page, "other actions")
    others.get_by_role("link", name="Déclarer").click()
    death = dialog(page, "Déclarer le décès du patient")
    expect(death.get_by_label("Date de déclaration de décès")).to_have_value(
        timezone.localdate().isoformat()
    )
    death.get_by_label("Non connue").check()
    choose(page, "Pays du décès", "france", "France")
    choose(page, "Ville du décès", "toulon", "Toulon")
    death.get_by_label("Lieu du décès").select_option(label="EHPAD ou maison de retraite")
    proposed = death.get_by_role("checkbox", name=re.compile("6 étapes à faire"))
    expect(proposed).to_be_checked()
    check(page, "death declared")
    death.get_by_role("button", name="Confirmer les informations").click()
    expect(page.get_by_text("Décès déclaré").first).to_be_visible()
    expect(page.get_by_label("Identité du patient")).to_contain_text("Décédée")
    expect(page.locator("#deces")).to_contain_text("EHPAD ou maison de retraite")
    expect(page.locator("#deces")).to_contain_text("Toulon")
    check(page, "after the declaration")
    letter = post.last(colleague.email)
    assert "décès" in letter["Subject"]
    assert "MARCHETTI" not in letter.get_content()
    page.goto("/file-active/")
    expect(page.get_by_role("main")).not_to_contain_text("MARCHETTI")

    open_record(page, record, "identite/")
    page.get_by_role("link", name="Annuler la déclaration").click()
    undo = dialog(page, "Annuler la déclaration de décès")
    expect(undo.get_by_role("checkbox", name=re.compile("6 étapes à faire"))).to_be_checked()
    check(page, "declaration taken back, with what it had cancelled")
    undo.get_by_role("button", name="Annuler la déclaration").click()
    expect(undo).to_contain_text("Indiquez la raison.")
    undo.get_by_label("Pourquoi annuler cette déclaration ?").fill("Erreur de personne")
    undo.get_by_role("button", name="Annuler la déclaration").click()
    expect(page.get_by_text("Déclaration de décès annulée").first).to_be_visible()
    expect(page.get_by_label("Identité du patient")).not_to_contain_text("Décédée")
    room(page, "Synthèse")
    expect(panel(page, "stays")).to_contain_text("6 étapes à faire")
    room(page, "Fil d’actualité")
    expect(page.locator("#fil")).to_contain_text("Erreur de personne")


# Sheet 33, «Le Mémo».


def test_sheet_33_memos_are_written_shared_corrected_and_filtered(visit, sophie, record, colleague):
    third = f.user("RICCI", "Paola", profession="G15:60")
    f.member(f.actor(sophie), record, third.person.party, habilitated=True)
    page = visit(sophie).page
    open_record(page, record)
    memos = panel(page, "memos")
    for title, text, weight, sharing in (
        ("Accès", "5ème étage sans ascenseur", "Important", "Public"),
        ("Famille", "La fille préfère le soir", "Normal", "Partagé"),
        ("Pour moi", "Revoir la demande d’APA", "Normal", "Privé"),
    ):
        memos.get_by_role("link", name="Nouveau mémo").click()
        memo = dialog(page, "Création d’un mémo")
        memo.get_by_label("Titre").fill(title)
        memo.get_by_label("Contenu").fill(text)
        memo.get_by_role("group", name="Niveau d'importance").get_by_role(
            "radio", name=weight, exact=True
        ).check()
        memo.get_by_role("group", name="Mode de partage").get_by_role(
            "radio", name=sharing, exact=True
        ).check()
        if sharing == "Partagé":
            memo.get_by_role("checkbox", name=re.compile("LEBLANC")).check()
            check(page, "shared memo")
        memo.get_by_role("button", name="Créer").click()
        expect(memos).to_contain_text(text)

    hers = {"5ème étage sans ascenseur"}
    for who, seen in ((colleague, {*hers, "La fille préfère le soir"}), (third, hers)):
        other = visit(who).page
        open_record(other, record)
        expect(panel(other, "memos").locator(".memo")).to_have_count(len(seen))
        for text in seen:
            expect(panel(other, "memos")).to_contain_text(text)

    page.reload()
    memos.locator("summary").click()
    memos.get_by_role("checkbox", name="Privés").check()
    expect(memos.locator(".memo")).to_have_count(1)
    expect(memos).to_contain_text("Revoir la demande")
    check(page, "memos filtered")
    memos.get_by_role("checkbox", name="Privés").uncheck()
    expect(memos.locator(".memo")).to_have_count(3)

    memos.get_by_role("link", name="Modifier le mémo Accès").click()
    edited = dialog(page, "Modifier le mémo")
    expect(edited).to_be_visible()
    check(page, "memo being corrected")
    edited.get_by_label("Contenu").fill("5ème étage, ascenseur réparé")
    edited.get_by_role("button", name="Enregistrer").click()
    expect(memos).to_contain_text("ascenseur réparé")
    memos.get_by_role("link", name="historique").click()
    past = dialog(page, "Accès")
    expect(past).to_contain_text("5ème étage sans ascenseur")
    check(page, "history of a memo")
    past.get_by_role("button", name="Fermer", exact=True).click()
    memos.get_by_role("button", name="Supprimer le mémo Pour moi").click()
    expect(memos.locator(".memo")).to_have_count(2)


# Sheet 34, «La ligne de vie».


def test_sheet_34_the_life_line_shows_past_present_and_future(visit, sophie, record):
    f.stay(f.actor(sophie), record)
    f.document(
        f.actor(sophie), record, title="Bilan de marche", day=timezone.localdate() - 70 * DAY
    )
    page = visit(sophie).page
    open_record(page, record)
    line = panel(page, "lifeline")
    expect(line.locator(".ldv")).to_contain_text("CHITS Sainte Musse")
    expect(line.locator(".ldv")).to_contain_text("Bilan de marche")
    line.get_by_role("link", name="Dernier mois").click()
    expect(line.get_by_role("link", name="Dernier mois")).to_have_attribute("aria-current", "true")
    expect(line).not_to_contain_text("Bilan de marche")
    for _ in range(4):
        days = line.locator(".ldv-leg span").first
        before = days.text_content()
        line.get_by_role("link", name="Plus tôt").click()
        expect(days).not_to_have_text(before)
    expect(line).to_contain_text("Bilan de marche")
    line.get_by_role("link", name="Plus tard").click()
    line.get_by_role("link", name="Dernier trimestre").click()
    check(page, "life line, last quarter")
    line.get_by_role("link", name="Plein écran").click()
    expect(page).to_have_url(re.compile("ligne-de-vie"))
    expect(page.locator(".ldv")).to_contain_text("CHITS Sainte Musse")
    check(page, "life line, full screen")
    page.get_by_role("link", name="Liste").click()
    table = page.get_by_role("table", name="Ligne de vie")
    expect(table).to_contain_text("CHITS Sainte Musse")
    expect(table).to_contain_text("Dossier créé")
    check(page, "life line, list")
    table.get_by_role("link", name="CHITS Sainte Musse").click()
    expect(page.locator("#fiche-sejour")).to_be_visible()


# Sheet 35, «Espace documents».


def test_sheet_35_a_document_is_filed_shared_and_found_by_its_category(
    visit, sophie, marc, colleague, record
):
    helper = f.user("PETIT", "Nina")
    f.delegation(marc, helper)
    third = f.user("RICCI", "Paola")
    f.member(f.actor(sophie), record, third.person.party, habilitated=True)
    page = visit(sophie).page
    open_record(page, record)
    room(page, "Documents")
    letter = "Lettre de liaison à la sortie d'un établissement de soins"
    for name, kind, sharing in (
        ("Fiche d’orientation.pdf", "Fiche d'orientation", "Public"),
        ("Compte rendu.pdf", letter, "Partagé"),
    ):
        page.get_by_role("link", name="Ajouter des documents").click()
        added = dialog(page, "Ajouter des documents")
        added.locator("#id_files").set_input_files(
            [
                {"name": name, "mimeType": "application/pdf", "buffer": pdf()},
                {"name": "trop.pdf", "mimeType": "application/pdf", "buffer": b"a" * 10_485_761},
            ]
        )
        big = added.locator(".envoi", has_text="trop.pdf")
        expect(big).to_contain_text("Ce fichier dépasse 10 Mo")
        big.get_by_role("button", name="Retirer ce fichier").click()
        added.get_by_label("Catégorie et type").select_option(label=kind)
        added.get_by_role("radio", name=sharing, exact=True).check(force=True)
        if sharing == "Partagé":
            added.get_by_role("checkbox", name=re.compile("LEBLANC")).check()
            check(page, "document to be shared")
        added.get_by_role("button", name="Ajouter au dossier").click()
        expect(added).to_be_hidden()
        expect(page.locator("#documents")).to_contain_text(name.removesuffix(".pdf"))

    page.get_by_label("Coordination (1)").check()
    titles = page.locator("#documents .principal")
    expect(titles).to_have_text(["Fiche d’orientation"])
    page.get_by_label("Coordination (1)").uncheck()
    expect(titles).to_have_count(2)

    address = f"/dossiers/{record.pk}/documents/"
    other = visit(third).page
    other.goto(address)
    expect(other.locator("#documents .principal")).to_have_text(["Fiche d’orientation"])
    delegate = visit(helper).page
    delegate.goto("/file-active/")
    act_for(delegate, "LEBLANC Marc")
    delegate.goto(address)
    expect(delegate.locator("#documents .principal")).to_have_count(2)


# The page of the record itself.


def test_the_name_stays_in_sight_while_one_scrolls(visit, sophie, record):
    for phone in (False, True):
        page = visit(sophie, phone=phone).page
        open_record(page, record)
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        expect(page.get_by_role("heading", name="MARCHETTI Jeanne", level=1)).to_be_in_viewport()


def test_the_record_is_printed_on_a_page_of_its_own(visit, sophie, record, tmp_path):
    f.memo(f.actor(sophie), record)
    visitor = visit(sophie)
    page = visitor.page
    open_record(page, record)
    page.get_by_role("link", name="Imprimer").click()
    expect(page.get_by_role("heading", name="Version à imprimer")).to_be_visible()
    sheet = page.locator(".feuille")
    expect(sheet).to_contain_text("Code 4512B")
    expect(sheet).to_contain_text("Imprimé le")
    expect(sheet).to_contain_text("Sophie LAMBERT")
    check(page, "version to print")
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation", name="Rubriques du dossier")).to_be_hidden()
    expect(page.get_by_role("button", name="Imprimer")).to_be_hidden()
    page.emulate_media(media="screen")
    assert page.pdf(prefer_css_page_size=True)[:5] == b"%PDF-"
    room(page, "Traçabilité")
    expect(page.get_by_role("main")).to_contain_text("Version à imprimer")
