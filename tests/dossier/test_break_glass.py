"""Break-glass, from the warning to its end, without telling which records exist."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ronde.careteam.models import BreakGlass, BreakGlassReason
from ronde.core.actor import Actor
from ronde.core.db.roles import as_owner
from ronde.dossier import break_glass as sealed
from ronde.dossier.models import BreakGlassAttempt
from ronde.journal.models import AccessTrace, JournalEntry
from ronde.patients.models import Patient
from tests import factories as f
from tests.notifications.worker import run_jobs

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
REASON = {"confirmer": "oui", "reason": "urgence", "detail": "Trouvée au sol par sa voisine"}


@pytest.fixture
def coordinator() -> Actor:
    return f.actor(f.user("LAMBERT", "Sophie"))


@pytest.fixture
def record(coordinator) -> Patient:
    return f.patient(coordinator)


@pytest.fixture
def account():
    return f.user("PETIT", "Léa")


@pytest.fixture
def doctor(account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def at(name: str, patient_id: object) -> str:
    return reverse(f"dossier:{name}", args=[patient_id])


def ask(client: Client, patient_id: object, **values: str):
    return client.post(at("break_glass", patient_id), {**REASON, **values})


def plain(response) -> str:
    """What the page says, without the tokens, which change from one to the next."""
    html = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", html)


class TestBefore:
    def test_the_page_warns_and_asks_why(self, doctor, record):
        text = plain(doctor.get(at("break_glass", record.pk)))
        assert "alerte les utilisateurs habilités sur ce dossier" in text
        assert "contrôlées a posteriori" in text
        assert "Urgence : la vie ou la santé est menacée" in text

    def test_it_does_not_tell_a_record_from_none(self, doctor, record):
        real, none = (
            doctor.get(at("break_glass", record.pk)),
            doctor.get(at("break_glass", uuid4())),
        )
        assert real.status_code == none.status_code == 200
        assert plain(real) == plain(none)
        assert "MARCHETTI" not in plain(real)

    def test_traits_are_shown_when_a_search_has_just_shown_them(self, doctor, account, record):
        token = sealed.sign(f.actor(account), record.pk, [("Nom", "MARCHETTI")])
        response = doctor.post(at("break_glass", record.pk), {"identite": token})
        assert response.status_code == 200
        assert "MARCHETTI" in plain(response)
        assert not BreakGlass.objects.exists()

    def test_traits_sealed_for_another_are_not_shown(self, doctor, account, record):
        mine, other = f.actor(account), f.actor(f.user("ROUX", "Hugo"))
        traits = [("Nom", "MARCHETTI")]
        good = sealed.sign(mine, record.pk, traits)
        assert sealed.read(good, mine, record.pk) == [("Nom", "MARCHETTI")]
        assert sealed.read(good, other, record.pk) == []
        assert sealed.read(good, mine, uuid4()) == []
        assert sealed.read(good + "x", mine, record.pk) == []
        assert sealed.read("", mine, record.pk) == []
        with time_machine.travel(timezone.now() + timedelta(minutes=31)):
            assert sealed.read(good, mine, record.pk) == []

    @pytest.mark.parametrize(
        ("values", "said"),
        [
            ({"reason": ""}, "Choisissez le motif."),
            ({"reason": "curiosite"}, "curiosite"),
            ({"detail": "Chute"}, "au moins 10 caractères"),
            ({"detail": "          "}, "Précisez la situation"),
        ],
    )
    def test_a_reason_is_needed(self, doctor, record, values, said):
        response = ask(doctor, record.pk, **values)
        assert response.status_code == 422
        assert said in plain(response)
        with as_owner():
            assert not BreakGlass.objects.exists()

    def test_a_member_goes_straight_to_the_record(self, coordinator, record):
        client = Client()
        client.force_login(f.User.objects.get(pk=coordinator.user_id))
        assert client.get(at("break_glass", record.pk)).url == at("record", record.pk)
        assert ask(client, record.pk).url == at("record", record.pk)
        with as_owner():
            assert not BreakGlass.objects.exists()


class TestRefusal:
    def test_an_unknown_record_and_a_refusal_answer_alike(
        self, doctor, account, coordinator, record
    ):
        f.member(coordinator, record, account.person.party, refused=True)
        with time_machine.travel(timezone.now(), tick=False):  # Each page says when it was printed.
            refused, none = ask(doctor, record.pk), ask(doctor, uuid4())
            strange = doctor.get(at("record", uuid4()))
        assert refused.status_code == none.status_code == 404
        assert plain(refused) == plain(none) == plain(strange)

    def test_a_refused_attempt_leaves_its_trace_and_counts(self, doctor, account, record):
        unknown = uuid4()
        ask(doctor, unknown)
        with as_owner():
            trace = AccessTrace.objects.get(patient_id=unknown)
            assert (trace.granted, trace.section) == (False, "break_glass")
            assert BreakGlassAttempt.objects.filter(user_id=account.pk).count() == 1

    def test_one_person_may_ask_so_often_a_day(self, doctor, record, settings):
        settings.BREAK_GLASS_DAILY_LIMIT = 2
        assert [ask(doctor, uuid4()).status_code for _ in range(2)] == [404, 404]
        response = ask(doctor, record.pk)
        assert response.status_code == 422
        assert "2 accès bris de glace en 24 heures" in plain(response)
        with as_owner():
            BreakGlassAttempt.objects.update(at=timezone.now() - timedelta(hours=25))
        assert ask(doctor, record.pk).status_code == 302


class TestDuring:
    @pytest.fixture
    def opened(self, doctor, record) -> BreakGlass:
        assert ask(doctor, record.pk).url == at("record", record.pk)
        with as_owner():
            return BreakGlass.objects.get()

    def test_the_access_is_written_with_its_reason_and_waits_for_review(self, opened, account):
        assert opened.until - opened.opened_at == timedelta(hours=2)
        assert opened.reason == BreakGlassReason.EMERGENCY
        assert opened.reason_text == REASON["detail"]
        assert opened.user_id == account.pk
        assert opened.reviewed_at is None

    def test_the_minutes_left_stand_on_each_page(self, opened, doctor, record):
        for name in ("dossier:record", "dossier:trace", "feed:list"):
            text = plain(doctor.get(reverse(name, args=[record.pk])))
            assert re.search(r"encore (119|120) (&nbsp;)?min|encore (119|120)&nbsp;min", text), name
            assert "Mettre fin à l’accès" in text

    def test_a_member_sees_no_such_band(self, coordinator, record):
        client = Client()
        client.force_login(f.User.objects.get(pk=coordinator.user_id))
        assert "Mettre fin" not in plain(client.get(at("record", record.pk)))

    def test_the_circle_is_told_by_mail_and_in_the_feed(self, opened, coordinator, record):
        run_jobs()
        assert [one.to for one in mail.outbox] == [
            [f.User.objects.get(pk=coordinator.user_id).email]
        ]
        assert REASON["detail"] not in mail.outbox[0].body
        client = Client()
        client.force_login(f.User.objects.get(pk=coordinator.user_id))
        text = plain(client.get(reverse("feed:list", args=[record.pk])))
        assert "Accès bris de glace de PETIT Léa" in text
        assert REASON["detail"] in text

    def test_one_may_end_it(self, opened, doctor, record):
        response = doctor.post(at("close_glass", record.pk))
        assert response.url == reverse("worklist:list")
        assert doctor.get(at("record", record.pk)).status_code == 404
        with as_owner():
            opened.refresh_from_db()
            assert opened.ended_at is not None

    def test_a_member_has_nothing_to_end(self, coordinator, record):
        client = Client()
        client.force_login(f.User.objects.get(pk=coordinator.user_id))
        assert client.post(at("close_glass", record.pk)).status_code == 404
        assert client.get(at("ask_access", record.pk)).status_code == 404

    def test_a_lasting_access_is_asked_of_the_circle_once(
        self, opened, doctor, record, coordinator
    ):
        run_jobs()
        mail.outbox.clear()
        text = {"text": "Je la suivrai à sa sortie"}
        answer = doctor.post(at("ask_access", record.pk), text, headers=HTMX)
        assert answer.status_code == 204
        again = doctor.post(at("ask_access", record.pk), text, headers=HTMX)
        assert again.status_code == 422
        assert "déjà partie" in plain(again)
        run_jobs()
        [sent] = mail.outbox
        assert sent.subject == "Ronde : Demande d'habilitation sur un dossier que vous suivez"
        assert text["text"] not in sent.body
        with as_owner():
            assert JournalEntry.objects.get(event="AccessAsked").payload == {
                "who": "Léa PETIT",
                **text,
            }


class TestAfter:
    @pytest.fixture
    def ended(self, doctor, record) -> None:
        ask(doctor, record.pk)
        with as_owner():
            BreakGlass.objects.update(until=timezone.now() - timedelta(seconds=1))

    def test_the_record_is_closed_to_the_second(self, ended, doctor, record):
        assert doctor.get(at("record", record.pk)).status_code == 404

    def test_a_page_left_open_goes_to_the_worklist_and_says_why(self, ended, doctor, record):
        answer = doctor.get(reverse("dossier:panel", args=[record.pk, "feed"]), headers=HTMX)
        assert answer.status_code == 404
        assert answer.headers["HX-Redirect"] == reverse("dossier:left")
        left = doctor.get(reverse("dossier:left"))
        assert left.url == reverse("worklist:list")
        assert "votre accès a pris fin" in str([*get_messages(left.wsgi_request)][-1])

    def test_a_stranger_is_sent_away_in_the_same_way(self, doctor):
        answer = doctor.get(reverse("dossier:panel", args=[uuid4(), "feed"]), headers=HTMX)
        assert answer.headers["HX-Redirect"] == reverse("dossier:left")
