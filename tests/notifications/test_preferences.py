"""What each chooses to be told, by mail and in the application."""

import pytest
from django.core import mail
from django.test import Client
from django.utils.encoding import force_str

from ronde.accounts.models import User
from ronde.careteam import actions as careteam
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.journal.events import event_classes
from ronde.notifications import preferences
from ronde.notifications.models import Notice, Preference
from tests import factories as f
from tests.notifications.worker import run_jobs
from tests.query_budget import budget
from tests.signing import act_as

pytestmark = pytest.mark.django_db
PREFERENCES = "/profil/notifications/"
RESET = f"{PREFERENCES}reinitialiser/"


@pytest.fixture
def coordinator() -> User:
    return f.user("LAMBERT", "Sophie")


@pytest.fixture
def web(client: Client, coordinator) -> Client:
    client.force_login(coordinator)
    return client


def text(answer) -> str:
    return force_str(answer.content)


def names() -> list[str]:
    return list(preferences.choosable())


def everything(*, less: str = "") -> dict[str, list[str]]:
    kept = [name for name in names() if name != less]
    return {"mail": kept, "application": kept}


def chosen() -> list[tuple[str, bool, bool]]:
    with as_owner():
        return list(Preference.objects.values_list("event", "mail", "application"))


def habilitate(coordinator: User, account: User) -> None:
    record = f.patient(f.actor(coordinator))
    f.member(f.actor(coordinator), record, account.person.party, habilitated=True)
    run_jobs()


def told(account: User) -> tuple[int, int]:
    """How many mails, how many notices."""
    with as_owner():
        notices = Notice.objects.filter(user_id=account.pk).count()
    return sum(account.email in one.to for one in mail.outbox), notices


def test_the_list_is_made_of_the_events(web):
    page = text(web.get(PREFERENCES))
    for name, kind in preferences.choosable().items():
        assert f'name="application" value="{name}"' in page
        assert str(kind.preference).replace("'", "&#39;") in page
    for title in ("Dossier", "Accès", "Compte"):
        assert f">{title}</h2>" in page


def test_every_event_with_a_preference_has_a_subject_to_tell():
    unsaid = [
        name
        for name, kind in event_classes().items()
        if kind.preference is not None and kind.mail is None
    ]
    assert unsaid == []


def test_all_is_told_until_one_says_otherwise_save_openings(web):
    page = text(web.get(PREFERENCES))
    switches = page.count('role="switch" name="application"')
    assert switches == len(names())
    off = [name for name, kind in preferences.choosable().items() if not kind.chosen_by_default]
    assert off == ["RecordConsulted"]


@pytest.mark.parametrize(
    ("mails", "applications", "expected"),
    [(True, True, (1, 1)), (False, True, (0, 1)), (True, False, (1, 0)), (False, False, (0, 0))],
)
def test_each_way_is_switched_alone(client, coordinator, mails, applications, expected):
    doctor = f.user("LEBLANC", "Marc")
    client.force_login(doctor)
    without = everything(less="MemberHabilitated")["mail"]
    sent = {
        "mail": names() if mails else without,
        "application": names() if applications else without,
    }
    assert client.post(PREFERENCES, sent).url == PREFERENCES
    habilitate(coordinator, doctor)
    assert told(doctor) == expected


def test_only_what_differs_from_the_usual_is_kept(web):
    web.post(PREFERENCES, everything(less="RecordConsulted"))
    assert chosen() == []
    sent = everything(less="RecordConsulted")
    sent["mail"] = [name for name in sent["mail"] if name != "NoteWritten"]
    web.post(PREFERENCES, sent)
    assert chosen() == [("NoteWritten", False, True)]
    web.post(PREFERENCES, everything(less="RecordConsulted"))
    assert chosen() == []


def test_the_mail_of_a_break_glass_is_always_sent(web, coordinator):
    page = text(web.get(PREFERENCES))
    assert "mail toujours envoyé" in page
    web.post(PREFERENCES, {"mail": [], "application": []})
    record = f.patient(f.actor(coordinator))
    stranger = f.actor(f.user("PETIT", "Léa"))
    with acting(party_id=stranger.party_id, user_id=stranger.user_id):
        careteam.break_glass(stranger, record.pk, "urgence", "Chute dans l'escalier")
    run_jobs()
    assert told(coordinator) == (1, 0)


def test_the_mails_of_sign_in_are_shown_as_always_sent(web):
    page = text(web.get(PREFERENCES))
    assert "Envoi du code à usage unique" in page
    assert "réinitialisation du mot de passe" in page


def test_a_group_or_all_come_back_to_the_usual(web):
    web.post(PREFERENCES, {"mail": [], "application": []})
    before = len(chosen())
    web.post(RESET, {"groupe": "record"})
    assert 0 < len(chosen()) < before
    assert {preferences.choosable()[name].topic.value for name, _m, _a in chosen()} == {"access"}
    web.post(RESET, {"groupe": "toutes"})
    assert chosen() == []


@pytest.mark.parametrize("group", ["", "inconnu", "' OR 1=1"])
def test_an_unknown_group_resets_nothing(web, group):
    web.post(PREFERENCES, {"mail": [], "application": []})
    before = chosen()
    web.post(RESET, {"groupe": group})
    assert chosen() == before


def test_an_event_made_up_is_not_kept(web):
    sent = everything(less="RecordConsulted")
    web.post(PREFERENCES, {**sent, "mail": [*sent["mail"], "Inconnu", "SignedIn"]})
    assert chosen() == []


def test_the_choices_of_a_structure_are_those_of_the_person_for_it(client):
    house = f.structure("SSIAD Les Pins")
    one = f.user("RICCI", "Paola", attached_to=house)
    two = f.user("BLANC", "Ana", attached_to=house)
    client.force_login(one)
    act_as(client, house.pk)
    client.post(PREFERENCES, {"mail": [], "application": []})
    coordinator = f.user("LAMBERT", "Sophie")
    record = f.patient(f.actor(coordinator))
    f.member(f.actor(coordinator), record, house.party, habilitated=True)
    run_jobs()
    assert (told(one), told(two)) == ((0, 0), (1, 1))
    habilitate(coordinator, one)  # In her own name she is told as usual.
    assert told(one) == (1, 1)


def test_the_list_of_preferences_is_read_in_one_query(web):
    web.get(PREFERENCES)
    with budget("preferences"):
        web.get(PREFERENCES)
