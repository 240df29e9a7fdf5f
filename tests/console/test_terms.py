"""An administrator writes the terms of use, publishes them, and nobody changes them afterwards."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ronde.accounts import legal, terms
from ronde.accounts import terms_actions as actions
from ronde.accounts.models import TermsAcceptance, TermsVersion, User
from ronde.core.actor import Officer
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.core.markdown import render
from ronde.core.page import part
from ronde.journal.models import JournalEntry
from tests import factories as f
from tests.at_once import race
from tests.query_budget import budget
from tests.signing import signed_in

pytestmark = pytest.mark.django_db
WRITTEN = {"summary": "Les exports.", "text": "## Secret\n\nLe **secret**.", "summary_en": "",
           "text_en": ""}  # fmt: skip
EDIT, PREVIEW, PUBLISH = (
    reverse(f"console:terms_{name}") for name in ("edit", "preview", "publish")
)
LIST, WITHDRAW, DROP = (
    reverse(f"console:{name}") for name in ("terms", "terms_withdraw", "terms_drop")
)


@pytest.fixture
def agnes() -> User:
    return f.user("VIDAL", "Agnès", duties=["administrator"])


@pytest.fixture
def admin(agnes) -> Client:
    return signed_in(agnes)


@pytest.fixture(autouse=True)
def heard(django_capture_on_commit_callbacks):
    """What follows a commit follows it here too."""

    def do(act):
        with django_capture_on_commit_callbacks(execute=True):
            return act()

    return do


def officer(who: User) -> Officer:
    return Officer(who.pk, who.full_name, "administrator")


def on_duty(who: User):
    return acting(party_id=None, user_id=who.pk, duty="administrator")


def draft(who: User, revision: int = 0, **written: str) -> TermsVersion:
    with on_duty(who):
        return actions.save_draft(officer(who), {**WRITTEN, **written}, revision)


def told() -> list[str]:
    with as_owner():
        return list(JournalEntry.objects.order_by("pk").values_list("event", flat=True))


def publish(web: Client, revision: int = 1, **values: str):
    sent = {"when": "maintenant", "revision": revision, **values}
    assert web.post(PUBLISH, sent).status_code == 200
    return web.post(PUBLISH, {**sent, "confirmer": "1"})


@pytest.mark.parametrize("english", [False, True])
def test_a_new_draft_starts_from_the_text_that_comes_with_ronde_to_the_letter(english):
    with terms.override("en" if english else "fr"):
        packaged = part(legal.TERMS["2026-11"], {})
    again = render(terms.start(english=english))
    assert flat(again) == flat(packaged)
    assert "<h2>" in again
    assert "<li>" in again


def flat(html: str) -> str:
    """Without what HTML does not show: line ends, and the two ways of writing an apostrophe."""
    html = html.replace("&#39;", "'").replace("&#34;", "&quot;")
    return "".join(line.strip() for line in html.splitlines())


def test_a_draft_is_written_read_again_and_published(admin, agnes, heard):
    page = admin.get(EDIT).text
    assert "## 3. Secret professionnel" in page
    assert "## 3. Professional secrecy" in page
    assert admin.post(EDIT, {**WRITTEN, "revision": "0"}).url == PREVIEW
    page = admin.get(PREVIEW).text
    assert "<strong>secret</strong>" in page
    assert "Les exports." in page
    assert "<h2>Secret</h2>" in page
    f.user("ROUX", "Hugo")
    page = admin.post(PUBLISH, {"when": "maintenant", "revision": "1"}).text
    name = f"{timezone.localdate():%Y-%m}"
    name = f"{name}-2" if name in legal.TERMS else name
    assert f"Version {name} : dès maintenant, les 2 comptes ouverts devront l’accepter" in page
    assert heard(lambda: publish(admin)).url == LIST
    row = TermsVersion.objects.get()
    assert (row.version, row.published_by, row.text) == (name, agnes.pk, WRITTEN["text"])
    assert terms.in_force() == name
    assert admin.get(LIST).url.startswith("/conditions/?next=")
    admin.post("/conditions/", {"conditions_lues": name})
    page = admin.get(LIST).text
    assert f'<a class="mi" href="/conditions/{name}/">{name}</a>' in page
    assert "1 sur 2" in page
    assert "2 sur 2" in page
    assert told() == ["TermsDrafted", "TermsPublished"]
    page = admin.get(reverse("console:audit")).text
    assert f"Conditions d&#39;utilisation publiées · version {name}" in page
    assert "Agnès VIDAL" in page


def test_the_next_draft_starts_from_what_was_published(admin):
    f.published_terms("2026-10", text="## Un\n\nDeux.")
    with as_owner():
        TermsAcceptance.objects.create(user=User.objects.get(), version="2026-10")
    page = admin.get(EDIT).text
    assert "## Un\n\nDeux." in page
    assert "## 3. Secret" not in page


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("text", "", "Écrivez le texte des conditions."),
        ("summary", "  ", "Dites en quelques mots ce qui change."),
        ("summary", "x" * 501, "500"),
        ("text", "![a](https://a.fr/a.png)", "Une image ne peut pas être placée ici."),
        ("text", "<b>a</b>", "Le HTML n&#39;est pas repris"),
        ("text_en", "[a](http://a.fr)", "Un lien commence par https://"),
    ],
)
def test_what_cannot_be_published_is_said_beside_the_field_and_nothing_is_lost(
    admin, name, value, said
):
    answer = admin.post(EDIT, {**WRITTEN, "revision": "0", name: value})
    assert answer.status_code == 422
    assert said in answer.text
    kept = "Le **secret**." if name != "text" else "Les exports."
    assert kept in answer.text
    assert not TermsVersion.objects.exists()


def test_the_second_of_two_administrators_is_told_and_loses_nothing(admin, agnes):
    paul = f.user("ADAM", "Paul", duties=["administrator"])
    draft(paul, text="Le texte de Paul.")
    answer = admin.post(EDIT, {**WRITTEN, "text": "Le texte d'Agnès.", "revision": "0"})
    assert answer.status_code == 409
    assert "Ce brouillon a été modifié pendant votre saisie" in answer.text
    assert "Ce que Paul ADAM a enregistré" in answer.text
    assert "Le texte de Paul." in answer.text
    assert "Le texte d&#x27;Agnès." in answer.text.replace("&#39;", "&#x27;")
    assert 'name="revision" value="1"' in answer.text
    with on_duty(agnes):
        assert TermsVersion.objects.get().text == "Le texte de Paul."
    assert admin.post(EDIT, {**WRITTEN, "revision": "1"}).url == PREVIEW
    with on_duty(agnes):
        assert TermsVersion.objects.get().text == WRITTEN["text"]


def test_a_draft_that_is_gone_or_published_keeps_what_was_typed_too(admin, agnes):
    answer = admin.post(EDIT, {**WRITTEN, "revision": "3"})
    assert answer.status_code == 409
    assert "n&#39;existe plus" in answer.text
    assert 'name="revision" value="0"' in answer.text
    f.published_terms("2031-01", since=timezone.now() + timedelta(days=9))
    answer = admin.post(EDIT, {**WRITTEN, "revision": "1"})
    assert answer.status_code == 409
    assert "est déjà publiée" in answer.text
    assert "Le **secret**." in answer.text


def test_what_was_changed_since_it_was_read_is_not_published(admin, agnes):
    draft(agnes)
    draft(f.user("ADAM", "Paul", duties=["administrator"]), 1, text="Autre.")
    answer = admin.post(PUBLISH, {"when": "maintenant", "revision": "1", "confirmer": "1"})
    assert answer.url == PREVIEW
    assert "Paul ADAM a modifié ce brouillon depuis" in admin.get(PREVIEW).text
    assert terms.in_force() == "2026-11"
    assert admin.post(DROP, {"revision": "1"}).url == PREVIEW
    with on_duty(agnes):
        assert TermsVersion.objects.get().is_draft


@pytest.mark.parametrize(
    ("when", "day", "said"),
    [
        ("", "", "Choisissez quand."),
        ("date", "", "Indiquez la date."),
        ("date", "2026-02-31", "date"),
        ("date", "hier", "Choisissez une date à venir"),
        ("date", "auj", "Choisissez une date à venir"),
        ("date", "loin", "un an à l&#39;avance"),
    ],
)
def test_a_date_that_is_not_to_come_is_said(admin, agnes, when, day, said):
    draft(agnes)
    today = timezone.localdate()
    days = {"hier": -1, "auj": 0, "loin": 400}
    day = f"{today + timedelta(days=days[day]):%Y-%m-%d}" if day in days else day
    answer = admin.post(PUBLISH, {"when": when, "day": day, "revision": "1", "confirmer": "1"})
    assert answer.status_code == 422
    assert said in answer.text
    assert terms.in_force() == "2026-11"


def test_a_publication_to_come_can_be_called_off_until_its_date(admin, agnes, heard):
    draft(agnes)
    day = timezone.localdate() + timedelta(days=40)
    asked = {"when": "date", "day": f"{day:%Y-%m-%d}", "revision": "1"}
    page = admin.post(PUBLISH, asked).text
    assert f"Version {day:%Y-%m} : à partir du {day:%d/%m/%Y} à 0 h, le compte ouvert" in page
    assert heard(lambda: publish(admin, **asked)).url == LIST
    assert f"Version {day:%Y-%m}, à venir" in admin.get(LIST).text
    assert terms.in_force() == "2026-11"
    assert admin.get(EDIT).url == PREVIEW
    assert f"n’entrera pas en vigueur le {day:%d/%m/%Y}" in admin.get(WITHDRAW).text
    answer = heard(lambda: admin.post(WITHDRAW, {"version": f"{day:%Y-%m}"}))
    assert answer.url == LIST
    with time_machine.travel(timezone.now() + timedelta(days=60)):
        assert terms.in_force() == "2026-11"
    with on_duty(agnes):
        assert TermsVersion.objects.get().is_draft
    assert told()[-2:] == ["TermsPublished", "TermsWithdrawn"]


def test_in_its_last_minute_a_publication_is_no_longer_called_off(admin, agnes):
    """Another process may remember it for as long: somebody would accept what is no version."""
    f.published_terms("2031-01", since=timezone.now() + timedelta(seconds=terms.FRESH_FOR - 1))
    admin.post(WITHDRAW, {"version": "2031-01"})
    assert TermsVersion.objects.get().version == "2031-01"
    assert "La version 2031-01 entre en vigueur." in admin.get(LIST).text


def test_each_version_of_a_month_has_its_name(agnes):
    day = date(2026, 11, 30)
    assert actions.name_for(day) == "2026-11-2"
    f.published_terms("2026-11-2")
    assert actions.name_for(day) == "2026-11-3"
    assert actions.name_for(date(2026, 12, 1)) == "2026-12"


def test_a_draft_is_given_up(admin, agnes):
    draft(agnes)
    assert "que Agnès VIDAL a enregistré" in admin.get(DROP).text
    assert admin.post(DROP, {"revision": "1"}).url == LIST
    with on_duty(agnes):
        assert not TermsVersion.objects.exists()
    for address in (PUBLISH, WITHDRAW, DROP, PREVIEW):
        assert admin.get(address).url == LIST
        assert admin.post(DROP, {"revision": "x"}).url == LIST


def test_who_is_not_an_administrator_meets_none_of_it(agnes):
    draft(agnes)
    for who in (f.user("ROUX", "Hugo"), f.user("GARNIER", "Théo", duties=["support"])):
        web = signed_in(who)
        for address in (LIST, EDIT, PREVIEW, PUBLISH, WITHDRAW, DROP):
            assert web.get(address).status_code == 404
            assert web.post(address, {**WRITTEN, "revision": "1"}).status_code in {404, 405}


# What the database itself keeps.


def test_the_draft_is_seen_by_administrators_alone(agnes):
    draft(agnes)
    assert not TermsVersion.objects.exists()
    hugo = f.user("ROUX", "Hugo")
    with acting(party_id=hugo.person_id, user_id=hugo.pk), transaction.atomic():
        assert not TermsVersion.objects.exists()
    with acting(party_id=None, user_id=hugo.pk, duty="administrator"), transaction.atomic():
        assert not TermsVersion.objects.exists()
    with on_duty(agnes), transaction.atomic():
        assert TermsVersion.objects.exists()


@pytest.mark.parametrize("owner", [False, True])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_termsversion SET text = 'x'",
        "UPDATE accounts_termsversion SET version = '', published_at = NULL,"
        " published_by = NULL, in_force_at = NULL",
        "UPDATE accounts_termsversion SET in_force_at = in_force_at + interval '1 day'",
        "DELETE FROM accounts_termsversion",
    ],
)
def test_what_is_in_force_is_never_changed_nor_removed(agnes, statement, owner):
    f.published_terms("2026-12")

    def run() -> int:
        with on_duty(agnes), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.rowcount

    if not owner and statement.startswith("DELETE"):
        assert run() == 0  # The policy shows it nothing to remove.
    elif owner:
        with as_owner(), pytest.raises(DatabaseError, match="never changed"):
            run()
    else:
        with pytest.raises(DatabaseError, match="never changed"):
            run()
    assert TermsVersion.objects.get(version="2026-12").text == "Le secret."


def test_what_is_published_for_later_is_not_rewritten_either(agnes):
    f.published_terms("2031-01", since=timezone.now() + timedelta(days=9))
    with (
        on_duty(agnes),
        pytest.raises(DatabaseError, match="never changed"),
        transaction.atomic(),
    ):
        TermsVersion.objects.update(text="x")


def test_nothing_is_published_in_the_name_of_another_nor_half(agnes):
    row = draft(agnes)
    now = timezone.now()
    other = f.user("ROUX", "Hugo")
    whole = {"version": "2026-12", "published_at": now, "in_force_at": now}
    with on_duty(agnes), pytest.raises(DatabaseError, match="policy"), transaction.atomic():
        TermsVersion.objects.filter(pk=row.pk).update(**whole, published_by=other.pk)
    for missing in whole:
        half = {**whole, "published_by": agnes.pk}
        del half[missing]
        with on_duty(agnes), pytest.raises(IntegrityError), transaction.atomic():
            TermsVersion.objects.filter(pk=row.pk).update(**half)
    new = TermsVersion(**whole, published_by=agnes.pk, text="x", summary="x", changed_at=now)
    with on_duty(agnes), pytest.raises(DatabaseError, match="policy"), transaction.atomic():
        new.save()


def test_the_list_costs_the_same_whatever_the_number_of_versions(admin):
    with budget("console:terms"):
        admin.get(LIST)
    now = timezone.now()
    for number in range(1, 13):
        f.published_terms(f"2025-{number:02}", since=now + timedelta(microseconds=number))
    with as_owner():
        TermsAcceptance.objects.create(user=User.objects.get(), version="2025-12")
    with budget("console:terms"):
        assert "2025-07" in admin.get(LIST).text


@pytest.mark.django_db(transaction=True)
def test_two_administrators_start_the_draft_at_once(agnes):
    paul = f.user("ADAM", "Paul", duties=["administrator"])
    one, other = race(lambda: draft(agnes), lambda: draft(paul, text="Autre."))
    assert one.revision == 1
    assert isinstance(other, actions.Conflict)
    with on_duty(agnes), transaction.atomic():
        assert TermsVersion.objects.get().text == WRITTEN["text"]


@pytest.mark.django_db(transaction=True)
def test_one_publishes_while_another_writes_or_publishes_too(agnes):
    paul = f.user("ADAM", "Paul", duties=["administrator"])
    draft(agnes)

    def publishes(who: User) -> TermsVersion:
        with on_duty(who):
            return actions.publish(officer(who), None, 1)

    one, other = race(lambda: publishes(agnes), lambda: draft(paul, 1, text="Autre."))
    assert one.text == WRITTEN["text"]
    assert isinstance(other, actions.Conflict)
    draft(agnes)
    one, other = race(lambda: publishes(agnes), lambda: publishes(paul))
    assert one.version.startswith(f"{timezone.localdate():%Y-%m}")
    assert isinstance(other, actions.Conflict)
    assert TermsVersion.objects.count() == 2
