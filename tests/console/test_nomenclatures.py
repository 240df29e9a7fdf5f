"""What the region offers of the imported nomenclatures, and its own roles."""

import html
import re
import time

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse

from ronde.careteam import forms, matrix, queries
from ronde.careteam.access import access_to
from ronde.careteam.models import MemberKind, MemberRole
from ronde.console import nomenclature_actions as actions
from ronde.core.actor import Officer
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.directory import search
from ronde.directory.imports import rpps
from ronde.documents import types
from ronde.documents.forms import FilingForm
from ronde.journal.events import sentence
from ronde.journal.models import JournalEntry
from ronde.terminology import queries as terminology
from ronde.terminology.models import CodeSystem, Concept, Nomenclature, RegionalRole, Withheld
from ronde.worklist.forms import FilterForm
from tests import factories as f
from tests.at_once import race
from tests.query_budget import budget

pytestmark = pytest.mark.django_db
LISTS = "/console/listes/"
OPTICIAN, NURSE = "G15:28", "G15:60"


@pytest.fixture(autouse=True)
def _fresh_memory():
    terminology.forget()
    yield
    terminology.forget()


@pytest.fixture
def administrator(client):
    who = f.user("VIDAL", "Agnès", duties=["administrator"])
    client.force_login(who)
    return who


@pytest.fixture
def choose(client, administrator, django_capture_on_commit_callbacks):
    """Press one of the two buttons of a line, or send a form of a role."""

    def send(address: str, **values: str):
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(address, values, follow=True)

    return send


def offering(name: str) -> str:
    return reverse("console:offer", args=[name])


def said() -> list[str]:
    with as_owner():
        rows = JournalEntry.objects.filter(event="NomenclatureChanged").order_by("at")
        return [sentence(row.event, row.payload) for row in rows]


def words(answer) -> str:
    return html.unescape(answer.text)


@pytest.mark.parametrize("name", Nomenclature.values)
def test_each_nomenclature_shows_what_its_publisher_has_not_retired(client, administrator, name):
    text = words(client.get(LISTS, {"liste": name}))
    shown = set(re.findall(r'<tr id="([^"]+)"', text))
    assert shown == {one.code for one in terminology.current(name)}
    assert CodeSystem.objects.get(pk=name).version in text
    if name == "professions":
        assert "TRE-R94-ProfessionSocial" in text
        assert "G15:93" not in shown


def test_a_long_one_is_filtered_by_text_and_by_what_is_offered(client, administrator, choose):
    choose(offering("professions"), retirer=OPTICIAN)
    asked = {"liste": "professions", "q": "opti lun"}
    assert re.findall(r'<tr id="([^"]+)"', client.get(LISTS, asked).text) == [OPTICIAN]
    asked = {"liste": "professions", "etat": "retires"}
    assert re.findall(r'<tr id="([^"]+)"', client.get(LISTS, asked).text) == [OPTICIAN]
    answer = client.get(LISTS, {"liste": "professions", "q": "zzz\0", "etat": "?"})
    assert "Aucune ligne ne correspond." in answer.text


def test_the_pages_cost_the_same_whatever_their_length(client, administrator):
    with budget("console:lists (nomenclature)"):
        client.get(LISTS, {"liste": "professions"})


def test_a_line_leaves_the_pickers_and_comes_back_by_the_same_button(client, choose):
    answer = choose(offering("professions"), retirer=OPTICIAN, q="opti", etat="")
    assert answer.redirect_chain[-1][0] == f"{LISTS}?liste=professions&q=opti#G15%3A28"
    assert "« Opticien-Lunetier » n'est plus proposé." in words(answer)
    assert OPTICIAN not in dict(terminology.professions())
    assert terminology.display("professions", OPTICIAN) == "Opticien-Lunetier"
    choose(offering("professions"), remettre=OPTICIAN)
    assert OPTICIAN in dict(terminology.professions())
    assert said() == [
        "Nomenclature « Professions » : « Opticien-Lunetier » n’est plus proposé",
        "Nomenclature « Professions » : « Opticien-Lunetier » est proposé de nouveau",
    ]
    audit = words(client.get(reverse("console:audit"), {"evenement": "NomenclatureChanged"}))
    assert "« Opticien-Lunetier » n’est plus proposé" in audit
    assert "VIDAL" in audit


def test_a_stale_page_does_not_undo_what_another_administrator_did(choose):
    """The button says which of the two it does: pressed twice, the second time does nothing."""
    choose(offering("roles"), retirer="contributor")
    choose(offering("roles"), retirer="contributor")
    assert "contributor" not in dict(terminology.choices("roles"))
    assert len(said()) == 1


@pytest.mark.parametrize("code", ["", "nobody", "G15:93"])
def test_what_is_not_in_the_nomenclature_is_refused_in_words(choose, code):
    answer = choose(offering("professions"), retirer=code)
    assert "n’est plus dans la nomenclature" in words(answer)
    assert not Withheld.objects.exists()


def test_the_last_line_offered_stays(choose):
    codes = [code for code, _label in terminology.choices("roles")]
    for code in codes:
        answer = choose(offering("roles"), retirer=code)
    assert "est la dernière ligne proposée" in words(answer)
    assert [code for code, _label in terminology.choices("roles")] == codes[-1:]


@pytest.mark.django_db(transaction=True)
def test_two_administrators_do_not_take_the_last_two_lines_out_at_once():
    who = f.user("VIDAL", "Agnès", duties=["administrator"])
    officer = Officer(who.pk, who.full_name, "administrator")
    first, second, *others = [one.code for one in terminology.current("roles")]
    with as_owner():
        Withheld.objects.bulk_create(Withheld(system_id="roles", code=one) for one in others)

    def take(code: str):
        def act():
            with acting(party_id=None, user_id=who.pk, duty="administrator"):
                return actions.offer(officer, Nomenclature.ROLES, code, offered=False)

        return act

    _done, refused = race(take(first), take(second))
    assert "dernière ligne" in refused.messages[0]
    terminology.forget()
    assert [code for code, _label in terminology.choices("roles")] == [second]


def test_another_process_sees_the_choice_within_a_minute(choose, monkeypatch):
    assert "contributor" in dict(terminology.choices("roles"))
    monkeypatch.setattr("ronde.terminology.queries.forget", lambda: None)
    choose(offering("roles"), retirer="contributor")
    assert "contributor" in dict(terminology.choices("roles"))
    later = time.monotonic() + terminology.FRESH_FOR + 1
    monkeypatch.setattr("ronde.terminology.queries.time.monotonic", lambda: later)
    assert "contributor" not in dict(terminology.choices("roles"))


def test_the_database_lets_nobody_else_choose(administrator):
    who = f.user("ROUX", "Hugo")
    with acting(party_id=who.person_id, user_id=who.pk, duty="administrator"):
        for write in (
            lambda: Withheld.objects.create(system_id="roles", code="referent"),
            lambda: RegionalRole.objects.create(code="r-1", display="Relais"),
        ):
            with pytest.raises(ProgrammingError), transaction.atomic():
                write()
        assert CodeSystem.objects.update(chosen_at=None) == 0
    with (
        acting(party_id=None, user_id=administrator.pk, duty="administrator"),
        pytest.raises(ProgrammingError),
        transaction.atomic(),
    ):
        CodeSystem.objects.update(version="la mienne")


# Where the codes are read.


@pytest.fixture
def coordinator():
    return f.actor(f.user())


@pytest.fixture
def record(coordinator):
    return f.patient(coordinator)


@pytest.fixture
def desk(coordinator) -> Client:
    web = Client()
    web.force_login(f.User.objects.get(pk=coordinator.user_id))
    return web


def test_a_member_keeps_a_role_that_is_no_longer_offered(choose, coordinator, record, desk):
    held = f.member(coordinator, record, f.person("COLOMBO").party, roles=("referent",))
    other = f.member(coordinator, record, f.person("ROUX").party)
    choose(offering("roles"), retirer="referent")

    def edit(member, **values):
        address = reverse("careteam:edit", args=[record.pk, member.pk])
        with as_owner():
            member.refresh_from_db()
        sent = {"version": member.version, **values}
        return desk.post(address, sent, headers={"HX-Request": "true"})

    assert edit(held, roles=["referent"], unit="Rééducation").status_code == 204
    with as_owner():
        assert MemberRole.objects.get(member=held, is_current=True).role == "referent"
    refused = edit(other, roles=["referent"], unit="Cardiologie")
    assert refused.status_code == 422
    assert "« Référent » n’est plus proposé dans la région" in words(refused)
    assert "Cardiologie" in refused.text, "what was typed is not lost"
    circle = words(desk.get(reverse("careteam:circle", args=[record.pk])))
    assert "Référent" in circle


def test_somebody_typed_by_hand_keeps_a_profession_and_a_link(
    choose, coordinator, record, as_actor
):
    choose(offering("professions"), retirer=OPTICIAN)
    choose(offering("relationships"), retirer="FRND")
    with as_actor(coordinator):
        access = access_to(coordinator, record.pk)
        fresh = forms.PersonForm({"profession_code": OPTICIAN}, access=access)
        told = html.unescape(str(fresh.errors["profession_code"]))
        assert "« Opticien-Lunetier » n’est plus proposé dans la région" in told
        fresh = forms.PersonForm({"relationship_code": "FRND"}, access=access)
        assert "« Autre proche » n’est plus proposé" in str(fresh.errors["relationship_code"])
        fresh = forms.PersonForm({"relationship_code": "nobody"}, access=access)
        assert "n’est plus proposé" not in str(fresh.errors["relationship_code"])

        held = forms.Member(
            kind=MemberKind.PROFESSIONAL, profession_code=OPTICIAN, relationship_code="FRND"
        )
        kept = forms.PersonForm({}, access=access, member=held)
        assert (OPTICIAN, "Opticien-Lunetier") in kept.fields["profession_code"].choices
        assert ("FRND", "Autre proche") in kept.fields["relationship_code"].choices


def test_a_document_keeps_its_type(choose, coordinator, record, as_actor):
    letter = f.document(coordinator, record)
    choose(offering("document-types"), retirer=letter.type_code)
    with as_actor(coordinator):
        access = access_to(coordinator, record.pk)
        told = FilingForm({"type": letter.type_code}, access=access).errors["type"]
        assert "n’est plus proposé dans la région" in str(told)
        kept = FilingForm({"type": letter.type_code}, access=access, kept=letter.type_code)
        assert "type" not in kept.errors
    assert types.label(letter.type_code) != letter.type_code


def test_who_asks_for_an_account_does_not_choose_it(choose, client):
    choose(offering("professions"), retirer=NURSE)
    client.logout()
    sent = {"registered": "oui", "profession_code": NURSE, "rpps": "98000000012"}
    answer = client.post(reverse("accounts:sign_up"), sent)
    assert answer.status_code == 422
    assert "« Infirmier » n’est plus proposé dans la région" in words(answer)
    assert "98000000012" in answer.text


def test_the_directory_is_still_found_and_imported_by_it(choose):
    """The region chooses what is written in its records, not who exists."""
    with as_owner():
        before = rpps.profession_codes()
    choose(offering("professions"), retirer="R95:93")
    choose(offering("professions"), retirer=NURSE)
    with as_owner():
        assert rpps.profession_codes() == before
    assert NURSE in search._professions("INFIRM")


def test_the_worklist_is_still_filtered_by_a_role_that_members_hold(choose):
    choose(offering("roles"), retirer="referent")
    form = FilterForm({"roles": ["referent"]}, zones=[])
    assert form.is_valid()
    code, label = form.fields["roles"].choices[-1]
    assert (code, label) == ("referent", "Référent (n’est plus proposé)")


def test_the_matrix_keeps_its_lines(client, choose):
    choose(offering("roles"), retirer="referent")
    choose(offering("professions"), retirer=NURSE)
    assert matrix.is_known(matrix.Key(NURSE, "referent"))
    asked = {"profession": NURSE, "role": "referent"}
    text = words(client.get(reverse("console:matrix"), asked))
    assert re.search(rf'<option value="{NURSE}"[^>]*selected', text)
    assert re.search(r'<option value="referent"[^>]*selected', text)


# Roles of the region.


def add(choose, display="Relais de nuit", close_to="coordinator"):
    return choose(reverse("console:add_role"), display=display, close_to=close_to)


def test_a_role_of_the_region_is_chosen_filtered_and_given_rights_like_others(
    client, choose, coordinator, record, desk
):
    assert "Rôle ajouté." in words(add(choose, " Relais  de nuit "))
    role = RegionalRole.objects.get()
    assert (role.code, role.display) == ("r-1", "Relais de nuit")
    for kind in MemberKind:
        offered = dict(queries.role_choices(kind))
        assert ("r-1" in offered) == ("coordinator" in offered)
    found = terminology.concept("roles", "r-1")
    near = terminology.concept("roles", "coordinator")
    assert found.properties["fhir_code"] == near.properties["fhir_code"]

    f.member(coordinator, record, f.person("COLOMBO").party, roles=("r-1",))
    assert "Relais de nuit" in words(desk.get(reverse("careteam:circle", args=[record.pk])))
    assert ("r-1", "Relais de nuit") in FilterForm(zones=[]).fields["roles"].choices
    kept = desk.get("/file-active/", {"roles": "r-1"})
    assert "Relais de nuit" in words(kept)
    answer = client.get(reverse("console:matrix"), {"profession": NURSE, "role": "r-1"})
    assert "Infirmier, rôle « Relais de nuit »" in words(answer)
    without = matrix.sheet(matrix.Key(NURSE))
    assert {
        name: cell.level for name, cell in matrix.sheet(matrix.Key(NURSE, "r-1")).cells.items()
    } == {name: cell.level for name, cell in without.cells.items()}


def test_it_is_never_unique_whatever_it_is_close_to(choose):
    add(choose, "Médecin d’astreinte", "attending-physician")
    assert "unique" not in terminology.concept("roles", "r-1").properties


def test_it_is_renamed_and_taken_out(choose):
    add(choose)
    address = reverse("console:edit_role", args=[RegionalRole.objects.get().pk])
    choose(address, display="Veilleur", close_to="referent", former="Relais de nuit")
    assert terminology.display("roles", "r-1") == "Veilleur"
    choose(offering("roles"), retirer="r-1")
    assert "r-1" not in dict(terminology.choices("roles"))
    assert terminology.display("roles", "r-1") == "Veilleur"
    assert said() == [
        "Nomenclature « Rôles du cercle de soins » : « Relais de nuit », proche de"
        " « Coordinateur / Gestionnaire de cas », est ajouté",
        "Nomenclature « Rôles du cercle de soins » : « Relais de nuit » devient « Veilleur »,"
        " proche de « Référent »",
        "Nomenclature « Rôles du cercle de soins » : « Veilleur » n’est plus proposé",
    ]


def test_what_another_administrator_renamed_meanwhile_is_shown(choose):
    add(choose)
    address = reverse("console:edit_role", args=[RegionalRole.objects.get().pk])
    choose(address, display="Veilleur", close_to="referent", former="Relais de nuit")
    stale = choose(address, display="Vigile", close_to="referent", former="Relais de nuit")
    assert stale.status_code == 422
    assert "renommé « Veilleur » entre-temps" in words(stale)
    assert 'value="Vigile"' in stale.text
    assert RegionalRole.objects.get().display == "Veilleur"
    choose(address, display="Vigile", close_to="referent", former="Veilleur")
    assert RegionalRole.objects.get().display == "Vigile"


@pytest.mark.parametrize("name", ["référent", "REFERENT", "Médecin  traitant"])
def test_a_name_that_is_taken_is_said_beside_the_field(choose, name):
    answer = add(choose, name)
    assert answer.status_code == 422
    assert "existe déjà" in words(answer)
    assert not RegionalRole.objects.exists()


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"display": ""}, "Écrivez le nom du rôle."),
        ({"close_to": ""}, "Choisissez le rôle le plus proche."),
        ({"close_to": "r-1"}, "Sélectionnez un choix valide"),
        ({"display": "x" * 61}, "60 caractères"),
    ],
)
def test_what_is_wrong_is_said(choose, values, told):
    add(choose)
    answer = add(choose, **{"display": "Autre rôle", **values})
    assert answer.status_code == 422
    assert told in words(answer)
    assert RegionalRole.objects.count() == 1


def test_no_imported_column_is_ever_written(choose):
    before = list(Concept.objects.order_by("pk").values())
    add(choose)
    choose(offering("roles"), retirer="referent")
    assert list(Concept.objects.order_by("pk").values()) == before
    with connection.cursor() as cursor, pytest.raises(ProgrammingError), transaction.atomic():
        cursor.execute("UPDATE terminology_concept SET display = 'x'")
