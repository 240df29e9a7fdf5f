"""The feed of a record: what it tells, to whom, and notes."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ronde.careteam import actions as careteam
from ronde.careteam.access import Access, access_to
from ronde.careteam.models import Level, SectionRight
from ronde.core.actor import Actor
from ronde.core.db.roles import as_owner
from ronde.feed import actions, queries
from ronde.followup import actions as followup_actions
from ronde.followup import queries as followup
from ronde.journal.models import JournalEntry, Weight
from ronde.patients import death
from ronde.patients.models import Patient
from tests import factories as f
from tests.followup.conftest import Desk, item
from tests.query_budget import budget
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
DAY = timedelta(days=1)


@pytest.fixture
def account():
    return f.user("LAMBERT", "Sophie")


@pytest.fixture
def coordinator(account) -> Actor:
    return f.actor(account)


@pytest.fixture
def record(coordinator) -> Patient:
    return f.patient(coordinator)


@pytest.fixture
def browser(account) -> Client:
    return signed_in(account)


def note(as_actor, actor: Actor, record: Patient, text: str, weight: Weight = Weight.NORMAL):
    with as_actor(actor):
        return actions.add_note(access_to(actor, record.pk), text, weight)


def texts(as_actor, actor: Actor, record: Patient, *kinds: str) -> list[str]:
    with as_actor(actor):
        rows = queries.of_kinds(queries.entries(access_to(actor, record.pk)), kinds)
        return [queries.line(row).text for row in rows]


def read(client: Client, record: Patient, query: str = "", **headers: str) -> str:
    response = client.get(reverse("feed:list", args=[record.pk]) + query, headers=headers or None)
    assert response.status_code == 200
    return response.content.decode()


def test_everything_done_on_the_record_is_told_newest_first(as_actor, coordinator, record):
    f.member(coordinator, record, f.person("LEBLANC", "Marc").party, habilitated=True)
    note(as_actor, coordinator, record, "Appeler la famille lundi")
    assert texts(as_actor, coordinator, record) == [
        "Appeler la famille lundi",
        "LEBLANC Marc habilité(e) à consulter le dossier",
        "LEBLANC Marc ajouté(e) au cercle de soins",
        "Dossier créé",
    ]


def test_filters_add_up_and_none_ticked_shows_all(as_actor, coordinator, record):
    note(as_actor, coordinator, record, "Simple")
    note(as_actor, coordinator, record, "Grave", Weight.VERY_IMPORTANT)
    assert texts(as_actor, coordinator, record, "important") == ["Dossier créé"]
    assert texts(as_actor, coordinator, record, "tres-important") == ["Grave"]
    assert texts(as_actor, coordinator, record, "notes") == ["Grave", "Simple"]
    both = texts(as_actor, coordinator, record, "important", "notes")
    assert both == ["Grave", "Simple", "Dossier créé"]
    assert len(texts(as_actor, coordinator, record)) == 3


class TestWhatIsStillSo:
    """The filter «événements actifs»: what lasts from an event, until another one ends it."""

    @pytest.fixture
    def desk(self, account, coordinator, record) -> Desk:
        return Desk(account, coordinator, record)

    def active(self, desk: Desk) -> list[str]:
        rows = desk.does(lambda access: list(_of(access, "actifs")))
        return [queries.line(row).text for row in rows]

    def test_a_note_lasts_from_nothing(self, as_actor, coordinator, record, desk):
        note(as_actor, coordinator, record, "Appelé le SSIAD")
        assert self.active(desk) == []

    def test_a_status_is_active_until_the_next_one_and_an_exit_never(self, desk):
        desk.set_status("intensive")
        former = desk.set_status("light", former=desk.does(followup.current_status).pk)
        assert self.active(desk) == [
            "Statut pour Sophie LAMBERT : Suivi coordination légère"
            " (avant : Suivi coordination intensive)"
        ]
        desk.set_status("out", former=former.pk, reason=item("exit_reason", "goals"))
        assert self.active(desk) == []

    def test_each_structure_has_its_own_active_status(self, desk, record):
        other = f.user("ROUX", "Hugo")
        f.member(desk.actor, record, other.person.party, habilitated=True)
        desk.set_status("intensive")
        Desk(other, f.actor(other), record).set_status("light")
        assert len(self.active(desk)) == 2

    def test_a_stay_is_active_until_the_discharge(self, desk):
        stay = desk.add_stay()
        assert "CHITS Sainte Musse" in self.active(desk)[0]
        values = {"discharged_at": timezone.now()}
        stay = desk.does(followup_actions.change_stay, stay, values, stay.version)
        assert self.active(desk) == []
        desk.does(followup_actions.change_stay, stay, {"discharged_at": None}, stay.version)
        assert len(self.active(desk)) == 1

    def test_a_stay_that_is_over_or_cancelled_is_not_active(self, desk):
        desk.add_stay(timezone.now() - timedelta(days=9), discharged_at=timezone.now() - DAY)
        to_come = desk.add_stay(timezone.now() + timedelta(days=9), is_planned=True)
        assert len(self.active(desk)) == 1
        desk.does(followup_actions.cancel_stay, to_come, "Reporté")
        assert self.active(desk) == []

    def test_a_death_and_a_refusal_are_active_until_they_are_taken_back(self, desk, record):
        member = f.member(desk.actor, record, f.person("LEBLANC").party, refused=True)
        desk.does(death.declare, {"died_on": None, "declared_on": timezone.localdate()})
        assert len(self.active(desk)) == 2
        desk.does(death.undo, "Erreur de personne")
        desk.does(careteam.lift_refusal, member)
        assert self.active(desk) == []


def _of(access: Access, *kinds: str):
    return queries.of_kinds(queries.entries(access), kinds)


def test_the_four_filters_have_the_words_of_the_guide(browser, record):
    page = read(browser, record)
    for words in ("Important", "Très important", "Notes", "Événements actifs"):
        assert f"<span>{words}</span>" in page


def test_a_section_that_one_may_not_read_is_not_told(as_actor, coordinator, record):
    reader = f.user("ROUX", "Hugo", profession="G15:70")
    f.member(coordinator, record, reader.person.party, habilitated=True)
    note(as_actor, coordinator, record, "Pour tous")
    with as_owner():
        SectionRight.objects.create(profession_code="G15:70", section="careteam", level=Level.NONE)
    assert texts(as_actor, f.actor(reader), record) == ["Pour tous", "Dossier créé"]


def test_another_record_stays_out(as_actor, coordinator, record):
    other = f.patient(coordinator, birth_name="AUTRE")
    note(as_actor, coordinator, other, "Ailleurs")
    assert texts(as_actor, coordinator, record) == ["Dossier créé"]


def test_a_line_names_the_person_and_the_structure(as_actor, coordinator, record):
    place = f.structure("SSIAD Les Pins")
    nurse = f.actor(f.user("RICCI", "Paola", attached_to=place), place)
    f.member(coordinator, record, place.party, habilitated=True)
    line = queries.line(note(as_actor, nurse, record, "Passée ce matin"))
    assert (line.person, line.party) == ("Paola RICCI", "SSIAD Les Pins")
    mine = queries.line(note(as_actor, coordinator, record, "Vu"))
    assert (mine.person, mine.party) == ("Sophie LAMBERT", "")


def test_the_page_says_when_in_full_and_as_people_say_it(as_actor, browser, coordinator, record):
    when = timezone.now() - timedelta(days=1)
    with time_machine.travel(when, tick=False):
        note(as_actor, coordinator, record, "Hier déjà")
    html = read(browser, record)
    local = timezone.localtime(when)
    assert f'title="{local:%d/%m/%Y %H:%M:%S}"' in html
    assert f"hier {local:%H:%M}" in html


def test_a_note_is_shown_as_it_was_typed_and_no_tag_comes_through(
    as_actor, browser, coordinator, record
):
    note(as_actor, coordinator, record, "<b>gras</b> & « guillemets »")
    html = read(browser, record)
    assert "&lt;b&gt;gras&lt;/b&gt; &amp; «\u00a0guillemets\u00a0»" in html


def test_htmx_receives_the_list_alone(browser, record):
    part = read(browser, record, "?afficher=notes", **HTMX)
    assert "<html" not in part
    assert "Rien dans le fil ne correspond à ces filtres." in part
    assert "<html" in read(browser, record, "?afficher=notes")
    assert "Dossier créé" in read(browser, record, "?afficher=inconnu")


@pytest.mark.parametrize("lines", [1, 30])
def test_the_page_costs_the_same_whatever_its_length(as_actor, browser, coordinator, record, lines):
    for n in range(lines):
        note(as_actor, coordinator, record, f"Note {n}")
    read(browser, record)
    with budget("feed"):
        read(browser, record)


def test_a_long_feed_is_cut_in_pages(as_actor, browser, coordinator, record):
    for n in range(25):
        note(as_actor, coordinator, record, f"Note numéro {n:02}")
    first = re.findall(r"Note numéro (\d\d)", read(browser, record))
    second = re.findall(r"Note numéro (\d\d)", read(browser, record, "?page=2"))
    assert first == [f"{n:02}" for n in range(24, 4, -1)]
    assert second == [f"{n:02}" for n in range(4, -1, -1)]


class TestWritingANote:
    def post(self, client: Client, record: Patient, *, htmx: bool = True, **values: object):
        address = reverse("feed:add_note", args=[record.pk])
        return client.post(address, values, headers=HTMX if htmx else None)

    def test_it_is_recorded_with_its_importance(self, browser, coordinator, record):
        answer = self.post(browser, record, text="Clés chez la gardienne", weight=2)
        assert answer.status_code == 204
        assert "feed:changed" in answer.headers["HX-Trigger"]
        with as_owner():
            entry = JournalEntry.objects.get(event="NoteWritten")
        assert (entry.weight, entry.payload["text"]) == (2, "Clés chez la gardienne")
        assert (entry.user_id, entry.party_id) == (coordinator.user_id, coordinator.party_id)

    def test_without_javascript_it_leads_back_to_the_feed(self, browser, record):
        answer = self.post(browser, record, htmx=False, text="Vu", weight=1)
        assert answer.url == reverse("feed:list", args=[record.pk])

    @pytest.mark.parametrize(
        ("values", "said"),
        [
            ({"text": "   ", "weight": 1}, "Écrivez la note."),
            ({"text": "a" * 2001, "weight": 1}, "2000"),
            ({"text": "Vu", "weight": 9}, "9"),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_is_written(self, browser, record, values, said):
        answer = self.post(browser, record, **values)
        assert answer.status_code == 422
        assert said in answer.content.decode()
        with as_owner():
            assert not JournalEntry.objects.filter(event="NoteWritten").exists()

    def test_under_break_glass_notes_may_be_written(self, as_actor, record):
        account = f.user("PETIT", "Léa")
        doctor = f.actor(account)
        with as_actor(doctor):
            careteam.break_glass(doctor, record.pk, "urgence", "Chute")
        client = Client()
        client.force_login(account)
        assert self.post(client, record, text="Vue aux urgences", weight=3).status_code == 204

    def test_a_profession_that_only_reads_is_refused(self, as_actor, coordinator, record):
        reader = f.user("ROUX", "Hugo", profession="G15:70")
        f.member(coordinator, record, reader.person.party, habilitated=True)
        with as_owner():
            SectionRight.objects.create(profession_code="G15:70", section="feed", level=Level.READ)
        client = Client()
        client.force_login(reader)
        assert self.post(client, record, text="Vu", weight=1).status_code == 403
        assert "Nouvelle note" not in read(client, record)
        with pytest.raises(PermissionDenied):
            note(as_actor, f.actor(reader), record, "Vu")
