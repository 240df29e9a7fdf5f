"""The screens of documents, as whoever uses them meets them."""

import io
import re
import socket
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.urls import reverse
from django.utils import timezone

from ronde.careteam.models import Level
from ronde.careteam.sections import documents
from ronde.core.db.roles import as_owner
from ronde.core.sharing import Sharing
from ronde.documents.kinds import LARGEST
from ronde.documents.models import Document, File
from ronde.journal.events import event_class
from ronde.journal.models import AccessTrace, JournalEntry
from ronde.notifications.models import Sent
from tests import factories as f
from tests.documents import files
from tests.documents.conftest import (
    HTMX,
    IDENTITY,
    LETTER,
    NOTE,
    SCRIPT,
    Desk,
    close,
    deposit,
    places,
)
from tests.query_budget import budget

pytestmark = pytest.mark.django_db
NURSE = "G15:60"


def test_a_file_sent_by_the_script_is_filed_under_what_was_chosen(desk, cupboard):
    answer = desk.send(files.pdf(), "Lettre du CHITS.pdf", sharing="3")
    assert answer.status_code == 201, answer.content
    with as_owner():
        document = Document.objects.get()
    assert (document.title, document.class_code, document.sharing) == (
        "Lettre du CHITS",
        "10",
        Sharing.PRIVATE,
    )
    assert len(places(cupboard)) == 1


def test_several_files_sent_by_the_browser_keep_their_own_names(desk):
    sent = [
        io.BytesIO(files.pdf()),
        io.BytesIO(files.picture()),
    ]
    sent[0].name, sent[1].name = "un.pdf", "deux.png"
    answer = desk.post(
        "add", type=NOTE, event_date="03/11/2026", sharing="1", title="Ignoré", files=sent
    )
    assert answer.status_code == 302
    page = desk.read("list")
    assert "2 documents ajoutés." in page
    with as_owner():
        assert sorted(Document.objects.values_list("title", flat=True)) == ["deux", "un"]


def test_of_several_files_the_good_ones_are_kept_and_the_others_named(desk):
    sent = [io.BytesIO(files.pdf()), io.BytesIO(b"<svg/>")]
    sent[0].name, sent[1].name = "un.pdf", "deux.svg"
    answer = desk.post("add", type=NOTE, event_date="03/11/2026", sharing="1", files=sent)
    assert answer.status_code == 422
    said = answer.content.decode()
    assert "1 document ajouté." in said
    assert "deux.svg" in said
    assert "page web" in said


def test_ten_megabytes_pass_and_one_byte_more_is_refused_in_a_sentence(desk, cupboard):
    exact = b"a" * LARGEST
    assert desk.send(exact, "gros.txt").status_code == 201
    answer = desk.send(exact + b"a", "trop.txt")
    assert answer.status_code == 422
    assert "10 Mo" in answer.json()["texte"]
    assert len(places(cupboard)) == 1


def test_a_file_too_large_is_dropped_before_it_is_kept_in_memory(desk, monkeypatch):
    seen = []

    def count(self, raw_data, start):
        seen.append(start + len(raw_data))
        return raw_data

    handler = "django.core.files.uploadhandler.TemporaryFileUploadHandler.receive_data_chunk"
    monkeypatch.setattr(handler, count)
    desk.send(b"a" * (LARGEST + 300_000), "trop.txt")
    assert max(seen) <= LARGEST


def test_a_request_larger_than_all_is_not_read(desk, settings, monkeypatch):
    monkeypatch.setattr("ronde.documents.uploads.LARGEST_REQUEST", 100_000)
    assert desk.send(b"a" * 200_000, "trop.txt").status_code == 400


def test_what_is_missing_is_said_field_by_field_and_nothing_is_kept(desk, cupboard):
    answer = desk.send(files.pdf(), type="", event_date="03/11/2126", sharing="2")
    assert answer.status_code == 422
    assert set(answer.json()["champs"]) == {"type", "event_date", "recipients"}
    assert places(cupboard) == []


def test_a_sending_tried_again_after_a_cut_is_kept_once(desk, cupboard):
    key = str(uuid4())
    for _ in range(2):
        assert desk.send(files.pdf(), sending=key).status_code == 201
    with as_owner():
        assert Document.objects.count() == 1
    assert len(places(cupboard)) == 1


def test_a_form_without_file_says_so(desk):
    answer = desk.post("add", type=NOTE, event_date="03/11/2026", sharing="1")
    assert answer.status_code == 422
    assert "Choisissez au moins un fichier." in answer.content.decode()


def test_the_picker_offers_the_writable_classes_alone(desk):
    close(documents("95"), desk.user.person.profession_code, Level.READ)
    page = desk.read("add")
    assert "Lettre de liaison" in page
    assert "Documents de gestion" not in page
    assert "Attestation de carte vitale" not in page


def test_the_list_is_filtered_by_class_type_and_words(desk, coordinator, record):
    deposit(coordinator, record, title="Lettre du CHITS")
    deposit(coordinator, record, title="Passeport", type=IDENTITY)
    deposit(coordinator, record, title="Été : courrier", type=NOTE)

    def titles(**asked):
        page = desk.post("list", headers=HTMX, **asked).content.decode()
        return set(re.findall(r'class="principal"[^>]*>([^<]+)<', page))

    assert titles() == {"Lettre du CHITS", "Passeport", "Été : courrier"}
    assert titles(classe=["10", "95"]) == {"Lettre du CHITS", "Passeport"}
    assert titles(type=[NOTE, IDENTITY]) == {"Passeport", "Été : courrier"}
    assert titles(q="ete cour") == {"Été : courrier"}
    assert titles(q="lettre", classe=["95"]) == set()


def test_what_is_searched_stands_in_no_address(desk, coordinator, record):
    deposit(coordinator, record, title="Lettre du CHITS")
    answer = desk.post("list", headers=HTMX, q="lettre")
    assert "HX-Push-Url" not in answer.headers
    assert "q=lettre" not in answer.content.decode()


def test_the_classes_say_how_many_documents_they_hold(desk, coordinator, record):
    for _ in range(2):
        deposit(coordinator, record)
    deposit(coordinator, record, type=IDENTITY)
    page = desk.read("list")
    assert "Comptes rendus (2)" in page
    assert "Documents de gestion (1)" in page


def test_what_one_filters_by_follows_the_documents_that_come(desk, coordinator, record):
    """The script reads the list again once a document was added: the page itself did not change."""
    deposit(coordinator, record)
    deposit(coordinator, record, type=IDENTITY)
    again = re.search(r'id="documents" hx-post="([^"]+)"', desk.read("list"))[1]
    html = desk.web.post(again, headers=HTMX).content.decode()
    assert "Documents de gestion (1)" in html.split('hx-target="#filtres-classes"')[1]
    assert "volet-type" in html.split('hx-target="#filtres-types"')[1]
    # A filter that is ticked moves nothing under the hand.
    assert "hx-partial" not in desk.post("list", headers=HTMX, classe=["95"]).content.decode()


def test_a_class_closed_by_the_matrix_is_refused_and_traced(coordinator, record):
    document = deposit(coordinator, record)
    account = f.user("RICCI", "Paola", profession=NURSE)
    f.member(coordinator, record, account.person.party, habilitated=True)
    close(documents("10"), NURSE)
    nurse = Desk(account, record)
    for name in ("show", "download", "edit", "replace", "share", "withdraw"):
        assert nurse.get(name, document.pk).status_code == 403, name
    assert nurse.get("preview", document.pk, 1).status_code == 403
    assert document.title not in nurse.read("list")
    with as_owner():
        refused = AccessTrace.objects.filter(subject_id=document.pk, granted=False)
        assert refused.count() == 7


def test_a_private_document_does_not_exist_for_others(coordinator, record):
    document = deposit(coordinator, record, level=Sharing.PRIVATE)
    account = f.user("RICCI", "Paola", profession=NURSE)
    f.member(coordinator, record, account.person.party, habilitated=True)
    nurse = Desk(account, record)
    for name in ("show", "download", "edit", "share", "withdraw"):
        assert nurse.get(name, document.pk).status_code == 404, name


def test_a_document_of_another_record_does_not_exist_here(desk, coordinator):
    other = f.patient(coordinator, birth_name="AUTRE")
    document = deposit(coordinator, other)
    assert desk.get("show", document.pk).status_code == 404
    assert desk.get("download", document.pk).status_code == 404


def test_a_document_is_renamed_reclassified_shared_and_deleted(desk, coordinator, record):
    account = f.user("RICCI", "Paola", profession=NURSE)
    f.member(coordinator, record, account.person.party, habilitated=True)
    document = deposit(coordinator, record)
    values = {"title": "Passeport", "type": IDENTITY, "event_date": "01/02/2026", "version": 1}
    assert desk.post("edit", document.pk, **values).status_code == 302
    shared = {"sharing": "2", "recipients": [str(account.person_id)]}
    assert desk.post("share", document.pk, **shared).status_code == 302
    page = desk.read("show", document.pk)
    for word in ("Passeport", "01/02/2026", "RICCI Paola", "Documents de gestion"):
        assert word in page
    assert desk.post("withdraw", document.pk, reason="autre").status_code == 422
    assert desk.post("withdraw", document.pk, reason="doublon").status_code == 302
    assert "Passeport" not in desk.read("list")
    with as_owner():
        told = JournalEntry.objects.filter(event__startswith="Document").order_by("at")
        assert list(told.values_list("event", flat=True)) == [
            "DocumentAdded",
            "DocumentEdited",
            "DocumentShared",
            "DocumentWithdrawn",
        ]


def test_of_two_who_edit_at_once_the_second_sees_the_other_and_loses_nothing_typed(
    desk, coordinator, record
):
    document = deposit(coordinator, record)
    opened = re.search(r'name="version" value="(\d+)"', desk.read("edit", document.pk)).group(1)
    values = {"type": LETTER, "event_date": "01/02/2026", "version": opened}
    assert desk.post("edit", document.pk, title="Lettre du CHITS", **values).status_code == 302
    answer = desk.post("edit", document.pk, title="Lettre de sortie", **values)
    assert answer.status_code == 409
    said = answer.content.decode()
    assert "modifié pendant votre saisie" in said
    assert "Lettre du CHITS" in said
    assert 'value="Lettre de sortie"' in said
    values["version"] = re.search(r'name="version" value="(\d+)"', said).group(1)
    assert desk.post("edit", document.pk, title="Lettre de sortie", **values).status_code == 302


def test_a_new_version_sent_by_the_script_is_answered_in_one_word(desk, coordinator, record):
    document = deposit(coordinator, record)

    def send(content: bytes, name: str):
        sent = io.BytesIO(content)
        sent.name = name
        return desk.post("replace", document.pk, file=sent, headers=SCRIPT)

    refused = send(b"<svg/>", "x.svg")
    assert refused.status_code == 422
    assert "page web" in refused.json()["texte"]
    too_large = send(b"a" * (LARGEST + 1), "trop.txt")
    assert too_large.status_code == 422
    assert "10 Mo" in too_large.json()["texte"]
    assert desk.post("replace", document.pk, headers=SCRIPT).json()["texte"] == (
        "Choisissez un fichier."
    )
    # The browser did not hear the first answer, and sends the same again.
    for _ in range(2):
        assert send(files.picture(), "photo.png").status_code == 201
    with as_owner():
        assert File.objects.filter(document=document).count() == 2
        assert JournalEntry.objects.filter(event="DocumentReplaced").count() == 1


def test_a_new_version_is_shown_and_the_former_one_downloaded(desk, coordinator, record):
    document = deposit(coordinator, record)
    sent = io.BytesIO(files.picture())
    sent.name = "photo.png"
    assert desk.post("replace", document.pk, file=sent).status_code == 302
    assert "version 2" in desk.read("list")
    former = desk.get("former", document.pk, 1)
    assert b"".join(former.streaming_content) == f.one_page()


def test_a_delegate_of_a_structure_does_not_see_its_private_documents():
    place = f.structure()
    sophie = f.user("LAMBERT", "Sophie", attached_to=place)
    delegate = f.user("PETIT", "Nina")
    f.delegation(place, delegate)
    record = f.patient(f.actor(sophie, place))
    document = deposit(f.actor(sophie, place), record, level=Sharing.PRIVATE)
    assert Desk(sophie, record, place.pk).get("show", document.pk).status_code == 200
    desk = Desk(delegate, record, place.pk)
    assert desk.get("show", document.pk).status_code == 404
    assert "Privé" not in desk.read("add")


def test_the_record_shows_what_is_new_since_the_last_visit(desk, coordinator, record, time_machine):
    account = f.user("RICCI", "Paola", profession=NURSE)
    f.member(coordinator, record, account.person.party, habilitated=True)
    nurse = Desk(account, record)
    page = reverse("dossier:record", args=[record.pk])
    deposit(coordinator, record, title="Ancien")
    nurse.web.get(page)
    time_machine.move_to(timezone.now() + timedelta(hours=2))
    deposit(coordinator, record, title="Récent")
    time_machine.move_to(timezone.now() + timedelta(hours=1))
    shown = nurse.web.get(page).content.decode()
    panel = shown[shown.index('id="panneau-documents"') :]
    new = re.findall(
        r'class="lien-t"[^>]*>([^<]+)</a></span><span class="groupe nw">(.*?)</span>', panel
    )
    assert [(title, "Nouveau" in badge) for title, badge in new] == [
        ("Récent", True),
        ("Ancien", False),
    ]


def test_whoever_follows_the_patient_is_told_of_a_public_document_and_others_are_not(
    coordinator, record, mailoutbox
):
    account = f.user("RICCI", "Paola", profession=NURSE)
    f.member(coordinator, record, account.person.party, habilitated=True)
    deposit(coordinator, record)
    deposit(coordinator, record, level=Sharing.SHARED, recipients=[account.person_id])
    deposit(coordinator, record, level=Sharing.PRIVATE)
    with as_owner():
        told = JournalEntry.objects.filter(event="DocumentAdded").order_by("at")
        recipients = [event_class(one.event).recipients(one.payload) for one in told]
    mine = coordinator.party_id
    assert recipients[0] is None
    assert set(recipients[1]) == {mine, account.person_id}
    assert recipients[2] == [mine]
    assert not Sent.objects.exists()


def test_the_list_of_three_hundred_documents_costs_what_one_costs(desk, coordinator, record):
    first = deposit(coordinator, record)
    desk.read("list")  # The first page of a session costs more.
    with budget("documents:list"):
        desk.read("list")
    with as_owner():
        kept = File.objects.get(document=first)
        for number in range(300):
            copy = Document.objects.get(pk=first.pk)
            copy.pk, copy.title = uuid4(), f"Document {number}"
            copy.save(force_insert=True)
            kept.pk, kept.document, kept.place = uuid4(), copy, f"x/{number}"
            kept.save(force_insert=True)
    with budget("documents:list"):
        page = desk.read("list")
    assert "sur 301" in page
    with budget("dossier:record with 300 documents"):
        assert desk.web.get(reverse("dossier:record", args=[record.pk])).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_an_upload_cut_in_the_middle_leaves_nothing(
    live_server, desk, cupboard, settings, tmp_path
):
    """The browser announces a file, sends half of it, and goes; sent whole, the same is kept.

    Neither row, nor sealed file, nor what was received on the way.
    """
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    desk.web.get(desk.address("add"))
    cookies = {name: morsel.value for name, morsel in desk.web.cookies.items()}
    edge = "cut"
    part = 'Content-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    fields = {"type": NOTE, "event_date": "03/11/2026", "sharing": "1"}
    body = "".join(f"--{edge}\r\n" + part.format(name, value) for name, value in fields.items())
    disposition = 'Content-Disposition: form-data; name="files"; filename="x.txt"'
    body += f"--{edge}\r\n{disposition}\r\n\r\n{'a' * 4_000_000}\r\n--{edge}--\r\n"
    host, port = live_server.url.removeprefix("http://").split(":")
    head = (
        f"POST {desk.address('add')} HTTP/1.1\r\nHost: {host}:{port}\r\n"
        f"Cookie: {'; '.join(f'{name}={value}' for name, value in cookies.items())}\r\n"
        f"X-CSRFToken: {cookies[django_settings.CSRF_COOKIE_NAME]}\r\nAccept: application/json\r\n"
        f"Content-Type: multipart/form-data; boundary={edge}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    for length, kept in ((3_000_000, 0), (len(body), 1)):
        with socket.create_connection((host, int(port))) as line:
            line.sendall((head + body[:length]).encode())
            if kept:
                assert b" 201 " in line.recv(100)
        time.sleep(1)  # The server goes on for a while after the browser has gone.
        until = time.monotonic() + 30
        while list(tmp_path.iterdir()) and time.monotonic() < until:
            time.sleep(0.1)
        assert list(tmp_path.iterdir()) == []
        assert len(places(cupboard)) == kept
        with as_owner():
            assert Document.objects.count() == kept
            assert File.objects.count() == kept


def test_a_document_stands_on_the_life_line_on_the_day_of_what_it_tells(desk, coordinator, record):
    document = deposit(coordinator, record, title="Bulletin d'entrée", day=timezone.localdate())
    private = f.user("RICCI", "Paola", profession=NURSE)
    f.member(coordinator, record, private.person.party, habilitated=True)
    deposit(f.actor(private), record, title="Pour moi", level=Sharing.PRIVATE)
    page = desk.web.get(reverse("dossier:lifeline", args=[record.pk])).content.decode()
    assert desk.address("show", document.pk) in page
    assert "Bulletin d&#39;entrée" in page
    assert "Pour moi" not in page
