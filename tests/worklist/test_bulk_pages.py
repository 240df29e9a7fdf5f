"""The screens of «Gérer les habilitations», from the ticked rows to the result."""

import re

import pytest
from django.test import Client

from ronde.accounts import groups
from ronde.careteam.models import Member
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.directory.models import Party
from ronde.patients.models import Patient
from ronde.worklist.models import BulkLine, BulkRun
from tests import factories as f
from tests.query_budget import budget, counted
from tests.signing import act_as

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def me():
    return f.user()


@pytest.fixture
def web(client: Client, me) -> Client:
    client.force_login(me)
    return client


@pytest.fixture
def nurse():
    return f.user("RICCI", "Paola")


@pytest.fixture
def records(me) -> list[Patient]:
    who = f.actor(me)
    return [f.patient(who, birth_name=f"NOM{letter}") for letter in "ABC"]


def selected(web: Client, records, **more) -> str:
    """The address of the choice, once these rows are ticked in the worklist."""
    ticked = {"patient": [str(one.pk) for one in records], **more}
    return web.post("/habilitations/nouvelle/?vue=tous", ticked).headers["Location"]


def choice(records, nurse, act: str = "habilitate", **more) -> dict:
    keys = [str(one.pk) for one in records]
    return {"target": "personne", "person": str(nurse.pk), "act": act, "patient": keys, **more}


def text(answer) -> str:
    """What a reader would read, marks and lines apart."""
    found = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return re.sub(r"\s+", " ", found.replace("&#39;", "'"))


def habilitated(party) -> int:
    with as_owner():
        return Member.objects.filter(party_id=party.pk, habilitated=True).count()


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    """Play what waits for the commit, as the end of a request does."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def test_the_selected_records_are_listed_with_their_members(web, me, nurse, records):
    f.member(f.actor(me), records[0], nurse.person.party)
    page = text(web.get(selected(web, records[:2])))
    assert "NOMA Jeanne" in page
    assert "LAMBERT Sophie, RICCI Paola" in page
    assert "NOMC" not in page


def test_all_the_records_of_the_search_are_taken_up_to_the_limit(web, records, settings):
    assert "3 dossiers sélectionnés" in text(web.get(selected(web, records[:1], tous="1")))
    settings.BULK_LIMIT = 2
    assert "2 dossiers sélectionnés" in text(web.get(selected(web, records[:1], tous="1")))


def test_the_preview_says_for_each_record_what_would_change_and_why_not(web, me, nurse, records):
    f.member(f.actor(me), records[1], nurse.person.party, refused=True)
    address = selected(web, records).replace("choix", "apercu")
    page = text(web.post(address, choice(records, nurse.person), headers=HTMX))
    assert "2 changements" in page
    assert "le patient refuse le partage" in page


def test_the_preview_keeps_what_was_unticked(web, nurse, records):
    address = selected(web, records).replace("choix", "apercu")
    page = web.post(address, choice(records[:1], nurse.person), headers=HTMX).content.decode()
    assert page.count(" checked") == 1


def test_the_question_says_the_consequences_and_nothing_is_done_before_yes(web, nurse, records):
    address = selected(web, records)
    page = text(web.post(address, choice(records, nurse.person), headers=HTMX))
    assert "Voulez-vous vraiment habiliter RICCI Paola sur 3 dossiers ?" in page
    assert "Les patients en ont été informés" in page
    assert habilitated(nurse.person) == 0


def test_confirmed_the_result_comes_row_by_row(web, me, nurse, records, committed):
    f.member(f.actor(me), records[1], nurse.person.party, habilitated=True)
    address = selected(web, records)
    web.post(address, choice(records, nurse.person))
    confirm = address.replace("choix", "confirmation")
    assert "sur 2 dossiers" in text(web.get(confirm))
    with committed():
        answer = web.post(confirm, headers=HTMX)
    page = text(web.get(answer.headers["HX-Redirect"]))
    assert "2 changements faits" in page
    assert "déjà habilité(e)" in page
    assert habilitated(nurse.person) == 3


def test_unticked_records_are_not_touched_and_can_be_ticked_again(web, nurse, records):
    address = selected(web, records)
    web.post(address, choice(records[:1], nurse.person))
    assert "NOMC" in text(web.get(address))
    web.post(address, choice(records[1:], nurse.person))
    web.post(address.replace("choix", "confirmation"))
    with as_owner():
        kept = BulkLine.objects.values_list("patient_id", flat=True)
        assert set(kept) == {one.pk for one in records[1:]}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"person": ""}, "Choisissez pour qui."),
        ({"act": ""}, "Choisissez ce qu’il faut faire."),
        ({"patient": []}, "Cochez au moins un dossier."),
        ({"target": "groupe", "group": ""}, "Choisissez pour qui."),
        ({"person": "abc"}, "Choisissez dans la liste."),
    ],
)
@pytest.mark.parametrize("headers", [HTMX, {}])
def test_what_is_missing_is_said(web, nurse, records, values, said, headers):
    address = selected(web, records)
    asked = {**choice(records, nurse.person), **values}
    answer = web.post(address, asked, headers=headers)
    assert answer.status_code == 422
    assert said in text(answer)


def test_a_run_too_large_says_so(web, me, nurse, records, settings):
    settings.BULK_LIMIT = 3
    with acting(party_id=me.person_id, user_id=me.pk):
        who = f.actor(me)
        group = groups.create(who, "Retour à domicile")
        for person in (nurse.person, f.person("PETIT", "Léa")):
            groups.add(who, group.pk, Party.objects.get(pk=person.pk))
    address = selected(web, records)
    asked = {**choice(records, nurse.person), "target": "groupe", "group": str(group.pk)}
    answer = web.post(address, asked, headers=HTMX)
    assert "3 dossiers × 2 membres : plus de 3 changements à la fois" in text(answer)
    settings.BULK_LIMIT = 6
    assert web.post(address, asked, headers=HTMX).status_code == 200


def test_somebody_of_the_circles_and_oneself_can_be_chosen(web, me, nurse, records):
    f.member(f.actor(me), records[0], nurse.person.party, habilitated=True)
    address = selected(web, records)
    asked = {**choice(records, nurse.person, "withdraw"), "target": "membre"}
    page = text(web.post(address, {**asked, "member": str(nurse.person.pk)}, headers=HTMX))
    assert "RICCI Paola n’aura plus accès à 1 dossier" in page
    page = text(web.post(address, {**asked, "target": "moi"}, headers=HTMX))
    assert "Vous ne verrez plus ces dossiers" in page
    assert "dernier accès au dossier" in page


def test_a_run_in_progress_answers_only_when_something_changed(web, nurse, records, settings):
    settings.BULK_AT_ONCE = 0
    address = selected(web, records)
    web.post(address, choice(records, nurse.person))
    web.post(address.replace("choix", "confirmation"))
    with as_owner():
        run = BulkRun.objects.get()
    where = f"/habilitations/{run.pk}/"
    assert 'hx-trigger="every 2s"' in web.get(where).content.decode()
    assert web.get(f"{where}?vu=0", headers=HTMX).status_code == 204
    with as_owner():
        BulkLine.objects.filter(rank=0).update(state="done")
    assert "1 sur 3" in text(web.get(f"{where}?vu=0", headers=HTMX))


def test_the_last_run_is_undone_from_its_page(web, nurse, records, committed):
    address = selected(web, records)
    web.post(address, choice(records, nurse.person))
    with committed():
        web.post(address.replace("choix", "confirmation"))
    with as_owner():
        run = BulkRun.objects.get()
    assert "Annuler cette opération" in text(web.get(f"/habilitations/{run.pk}/"))
    with committed():
        web.post(f"/habilitations/{run.pk}/annulation/")
    page = text(web.get(f"/habilitations/{run.pk}/"))
    assert "3 changements annulés" in page
    assert "comme avant" in page
    assert habilitated(nurse.person) == 0
    assert "annulée" in text(web.get("/habilitations/"))


def test_the_run_of_somebody_else_does_not_exist(web, nurse, records):
    address = selected(web, records)
    other = Client()
    other.force_login(nurse)
    for end in ("choix", "confirmation", "annulation"):
        assert other.get(address.replace("choix", end)).status_code == 404
    assert other.get(address.replace("choix/", "")).status_code == 404
    assert other.post(address.replace("choix", "apercu")).status_code == 404


def test_a_run_asked_for_as_a_structure_is_not_that_of_the_person(client, nurse):
    house = f.structure()
    who = f.user("BLANC", "Ana", attached_to=house)
    record = f.patient(f.actor(who, house))
    client.force_login(who)
    act_as(client, house.pk)
    address = selected(client, [record])
    assert client.get(address).status_code == 200
    act_as(client, who.person_id)
    assert client.get(address).status_code == 404


def test_the_number_of_queries_of_the_preview_does_not_grow_with_the_records(web, me, nurse):
    who = f.actor(me)
    records = [f.patient(who, birth_name=f"NOM{number}") for number in range(30)]
    for record in records[::2]:
        f.member(who, record, nurse.person.party, habilitated=True)

    def asked(some) -> int:
        address = selected(web, some).replace("choix", "apercu")
        values = choice(some, nurse.person, "withdraw")
        with counted() as seen:
            assert web.post(address, values, headers=HTMX).status_code == 200
        return len(seen)

    asked(records[:1])
    assert asked(records[:1]) == asked(records)
    address = selected(web, records).replace("choix", "apercu")
    with budget("bulk_preview"):
        web.post(address, choice(records, nurse.person, "withdraw"), headers=HTMX)
