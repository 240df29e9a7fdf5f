"""The English catalogue holds every text of the code, and English pages speak no French."""

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from html import unescape
from pathlib import Path

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.encoding import force_str

from ronde.accounts import terms
from ronde.accounts.models import Attachment, DutyKind, User
from ronde.core.db.roles import as_owner
from ronde.core.formats import said as said_label
from ronde.followup.models import ListItem
from ronde.followup.queries import status_choices
from ronde.terminology.models import Concept
from ronde.terminology.queries import display
from tests import factories as f
from tests.signing import act_as
from tests.test_consistency import addresses
from tools import messages

LANGUAGE = "en"
updated = cache(messages.updated)
# Proper nouns, numbers and what reads alike in both languages.
SHORTEST = 4
TRANSLATED = {Path(path).stem for path in messages.LABELS}


def test_every_text_of_the_code_is_translated():
    """`make messages` takes the texts out of the code and lists those that wait."""
    assert messages.untranslated(updated(LANGUAGE)) == [], "Run `make messages`, then translate."


def test_a_translation_keeps_the_values_and_the_tags_of_its_text():
    assert messages.differing(updated(LANGUAGE)) == []


def test_the_catalogue_is_as_the_command_writes_it():
    """Sorted, without date nor line numbers, without text that the code lost."""
    path = messages.source_of(LANGUAGE)
    before = path.read_text(encoding="utf-8")
    try:
        messages.write(LANGUAGE, updated(LANGUAGE))
        assert path.read_text(encoding="utf-8") == before, "Run `make messages`."
    finally:
        path.write_text(before, encoding="utf-8")


def test_the_texts_of_python_templates_and_plurals_are_all_found():
    found = {text for _path, text, _context in messages.messages()}
    assert "Mon profil" in found
    assert "Votre code de connexion à Ronde :" in found
    assert ("%(n)d an", "%(n)d ans") in found


def test_the_labels_of_the_small_nomenclatures_and_lists_are_translated():
    catalog = messages.read(LANGUAGE)
    labels = [text for _path, text, _context in messages.labels()]
    assert len(labels) > 700
    same = {text for text in labels if catalog.get(text).string == text}
    assert same <= {"Acupuncture", "C360", "Infection", "Nutrition"}


@pytest.mark.django_db
def test_labels_are_read_in_the_language_of_the_reader_and_kept_in_french():
    assert display("professions", "G15:60") == "Infirmier"
    with translation.override("en"):
        assert display("professions", "G15:60") == "Nurse"
        assert display("roles", "attending-physician") == "Attending physician"
        assert display("relationships", "DAUC") == "Daughter"
        assert display("know-how", "C07") == "Cardiology"
        assert ("intensive", "Intensive coordination") in status_choices()
        assert display("establishment-categories", "101") == "Centre Hospitalier Régional (C.H.R.)"
    status = ListItem.objects.get(list="status", code="intensive")
    assert status.label == "Suivi coordination intensive"
    assert ("intensive", "Suivi coordination intensive") in status_choices()


def test_what_a_region_wrote_in_its_lists_is_not_translated():
    with translation.override("en"):
        assert said_label("Suivi du Var") == "Suivi du Var"
        assert said_label("") == ""


def test_a_lost_value_and_a_lost_plural_are_seen():
    catalog = messages.read(LANGUAGE)
    catalog.get("Ouvrir le dossier").string = "Open %(name)s"
    catalog.get("%(n)d an").string = ("%(n)d year", "")
    assert messages.untranslated(catalog) == ["%(n)d an"]
    assert "Ouvrir le dossier → Open %(name)s" in messages.differing(catalog)


class French:
    """Texts that differ in English: whole, or as the pattern of what a page shows of them."""

    def __init__(self) -> None:
        self.whole: set[str] = set()
        self.patterns: list[re.Pattern[str]] = []
        for text in self._texts():
            parts = [re.escape(part) for part in re.split(r"%\(\w+\)\w|\{n\}|%%", text)]
            if len(parts) == 1:
                self.whole.add(text)
            elif max(map(len, parts)) > SHORTEST:
                self.patterns.append(re.compile(".+?".join(parts), re.S))

    def among(self, words: set[str]) -> set[str]:
        return {
            one
            for one in words
            if one in self.whole or any(known.fullmatch(one) for known in self.patterns)
        }

    @staticmethod
    def _texts() -> Iterator[str]:
        for entry in messages.entries(messages.read(LANGUAGE)):
            texts = [entry.id] if isinstance(entry.id, str) else list(entry.id)
            strings = [entry.string] if isinstance(entry.string, str) else list(entry.string)
            for text, string in zip(texts, strings, strict=True):
                if text.casefold() != string.casefold() and len(text) >= SHORTEST:
                    yield re.sub(r"\s+", " ", text)


def said(page: str) -> set[str]:
    """What a page shows or reads aloud: its texts, and the attributes that hold words."""
    page = re.sub(r"<(kbd|option|script)\b.*?</\1>", "<>", page, flags=re.S)
    words = re.findall(r'(?:aria-label|title|placeholder|data-ronde-[a-z-]+)="([^"]+)"', page)
    words += re.findall(r">([^<]+)<", page)
    return {re.sub(r"\s+", " ", unescape(one)).strip() for one in words} - {""}


@pytest.fixture
def sophie() -> User:
    who = f.user("LAMBERT", "Sophie", attached_to=f.structure("DAC Var Ouest"))
    with as_owner():
        User.objects.filter(pk=who.pk).update(language="en")
    return who


def pages_of(record: object) -> list[str]:
    base = f"/dossiers/{record.pk}/"  # type: ignore[attr-defined]
    return [
        "/file-active/", "/profil/", "/profil/conditions/", "/conditions/", "/assistance/",
        "/mentions-legales/", "/donnees-personnelles/", "/accessibilite/", "/securite/",
        "/dossiers/nouveau/", "/nulle-part/",
        base, f"{base}identite/", f"{base}cercle/", f"{base}cercle/anciens/", f"{base}fil/",
        f"{base}fil/note/", f"{base}tracabilite/",
        f"{base}cercle/ajouter/", f"{base}identite/modification/", f"{base}identite/piece/",
    ]  # fmt: skip


@pytest.mark.django_db
def test_english_pages_show_no_french_text(client, sophie):
    record = f.patient(f.actor(sophie))
    f.member(f.actor(sophie), record, f.person("COSTA", "Hugo").party, habilitated=True)
    french = French()
    # The large nomenclatures of the nation keep their official labels.
    official = Concept.objects.exclude(system__in=TRANSLATED)
    data = {*official.values_list("display", flat=True)}
    client.force_login(sophie)
    found: dict[str, set[str]] = {}
    seen = 0
    for web, address in [
        *((client, address) for address in pages_of(record)),
        *((Client(), address) for address in ("/connexion/", "/mot-de-passe/", "/assistance/")),
    ]:
        web.cookies["ronde_langue"] = "en"
        answer = web.get(address)
        page = force_str(answer.content)
        assert '<html lang="en">' in page, f"{address}: {answer.status_code}"
        words = said(page) - data
        seen += len(words)
        if wrong := french.among(words):
            found[address] = wrong
    assert found == {}
    assert seen > 300


def keyless() -> Iterator[tuple[str, str, str]]:
    """Name, gate and address of each page that needs no key."""
    for name, pattern in addresses():
        with suppress(NoReverseMatch):
            yield name, pattern.callback.gate, reverse(name)


@pytest.mark.django_db
@pytest.mark.parametrize("acting_as", ["person", "structure"])
def test_no_address_shows_a_french_text_in_english(acting_as):
    """Whoever holds every duty and every level meets every page that needs no key."""
    house = f.structure("DAC Var Ouest")
    who = f.user("VIDAL", "Agnes", duties=DutyKind.values, attached_to=house)
    with as_owner():
        User.objects.filter(pk=who.pk).update(language="en")
        Attachment.objects.filter(user=who).update(is_super_user=True)
    f.delegation(who, f.user("PETIT", "Nina"), status="pending")
    french = French()
    data = {*Concept.objects.exclude(system__in=TRANSLATED).values_list("display", flat=True)}
    data |= {*ListItem.objects.values_list("label", flat=True)}  # As its editor reads it.
    data.add(re.sub(r"\s+", " ", terms.start(english=False)).strip())  # As it is written there.
    web, visitor = Client(), Client()
    web.force_login(who)
    act_as(web, house.pk if acting_as == "structure" else who.person_id)
    visitor.cookies["ronde_langue"] = web.cookies["ronde_langue"] = "en"
    found, screens = {}, 0
    for name, gate, address in keyless():
        answer = (visitor if gate == "public" else web).get(address)
        if "html" not in answer.headers.get("Content-Type", "") or answer.status_code >= 400:
            continue
        screens += 1
        if wrong := french.among(said(force_str(answer.content)) - data):
            found[name] = wrong
    assert found == {}
    assert screens > 40


@pytest.mark.django_db
def test_the_search_for_french_texts_can_find_one(client):
    client.force_login(f.user())
    words = said(force_str(client.get("/profil/").content))
    assert French().among(words) >= {"Mon profil", "Se déconnecter"}
