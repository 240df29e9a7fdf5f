"""The worklist as its reader meets it: what is shown, filtered, kept, exported."""

import io
import zipfile
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from ronde.careteam.models import BreakGlass
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.journal.models import JournalEntry
from ronde.patients.models import Patient, Zone
from ronde.worklist.models import Favourite, SavedSearch
from tests import factories as f
from tests.query_budget import counted
from tests.signing import act_as

pytestmark = pytest.mark.django_db
LIST = "/file-active/"


@pytest.fixture
def me():
    return f.user()


@pytest.fixture
def web(client: Client, me) -> Client:
    client.force_login(me)
    return client


@pytest.fixture
def records(me) -> list[Patient]:
    who = f.actor(me)
    return [
        f.patient(who),
        f.patient(who, birth_name="MORETTI", first_given="ANGELO", sex="M",
                  birth_date=date(1947, 6, 30), commune_code="83137", city="Toulon"),
        f.patient(who, birth_name="BENSAID", first_given="YASMINE", used_name="DURAND",
                  birth_date=date(2026, 7, 2), birth_place_code="83069"),
    ]  # fmt: skip


def names(response) -> list[str]:
    page = response.content.decode()
    return [piece.split("<")[0] for piece in page.split('data-ronde-principal href="')[1:]
            for piece in [piece.split(">", 1)[1]]]  # fmt: skip


def filtered(web: Client, **values) -> list[str]:
    shown = {"deceased": "non", "archived": "non", **values}
    return names(web.post(LIST, shown, headers={"HX-Request": "true"}))


def test_it_lists_the_records_of_the_acting_identity_and_no_other(web, records):
    f.patient(f.actor(f.user("ROUX", "Hugo")), birth_name="AUTREVIE")
    page = web.get(LIST)
    assert sorted(names(page)) == ["DURAND Yasmine", "MARCHETTI Jeanne", "MORETTI Angelo"]
    assert "AUTREVIE" not in page.content.decode()


def test_a_structure_shows_its_own_records(client, me, records):
    place = f.structure()
    who = f.user("RICCI", "Paola", attached_to=place)
    f.patient(f.actor(who, place), birth_name="SUIVIEPARLEDAC")
    client.force_login(who)
    assert names(client.get(LIST)) == []
    act_as(client, place.pk)
    assert names(client.get(LIST)) == ["SUIVIEPARLEDAC Jeanne"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"text": "mor"}, ["MORETTI Angelo"]),
        ({"text": "durand yas"}, ["DURAND Yasmine"]),
        ({"text": "bensaïd"}, ["DURAND Yasmine"]),
        ({"text": "30/06/1947"}, ["MORETTI Angelo"]),
        ({"birth_name": "Bens"}, ["DURAND Yasmine"]),
        ({"used_name": "dur"}, ["DURAND Yasmine"]),
        ({"given": "ang"}, ["MORETTI Angelo"]),
        ({"birth_date": "12/03/1942"}, ["MARCHETTI Jeanne"]),
        ({"sexes": ["M"]}, ["MORETTI Angelo"]),
        ({"sexes": ["M", "F"], "text": "m"}, ["MARCHETTI Jeanne", "MORETTI Angelo"]),
        ({"commune": "83137"}, ["MORETTI Angelo"]),
        ({"statuses": ["4"]}, []),
        ({"text": "%"}, ["DURAND Yasmine", "MARCHETTI Jeanne", "MORETTI Angelo"]),
    ],
)
def test_a_filter_keeps_what_it_says(web, records, values, expected):
    assert sorted(filtered(web, **values)) == expected


def test_a_wrong_date_is_said_beside_the_field_and_the_other_filters_stay(web, records):
    page = web.post(
        LIST,
        {"birth_date": "31/02/1950", "sexes": ["M"], "deceased": "non"},
        headers={"HX-Request": "true"},
    )
    assert "JJ/MM/AAAA" in page.content.decode()
    assert names(page) == ["MORETTI Angelo"]


def test_what_is_typed_stands_in_no_address(web, records):
    page = web.post(LIST, {"text": "moretti", "deceased": "non"}, headers={"HX-Request": "true"})
    address = page.headers["HX-Push-Url"]
    assert "moretti" not in address.lower()
    assert names(web.get(address)) == ["MORETTI Angelo"]


def test_a_filter_is_taken_off_by_its_cross(web, records):
    page = web.post(LIST, {"text": "m", "sexes": ["M"], "deceased": "non", "archived": "non"},
                    headers={"HX-Request": "true"})  # fmt: skip
    assert sorted(names(web.get(page.headers["HX-Push-Url"] + "&sans=sexes"))) == [
        "MARCHETTI Jeanne", "MORETTI Angelo"]  # fmt: skip


def test_a_zone_keeps_its_communes(web, records):
    with as_owner():
        zone = Zone.objects.create(name="Var Ouest – Toulon", commune_codes=["83137"])
    assert filtered(web, zones=[str(zone.pk)]) == ["MORETTI Angelo"]


def test_roles_and_professional_are_those_of_one_same_member(web, me, records):
    who = f.actor(me)
    doctor, nurse = f.person("LEBLANC", "Marc"), f.person("RICCI", "Paola", profession="G15:60")
    f.member(who, records[0], doctor.party, roles=("attending-physician",))
    f.member(who, records[1], nurse.party, roles=("attending-physician",))
    f.member(who, records[1], doctor.party, roles=("contributor",))
    assert filtered(web, professional=str(doctor.pk), roles=["attending-physician"]) == [
        "MARCHETTI Jeanne"]  # fmt: skip


def test_deceased_and_archived_come_only_when_asked(web, me, records):
    with as_owner():
        Patient.objects.filter(pk=records[0].pk).update(is_deceased=True)
        Patient.objects.filter(pk=records[1].pk).update(archived_at=timezone.now())
    assert names(web.get(LIST)) == ["DURAND Yasmine"]
    assert filtered(web, deceased="oui") == ["MARCHETTI Jeanne"]
    assert sorted(filtered(web, deceased="", archived="")) == [
        "DURAND Yasmine", "MARCHETTI Jeanne", "MORETTI Angelo"]  # fmt: skip


def test_the_columns_sort_both_ways(web, records):
    assert names(web.get(f"{LIST}?tri=nom")) == [
        "DURAND Yasmine", "MARCHETTI Jeanne", "MORETTI Angelo"]  # fmt: skip
    assert names(web.get(f"{LIST}?tri=-naissance"))[0] == "DURAND Yasmine"
    assert names(web.get(f"{LIST}?tri=<script>")) != []


def test_those_who_died_sort_by_the_date_and_the_others_stand_last(web, records):
    with as_owner():
        for rank, day in (0, date(2026, 5, 2)), (2, date(2025, 1, 9)):
            Patient.objects.filter(pk=records[rank].pk).update(is_deceased=True, death_date=day)
    order = ["DURAND Yasmine", "MARCHETTI Jeanne", "MORETTI Angelo"]
    assert filtered(web, deceased="", sort="deces") == order
    assert filtered(web, deceased="", sort="-deces") == order[::-1]


def test_pages_cut_without_overlap(web, me):
    who = f.actor(me)
    for number in range(12):
        f.patient(who, birth_name=f"NOM{'ABCDEFGHIJKL'[number]}")
    first = names(web.get(f"{LIST}?taille=10&tri=nom"))
    second = names(web.get(f"{LIST}?taille=10&tri=nom&page=2"))
    assert (len(first), len(second)) == (10, 2)
    assert not set(first) & set(second)
    assert len(names(web.get(f"{LIST}?taille=10&tri=nom&page=99"))) == 2


def test_a_star_marks_for_oneself_alone(web, me, records):
    key = records[1].pk
    assert web.post(f"/file-active/{key}/favori/").status_code == 204
    assert filtered(web, favourites="oui") == ["MORETTI Angelo"]
    assert "MORETTI Angelo" not in filtered(web, favourites="non")
    web.post(f"/file-active/{key}/favori/")
    assert filtered(web, favourites="oui") == []


def test_a_star_on_the_record_of_others_is_refused(web):
    other = f.patient(f.actor(f.user("ROUX", "Hugo")))
    assert web.post(f"/file-active/{other.pk}/favori/").status_code == 404
    with as_owner():
        assert not Favourite.objects.exists()


def test_a_search_is_saved_applied_on_arrival_and_deleted(web, me, records):
    state = web.post(LIST, {"sexes": ["M"], "deceased": "non", "archived": "non"},
                     headers={"HX-Request": "true"}).headers["HX-Push-Url"]  # fmt: skip
    query = state.split("?")[1]
    web.post(f"/file-active/recherches/?{query}", {"name": "Hommes", "default": "on"})
    assert names(web.get(LIST)) == ["MORETTI Angelo"]
    with acting(party_id=me.person_id, user_id=me.pk):
        search = SavedSearch.objects.get()
    assert "irréversible" in web.get(
        f"/file-active/recherches/{search.pk}/suppression/").content.decode()  # fmt: skip
    web.post(f"/file-active/recherches/{search.pk}/suppression/")
    assert len(names(web.get(LIST))) == 3


def test_one_search_at_most_is_the_default(web, me, records):
    for name in ("Un", "Deux"):
        web.post("/file-active/recherches/?vue=tous", {"name": name, "default": "on"})
    with acting(party_id=me.person_id, user_id=me.pk):
        assert [s.name for s in SavedSearch.objects.filter(is_default=True)] == ["Deux"]


def test_the_saved_search_of_somebody_else_does_not_exist(web, me):
    other = f.user("ROUX", "Hugo")
    with acting(party_id=other.person_id, user_id=other.pk):
        search = SavedSearch.objects.create(user_id=other.pk, name="À moi")
    for end in ("suppression", "defaut"):
        assert web.post(f"/file-active/recherches/{search.pk}/{end}/").status_code == 404


def sheet(response) -> str:
    with zipfile.ZipFile(io.BytesIO(response.content)) as book:
        return book.read("xl/sharedStrings.xml").decode() + book.read(
            "xl/worksheets/sheet1.xml").decode()  # fmt: skip


def test_the_export_holds_the_current_selection_and_is_traced(web, me, records):
    state = web.post(LIST, {"sexes": ["M"], "deceased": "non", "archived": "non"},
                     headers={"HX-Request": "true"}).headers["HX-Push-Url"]  # fmt: skip
    text = sheet(web.post(f"/file-active/export/?{state.split('?')[1]}"))
    assert "MORETTI" in text
    assert "MARCHETTI" not in text
    with as_owner():
        entry = JournalEntry.objects.get(event="WorklistExported")
    assert entry.payload["records"] == [str(records[1].pk)]


def test_the_export_of_ticked_rows_never_holds_the_record_of_others(web, records):
    other = f.patient(f.actor(f.user("ROUX", "Hugo")), birth_name="AUTREVIE")
    ticked = {"patient": [str(other.pk), str(records[0].pk), "x"]}
    text = sheet(web.post("/file-active/export/", ticked))
    assert "MARCHETTI" in text
    assert "AUTREVIE" not in text


def test_ticked_rows_are_exported_in_the_order_of_the_screen(web, records):
    ticked = {"patient": [str(one.pk) for one in records]}
    text = sheet(web.post("/file-active/export/?tri=-nom", ticked))
    assert text.index("MORETTI") < text.index("MARCHETTI") < text.index("BENSAID")


def test_the_order_of_a_column_stays_when_a_filter_is_typed_after(web, records):
    page = web.get(f"{LIST}?tri=-nom", headers={"HX-Request": "true"})
    assert '<option value="-nom" selected>' in page.content.decode()
    assert filtered(web, sort="-nom", sexes=["M", "F"])[0] == "MORETTI Angelo"


def test_an_order_is_no_filter(web):
    """An empty list that is sorted still says what it will hold, and is still of all records."""
    page = web.get(f"{LIST}?tri=nom").content.decode()
    assert "Votre file active est vide" in page
    assert f'href="{LIST}?vue=tous" aria-current="true"' in page


def test_the_whole_search_is_exported_when_it_is_ticked(web, records):
    text = sheet(web.post("/file-active/export/", {"patient": [str(records[0].pk)], "tous": "1"}))
    assert text.count("<row ") == 5  # title, 3, signature


def test_a_formula_typed_as_a_town_stays_text(web, me):
    f.patient(f.actor(me), city='=HYPERLINK("http://exemple.test")')
    assert "<f>" not in sheet(web.post("/file-active/export/"))


def test_the_export_stops_at_its_limit(web, records, settings):
    settings.WORKLIST_EXPORT_LIMIT = 2
    assert sheet(web.post("/file-active/export/")).count("<row ") == 4  # title, 2, signature


def test_the_quick_search_finds_names_dates_and_numbers(web, records):
    def found(text: str) -> str:
        return web.post("/recherche/", {"q": text}).content.decode()

    assert "MORETTI" in found("angelo mor")
    assert "MARCHETTI" in found("12/03/1942")
    assert "MORETTI" in found(str(records[1].record_number))
    assert "data-ronde-href" not in found("introuvable")
    other = f.patient(f.actor(f.user("ROUX", "Hugo")), birth_name="AUTREVIE")
    assert "AUTREVIE" not in found("autrevie")
    assert "AUTREVIE" not in found(str(other.record_number))


def test_a_break_glass_shows_with_its_minutes_then_goes(web, me):
    record = f.patient(f.actor(f.user("ROUX", "Hugo")), birth_name="URGENCE")
    now = timezone.now()
    with as_owner():
        BreakGlass.objects.create(
            patient=record, party_id=me.person_id, user_id=me.pk, reason="urgence",
            reason_text="Chute", opened_at=now, until=now + timedelta(minutes=30),
        )  # fmt: skip
    assert "Bris de glace" in web.get(LIST).content.decode()
    with as_owner():
        BreakGlass.objects.update(until=now - timedelta(seconds=1))
    assert names(web.get(LIST)) == []


def test_the_number_of_queries_does_not_grow_with_the_rows(web, me):
    def asked() -> int:
        with counted() as seen:
            web.get(f"{LIST}?taille=50")
        return len([q for q in seen.captured_queries if "SAVEPOINT" not in q["sql"]])

    f.patient(f.actor(me))
    asked()
    with_one = asked()
    for number in range(30):
        f.patient(f.actor(me), birth_name=f"NOM{number}")
    assert asked() == with_one <= 8
