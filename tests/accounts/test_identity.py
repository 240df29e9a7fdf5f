"""In whose name one acts: chosen among one's own, written down, withdrawn at the next click."""

from uuid import uuid4

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path, reverse
from django.utils import timezone
from django.utils.encoding import force_str

from config import urls
from ronde.accounts import switching
from ronde.accounts.models import Attachment
from ronde.careteam.access import Access
from ronde.careteam.gate import record_view
from ronde.core.db.roles import as_owner
from ronde.journal.models import AccessTrace, JournalEntry
from tests import factories as f

pytestmark = pytest.mark.django_db
SWITCH, PROFILE = "/identite/", "/profil/"


@pytest.fixture
def dac():
    return f.structure("DAC Var Ouest")


@pytest.fixture
def sophie(dac):
    return f.user(attached_to=dac)


@pytest.fixture
def web(client: Client, sophie) -> Client:
    client.force_login(sophie)
    return client


def acts_as(web: Client) -> object:
    return web.get(PROFILE).wsgi_request.actor.party_id


def withdraw(user, structure) -> None:
    with as_owner():
        Attachment.objects.filter(user=user, structure=structure).update(ended_at=timezone.now())


def events() -> list[JournalEntry]:
    with as_owner():
        return list(JournalEntry.objects.order_by("at"))


def test_a_person_acts_in_their_own_name_until_they_choose(web, sophie):
    assert acts_as(web) == sophie.person_id


def test_the_menu_offers_the_person_and_each_structure(web, sophie, dac):
    f.structure("Une autre")
    page = force_str(web.get(PROFILE).content)
    assert f'name="identity" value="{sophie.person_id}" aria-current="true"' in page
    assert f'name="identity" value="{dac.pk}"' in page
    assert page.count('name="identity"') == 2


def test_a_structure_that_is_not_a_legal_person_is_not_offered(client):
    practice = f.structure("Cabinet", legal_person=False)
    client.force_login(f.user("ROUX", "Hugo", attached_to=practice))
    assert 'name="identity"' not in force_str(client.get(PROFILE).content)
    assert client.post(SWITCH, {"identity": practice.pk}).status_code == 403


def test_switching_acts_for_the_structure_and_writes_it_down(web, sophie, dac):
    answer = web.post(SWITCH, {"identity": dac.pk, "next": PROFILE})
    assert answer.url == PROFILE
    assert acts_as(web) == dac.pk
    (entry,) = events()
    assert entry.event == "IdentitySwitched"
    assert (entry.user_id, entry.party_id) == (sophie.pk, dac.pk)
    assert entry.payload == {"former": str(sophie.person_id)}


def test_choosing_the_present_identity_changes_nothing(web, sophie):
    assert web.post(SWITCH, {"identity": sophie.person_id}).status_code == 302
    assert events() == []


@pytest.mark.parametrize("key", ["", "x", "00000000-0000-0000-0000-000000000000", "' OR 1=1"])
def test_an_identity_made_up_is_refused_and_written_down(web, sophie, key):
    assert web.post(SWITCH, {"identity": key}).status_code == 403
    assert acts_as(web) == sophie.person_id
    (entry,) = events()
    assert entry.event == "IdentityRefused"
    assert (entry.user_id, entry.party_id) == (sophie.pk, sophie.person_id)


def test_the_identity_of_somebody_else_is_refused(web, sophie):
    other = f.user("ROUX", "Hugo", attached_to=f.structure("Autre"))
    theirs = other.attachments.get().structure_id
    for key in (other.person_id, theirs, uuid4()):
        assert web.post(SWITCH, {"identity": key}).status_code == 403
    assert [entry.payload["asked"] for entry in events()][:2] == [str(other.person_id), str(theirs)]
    assert acts_as(web) == sophie.person_id


def test_an_identity_written_in_the_session_is_checked_at_each_page(web, sophie):
    other = f.structure("Autre")
    kept = web.session
    kept["acting_party"] = str(other.pk)
    kept.save()
    assert acts_as(web) == sophie.person_id


def test_an_attachment_withdrawn_counts_from_the_next_click(web, sophie, dac):
    web.post(SWITCH, {"identity": dac.pk})
    withdraw(sophie, dac)
    page = web.get(PROFILE)
    assert page.wsgi_request.actor.party_id == sophie.person_id
    assert "a été retiré" in force_str(page.content)
    assert "a été retiré" not in force_str(web.get(PROFILE).content)
    assert web.post(SWITCH, {"identity": dac.pk}).status_code == 403


def test_a_form_filled_for_a_structure_is_not_sent_in_the_name_of_the_person(web, sophie, dac):
    web.post(SWITCH, {"identity": dac.pk})
    withdraw(sophie, dac)
    answer = web.post(PROFILE, {"single_key_shortcuts": ""})
    assert answer.status_code == 409
    assert "rien n" in force_str(answer.content)
    sophie.refresh_from_db()
    assert sophie.single_key_shortcuts


def test_htmx_keeps_the_form_that_was_refused(web, sophie, dac):
    web.post(SWITCH, {"identity": dac.pk})
    withdraw(sophie, dac)
    answer = web.post(PROFILE, {}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.content) == (409, b"")
    assert answer.headers["HX-Reswap"] == "none"
    assert answer.headers["HX-Trigger"].isascii()
    assert "ronde:annonce" in answer.headers["HX-Trigger"]


def test_a_closed_account_is_out_at_the_next_click(web, sophie):
    assert web.get(PROFILE).status_code == 200
    with as_owner():
        sophie.is_active = False
        sophie.save()
    assert web.get(PROFILE).status_code == 302


def test_a_form_opened_before_the_switch_has_to_be_loaded_again(sophie, dac):
    """Another tab still shows the former name: what it sends must not go out in the new one."""
    web = Client(enforce_csrf_checks=True)
    web.force_login(sophie)
    web.get(PROFILE)
    before = web.cookies["ronde_csrf"].value
    sent = {"identity": dac.pk, "csrfmiddlewaretoken": before}
    assert web.post(SWITCH, sent).status_code == 302
    answer = web.post(PROFILE, {"csrfmiddlewaretoken": before})
    assert answer.status_code == 403
    assert "plus à jour" in force_str(answer.content)
    web.get(PROFILE)
    now = web.cookies["ronde_csrf"].value
    assert web.post(PROFILE, {"csrfmiddlewaretoken": now}).status_code == 302


def test_the_next_session_starts_with_the_last_identity(web, sophie, dac):
    web.post(SWITCH, {"identity": dac.pk})
    again = Client()
    sophie.refresh_from_db()
    again.force_login(sophie)
    assert acts_as(again) == dac.pk


def test_a_last_identity_withdrawn_meanwhile_is_forgotten(web, sophie, dac):
    web.post(SWITCH, {"identity": dac.pk})
    withdraw(sophie, dac)
    for told in (True, False):
        sophie.refresh_from_db()
        again = Client()
        again.force_login(sophie)
        assert ("a été retiré" in force_str(again.get(PROFILE).content)) is told


# Where one lands.


def test_one_stays_on_the_page_of_the_menu(web, dac):
    answer = web.post(
        SWITCH, {"identity": dac.pk}, headers={"Referer": "http://testserver/profil/?a=1#b"}
    )
    assert answer.url == "/profil/?a=1"


@pytest.mark.parametrize(
    "page", ["https://ailleurs.example/", "//ailleurs.example/", "/nulle-part/", ""]
)
def test_one_lands_in_the_worklist_otherwise(web, dac, page):
    answer = web.post(SWITCH, {"identity": dac.pk, "next": page})
    assert answer.url == reverse("worklist:list")


def test_one_leaves_a_page_that_the_new_identity_may_not_open(web, sophie, dac, monkeypatch):
    """The app that knows the rule registers its answer; here, a rule that refuses structures."""
    monkeypatch.setattr(
        switching,
        "_checks",
        [lambda actor, match: match.view_name != "accounts:profile" or not actor.as_structure],
    )
    gone = web.post(SWITCH, {"identity": dac.pk, "next": PROFILE})
    assert gone.url == reverse("worklist:list")
    back = web.post(SWITCH, {"identity": sophie.person_id, "next": PROFILE})
    assert back.url == PROFILE


def test_a_switch_is_a_form_of_somebody_signed_in(client, web):
    assert web.get(SWITCH).status_code == 405
    assert Client().post(SWITCH, {"identity": "x"}).url.startswith("/connexion/")


# The same with the rule of the records.


@record_view("identity")
def sheet(request: HttpRequest, access: Access) -> HttpResponse:
    return HttpResponse(access.patient_id)


urlpatterns = [path("fiche/<uuid:patient_id>/", sheet), path("", include(urls.urlpatterns))]


@pytest.mark.urls(__name__)
def test_one_leaves_a_record_that_the_new_identity_may_not_open(web, sophie, dac):
    record = f.patient(f.actor(sophie))
    page = f"/fiche/{record.pk}/"
    assert web.get(page).status_code == 200
    assert web.post(SWITCH, {"identity": dac.pk, "next": page}).url == reverse("worklist:list")
    assert web.get(page).status_code == 404
    assert web.post(SWITCH, {"identity": sophie.person_id, "next": page}).url == page
    f.member(f.actor(sophie), record, dac.party, habilitated=True)
    assert web.post(SWITCH, {"identity": dac.pk, "next": page}).url == page
    assert web.get(page).status_code == 200


@pytest.mark.urls(__name__)
def test_leaving_a_record_by_a_switch_is_not_a_refused_attempt(web, sophie, dac):
    record = f.patient(f.actor(sophie))
    web.post(SWITCH, {"identity": dac.pk, "next": f"/fiche/{record.pk}/"})
    with as_owner():
        assert not AccessTrace.objects.filter(patient_id=record.pk, granted=False).exists()
