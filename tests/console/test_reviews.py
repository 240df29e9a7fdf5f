"""The privacy officer reviews break-glass accesses, knowing nothing else of the record."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ronde.careteam import reviewing
from ronde.careteam.access import access_to
from ronde.careteam.holding import Conflict, Stale
from ronde.careteam.models import BreakGlass, Explanation, Member, Review, Verdict
from ronde.console import jobs, reviews
from ronde.core.actor import Officer
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.feed.actions import add_note
from ronde.journal.models import AccessTrace, JournalEntry
from ronde.notifications.models import Notice
from ronde.patients.models import Patient
from tests import factories as f
from tests.notifications.mailbox import HOST, free_port
from tests.query_budget import budget

pytestmark = pytest.mark.django_db


@pytest.fixture
def karim():
    """The privacy officer."""
    return f.user("BENALI", "Karim", duties=["privacy_officer"])


@pytest.fixture
def officer(karim):
    who = Officer(karim.pk, karim.full_name, "privacy_officer")
    with acting(party_id=None, user_id=karim.pk, duty="privacy_officer"), transaction.atomic():
        yield who


@pytest.fixture
def desk(client, karim):
    client.force_login(karim)
    return client


@pytest.fixture
def hugo():
    return f.user("ROUX", "Hugo")


@pytest.fixture
def record():
    return f.patient(f.actor(f.user()))


@pytest.fixture
def glass(record, hugo):
    return f.broken_glass(record, f.actor(hugo))


def decide(client, glass, verdict="justified", **more):
    values = {"version": "0", "verdict": verdict, "comment": "Appel du SAMU vérifié.", **more}
    return client.post(reverse("console:review", args=[glass.pk]), values)


def html_of(answer) -> str:
    return answer.content.decode().replace("&#39;", "'")


def test_the_queue_names_who_and_the_number_of_the_record_alone(desk, glass, record):
    html = html_of(desk.get(reverse("console:reviews")))
    assert "Hugo ROUX" in html
    assert str(record.record_number) in html
    assert "MARCHETTI" not in html
    assert "JEANNE" not in html


def test_late_ones_come_first_and_are_counted(desk, record, glass):
    late = f.broken_glass(record, f.actor(f.user("COSTA", "Luc")), days_ago=9)
    near = f.broken_glass(record, f.actor(f.user("MOREL", "Ève")), days_ago=6)
    html = html_of(desk.get(reverse("console:reviews")))
    places = [html.index(f"/relectures/{one.pk}/") for one in (late, near, glass)]
    assert places == sorted(places)
    assert "1 en retard" in html
    assert "1 à relire sous deux jours" in html


def test_the_deadline_is_a_setting(desk, record, settings):
    f.broken_glass(record, days_ago=9)
    settings.BREAK_GLASS_REVIEW_DAYS = 30
    assert "en retard" not in html_of(desk.get(reverse("console:reviews")))


def test_one_access_tells_what_was_opened_and_written(desk, record, hugo, glass):
    web = Client()
    web.force_login(hugo)
    web.get(reverse("dossier:record", args=[record.pk]))
    web.get(reverse("careteam:circle", args=[record.pk]))
    me = f.actor(hugo)
    with acting(party_id=me.party_id, user_id=me.user_id), transaction.atomic():
        add_note(access_to(me, record.pk), "Allergie à la pénicilline signalée")
    html = html_of(desk.get(reverse("console:review", args=[glass.pk])))
    assert "Synthèse, Cercle de soins" in html
    assert "Note au fil d'actualité" in html
    assert "Chute à domicile" in html
    assert "Cercle prévenu" in html
    assert "pénicilline" not in html
    assert "MARCHETTI" not in html


def test_the_former_accesses_of_the_person_are_shown(desk, record, hugo, glass):
    former = f.broken_glass(record, f.actor(hugo), days_ago=40)
    html = html_of(desk.get(reverse("console:review", args=[glass.pk])))
    assert reverse("console:review", args=[former.pk]) in html


def test_an_unknown_access_has_no_page(desk, hugo):
    assert desk.get(reverse("console:review", args=[hugo.pk])).status_code == 404


# The verdict.


def test_a_verdict_closes_the_review(desk, glass, karim):
    assert decide(desk, glass, clore="1").status_code == 302
    with as_owner():
        review = Review.objects.get()
        glass.refresh_from_db()
        entry = JournalEntry.objects.get(event="ReviewClosed")
    assert (review.verdict, review.decided_by) == ("justified", karim.pk)
    assert glass.reviewed_at == review.closed_at
    assert (entry.section, entry.patient_id) == ("console", None)
    assert "Hugo ROUX" not in html_of(desk.get(reverse("console:reviews")))
    assert "Hugo ROUX" in html_of(desk.get(reverse("console:reviews"), {"etat": "clos"}))


def test_a_verdict_kept_open_is_given_again(desk, glass):
    decide(desk, glass, "unclear")
    assert decide(desk, glass, "unjustified", version="1", clore="1").status_code == 302
    with as_owner():
        assert Review.objects.get().verdict == Verdict.UNJUSTIFIED


def test_what_is_still_to_clarify_is_not_closed(desk, glass):
    answer = decide(desk, glass, "unclear", clore="1")
    assert answer.status_code == 422
    assert "Un accès à clarifier reste ouvert" in html_of(answer)
    assert "Appel du SAMU vérifié." in html_of(answer)


def test_a_verdict_says_why(desk, glass):
    answer = decide(desk, glass, comment="")
    assert answer.status_code == 422
    assert "Dites sur quoi repose votre avis." in html_of(answer)


def test_of_two_officers_the_second_sees_both(desk, glass):
    decide(desk, glass, "unjustified", comment="Aucun lien avec le patient.")
    answer = decide(desk, glass, "justified")
    assert answer.status_code == 409
    html = html_of(answer)
    assert "injustifié, « Aucun lien avec le patient. »" in html
    assert "Appel du SAMU vérifié." in html
    assert 'name="version" value="1"' in html


def test_a_closed_review_is_not_reopened(officer, glass):
    reviewing.decide(officer, glass, Verdict.JUSTIFIED, "Vu", 0, close=True)
    with pytest.raises(Stale):
        reviewing.decide(officer, glass, Verdict.UNJUSTIFIED, "Non", 1)
    with pytest.raises(Stale):
        reviewing.decide(officer, glass, Verdict.UNJUSTIFIED, "Non", 0)
    assert Review.objects.update(verdict="unjustified") == 0


# The explanation.


def ask(client, glass, text="Quel lien avec ce patient ?"):
    return client.post(reverse("console:review_ask", args=[glass.pk]), {"question": text})


def question() -> Explanation:
    with as_owner():
        return Explanation.objects.select_related("glass").get()


def test_the_professional_is_asked_by_mail_and_answers_in_the_application(desk, glass, hugo):
    assert ask(desk, glass).status_code == 302
    asked = question()
    jobs.tell_question(explanation_id=str(asked.pk), user_id=str(hugo.pk))
    letter = mail.outbox[-1]
    address = reverse("dossier:explain", args=[asked.pk])
    assert letter.to == [hugo.email]
    assert address in letter.body
    assert "MARCHETTI" not in letter.body
    assert "Quel lien" not in letter.body

    web = Client()
    web.force_login(hugo)
    assert "Quel lien avec ce patient ?" in html_of(web.get(address))
    assert address in html_of(web.get(reverse("dossier:my_rights")))
    assert web.post(address, {"answer": ""}).status_code == 422
    assert web.post(address, {"answer": "Régulation du SAMU."}).status_code == 302
    assert "Régulation du SAMU." in html_of(desk.get(reverse("console:review", args=[glass.pk])))
    assert "Réponse reçue" in html_of(desk.get(reverse("console:reviews")))
    assert web.post(address, {"answer": "Autre chose."}).status_code == 422
    assert question().answer == "Régulation du SAMU."


def test_the_question_rings_the_bell_of_who_is_asked_even_when_no_mail_leaves(
    desk, glass, hugo, settings
):
    ask(desk, glass)
    asked = question()
    keys = {"explanation_id": str(asked.pk), "user_id": str(hugo.pk)}
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = HOST, free_port()
    with pytest.raises(jobs.NotSentError):
        jobs.tell_question(**keys)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    jobs.tell_question(**keys)
    web = Client()
    web.force_login(hugo)
    page = html_of(web.get(reverse("notifications:list")))
    assert "Une explication vous est demandée sur un accès bris de glace" in page
    assert page.count('class="neuve"') == 1
    assert "MARCHETTI" not in page
    with as_owner():
        notice = Notice.objects.get()
    answer = web.post(reverse("notifications:open", args=[notice.pk]))
    assert answer.url == reverse("dossier:my_rights")


def test_an_answered_question_is_not_told_again(desk, glass, hugo):
    ask(desk, glass)
    asked = question()
    me = f.actor(hugo)
    with acting(party_id=me.party_id, user_id=me.user_id), transaction.atomic():
        reviewing.answer(me, asked, "Garde de nuit.")
    jobs.tell_question(explanation_id=str(asked.pk), user_id=str(hugo.pk))
    assert mail.outbox == []
    with as_owner():
        assert not Notice.objects.exists()


def test_one_question_at_a_time(officer, glass):
    reviewing.ask_explanation(officer, glass, "Pourquoi ?")
    with pytest.raises(Conflict):
        reviewing.ask_explanation(officer, glass, "Et encore ?")


def test_nothing_is_asked_once_the_review_is_closed(officer, glass):
    reviewing.decide(officer, glass, Verdict.JUSTIFIED, "Vu", 0, close=True)
    with pytest.raises(Conflict):
        reviewing.ask_explanation(officer, glass, "Pourquoi ?")


def test_a_review_is_not_closed_while_an_answer_is_awaited(desk, glass):
    ask(desk, glass)
    answer = decide(desk, glass, clore="1")
    assert answer.status_code == 422
    assert "Une explication est attendue" in html_of(answer)


def test_nobody_else_reads_or_answers_the_question(desk, glass):
    ask(desk, glass)
    web = Client()
    web.force_login(f.user("COSTA", "Luc"))
    address = reverse("dossier:explain", args=[question().pk])
    assert web.get(address).status_code == 404
    assert web.post(address, {"answer": "Non"}).status_code == 404


# The reminder.


def test_the_officer_is_reminded_before_the_deadline(karim, record):
    f.broken_glass(record, days_ago=6)
    jobs.remind_reviews(0)
    letter = mail.outbox[-1]
    assert letter.to == [karim.email]
    assert "1 accès est à relire dans les deux jours." in letter.body
    assert reverse("console:reviews") in letter.body


def test_nobody_is_reminded_while_nothing_presses(karim, record, glass):
    jobs.remind_reviews(0)
    assert mail.outbox == []


def test_who_left_the_duty_is_not_reminded(karim, record):
    f.broken_glass(record, days_ago=9)
    with as_owner():
        karim.duties.update(ended_at=timezone.now())
    jobs.remind_reviews(0)
    assert mail.outbox == []


# What the database shows and refuses.


def test_the_officer_sees_the_accesses_and_nothing_else_of_the_record(officer, glass, record):
    assert list(BreakGlass.objects.values_list("pk", flat=True)) == [glass.pk]
    assert Patient.objects.count() == 0
    assert Member.objects.count() == 0
    assert JournalEntry.objects.filter(patient_id=record.pk).count() == 0


def test_the_officer_sees_the_traces_of_break_glass_alone(record, hugo, glass, karim):
    for who in (hugo, f.User.objects.get(pk=record.created_by_user)):
        web = Client()
        web.force_login(who)
        web.get(reverse("dossier:record", args=[record.pk]))
    with acting(party_id=None, user_id=karim.pk, duty="privacy_officer"), transaction.atomic():
        assert {one.reason for one in AccessTrace.objects.all()} == {"break_glass"}


@pytest.mark.parametrize("duty", ["", "administrator", "support", "identity_cell"])
def test_another_duty_sees_no_access(record, glass, duty):
    who = f.user("VIDAL", "Agnès", duties=[duty] if duty else [])
    with (
        acting(party_id=None, user_id=who.pk, duty=duty),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        assert BreakGlass.objects.count() == 0
        assert Review.objects.count() == 0
        cursor.execute("SELECT * FROM careteam_reviewed_records(%s::uuid[])", [[record.pk]])
        assert cursor.fetchall() == []
        cursor.execute("SELECT * FROM careteam_glass_events(%s)", [glass.pk])
        assert cursor.fetchall() == []


def test_the_officer_ends_no_access_and_changes_none(officer, glass):
    with pytest.raises(ProgrammingError), transaction.atomic():
        BreakGlass.objects.filter(pk=glass.pk).update(reviewed_at=timezone.now())
    assert BreakGlass.objects.filter(pk=glass.pk).update(ended_at=timezone.now()) == 0


def test_nobody_gives_a_verdict_on_their_own_access(glass, hugo):
    me = f.actor(hugo)
    values = {
        "glass": glass,
        "verdict": "justified",
        "comment": "x",
        "decided_at": timezone.now(),
        "decided_by": hugo.pk,
    }
    with (
        acting(party_id=me.party_id, user_id=me.user_id),
        pytest.raises(ProgrammingError),
        transaction.atomic(),
    ):
        Review(**values).save(force_insert=True)


def test_the_officer_answers_for_nobody(officer, glass):
    asked = reviewing.ask_explanation(officer, glass, "Pourquoi ?")
    answered = {"answer": "Parce que.", "answered_at": timezone.now()}
    assert Explanation.objects.filter(pk=asked.pk).update(**answered) == 0


def test_an_unclear_access_stays_open_in_the_database_too(officer, glass):
    with pytest.raises(IntegrityError), transaction.atomic():
        Review(
            glass=glass,
            verdict="unclear",
            comment="x",
            decided_at=timezone.now(),
            decided_by=officer.user_id,
            closed_at=timezone.now(),
        ).save(force_insert=True)


@pytest.mark.parametrize("accesses", [1, 20])
def test_the_queue_stays_within_its_budget_however_long(desk, record, accesses):
    for _ in range(accesses):
        f.broken_glass(record, days_ago=9)
    with budget("reviews"):
        assert desk.get(reverse("console:reviews")).status_code == 200


def test_one_access_stays_within_its_budget(desk, glass):
    with budget("review"):
        assert desk.get(reverse("console:review", args=[glass.pk])).status_code == 200


# The published count.


def test_the_count_is_by_month_and_kind_of_structure_without_a_name(client, record, hugo, glass):
    place = f.structure("CH de la Rade")
    with as_owner():
        place.category_code = "355"
        place.save()
    ines = f.user("BELKACEM", "Inès", attached_to=place)
    f.broken_glass(record, f.actor(ines, place))
    client.force_login(hugo)
    html = html_of(client.get(reverse("dossier:glass_counts")))
    assert "Professionnels en leur nom" in html
    assert "Centre Hospitalier" in html
    assert f"{timezone.localdate():%m/%Y}" in html
    assert "BELKACEM" not in html
    assert "CH de la Rade" not in html


def test_visits_are_cut_where_half_an_hour_passed(officer, glass):
    at = glass.opened_at
    with as_owner():
        for minutes in (1, 2, 50):
            AccessTrace.objects.create(
                at=at + timedelta(minutes=minutes),
                patient_id=glass.patient_id,
                user_id=glass.user_id,
                party_id=glass.party_id,
                reason="break_glass",
                section="identity",
            )
    assert [visit.openings for visit in reviews.visits(glass)] == [2, 1]
