"""Eight hours, told before and after, and nothing typed is lost."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django import forms
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.utils.encoding import force_str

from ronde.accounts import drafts, jobs, session
from ronde.accounts.models import Draft, SharedValue
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from tests import factories as f
from tests.accounts.conftest import CODE, LOGIN, Person

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PROFILE = "/profil/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as moved:
        yield moved


@pytest.fixture
def signed_in(clock) -> Person:
    person = Person(f.user())
    person.sign_in()
    return person


def test_a_session_lasts_eight_hours_and_not_one_second_more(clock, signed_in):
    clock.shift(timedelta(hours=8) - timedelta(seconds=1))
    assert signed_in.web.get(PROFILE).status_code == 200
    clock.shift(2)
    answer = signed_in.web.get(PROFILE)
    assert answer.url == f"{LOGIN}?next={PROFILE}"
    assert not signed_in.signed_in()
    assert "8 heures" in force_str(signed_in.web.get(answer.url).content)


def test_activity_does_not_prolong_it(clock, signed_in):
    for _hour in range(8):
        assert signed_in.web.get(PROFILE).status_code == 200
        clock.shift(timedelta(hours=1))
    assert signed_in.web.get(PROFILE).status_code == 302


def test_the_clock_starts_at_the_sign_in_and_not_at_the_first_page(clock, signed_in):
    clock.shift(timedelta(hours=7, minutes=59, seconds=59))
    assert signed_in.web.get(PROFILE).status_code == 200
    clock.shift(1)
    assert signed_in.web.get(PROFILE).status_code == 302


def test_a_session_that_tells_no_start_is_closed(clock, signed_in):
    kept = signed_in.web.session
    del kept[session.STARTED]
    kept.save()
    assert signed_in.web.get(PROFILE).status_code == 302
    assert not signed_in.signed_in()


def test_htmx_learns_that_the_session_has_ended_without_leaving_the_page(clock, signed_in):
    clock.shift(timedelta(hours=8, seconds=1))
    answer = signed_in.web.get(PROFILE, headers=HTMX)
    assert (answer.status_code, answer.content) == (401, b"")


def test_each_page_tells_the_browser_when_the_session_ends(clock, signed_in):
    clock.shift(60)
    page = force_str(signed_in.web.get(PROFILE).content)
    assert 'data-ronde-session-fin="2026-11-23T20:00:00+00:00"' in page
    assert 'data-ronde-maintenant="2026-11-23T12:01:00+00:00"' in page
    assert 'id="session"' in page
    assert f'href="{LOGIN}"' in page


def test_before_the_warning_the_sign_in_sends_back_to_the_site(clock, signed_in):
    clock.shift(timedelta(hours=7, minutes=54))
    assert signed_in.web.get(LOGIN).status_code == 302


def test_after_the_warning_signing_in_again_gives_eight_more_hours(clock, signed_in):
    clock.shift(timedelta(hours=7, minutes=56))
    assert signed_in.web.get(LOGIN).status_code == 200
    assert signed_in.signed_in()
    assert signed_in.password().url == CODE
    signed_in.code(signed_in.mailed_code())
    clock.shift(timedelta(hours=7))
    assert signed_in.web.get(PROFILE).status_code == 200


def test_a_wrong_password_at_the_renewal_leaves_the_session_as_it_is(clock, signed_in):
    clock.shift(timedelta(hours=7, minutes=56))
    assert signed_in.password("pas le bon").status_code == 422
    assert signed_in.signed_in()


def test_signing_in_again_leads_back_to_the_page(clock, signed_in):
    clock.shift(timedelta(hours=9))
    leads = signed_in.web.get("/profil/?onglet=1").url
    assert leads == f"{LOGIN}?next=/profil/%3Fonglet%3D1"
    page = force_str(signed_in.web.get(leads).content)
    going_to = re.search(r'name="next" value="([^"]+)"', page).group(1)
    assert signed_in.sign_in(next=going_to).url == "/profil/?onglet=1"


# Drafts.

SAVE = "/brouillon/?pour=/profil/"


def given_back(person: Person, rf, address: str = PROFILE) -> dict:
    request = rf.get(address)
    request.user = person.user
    with acting(party_id=person.user.person_id, user_id=person.user.pk):
        return drafts.initial(request)


def save(person: Person, body: str, address: str = SAVE):
    return person.web.post(address, body, content_type="application/x-www-form-urlencoded")


class MemoForm(forms.Form):
    text = forms.CharField()
    urgent = forms.BooleanField(required=False)
    kinds = forms.MultipleChoiceField(
        choices=[("a", "A"), ("b", "B")], widget=forms.CheckboxSelectMultiple
    )


def test_what_was_typed_is_given_back_at_the_same_page(clock, signed_in, rf):
    body = "memo=Appeler+la+fille&roles=1&roles=2&csrfmiddlewaretoken=x&password1=secret"
    answer = save(signed_in, body)
    assert answer.status_code == 204
    clock.shift(timedelta(hours=9))
    signed_in.web.get(PROFILE)
    signed_in.sign_in()
    assert given_back(signed_in, rf) == {"memo": "Appeler la fille", "roles": ["1", "2"]}
    assert given_back(signed_in, rf, "/conditions/") == {}


def test_the_later_draft_of_a_page_replaces_the_first(signed_in, rf):
    for text in ("un", "deux"):
        save(signed_in, f"memo={text}")
    assert given_back(signed_in, rf) == {"memo": "deux"}


def test_each_page_says_where_its_drafts_go(signed_in):
    assert signed_in.web.get(PROFILE).status_code == 200
    request = signed_in.web.get(PROFILE).wsgi_request
    assert drafts.address_to_save(request) == SAVE


def test_nobody_reads_the_draft_of_another(signed_in):
    save(signed_in, "memo=un")
    other = f.user("ROUX", "Hugo")
    with acting(party_id=other.person_id, user_id=other.pk):
        assert not Draft.objects.exists()
    assert not Draft.objects.exists()
    with as_owner():
        assert Draft.objects.count() == 1


def test_a_saved_form_forgets_its_draft(signed_in, rf):
    save(signed_in, "memo=un")
    request = rf.post(PROFILE)
    request.user = signed_in.user
    with acting(party_id=None, user_id=signed_in.user.pk):
        drafts.drop(request)
    assert given_back(signed_in, rf) == {}


def test_a_form_sent_after_the_end_is_kept_and_given_back(clock, signed_in, rf):
    clock.shift(timedelta(hours=8, seconds=1))
    answer = signed_in.web.post(
        PROFILE, {"memo": "Appeler"}, headers={"Referer": "http://testserver/profil/?a=1"}
    )
    assert answer.url == f"{LOGIN}?next=/profil/%3Fa%3D1"
    assert given_back(signed_in, rf) == {"memo": "Appeler"}


def test_a_form_of_another_page_leads_back_to_that_page_and_is_not_mixed_up(clock, signed_in, rf):
    clock.shift(timedelta(hours=8, seconds=1))
    answer = signed_in.web.post(
        "/identite/", {"identity": "x"}, headers={"Referer": "http://testserver/profil/"}
    )
    assert answer.url == f"{LOGIN}?next=/profil/"
    assert given_back(signed_in, rf) == {}


@pytest.mark.parametrize(
    ("address", "body", "kind", "status"),
    [
        ("/brouillon/?pour=/nulle-part/", "a=1", "application/x-www-form-urlencoded", 400),
        ("/brouillon/?pour=https://ailleurs/", "a=1", "application/x-www-form-urlencoded", 400),
        ("/brouillon/", "a=1", "application/x-www-form-urlencoded", 400),
        (SAVE, "a=" + "x" * 70_000, "application/x-www-form-urlencoded", 413),
        (SAVE, json.dumps({"a": 1}), "application/json", 415),
    ],
)
def test_a_draft_is_a_small_form_of_one_of_our_pages(signed_in, address, body, kind, status):
    assert signed_in.web.post(address, body, content_type=kind).status_code == status
    with as_owner():
        assert not Draft.objects.exists()


def test_a_file_is_not_kept(signed_in, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("secret", encoding="utf-8")
    with path.open("rb") as file:
        assert signed_in.web.post(SAVE, {"file": file, "memo": "un"}).status_code == 415


def test_a_person_keeps_twenty_drafts_at_most(clock, signed_in):
    with acting(party_id=None, user_id=signed_in.user.pk):
        for number in range(drafts.KEPT_BY_PERSON + 3):
            clock.shift(1)
            typed = signed_in.web.post("/", {"a": str(number)}).wsgi_request.POST
            drafts.keep(signed_in.user.pk, f"/page/{number}/", typed)
        kept = set(Draft.objects.values_list("address", flat=True))
    assert len(kept) == drafts.KEPT_BY_PERSON
    assert "/page/2/" not in kept
    assert "/page/22/" in kept


def test_keeping_a_draft_needs_a_session(client):
    answer = client.post(SAVE, "a=1", content_type="application/x-www-form-urlencoded")
    assert answer.url.startswith(LOGIN)


def test_a_form_takes_its_draft_back_boxes_included(signed_in, rf):
    save(signed_in, "memo-text=un&memo-kinds=b")
    request = rf.get(PROFILE)
    request.user = signed_in.user
    form = MemoForm(prefix="memo", initial={"urgent": True, "kinds": ["a"], "text": "zéro"})
    with acting(party_id=None, user_id=signed_in.user.pk):
        assert drafts.restore(request, form)
    assert form["text"].value() == "un"
    assert form["kinds"].value() == ["b"]
    assert "checked" not in str(form["urgent"])
    assert 'value="b" id="id_memo-kinds_1" checked' in str(form["kinds"])


def test_a_form_already_sent_keeps_what_was_just_typed(signed_in, rf):
    save(signed_in, "text=un")
    request = rf.post(PROFILE)
    request.user = signed_in.user
    form = MemoForm({"text": "deux"})
    assert not drafts.restore(request, form)
    assert form["text"].value() == "deux"


# The night.


def test_the_night_removes_what_is_over(clock, signed_in):
    """The age of a draft is counted by the database, whose clock the tests do not move."""
    save(signed_in, "memo=un")
    cache.set("vieux", 1, 1)
    key = signed_in.web.session.session_key
    with as_owner():
        Draft.objects.update(saved_at=datetime.now(UTC) + timedelta(days=3650))
    jobs.purge(0)
    with as_owner():
        assert Draft.objects.exists()
        Draft.objects.update(saved_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert SessionStore().exists(key)
    clock.shift(timedelta(days=1))
    jobs.purge(0)
    with as_owner():
        assert not Draft.objects.exists()
    assert not SessionStore().exists(key)
    assert not SharedValue.objects.exists()
