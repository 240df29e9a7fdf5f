"""Stays in hospital, and the round trip between home and hospital."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import ProgrammingError, transaction
from django.urls import reverse
from django.utils import timezone

from ronde.careteam.models import SectionRight
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.feed.queries import line
from ronde.followup import actions, queries
from ronde.followup.events import StayStepGiven
from ronde.followup.forms import StayForm
from ronde.followup.models import Stay, StayStep
from ronde.journal.models import JournalEntry
from ronde.notifications.queries import recipients
from tests import factories as f
from tests.followup.conftest import item

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def now():
    return timezone.now()


def test_an_admission_plans_what_is_to_be_done_with_its_hours(desk):
    stay = desk.add_stay(now() - 5 * HOUR)
    steps = desk.does(queries.steps, stay)
    assert [step.row.phase for step in steps] == ["admission"] * 6
    late = {step.row.label: step.is_late for step in steps}
    assert late["Prévenir le médecin traitant"]
    assert not late["Suspendre les passages à domicile"]


def test_a_discharge_plans_the_way_home_once(desk):
    stay = desk.add_stay()
    values = {"discharged_at": now() - HOUR}
    stay = desk.does(actions.change_stay, stay, values, 1)
    desk.does(actions.change_stay, stay, {"unit": "Cardiologie"}, 2)
    phases = [step.row.phase for step in desk.does(queries.steps, stay)]
    assert phases == ["admission"] * 6 + ["discharge"] * 6


def test_a_step_that_is_done_gives_its_delay_and_can_be_undone(desk):
    stay = desk.add_stay(now() - 3 * HOUR)
    step = desk.does(queries.steps, stay)[0].row
    desk.does(actions.tick_step, step, done=True)
    done = desk.does(queries.steps, stay)[0]
    assert timedelta(hours=2.9) < done.delay < timedelta(hours=3.1)
    assert done.row.done_by_name == "Sophie LAMBERT"
    desk.does(actions.tick_step, step, done=False)
    assert desk.does(queries.steps, stay)[0].delay is None


def test_a_step_is_given_to_somebody_of_the_circle_who_is_told(desk, colleague):
    step = desk.does(queries.steps, desk.add_stay())[0].row
    member = next(one for one in _members(desk) if one.party_id == colleague.actor.party_id)
    due = now() + DAY
    desk.does(actions.give_step, step, member, due)
    assert desk.does(queries.one_step, step.pk).owner_name == "LEBLANC Marc"
    entry = told_of("StayStepGiven")
    assert line(entry).text.startswith("Prévenir le médecin traitant : confiée à LEBLANC Marc, éch")
    assert recipients(entry, StayStepGiven) == [colleague.actor.party_id]
    desk.does(actions.give_step, step, member, due)
    with as_owner():
        assert JournalEntry.objects.filter(event="StayStepGiven").count() == 1
    desk.does(actions.give_step, step, member, None)
    assert recipients(told_of("StayStepGiven"), StayStepGiven) == []


def told_of(event):
    with as_owner():
        return JournalEntry.objects.filter(event=event).latest("at")


def _members(desk):
    with as_owner():
        return list(desk.record.members.all())


def test_a_step_that_does_not_concern_the_stay_is_set_aside_and_comes_back(desk):
    stay = desk.add_stay()
    step = desk.does(queries.steps, stay)[0].row
    desk.does(actions.drop_steps, [step])
    assert step.pk not in {one.row.pk for one in desk.does(queries.steps, stay)}
    assert [one.pk for one in desk.does(queries.dropped_steps, stay)] == [step.pk]
    assert line(told_of("StayStepsDropped")).text == (
        "Étapes écartées (CHITS Sainte Musse) : Prévenir le médecin traitant"
    )
    desk.does(actions.restore_steps, [step])
    assert desk.does(queries.dropped_steps, stay) == []
    desk.does(actions.restore_steps, [step])
    with as_owner():
        assert JournalEntry.objects.filter(event="StayStepsRestored").count() == 1


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"admitted_at": DAY}, "hospitalisation programmée"),
        ({"discharged_at": DAY}, "sortie prévue"),
        ({"discharged_at": -9 * DAY}, "La sortie précède l'entrée"),
        ({"expected_on": -9}, "La sortie prévue précède l'entrée"),
        ({"admitted_at": -60_000 * DAY}, "précède la naissance"),
    ],
)
def test_dates_that_cannot_be_are_refused(desk, values, words):
    given = {
        name: timezone.localdate() + timedelta(days=value)
        if isinstance(value, int)
        else now() + value
        for name, value in values.items()
    }
    with pytest.raises(ValidationError, match=words):
        desk.add_stay(**given)
    with as_owner():
        assert not Stay.objects.exists()


def test_a_planned_stay_may_begin_later(desk):
    stay = desk.add_stay(now() + DAY, is_planned=True)
    with as_owner():
        assert Stay.objects.filter(queries.to_come(), pk=stay.pk).exists()


def test_two_stays_at_the_same_time_are_one_too_many(desk):
    desk.add_stay(now() - 2 * DAY)
    with pytest.raises(ValidationError, match="déjà notée sur cette période"):
        desk.add_stay(now() - HOUR)


def test_somebody_in_hospital_has_another_stay_planned_after_it(desk):
    desk.add_stay(expected_on=timezone.localdate() + timedelta(days=5))
    later = timezone.now() + timedelta(days=20)
    assert desk.add_stay(later, is_planned=True, place="Clinique du Cap").pk
    with pytest.raises(ValidationError, match="déjà notée"):
        desk.add_stay(timezone.now() + timedelta(days=3), is_planned=True)


def test_a_cancelled_stay_leaves_its_place_and_stays_readable(desk):
    stay = desk.add_stay(now() - 2 * DAY)
    with pytest.raises(ValidationError, match="Indiquez pourquoi"):
        desk.does(actions.cancel_stay, stay, "  ")
    desk.does(actions.cancel_stay, stay, "Noté sur le mauvais dossier")
    desk.add_stay(now() - HOUR)
    assert desk.does(queries.one_stay, stay.pk).cancelled_reason == "Noté sur le mauvais dossier"


def test_a_stay_changed_by_another_since_it_was_shown_is_not_overwritten(desk, colleague):
    stay = desk.add_stay()
    colleague.does(actions.change_stay, stay, {"unit": "Cardiologie"}, 1)
    with pytest.raises(actions.Conflict, match="pendant votre saisie"):
        desk.does(actions.change_stay, stay, {"unit": "Neurologie"}, 1)


def test_a_profession_that_only_reads_stays_changes_none(desk, colleague):
    stay = desk.add_stay()
    with as_owner():
        from_matrix(colleague, 1)
    with pytest.raises(PermissionDenied):
        colleague.does(actions.change_stay, stay, {"unit": "Cardiologie"}, 1)


def from_matrix(desk, level):
    SectionRight.objects.create(profession_code=desk.actor.profession, section="stays", level=level)


def test_the_database_shows_no_stay_to_a_stranger_and_takes_none(desk):
    stay = desk.add_stay()
    who = f.actor(f.user("ROUX", "Hugo"))
    with acting(party_id=who.party_id, user_id=who.user_id), transaction.atomic():
        assert (Stay.objects.count(), StayStep.objects.count()) == (0, 0)
        assert Stay.objects.filter(pk=stay.pk).update(unit="x") == 0
    stay.pk, stay.recorded_by_party, stay.recorded_by_user = None, who.party_id, who.user_id
    stay._state.adding = True
    with (
        acting(party_id=who.party_id, user_id=who.user_id),
        pytest.raises(ProgrammingError),
        transaction.atomic(),
    ):
        stay.save(force_insert=True)


def test_a_step_cannot_be_written_on_the_record_of_another_stay(desk):
    stay = desk.add_stay()
    other = f.patient(desk.actor, birth_name="AUTRE")
    step = StayStep(stay=stay, patient=other, phase="admission", label="x")
    with (
        acting(party_id=desk.actor.party_id, user_id=desk.actor.user_id),
        pytest.raises(ProgrammingError),
        transaction.atomic(),
    ):
        step.save(force_insert=True)


def test_the_life_line_receives_stays_past_and_to_come(desk):
    today = timezone.localdate()
    desk.add_stay(now() - 20 * DAY, discharged_at=now() - 18 * DAY)
    desk.add_stay(now() + 5 * DAY, is_planned=True, expected_on=today + 8 * DAY)
    past = desk.does(queries.dated, today - 30 * DAY, today)
    coming = desk.does(queries.dated, today, today + 30 * DAY)
    assert [(one.kind, one.open_ended) for one in past] == [("stay", False)]
    assert [(one.start, one.end) for one in coming] == [(today + 5 * DAY, today + 8 * DAY)]


class TestScreens:
    def address(self, desk, name, *keys):
        return reverse(f"followup:{name}", args=[desk.record.pk, *keys])

    def test_a_stay_is_noted_with_an_establishment_of_the_directory(self, desk):
        house = f.structure("CHITS Hôpital Sainte Musse")
        values = {
            "establishment": str(house.pk),
            "admitted_at": "2026-02-03T10:30",
            "discharged_at": "2026-02-09T15:00",
            "reason": str(item("stay_reason", "fall").pk),
        }
        answer = desk.client().post(self.address(desk, "add_stay"), values)
        assert answer.status_code == 302
        with as_owner():
            stay = Stay.objects.get()
        assert (stay.place, stay.establishment_id) == ("CHITS Hôpital Sainte Musse", house.pk)
        html = desk.client().get(self.address(desk, "stay", stay.pk)).text
        for typed in ("03/02/2026 10:30", "09/02/2026 15:00"):
            assert typed in html
            assert f"{typed}:" not in html  # Nobody typed seconds.

    def test_without_establishment_it_is_said_beside_the_field(self, desk):
        values = {"admitted_at": "2026-02-03T10:30", "comment": "Chute dans l'escalier"}
        answer = desk.client().post(self.address(desk, "add_stay"), values)
        assert answer.status_code == 422
        assert "Indiquez l&#39;établissement." in answer.text
        assert "Chute dans l" in answer.text

    def test_the_present_stay_is_flagged_in_the_list_and_filters_it(self, desk):
        desk.add_stay()
        f.patient(desk.actor, birth_name="AUTRE")
        client = desk.client()
        assert "Hospitalisée" in client.get(reverse("worklist:list")).text
        headers = {"HX-Request": "true"}
        html = client.post(reverse("worklist:list"), {"stays": "non"}, headers=headers).text
        assert f"/dossiers/{desk.record.pk}/" not in html

    def test_ticking_a_step_answers_the_page_and_counts_it_done(self, desk):
        stay = desk.add_stay()
        step = desk.does(queries.steps, stay)[0].row
        client = desk.client()
        address = self.address(desk, "tick_step", step.pk)
        html = client.post(address, {"fait": "1"}, headers={"HX-Request": "true"}).text
        assert f"À refaire : {step.label}" in html

    def test_a_cancelled_stay_is_put_back_from_its_page(self, desk):
        stay = desk.add_stay()
        page, back = (self.address(desk, name, stay.pk) for name in ("stay", "restore_stay"))
        client = desk.client()
        assert back not in client.get(page).text
        desk.does(actions.cancel_stay, stay, "Noté sur le mauvais dossier")
        assert back in client.get(page).text
        assert "Hospitalisation rétablie." in client.post(back, follow=True).text
        assert desk.does(queries.one_stay, stay.pk).cancelled_at is None
        assert len(desk.does(queries.steps, stay)) == 6

    def test_it_is_not_when_another_took_its_time(self, desk):
        stay = desk.add_stay()
        desk.does(actions.cancel_stay, stay, "Reportée")
        desk.add_stay(now() - HOUR)
        back = self.address(desk, "restore_stay", stay.pk)
        assert "déjà notée sur cette période" in desk.client().post(back, follow=True).text
        assert desk.does(queries.one_stay, stay.pk).cancelled_at

    def test_a_step_set_aside_is_put_back_from_the_page_of_its_stay(self, desk):
        stay = desk.add_stay()
        step = desk.does(queries.steps, stay)[0].row
        client = desk.client()
        client.post(self.address(desk, "edit_step", step.pk), {"retirer": "1"})
        page = self.address(desk, "stay", stay.pk)
        back = self.address(desk, "restore_step", step.pk)
        html = client.get(page).text
        assert "1 étape écartée" in html
        assert back in html
        assert client.post(back).headers["Location"] == page
        assert back not in client.get(page).text

    def test_the_stay_of_another_record_is_not_found(self, desk):
        stay = desk.add_stay()
        other = f.patient(desk.actor, birth_name="AUTRE")
        answer = desk.client().get(reverse("followup:stay", args=[other.pk, stay.pk]))
        assert answer.status_code == 404


def test_a_stay_in_a_hospital_of_the_directory_is_corrected_as_its_form_shows_it(desk):
    house = f.structure("CHITS")
    stay = desk.add_stay(establishment=house.party, place="CHITS")
    shown = desk.does(lambda access: StayForm.of(queries.one_stay(access, stay.pk)))
    sent = {name: shown[name].value() or "" for name in shown.fields}
    sent["unit"] = "Gériatrie"
    address = reverse("followup:edit_stay", args=[desk.record.pk, stay.pk])
    assert desk.client().post(address, sent).status_code == 302
    kept = desk.does(queries.one_stay, stay.pk)
    assert (kept.establishment_id, kept.unit) == (house.pk, "Gériatrie")
