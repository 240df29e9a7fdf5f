"""The page of a record: what it shows, to whom, at what cost."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ronde.careteam import actions as careteam
from ronde.careteam.access import access_to
from ronde.careteam.models import Level, MemberKind, SectionRight
from ronde.core.actor import Actor
from ronde.core.db.roles import as_owner
from ronde.core.sharing import Sharing
from ronde.dossier import actions, queries
from ronde.feed import actions as feed
from ronde.journal.models import AccessTrace
from ronde.patients.models import Patient, Zone
from tests import factories as f
from tests.followup.conftest import Desk
from tests.query_budget import budget
from tests.signing import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return f.user("LAMBERT", "Sophie")


@pytest.fixture
def coordinator(account) -> Actor:
    return f.actor(account)


@pytest.fixture
def record(coordinator) -> Patient:
    return f.patient(coordinator, used_name="DURAND", mobile="+33612345678")


@pytest.fixture
def browser(account) -> Client:
    return signed_in(account)


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def show(client: Client, name: str, record: Patient, *args: str, **headers: str) -> str:
    response = client.get(reverse(name, args=[record.pk, *args]), headers=headers or None)
    assert response.status_code == 200
    return response.content.decode()


def change(record: Patient, **values: object) -> None:
    with as_owner():
        Patient.objects.filter(pk=record.pk).update(**values)


def test_the_star_of_the_list_is_turned_on_the_record_too(browser, record):
    def pressed() -> str:
        star = re.search(r'<button class="etoile".*?>', show(browser, "dossier:record", record))
        assert f'hx-post="{reverse("worklist:star", args=[record.pk])}"' in star[0]
        return re.search('aria-pressed="(.*?)"', star[0])[1]

    assert pressed() == "false"
    assert browser.post(reverse("worklist:star", args=[record.pk])).status_code == 204
    assert pressed() == "true"


def test_a_phone_prints_from_the_record(browser, record):
    html = show(browser, "dossier:record", record)
    buttons = re.search(r'<div class="actions-m m-seul">.*?</div>', html, re.DOTALL)[0]
    assert reverse("dossier:print", args=[record.pk]) in buttons


def test_the_banner_says_who_the_patient_is(browser, record):
    text = text_of(show(browser, "dossier:record", record))
    assert "DURAND Jeanne née MARCHETTI Jeanne" in text
    assert "née le 12/03/1942" in text
    assert "à La Seyne-sur-Mer (83126)" in text
    assert "Identité provisoire" in text
    assert "Habilité(e)" in text


def test_the_banner_stands_on_every_tab(browser, record):
    for name in ("dossier:record", "feed:list", "dossier:trace"):
        assert "DURAND Jeanne" in text_of(show(browser, name, record))


def test_the_title_of_the_window_names_the_page_and_the_patient(browser, record):
    assert "<title>DURAND Jeanne – Ronde</title>" in show(browser, "dossier:record", record)
    html = show(browser, "dossier:trace", record)
    assert "<title>Traçabilité · DURAND Jeanne – Ronde</title>" in html


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"is_doubtful": True}, "Identité douteuse"),
        ({"is_fictitious": True}, "Identité fictive"),
        ({"is_homonym": True}, "Homonyme"),
        ({"is_deceased": True, "death_date": "2026-10-02"}, "Décédée le 02/10/2026"),
        ({"birth_place_code": "99999"}, "À compléter : lieu de naissance"),
    ],
)
def test_the_banner_warns(browser, record, values, said):
    assert said not in text_of(show(browser, "dossier:record", record))
    change(record, **values)
    assert said in text_of(show(browser, "dossier:record", record))


def test_a_withdrawn_consent_is_said(browser, record):
    assert "Sans consentement" not in text_of(show(browser, "dossier:record", record))
    with as_owner():
        record.consents.update(
            withdrawn_at=timezone.now(), withdrawal_reason="Ne souhaite plus partager"
        )
    text = text_of(show(browser, "dossier:record", record))
    assert "Sans consentement" in text
    assert "plus personne ne peut être habilité" in text


def test_a_stranger_finds_nothing(record):
    client = Client()
    client.force_login(f.user("ROUX", "Hugo"))
    for name in ("dossier:record", "dossier:trace", "dossier:ins", "feed:list"):
        assert client.get(reverse(name, args=[record.pk])).status_code == 404


def test_relatives_and_people_to_call_stand_together(browser, as_actor, coordinator, record):
    with as_actor(coordinator):
        access = access_to(coordinator, record.pk)
        careteam.add_by_hand(
            access,
            MemberKind.RELATIVE,
            {
                "display_name": "DURAND Claire",
                "relationship_code": "DAUC",
                "phone": "+33494000009",
            },
            roles=["trusted-person"],
        )
    f.member(coordinator, record, f.person("LEBLANC", "Marc").party)
    text = text_of(show(browser, "dossier:panel", record, "contacts"))
    assert "DURAND Claire" in text
    assert "Fille, Personne de confiance" in text
    assert "04 94 00 00 09" in text
    assert "LEBLANC" not in text


def test_national_numbers_are_masked_until_asked_for_and_it_is_traced(browser, record):
    change(record, nir="242038312600457")
    html = show(browser, "dossier:record", record)
    assert "2 42 03 83 126 ••• ••" in html
    assert "004 57" not in html
    assert "2 42 03 83 126 004 57" in show(browser, "dossier:ins", record)
    with as_owner():
        assert AccessTrace.objects.order_by("-at").first().section == "ins"


def test_the_zones_of_the_address_are_named(browser, record):
    with as_owner():
        Zone.objects.create(name="Var Ouest – littoral", commune_codes=["83126"])
    change(record, commune_code="83126", city="La Seyne-sur-Mer")
    assert "Var Ouest – littoral" in show(browser, "dossier:panel", record, "identity")


def test_each_panel_has_its_own_address(browser, record):
    for name in ("identity", "consent", "since", "feed", "circle", "contacts"):
        assert "<section" in show(browser, "dossier:panel", record, name)
    assert browser.get(reverse("dossier:panel", args=[record.pk, "autre"])).status_code == 404


def test_the_tabs_count_again_by_themselves_and_leave_one_trace(browser, coordinator, record):
    asked = f"{reverse('dossier:tabs', args=[record.pk])}?rubrique=cercle"
    assert "Cercle de soins 1" in text_of(browser.get(asked).text)
    f.member(coordinator, record, f.person("RICCI", "Paola").party)
    tabs = browser.get(asked).text
    assert "Cercle de soins 2" in text_of(tabs)
    assert re.findall(r'aria-current="page">([^<]+?) ?<', tabs) == ["Cercle de soins"]
    assert "aria-current" not in browser.get(asked.replace("cercle", "autre")).text
    with as_owner():
        assert AccessTrace.objects.filter(patient_id=record.pk).count() == 1


def test_the_page_stays_within_its_budget(browser, coordinator, record):
    for n in range(12):
        f.member(coordinator, record, f.person(f"NOM{n:02}").party, habilitated=n % 2 == 0)
    show(browser, "dossier:record", record)
    with budget("record"):
        show(browser, "dossier:record", record)


class TestSinceTheLastVisit:
    def opened(self, client: Client, record: Patient, when: object) -> str:
        with time_machine.travel(when, tick=False):
            return text_of(show(client, "dossier:record", record))

    def note(self, as_actor, actor: Actor, record: Patient, when: object, text: str) -> None:
        with time_machine.travel(when, tick=False), as_actor(actor):
            feed.add_note(access_to(actor, record.pk), text)

    @pytest.fixture
    def nurse(self, coordinator, record) -> Actor:
        account = f.user("RICCI", "Paola")
        f.member(coordinator, record, account.person.party, habilitated=True)
        return f.actor(account)

    def test_the_first_opening_says_so(self, browser, record):
        assert "pour la première fois" in text_of(show(browser, "dossier:record", record))

    def test_what_others_did_since_is_counted(self, browser, as_actor, record, nurse):
        now = timezone.now()
        self.opened(browser, record, now)
        self.note(as_actor, nurse, record, now + timedelta(hours=2), "Pansement refait")
        text = self.opened(browser, record, now + timedelta(hours=3))
        assert "Depuis votre dernière visite 1" in text
        # The same visit goes on: reading on does not make it read.
        again = self.opened(browser, record, now + timedelta(hours=3, minutes=20))
        assert "Depuis votre dernière visite 1" in again

    def test_each_kind_of_news_is_there(self, browser, as_actor, record, nurse):
        now = timezone.now()
        self.opened(browser, record, now)
        with time_machine.travel(now + timedelta(hours=2), tick=True):
            f.document(nurse, record, type="11490-0")
            f.member(nurse, record, f.person("LEBLANC", "Marc").party, habilitated=True)
            f.memo(nurse, record, title="Accès")
            f.stay(nurse, record)
            Desk(None, nurse, record).set_status("light")
        self.note(as_actor, nurse, record, now + timedelta(hours=3), "Pansement refait")
        text = self.opened(browser, record, now + timedelta(hours=4))
        shown = text.split("Depuis votre dernière visite")[1].split("Fil d’actualité")[0]
        for words in (
            "Document ajouté",
            "LEBLANC Marc ajouté(e) au cercle de soins",
            "LEBLANC Marc habilité(e)",
            "Mémo ajouté : « Accès »",
            "Hospitalisation : CHITS Sainte Musse",
            "Suivi coordination légère",
            "Pansement refait",
        ):
            assert words in shown, words

    def test_ones_own_acts_are_no_news(self, browser, as_actor, coordinator, record, nurse):
        now = timezone.now()
        self.opened(browser, record, now)
        self.note(as_actor, coordinator, record, now + timedelta(hours=2), "Appelé le SSIAD")
        text = self.opened(browser, record, now + timedelta(hours=3))
        assert "Rien de nouveau depuis votre visite" in text
        assert "Appelé le SSIAD" in text

    def test_one_key_marks_all_as_read(self, browser, as_actor, record, nurse):
        now = timezone.now()
        self.opened(browser, record, now)
        self.note(as_actor, nurse, record, now + timedelta(hours=2), "Pansement refait")
        later = now + timedelta(hours=3)
        assert "Depuis votre dernière visite 1" in self.opened(browser, record, later)
        with time_machine.travel(later, tick=False):
            answer = browser.post(
                reverse("dossier:mark_read", args=[record.pk]), headers={"HX-Request": "true"}
            )
        assert answer.status_code == 204
        assert "feed:changed" in answer.headers["HX-Trigger"]
        text = self.opened(browser, record, later + timedelta(minutes=1))
        assert "Rien de nouveau" in text
        assert "Pansement refait" in text

    def test_a_mark_is_ones_own(self, as_actor, coordinator, record, nurse):
        with as_actor(coordinator):
            actions.mark_read(access_to(coordinator, record.pk))
        with as_actor(nurse):
            assert queries.recent(access_to(nurse, record.pk)).since is None


# The order of the panels.


@pytest.mark.parametrize(
    ("profession", "first"),
    [
        ("", ["since", "memos", "status", "stays"]),
        ("G15:10", ["since", "stays", "documents", "feed"]),
        ("R94:200", ["since", "contacts", "circle", "status"]),
        ("R85:330", ["since", "status", "stays", "circle"]),
    ],
)
def test_each_trade_finds_first_what_it_looks_at_first(profession, first):
    account = f.user("RICCI", "Paola", profession=profession)
    mine = f.patient(f.actor(account))
    client = Client()
    client.force_login(account)
    page = show(client, "dossier:record", mine)
    ranks = dict(re.findall(r'class="o(\d+)" id="place-(\w+)"', page))
    assert [ranks[str(rank)] for rank in range(1, 5)] == first
    assert sorted(map(int, ranks)) == list(range(1, len(ranks) + 1))


# On paper.


class TestOnPaper:
    @pytest.fixture
    def desk(self, account, coordinator, record) -> Desk:
        return Desk(account, coordinator, record)

    def printed(self, client: Client, record: Patient) -> str:
        return text_of(show(client, "dossier:print", record))

    def test_it_says_what_one_needs_away_from_the_screen(self, browser, desk, record):
        change(record, is_doubtful=True, city="La Seyne-sur-Mer", postcode="83500")
        f.member(desk.actor, record, f.person("LEBLANC", "Marc").party, habilitated=True)
        f.memo(desk.actor, record, "Code 4512B", title="Accès")
        desk.set_status("intensive")
        desk.add_stay()
        text = self.printed(browser, record)
        for words in (
            "DURAND Jeanne",
            "Identité douteuse",
            "Hospitalisée J+2",
            "06 12 34 56 78",
            "83500 La Seyne-sur-Mer",
            "LEBLANC Marc",
            "04 94 00 00 01",
            "Suivi coordination intensive",
            "CHITS Sainte Musse",
            "6 étapes à faire",
            "Code 4512B",
            "Mémo ajouté",
        ):
            assert words in text, words

    def test_it_says_who_printed_it_as_whom_and_the_trace_too(self, desk, record):
        house = f.structure("DAC Var Ouest")
        with as_owner():
            f.Attachment.objects.create(user=desk.account, structure=house)
        f.member(desk.actor, record, house.party, habilitated=True)
        client = signed_in(desk.account, house.pk)
        text = self.printed(client, record)
        assert re.search(r"Imprimé le \d\d/\d\d/\d{4} .* par Sophie LAMBERT", text)
        assert "DAC Var Ouest" in text
        with as_owner():
            trace = AccessTrace.objects.order_by("-at").first()
        assert (trace.section, trace.party_name) == ("print", "DAC Var Ouest")

    def test_a_section_that_one_may_not_read_takes_no_place(self, desk, record):
        desk.add_stay()
        f.memo(desk.actor, record, "Code 4512B")
        nurse = f.user("ROUX", "Hugo", profession="G15:70")
        f.member(desk.actor, record, nurse.person.party, habilitated=True)
        with as_owner():
            for section in ("stays", "memos", "careteam", "feed"):
                SectionRight.objects.create(
                    profession_code="G15:70", section=section, level=Level.NONE
                )
        client = Client()
        client.force_login(nurse)
        text = self.printed(client, record)
        for words in ("CHITS", "Hospitalisé", "Code 4512B", "Cercle de soins N", "Mémo ajouté"):
            assert words not in text, words

    def test_a_memo_that_is_not_shared_with_the_reader_is_not_printed(self, desk, record):
        f.memo(desk.actor, record, "Pour moi seule", sharing=Sharing.PRIVATE)
        other = f.user("ROUX", "Hugo")
        f.member(desk.actor, record, other.person.party, habilitated=True)
        client = Client()
        client.force_login(other)
        assert "Pour moi seule" not in self.printed(client, record)
        assert "Pour moi seule" in self.printed(desk.client(), record)

    def test_it_costs_a_few_queries_whatever_the_record_holds(self, browser, desk, record):
        for number in range(6):
            f.memo(desk.actor, record, f"Code {number}")
            f.member(desk.actor, record, f.person(f"NOM{number}").party)
        with budget("print"):
            self.printed(browser, record)
