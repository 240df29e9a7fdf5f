"""The open sessions of an account: what is shown of them, and ending them from elsewhere."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils.encoding import force_str

from ronde.accounts import devices, jobs
from ronde.accounts.models import Device
from ronde.accounts.user_agents import browser_and_system, network, words
from tests import factories as f
from tests.accounts.conftest import LOGIN, Person
from tests.query_budget import budget

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOME, PROOF = "/profil/securite/", "/profil/securite/preuve/"
SESSIONS = "/profil/securite/sessions/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME = (
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/140.0.0.0 Mobile Safari/537.36"
)
EDGE = f"{FIREFOX.partition(' rv')[0]}) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0"
    " Mobile/15E148 Safari/604.1"
)


def at(user, agent: str = FIREFOX, address: str = "192.0.2.77") -> Person:
    """The same person, at this browser and from there."""
    person = Person(user, Client(HTTP_USER_AGENT=agent, REMOTE_ADDR=address))
    person.sign_in()
    return person


def prove(person: Person) -> None:
    person.web.post(PROOF, {"moyen": "password", "password": f.PASSWORD})


def shown(person: Person) -> str:
    return force_str(person.web.get(HOME).content)


@pytest.fixture
def two() -> tuple[Person, Person]:
    user = f.user()
    return at(user), at(user, CHROME, "2001:db8:1:2::3")


def device_of(person: Person) -> Device:
    return Device.objects.get(pk=person.web.session[devices.DEVICE])


def test_the_list_tells_each_session_in_words(two):
    page = shown(two[0])
    for said in ("Firefox sur Windows", "192.0.2.x", "Chrome sur Android", "2001:db8:1::x"):
        assert said in page
    assert page.count("cette session") == 1


def test_nothing_secret_is_shown(two):
    page = shown(two[0])
    for session in Session.objects.all():
        assert session.session_key not in page
    assert "192.0.2.77" not in page
    assert not Device.objects.filter(network__contains="77").exists()


def test_nobody_sees_the_sessions_of_another(two):
    other = at(f.user("ROUX", "Hugo"), SAFARI)
    assert "Safari sur iPhone" not in shown(two[0])
    prove(two[0])
    assert two[0].web.get(f"{SESSIONS}{device_of(other).pk}/").status_code == 404
    assert two[0].web.post(f"{SESSIONS}{device_of(other).pk}/").status_code == 404
    assert other.web.get(HOME).status_code == 200


def test_a_session_closed_from_elsewhere_is_over_at_its_next_request(two):
    here, there = two
    prove(here)
    page = f"{SESSIONS}{device_of(there).pk}/"
    assert "Chrome sur Android" in force_str(here.web.get(page).content)
    assert there.web.get(HOME).status_code == 200
    assert here.web.post(page).url == HOME
    assert there.web.get(HOME).url.startswith(LOGIN)
    assert here.web.get(HOME).status_code == 200
    assert "Chrome sur Android" not in shown(here)


def test_htmx_learns_that_its_session_was_closed(two):
    here, there = two
    prove(here)
    here.web.post(f"{SESSIONS}{device_of(there).pk}/")
    assert there.web.get(HOME, headers={"HX-Request": "true"}).status_code == 401


def test_all_the_others_are_closed_at_once(two):
    here, there = two
    third = at(here.user, SAFARI)
    prove(here)
    assert here.web.post(SESSIONS).url == HOME
    assert [one.web.get(HOME).status_code for one in (here, there, third)] == [200, 302, 302]


def test_one_leaves_one_s_own_session_by_signing_out(two):
    here = two[0]
    prove(here)
    assert here.web.post(f"{SESSIONS}{device_of(here).pk}/").status_code == 404
    pk = device_of(here).pk
    here.web.post("/deconnexion/")
    assert not Device.objects.filter(pk=pk).exists()


def test_a_session_that_lasted_too_long_is_not_shown_as_open():
    user = f.user()
    with time_machine.travel(NOON, tick=False) as clock:
        at(user, CHROME)
        clock.shift(timedelta(hours=8, seconds=1))
        here = at(user)
        page = shown(here)
    assert "Chrome sur Android" not in page


def test_the_last_activity_is_written_once_a_minute(monkeypatch):
    ticks = [1000.0]
    monkeypatch.setattr(devices.time, "monotonic", lambda: ticks[0])
    with time_machine.travel(NOON, tick=False) as clock:
        person = at(f.user())
        clock.shift(59)
        ticks[0] += 59
        person.web.get(HOME)
        assert device_of(person).seen_at == NOON
        clock.shift(2)
        ticks[0] += 2
        person.web.get(HOME)
        assert device_of(person).seen_at == NOON + timedelta(seconds=61)


def test_a_session_opened_before_the_list_existed_enters_it(two, monkeypatch):
    here = two[0]
    Device.objects.all().delete()
    monkeypatch.setattr(devices, "_is_due", lambda name: True)
    here.web.get(HOME)
    assert "Firefox sur Windows" in shown(here)


def test_the_night_forgets_the_sessions_that_are_over(two):
    here, there = two
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=10)):
        Session.objects.filter(session_key=device_of(there).session_key).delete()
        jobs.purge(0)
    assert list(Device.objects.all()) == [device_of(here)]


def test_the_page_costs_as_many_queries_whatever_is_open(two):
    here = two[0]
    for _number in range(5):
        at(here.user)
    with budget("security"):
        assert here.web.get(HOME).status_code == 200


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (FIREFOX, "Firefox sur Windows"),
        (CHROME, "Chrome sur Android"),
        (EDGE, "Edge sur Windows"),
        (SAFARI, "Safari sur iPhone"),
        ("curl/8", "Navigateur inconnu sur système inconnu"),
        ("", "Navigateur inconnu sur système inconnu"),
    ],
)
def test_a_browser_in_words(agent, said):
    assert words(*browser_and_system(agent)) == said


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("192.0.2.77", "192.0.2.x"),
        ("2001:db8:1:2::3", "2001:db8:1::x"),
        ("::1", "::x"),
        ("", ""),
        (None, ""),
        ("nonsense", ""),
    ],
)
def test_a_place_without_the_machine(address, said):
    assert network(address) == said
