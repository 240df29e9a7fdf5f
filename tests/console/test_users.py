"""«Comptes» and «Audit» in the console: find, help, close; read what was done."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ronde.accounts import closing
from ronde.accounts.models import Device, User
from ronde.core.actor import Officer
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.journal.models import JournalEntry
from tests import factories as f
from tests.notifications.worker import run_jobs
from tests.query_budget import budget
from tests.signing import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def agnes() -> User:
    return f.user("VIDAL", "Agnès", duties=["administrator"])


@pytest.fixture
def admin(agnes) -> Client:
    return signed_in(agnes)


@pytest.fixture
def support() -> Client:
    return signed_in(f.user("GARNIER", "Théo", duties=["support"]))


@pytest.fixture
def hugo() -> User:
    return f.user("ROUX", "Hugo", attached_to=f.structure("SSIAD du Port"), profession="G15:60")


def page(web: Client, name: str, *keys: object, **query: str) -> str:
    return web.get(reverse(f"console:{name}", args=keys), query).content.decode()


def decide(web: Client, name: str, user: User, **values: str):
    return web.post(reverse(f"console:{name}", args=[user.pk]), values)


@pytest.mark.parametrize("asked", ["roux hugo", "HUGO", "rpps", "mail"])
def test_an_account_is_found_by_its_name_address_or_number(support, hugo, asked):
    f.user("MOREL", "Inès")
    text = {"rpps": hugo.person.rpps, "mail": hugo.email}.get(asked, asked)
    html = page(support, "users", q=text)
    assert "Hugo ROUX" in html
    assert "Inès MOREL" not in html


def test_the_sheet_says_who_it_is_where_they_work_and_nothing_of_a_record(support, hugo):
    f.patient(f.actor(hugo))
    html = page(support, "user", hugo.pk)
    for words in ("Infirmier", hugo.person.rpps, "SSIAD du Port", "code par e-mail"):
        assert words in html
    assert "MARCHETTI" not in html
    assert "Fermer le compte" not in html  # The administration decides it.


def test_a_link_is_sent_to_the_holder_and_recorded(support, hugo):
    assert decide(support, "send_link", hugo).status_code == 302
    run_jobs()
    assert [one.to for one in mail.outbox] == [[hugo.email]]
    assert "/mot-de-passe/" in mail.outbox[0].body
    assert "Lien de mot de passe envoyé" in page(support, "audit")


def test_a_closed_account_opens_nothing_at_once_and_opens_again(admin, hugo):
    theirs = signed_in(hugo)
    theirs.get("/profil/")
    assert decide(admin, "close_user", hugo, reason="").status_code == 422
    assert theirs.get("/profil/").status_code == 200
    assert decide(admin, "close_user", hugo, reason="Départ signalé").status_code == 302
    assert theirs.get("/profil/").url.startswith("/connexion/")
    with as_owner():
        assert not Device.objects.filter(user=hugo).exists()
    assert "Hugo ROUX" not in page(admin, "users")
    assert "Hugo ROUX" in page(admin, "users", etat="fermes")
    assert decide(admin, "send_link", hugo).status_code == 404
    decide(admin, "reopen_user", hugo, reason="Erreur")
    assert signed_in(hugo).get("/profil/").status_code == 200
    run_jobs()
    assert [one.subject for one in mail.outbox] == [
        "Compte Ronde : compte ferme", "Compte Ronde : compte rouvert",
    ]  # fmt: skip
    with as_owner():
        found = JournalEntry.objects.filter(event__startswith="Account").order_by("at")
        assert [(one.event, one.payload["reason"]) for one in found] == [
            ("AccountClosed", "Départ signalé"), ("AccountReopened", "Erreur"),
        ]  # fmt: skip


def test_what_was_closed_already_is_closed_once(agnes, hugo):
    officer = Officer(agnes.pk, agnes.full_name, "administrator")
    for _time in range(2):
        with acting(party_id=None, user_id=agnes.pk, duty="administrator"):
            closing.close(officer, hugo, "Départ")
    with as_owner():
        assert JournalEntry.objects.filter(event="AccountClosed").count() == 1


def test_nobody_closes_their_own_account_nor_that_of_the_last_administrator(admin, agnes):
    answer = decide(admin, "close_user", agnes, reason="Essai")
    assert answer.status_code == 422
    assert "se ferme par quelqu&#39;un d&#39;autre" in answer.content.decode()
    lone = Officer(f.user("X", "Y").pk, "X", "administrator")
    assert "dernière personne" in closing.obstacle(lone, agnes)
    agnes.refresh_from_db()
    assert agnes.is_active


def test_the_audit_is_filtered_by_who_what_and_when(admin, agnes, hugo):
    decide(admin, "close_user", hugo, reason="Départ signalé")
    html = page(admin, "audit", q="vidal")
    assert "Compte fermé : Départ signalé" in html
    assert "Hugo ROUX" in html
    assert "Agnès VIDAL" in html
    assert "Départ signalé" not in page(admin, "audit", q="garnier")
    assert "Départ signalé" not in page(admin, "audit", quoi="SignedIn")
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    today = timezone.localdate().isoformat()
    assert "Départ signalé" not in page(admin, "audit", au=yesterday)
    assert "Départ signalé" in page(admin, "audit", du=today, au=today)
    assert "Départ signalé" in page(admin, "audit", du="2026-02-31", quoi="inventé")


def test_the_audit_shows_nothing_of_a_record(admin, hugo):
    record = f.patient(f.actor(hugo))
    f.member(f.actor(hugo), record, f.person("COSTA", "Luc").party)
    html = page(admin, "audit")
    for words in ("MARCHETTI", "COSTA", "Jeanne"):
        assert words not in html


def test_the_lists_read_as_many_rows_by_as_many_queries(admin, hugo):
    for number in range(12):
        decide(admin, "close_user", f.user(f"NOM{number}", "Ana"), reason="Essai")
        f.user(f"AUTRE{number}", "Léa")
    for name in ("users", "audit"):
        page(admin, name)
        with budget(f"console:{name}"):
            page(admin, name)
    with budget("console:user"):
        page(admin, "user", hugo.pk)
