"""«Ma structure»: who acts in its name, and the departure of an employee."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from ronde.accounts import staff
from ronde.accounts.models import Attachment, User
from ronde.careteam.models import Member
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.directory.models import Structure
from ronde.worklist.models import BulkRun
from tests import factories as f
from tests.notifications.worker import run_jobs
from tests.query_budget import budget
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def house() -> Structure:
    return f.structure("DAC Var Ouest")


def super_user(house: Structure, family: str = "MERCIER", given: str = "Laurent") -> User:
    who = f.user(family, given, attached_to=house)
    with as_owner():
        Attachment.objects.filter(user=who).update(is_super_user=True)
    return who


@pytest.fixture
def boss(house) -> User:
    return super_user(house)


@pytest.fixture
def web(boss, house) -> Client:
    return signed_in(boss, house.pk)


@pytest.fixture
def leaver(house) -> User:
    return f.user("BLANC", "Ana", attached_to=house)


def actor(who: User, house: Structure):
    return f.identity_of(who, house.pk)


def text(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def attachment(who: User) -> Attachment:
    return Attachment.objects.filter(user=who).latest("since")


def departure(who: User) -> str:
    return f"/ma-structure/{attachment(who).pk}/depart/"


@pytest.fixture
def shared(boss, house, leaver):
    """Two records of the structure where the leaver is habilitated in their own name."""
    by = f.actor(boss, house)
    records = [f.patient(by, birth_name=f"NOM{letter}") for letter in "AB"]
    for record in records:
        f.member(by, record, leaver.person.party, habilitated=True)
    return records


def test_the_page_is_in_the_menu_of_the_super_user_alone(web, boss, house, leaver):
    assert "Ma structure" in text(web.get("/file-active/"))
    for stranger in (signed_in(leaver, house.pk), signed_in(boss, f.structure("Ailleurs").pk)):
        assert "Ma structure" not in text(stranger.get("/file-active/"))
        for address in ("/ma-structure/", "/ma-structure/rattacher/", departure(leaver)):
            assert stranger.get(address).status_code == 404
            assert stranger.post(address).status_code in {404, 405}


def test_each_colleague_shows_with_the_records_of_the_structure_they_open(web, shared, leaver):
    elsewhere = f.patient(f.actor(leaver), birth_name="AUTRE")
    page = text(web.get("/ma-structure/"))
    assert re.search(r"Ana BLANC .*?2 dossiers de la structure", page)
    assert "AUTRE" not in text(web.get(departure(leaver)))
    assert elsewhere.birth_name == "AUTRE"


def test_a_departure_withdraws_and_ends_the_attachment_at_once(
    web, house, shared, leaver, django_capture_on_commit_callbacks
):
    elsewhere = f.patient(f.actor(leaver), birth_name="AUTRE")
    keys = [str(one.pk) for one in shared]
    asked = {"act": "withdraw", "ends": "1", "patient": [*keys, str(elsewhere.pk)]}
    answer = web.post(departure(leaver), asked)
    page = text(web.get(answer.headers["Location"]))
    assert "Son rattachement prend fin tout de suite" in page
    assert "2 dossiers" in page
    with django_capture_on_commit_callbacks(execute=True):
        answer = web.post(answer.headers["Location"], headers=HTMX)
    assert "2 changements faits" in text(web.get(answer.headers["HX-Redirect"]))
    gone = signed_in(leaver, house.pk)
    assert gone.get(f"/dossiers/{keys[0]}/").status_code == 404
    assert gone.get(f"/dossiers/{elsewhere.pk}/").status_code == 200


def test_a_departure_is_undone_with_the_attachment(
    web, house, shared, leaver, django_capture_on_commit_callbacks
):
    asked = {"act": "remove", "ends": "1", "patient": [str(one.pk) for one in shared]}
    with django_capture_on_commit_callbacks(execute=True):
        web.post(web.post(departure(leaver), asked).headers["Location"])
    with as_owner():
        run = BulkRun.objects.get()
    assert "Le rattachement sera rétabli" in text(web.get(f"/habilitations/{run.pk}/annulation/"))
    with django_capture_on_commit_callbacks(execute=True):
        web.post(f"/habilitations/{run.pk}/annulation/")
    assert "2 changements annulés" in text(web.get(f"/habilitations/{run.pk}/"))
    assert signed_in(leaver, house.pk).get("/file-active/").status_code == 200
    with as_owner():
        seats = Member.objects.filter(party_id=leaver.person_id, removed_at=None)
        assert seats.filter(habilitated=True).count() == 2
    assert attachment(leaver).ended_at is None


def test_a_departure_without_any_record_ends_the_attachment(web, leaver, house):
    answer = web.post(departure(leaver), {"act": "withdraw", "ends": "1"})
    web.post(answer.headers["Location"])
    assert attachment(leaver).ended_at


def test_the_last_super_user_is_told_what_to_do_before_leaving(web, boss, leaver):
    page = text(web.get(departure(boss)))
    assert "Nommez d’abord un autre super-utilisateur" in page
    answer = web.post(departure(boss), {"act": "withdraw", "ends": "1"})
    answer = web.post(answer.headers["Location"])
    assert answer.status_code == 422
    assert "Nommez d’abord un autre super-utilisateur" in text(answer)
    assert attachment(boss).ended_at is None


@pytest.fixture
def both(boss, house):
    """A record of the structure where the super-user is habilitated in their own name too."""
    record = f.patient(f.actor(boss, house))
    f.member(f.actor(boss, house), record, boss.person.party, habilitated=True)
    return record


@pytest.mark.parametrize("at_once", [20, 0], ids=["at once", "by the job"])
def test_a_super_user_leaves_when_another_remains(
    web, boss, house, both, settings, at_once, django_capture_on_commit_callbacks
):
    settings.BULK_AT_ONCE = at_once
    super_user(house, "ROUX", "Hugo")
    answer = web.post(departure(boss), {"act": "withdraw", "ends": "1", "patient": [str(both.pk)]})
    page = text(web.get(answer.headers["Location"]))
    assert "Vous n’agirez plus pour DAC Var Ouest" in page
    assert "Son rattachement" not in page
    with django_capture_on_commit_callbacks(execute=True):
        answer = web.post(answer.headers["Location"], headers=HTMX)
    assert answer.headers["HX-Redirect"] == "/file-active/"
    run_jobs()
    assert attachment(boss).ended_at
    page = text(web.get("/file-active/"))
    assert "Votre départ est enregistré." in page
    assert "Ma structure" not in page
    with as_owner():
        assert BulkRun.objects.get().lines.get().state == "done"
        assert not Member.objects.get(party_id=boss.person_id).habilitated
    assert web.get(f"/dossiers/{both.pk}/").status_code == 404


def test_who_becomes_the_last_super_user_meanwhile_stays(web, boss, house, both, settings):
    settings.BULK_AT_ONCE = 0
    other = super_user(house, "ROUX", "Hugo")
    answer = web.post(departure(boss), {"act": "remove", "ends": "1", "patient": [str(both.pk)]})
    web.post(answer.headers["Location"])
    with as_owner():
        Attachment.objects.filter(user=other).update(is_super_user=False)
    run_jobs()
    assert attachment(boss).ended_at is None
    with as_owner():
        assert BulkRun.objects.get().finished_at


def test_the_habilitations_to_review_are_one_click_away(web, shared):
    to_review = reverse("dossier:due_habilitations")
    assert to_review in web.get("/ma-structure/").content.decode()
    answer = web.post("/habilitations/nouvelle/", {"patient": [str(one.pk) for one in shared]})
    assert to_review in web.get(answer.headers["Location"]).content.decode()


def test_the_departure_of_somebody_elsewhere_does_not_exist(web):
    other = f.user("ROUX", "Hugo", attached_to=f.structure("SSIAD du Faron"))
    assert web.get(departure(other)).status_code == 404


def test_a_colleague_is_attached_and_told(web, house):
    colleague = f.user("PETIT", "Léa")
    answer = web.post("/ma-structure/rattacher/", {"party": str(colleague.person_id)})
    assert answer.status_code == 302
    run_jobs()
    assert [one.to for one in mail.outbox] == [[colleague.email]]
    assert signed_in(colleague, house.pk).get("/file-active/").status_code == 200
    web.post("/ma-structure/rattacher/", {"party": str(colleague.person_id)})
    assert Attachment.objects.filter(user=colleague).count() == 1


def test_who_has_no_account_is_not_attached(web):
    answer = web.post("/ma-structure/rattacher/", {"party": str(f.person().pk)})
    assert answer.status_code == 422
    assert "pas encore de compte" in text(answer)


def test_the_last_super_user_names_another_before_leaving_the_level(web, boss, house, leaver):
    mine = f"/ma-structure/{attachment(boss).pk}/niveau/"
    answer = web.post(mine, {"level": "user"})
    assert answer.status_code == 422
    assert "Nommez d’abord un autre super-utilisateur" in text(answer)
    web.post(f"/ma-structure/{attachment(leaver).pk}/niveau/", {"level": "super"})
    assert web.post(mine, {"level": "user"}).status_code == 302
    assert web.get("/ma-structure/").status_code == 404
    assert signed_in(leaver, house.pk).get("/ma-structure/").status_code == 200


def test_a_closed_account_is_no_other_super_user(boss, house):
    other = super_user(house, "ROUX", "Hugo")
    with as_owner():
        User.objects.filter(pk=other.pk).update(is_active=False)
    who = actor(boss, house)
    with acting(party_id=who.party_id, user_id=who.user_id), pytest.raises(staff.ValidationError):
        staff.set_super_user(who, attachment(boss).pk, wanted=False)


def test_a_level_lost_meanwhile_changes_nothing(boss, house, leaver):
    who = actor(boss, house)
    with as_owner():
        Attachment.objects.filter(user=boss).update(is_super_user=False)
    with acting(party_id=who.party_id, user_id=who.user_id), pytest.raises(staff.PermissionDenied):
        staff.end_attachment(who, attachment(leaver).pk)
    assert attachment(leaver).ended_at is None


def test_a_delegate_of_the_structure_is_no_super_user(house):
    nina = f.user("PETIT", "Nina")
    f.delegation(house, nina)
    assert signed_in(nina, house.pk).get("/ma-structure/").status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_colleagues(web, house, boss, leaver):
    by = f.actor(boss, house)
    for number in range(6):
        who = f.user(f"NOM{number}", "Ana", attached_to=house)
        record = f.patient(by, birth_name=f"NOM{number}")
        for person in (who.person, leaver.person):
            f.member(by, record, person.party, habilitated=True)
    with budget("staff"):
        web.get("/ma-structure/")
    with budget("departure"):
        web.get(departure(leaver))
