"""«Extraire les données du patient»: what is in it, for whom, and for how long."""

import hashlib
import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import Storage, storages
from django.core.management import call_command
from django.db import ProgrammingError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from ronde.careteam import actions as circle
from ronde.careteam.models import Level, Member, SectionRight
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.core.sharing import Sharing
from ronde.documents import actions as papers
from ronde.documents.models import Scan
from ronde.dossier import extraction, extraction_parts, summary
from ronde.dossier.models import Extraction
from ronde.followup import actions as stays
from ronde.followup import memo_actions
from ronde.followup import queries as followup
from ronde.journal.models import JournalEntry
from ronde.patients import actions as patients
from ronde.patients import death
from tests import factories as f
from tests.followup.conftest import Desk

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def cupboard() -> Storage:
    """The storage of sealed files, empty."""
    kept = storages["documents"]
    for place in places(kept):
        kept.delete(place)
    return kept


def places(kept: Storage) -> list[str]:
    return [
        f"{folder}/{name}" for folder in kept.listdir("")[0] for name in kept.listdir(folder)[1]
    ]


@pytest.fixture
def desk() -> Desk:
    house = f.structure("DAC Var Ouest")
    account = f.user("LAMBERT", "Sophie", attached_to=house)
    actor = f.actor(account, house)
    return Desk(account, actor, f.patient(actor))


@pytest.fixture
def colleague(desk: Desk) -> Desk:
    account = f.user("LEBLANC", "Marc")
    f.member(desk.actor, desk.record, account.person.party, habilitated=True)
    return Desk(account, f.actor(account), desk.record)


def made(desk: Desk) -> Extraction:
    """Ask for the archive, and make it as the worker does."""
    asked = desk.does(extraction.ask, "patient")
    _work(desk, asked)
    return _again(asked)


def _work(desk: Desk, asked: Extraction) -> None:
    actor = desk.actor
    extraction.Maker(asked.pk, desk.record.pk, actor.user_id, actor.party_id).make()


def _again(asked: Extraction) -> Extraction:
    with as_owner():
        return Extraction.objects.get(pk=asked.pk)


def opened(desk: Desk, found: Extraction) -> zipfile.ZipFile:
    address = reverse("dossier:extraction_file", args=[desk.record.pk, found.pk])
    answer = desk.client().get(address)
    assert answer.status_code == 200
    return zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))


def data(desk: Desk, found: Extraction) -> dict:
    return json.loads(opened(desk, found).read("dossier.json"))


def test_the_archive_holds_the_record_and_a_summary_to_read(desk):
    desk.set_status("intensive")
    desk.add_stay()
    f.memo(desk.actor, desk.record, "Code 4512B")
    found = made(desk)
    archive = opened(desk, found)
    assert set(archive.namelist()) == {"synthese.pdf", "dossier.json", "manifest.json"}
    assert archive.read("synthese.pdf").startswith(b"%PDF")
    known = json.loads(archive.read("dossier.json"))
    assert known["identity"]["traits"]["Nom de naissance"] == "MARCHETTI"
    assert known["statuses"][0]["party"] == "DAC Var Ouest"
    assert known["stays"][0]["place"] == "CHITS Sainte Musse"
    assert known["memos"][0]["content"] == "Code 4512B"
    assert known["circle"][0]["name"] == "DAC Var Ouest"


def test_the_manifest_gives_the_digest_of_every_file(desk):
    archive = opened(desk, made(desk))
    manifest = json.loads(archive.read("manifest.json"))
    assert {one["path"] for one in manifest["files"]} == set(archive.namelist()) - {"manifest.json"}
    for one in manifest["files"]:
        content = archive.read(one["path"])
        assert (len(content), hashlib.sha256(content).hexdigest()) == (one["size"], one["sha256"])


def test_the_summary_is_a_tagged_pdf_that_says_its_language_and_its_title(desk):
    """PDF/UA-1: the compiler refuses what is not; its marks say so to a screen reader."""
    pdf = opened(desk, made(desk)).read("synthese.pdf")
    for mark in (b"/Lang(fr-FR)", b"/MarkInfo", b"/StructTreeRoot", b"/DisplayDocTitle true",
                 b"<pdfuaid:part>1", b"Synth"):  # fmt: skip
        assert mark in pdf, mark


def test_the_summary_tells_the_consent_the_death_and_the_linked_records(desk):
    brother = f.patient(desk.actor, first_given="PAUL", sex="M")
    f.link(desk.actor, desk.record, brother)
    values = {"declared_on": timezone.localdate(), "town": "Toulon", "place": "Domicile"}
    desk.does(death.declare, values)
    parts = desk.does(lambda one: {name: m(one) for name, m in extraction_parts.of(one).items()})
    told = desk.does(summary.data, parts)
    facts = dict(told["facts"])
    assert facts["Décès"] == "date non connue, Toulon, Domicile"
    rows = {table["title"]: table["rows"] for table in told["tables"]}
    assert rows["Dossiers liés"] == [[f"N° {brother.record_number}", "Frère", "–"]]
    assert rows["Consentement"][0][3] == "–"
    desk.does(patients.withdraw_consent, "Changé d'avis")
    parts = desk.does(lambda one: {name: m(one) for name, m in extraction_parts.of(one).items()})
    rows = {table["title"]: table["rows"] for table in desk.does(summary.data, parts)["tables"]}
    assert "Changé d'avis" in rows["Consentement"][0][3]


def test_the_archive_holds_the_documents_and_who_opened_the_record(desk, colleague):
    letter = f.document(desk.actor, desk.record, title="Lettre", content=b"Bonjour", name="a.txt")
    f.document(desk.actor, desk.record, title="Secret", level=Sharing.PRIVATE)
    waiting = f.document(desk.actor, desk.record, title="Ordonnance")
    with as_owner():
        waiting.files.update(scan=Scan.PENDING)
    desk.client().get(reverse("documents:show", args=[desk.record.pk, letter.pk]))
    archive = opened(colleague, made(colleague))
    (path,) = [name for name in archive.namelist() if name.startswith("documents/")]
    assert archive.read(path) == b"Bonjour"
    known = json.loads(archive.read("dossier.json"))
    assert {one["title"] for one in known["documents"]} == {"Lettre", "Ordonnance"}
    assert "Sophie LAMBERT" in {one["person"] for one in known["trace"]}
    manifest = json.loads(archive.read("manifest.json"))
    left_out = {"title": "Ordonnance", "version": "1", "why": "Analyse en cours"}
    assert manifest["documents_left_out"] == [left_out]


def test_the_archive_holds_what_each_thing_was_before(desk, colleague):
    """The whole record: former versions, who left, what was set aside, cancelled or corrected."""
    letter = f.document(desk.actor, desk.record, title="Lettre", content=b"Avant", name="a.txt")
    desk.does(papers.replace, letter, io.BytesIO(b"Maintenant"), "b.txt")
    memo = f.memo(desk.actor, desk.record, "Code 4512B")
    desk.does(memo_actions.change, memo, "Code 77", memo.version)
    stay = desk.add_stay()
    step = desk.does(followup.steps, stay)[0].row
    desk.does(stays.drop_steps, [step])
    desk.does(stays.cancel_stay, stay, "Noté sur le mauvais dossier")
    desk.does(death.declare, {"declared_on": timezone.localdate()})
    desk.does(death.undo, "Erreur de personne")
    gone = f.member(desk.actor, desk.record, f.person("COSTA", "Hugo").party)
    desk.does(circle.remove, gone)
    email = {"email": "jeanne@exemple.test"}
    desk.does(lambda one: patients.change_identity(one, email, one.patient.version))

    archive = opened(desk, made(desk))
    contents = {archive.read(one) for one in archive.namelist() if one.startswith("documents/")}
    assert contents == {b"Avant", b"Maintenant"}
    known = json.loads(archive.read("dossier.json"))
    (paper,) = known["documents"]
    assert [one["number"] for one in paper["versions"]] == [2, 1]
    assert [one["content"] for one in known["memos"][0]["former_versions"]] == ["Code 4512B"]
    assert known["stays"][0]["cancelled"] == "Noté sur le mauvais dossier"
    (aside,) = known["stays"][0]["steps_set_aside"]
    assert aside["label"] == step.label
    (taken_back,) = known["identity"]["deaths_taken_back"]
    assert taken_back["taken_back_because"] == "Erreur de personne"
    assert known["left_the_circle"][0]["name"] == "COSTA Hugo"
    changes = [tuple(one) for row in known["identity"]["history"] for one in row["changes"]]
    assert ("e-mail", "", "jeanne@exemple.test") in changes


def test_a_feed_too_long_is_cut_and_the_manifest_says_so(desk, monkeypatch):
    assert json.loads(opened(desk, made(desk)).read("manifest.json"))["cut"] == {}
    for _ in range(3):
        desk.does(stays.cancel_stay, desk.add_stay(), "Essai")
    monkeypatch.setattr(extraction_parts, "MOST_LINES", 3)
    archive = opened(desk, made(desk))
    assert json.loads(archive.read("manifest.json"))["cut"] == {"feed": 3}
    assert len(json.loads(archive.read("dossier.json"))["feed"]) == 3


def test_a_section_that_is_closed_is_left_out_and_the_manifest_says_so(desk, colleague):
    desk.add_stay()
    with as_owner():
        SectionRight.objects.create(profession_code="G15:10", section="stays", level=Level.NONE)
    archive = opened(colleague, made(colleague))
    assert "stays" not in json.loads(archive.read("dossier.json"))
    assert "Hospitalisations" in json.loads(archive.read("manifest.json"))["sections_left_out"]
    assert b"CHITS" not in archive.read("dossier.json")


def test_a_section_closed_since_closes_the_archive_that_holds_it(desk, colleague):
    desk.add_stay()
    found, page = made(colleague), reverse("dossier:extract_data", args=[desk.record.pk])
    address = reverse("dossier:extraction_file", args=[desk.record.pk, found.pk])
    assert address in colleague.client().get(page).text
    with as_owner():
        SectionRight.objects.create(profession_code="G15:10", section="stays", level=Level.NONE)
    assert colleague.client().get(address).status_code == 404
    shown = colleague.client().get(page).text
    assert address not in shown
    assert "une rubrique vous est fermée depuis : recommencez" in shown
    assert "stays" not in data(colleague, made(colleague))


def test_what_others_keep_private_is_not_in_it(desk, colleague):
    desk.does(memo_actions.write, "Famille difficile", sharing=Sharing.PRIVATE)
    assert data(colleague, made(colleague))["memos"] == []


def test_it_is_written_in_the_feed_with_its_purpose(desk):
    desk.does(extraction.ask, "relais")
    with as_owner():
        assert JournalEntry.objects.get(event="RecordExtracted").payload == {"purpose": "relais"}


def test_one_is_made_at_a_time(desk):
    desk.does(extraction.ask, "patient")
    with pytest.raises(ValidationError, match="déjà en préparation"):
        desk.does(extraction.ask, "patient")


def test_nobody_else_takes_it(desk, colleague):
    found = made(desk)
    address = reverse("dossier:extraction_file", args=[desk.record.pk, found.pk])
    assert colleague.client().get(address).status_code == 404
    with (
        acting(party_id=colleague.actor.party_id, user_id=colleague.actor.user_id),
        transaction.atomic(),
    ):
        assert not Extraction.objects.exists()


def test_a_right_withdrawn_closes_the_file_and_stops_the_making(desk, colleague):
    found = made(colleague)
    waiting = colleague.does(extraction.ask, "patient")
    with as_owner():
        Member.objects.filter(party_id=colleague.actor.party_id).update(habilitated=False)
    address = reverse("dossier:extraction_file", args=[desk.record.pk, found.pk])
    assert colleague.client().get(address).status_code == 404
    with pytest.raises(extraction.Http404):
        _work(colleague, waiting)
    assert _again(waiting).state != "ready"


def test_after_a_day_the_file_is_gone_and_its_line_stays(desk, cupboard):
    found = made(desk)
    assert len(places(cupboard)) == 1
    with as_owner():
        Extraction.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert extraction.expire() == 1
    assert places(cupboard) == []
    address = reverse("dossier:extraction_file", args=[desk.record.pk, found.pk])
    assert desk.client().get(address).status_code == 404
    assert (
        "effacée" in desk.client().get(reverse("dossier:extract_data", args=[desk.record.pk])).text
    )


def test_an_archive_still_opens_once_the_master_key_was_changed(desk, settings):
    settings.DOCUMENT_KEYS = {"old": bytes(range(32))}
    found = made(desk)
    settings.DOCUMENT_KEYS = {"new": bytes(range(32, 64)), **settings.DOCUMENT_KEYS}
    with as_owner():
        call_command("rotate_document_keys", verbosity=0)
    settings.DOCUMENT_KEYS = {"new": bytes(range(32, 64))}
    assert "synthese.pdf" in opened(desk, _again(found)).namelist()


def test_the_file_is_not_readable_where_it_lies(desk, cupboard):
    made(desk)
    (place,) = places(cupboard)
    content = cupboard.open(place).read()
    assert b"PK\x03\x04" not in content
    assert b"MARCHETTI" not in content


def test_a_failure_is_told_to_who_asked(desk, monkeypatch):
    asked = desk.does(extraction.ask, "patient")

    def broken(*_args: object) -> bytes:
        raise OSError

    monkeypatch.setattr(extraction.summary, "document", broken)
    with pytest.raises(OSError):  # noqa: PT011
        _work(desk, asked)
    assert _again(asked).state == "failed"
    page = desk.client().get(reverse("dossier:extract_data", args=[desk.record.pk])).text
    assert "échouée" in page


def test_the_page_asks_why_and_keeps_quiet_while_nothing_changes(desk):
    client = desk.client()
    address = reverse("dossier:extract_data", args=[desk.record.pk])
    assert "Choisissez le motif." in client.post(address).text
    assert client.post(address, {"purpose": "patient"}).status_code == 302
    htmx = {"HX-Request": "true"}
    assert "every 2s" in client.get(address, headers=htmx).text
    assert client.get(f"{address}?vu=waiting0", headers=htmx).status_code == 204


def test_the_database_lets_nobody_ask_for_a_record_that_is_closed(desk):
    who = f.actor(f.user("ROUX", "Hugo"))
    row = Extraction(
        patient_id=desk.record.pk,
        user_id=who.user_id,
        party_id=who.party_id,
        purpose="patient",
        asked_at=timezone.now(),
    )
    with (
        acting(party_id=who.party_id, user_id=who.user_id),
        pytest.raises(ProgrammingError),
        transaction.atomic(),
    ):
        row.save(force_insert=True)


def test_the_places_of_what_is_over_are_all_that_the_job_learns():
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM dossier_expire_extractions()")
        assert [column.name for column in cursor.description] == ["place"]
