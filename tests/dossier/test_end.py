"""The end of a follow-up: what is left, archiving, reopening; a death declared and taken back."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, ProgrammingError, transaction
from django.urls import reverse
from django.utils import timezone

from ronde.careteam.models import Level, SectionRight
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.documents.models import Scan
from ronde.dossier import actions, after_death, closing
from ronde.feed.queries import line
from ronde.followup import actions as stays
from ronde.followup import queries as followup
from ronde.followup.models import Stay
from ronde.journal.models import JournalEntry
from ronde.patients import death
from ronde.patients.models import Death, Patient
from tests import factories as f
from tests.followup.conftest import Desk, item

pytestmark = pytest.mark.django_db
HOME = ("death_place", "home")


@pytest.fixture
def desk() -> Desk:
    house = f.structure("DAC Var Ouest")
    account = f.user("LAMBERT", "Sophie", attached_to=house)
    actor = f.actor(account, house)
    return Desk(account, actor, f.patient(actor))


@pytest.fixture
def colleague(desk: Desk) -> Desk:
    account = f.user("LEBLANC", "Marc")
    f.member(desk.actor, desk.record, account.person.party, habilitated=True)
    return Desk(account, f.actor(account), desk.record)


def record_of(desk: Desk) -> Patient:
    with as_owner():
        return Patient.objects.get(pk=desk.record.pk)


def leave(desk: Desk) -> None:
    desk.set_status("out", reason=item("exit_reason", "goals"))


class TestClosing:
    STAYS, TRIPS = (
        "Aucune hospitalisation en cours ou à venir",
        "Allers-retours avec l'hôpital terminés",
    )
    OUT = "Statut « Sorti » avec son motif, pour DAC Var Ouest"

    def points(self, desk):
        return {point.label: point for point in desk.does(closing.points)}

    def test_the_list_says_what_is_left_and_where_to_do_it(self, desk):
        stay = desk.add_stay()
        points = self.points(desk)
        assert not points[self.STAYS].done
        assert points[self.STAYS].detail == "CHITS Sainte Musse"
        assert points[self.STAYS].address == reverse("followup:stays", args=[desk.record.pk])
        assert points[self.TRIPS].detail == "6 étapes à faire · CHITS Sainte Musse"
        assert points[self.TRIPS].address == reverse(
            "followup:stay", args=[desk.record.pk, stay.pk]
        )
        assert points[self.OUT].blocks

    def test_the_way_home_of_a_stay_that_ended_is_still_to_do(self, desk):
        now = timezone.now()
        desk.add_stay(discharged_at=now - timedelta(hours=1))
        points = self.points(desk)
        assert points[self.STAYS].done
        assert points[self.TRIPS].detail.startswith("12 étapes à faire")
        for step in desk.does(followup.undone_steps):
            desk.does(stays.tick_step, step, done=True)
        assert self.TRIPS not in self.points(desk)

    def test_a_stay_to_come_is_named_before_closing(self, desk):
        desk.add_stay(timezone.now() + timedelta(days=9), is_planned=True, place="Clinique du Cap")
        point = self.points(desk)[self.STAYS]
        assert (point.done, point.detail) == (False, "Clinique du Cap")

    def test_who_only_reads_the_status_is_not_offered_to_change_it(self, desk, colleague):
        address = reverse("followup:set_status", args=[desk.record.pk])
        page = reverse("dossier:close", args=[desk.record.pk])
        assert address in colleague.client().get(page).text
        with as_owner():
            SectionRight.objects.filter(section="status").update(level=Level.READ)
        answer = colleague.client().get(page)
        assert answer.status_code == 200
        assert address not in answer.text

    def test_a_document_that_the_antivirus_has_not_seen_is_named_before_closing(self, desk):
        f.document(desk.actor, desk.record, title="Lettre du CHITS")
        waiting = f.document(desk.actor, desk.record, title="Ordonnance")
        label = "Aucun document en cours d'analyse"
        assert label not in {point.label for point in desk.does(closing.points)}
        with as_owner():
            waiting.files.update(scan=Scan.PENDING)
        points = {point.label: point for point in desk.does(closing.points)}
        assert (points[label].detail, points[label].done) == ("Ordonnance", False)
        assert not points[label].blocks
        with as_owner():
            waiting.files.update(scan=Scan.CLEAN)
        assert label not in {point.label for point in desk.does(closing.points)}

    def test_a_record_that_we_still_follow_is_not_archived(self, desk):
        desk.set_status("intensive")
        with pytest.raises(ValidationError, match="encore suivi"):
            desk.does(actions.archive)

    def test_a_record_that_another_structure_follows_is_not_archived(self, desk, colleague):
        leave(desk)
        colleague.set_status("light")
        with pytest.raises(ValidationError, match="encore suivi"):
            desk.does(actions.archive)
        assert record_of(desk).archived_at is None

    def test_an_archived_record_leaves_the_lists_and_comes_back(self, desk):
        leave(desk)
        desk.does(actions.archive)
        client = desk.client()
        link = f"/dossiers/{desk.record.pk}/"
        assert link not in client.get(reverse("worklist:list")).text
        assert client.get(link).status_code == 200
        desk.does(actions.reopen)
        assert link in client.get(reverse("worklist:list")).text

    def test_archiving_twice_is_told_once(self, desk):
        leave(desk)
        desk.does(actions.archive)
        desk.does(actions.archive)
        with as_owner():
            assert JournalEntry.objects.filter(event="RecordArchived").count() == 1

    def test_the_page_offers_the_status_before_the_archive(self, desk):
        html = desk.client().get(reverse("dossier:close", args=[desk.record.pk])).text
        assert reverse("followup:set_status", args=[desk.record.pk]) in html
        assert "disabled" in html


class TestDeath:
    def declare(self, desk, **values):
        known = {"died_on": timezone.localdate(), "declared_on": timezone.localdate()}
        return desk.does(death.declare, {**known, **values})

    def test_the_circle_is_told_and_the_record_leaves_the_lists(self, desk, colleague):
        self.declare(desk, place="Domicile")
        assert (record_of(desk).is_deceased, record_of(desk).death_date) == (
            True,
            timezone.localdate(),
        )
        assert f"/dossiers/{desk.record.pk}/" not in desk.client().get("/file-active/").text
        with as_owner():
            entry = JournalEntry.objects.get(event="PatientDied")
        assert (entry.weight, entry.patient_id) == (3, desk.record.pk)

    def test_the_date_may_be_unknown(self, desk):
        self.declare(desk, died_on=None)
        assert record_of(desk).is_deceased
        html = desk.client().get(reverse("dossier:record", args=[desk.record.pk])).text
        assert "Décédée" in html

    @pytest.mark.parametrize(("days", "words"), [(1, "à venir"), (-60_000, "précède la naissance")])
    def test_a_date_that_cannot_be_is_refused(self, desk, days, words):
        with pytest.raises(ValidationError, match=words):
            self.declare(desk, died_on=timezone.localdate() + timedelta(days=days))

    def test_one_dies_once(self, desk, colleague):
        self.declare(desk)
        with pytest.raises(ValidationError, match="déjà déclaré"):
            self.declare(colleague)

    def test_the_database_keeps_one_death(self, desk):
        row = self.declare(desk)
        row.pk, row._state.adding = None, True
        with pytest.raises(IntegrityError), transaction.atomic(), as_owner():
            Death.objects.bulk_create([row])

    def test_a_declaration_taken_back_gives_the_record_back_and_keeps_why(self, desk):
        self.declare(desk)
        desk.does(death.undo, "Erreur de personne")
        assert (record_of(desk).is_deceased, record_of(desk).death_date) == (False, None)
        assert desk.does(death.past)[0].undone_reason == "Erreur de personne"
        self.declare(desk)

    def test_it_is_not_taken_back_without_a_reason(self, desk):
        self.declare(desk)
        with pytest.raises(ValidationError, match="Indiquez pourquoi"):
            desk.does(death.undo, " ")

    def test_the_database_takes_no_death_from_a_stranger(self, desk):
        who = f.actor(f.user("ROUX", "Hugo"))
        row = Death(
            patient=desk.record,
            declared_on=timezone.localdate(),
            recorded_at=timezone.now(),
            recorded_by_user=who.user_id,
            recorded_by_party=who.party_id,
            recorded_by_name="x",
        )
        with (
            acting(party_id=who.party_id, user_id=who.user_id),
            pytest.raises(ProgrammingError),
            transaction.atomic(),
        ):
            row.save(force_insert=True)

    def test_neither_a_date_nor_unknown_is_said_beside_the_field(self, desk):
        answer = desk.client().post(
            reverse("dossier:declare_death", args=[desk.record.pk]), {"place": item(*HOME).pk}
        )
        assert answer.status_code == 422
        assert "cochez qu" in answer.text
        assert f'value="{item(*HOME).pk}" selected' in answer.text

    def test_a_town_is_chosen_in_the_list(self, desk):
        today = timezone.localdate().isoformat()
        values = {"unknown": "on", "declared_on": today, "commune_code": "83126"}
        values["place"] = item(*HOME).pk
        client = desk.client()
        address = reverse("dossier:declare_death", args=[desk.record.pk])
        assert client.post(address, {**values, "commune_code": "00000"}).status_code == 422
        assert client.post(address, values).status_code == 302
        with as_owner():
            found = Death.objects.get()
        assert found.town.startswith("La Seyne-sur-Mer")
        assert found.place == "Domicile"

    @pytest.mark.parametrize(
        ("declared", "words"), [(1, "à venir"), (-9, "précède le décès"), (None, "Indiquez la")]
    )
    def test_a_declaration_stands_between_the_death_and_today(self, desk, declared, words):
        today = timezone.localdate()
        sent = {"died_on": (today - timedelta(days=2)).isoformat()}
        if declared is not None:
            sent["declared_on"] = (today + timedelta(days=declared)).isoformat()
        answer = desk.client().post(reverse("dossier:declare_death", args=[desk.record.pk]), sent)
        assert answer.status_code == 422
        assert words in answer.text

    def test_the_identity_tells_where_and_when(self, desk):
        self.declare(
            desk, country_code="99100", town="Toulon (83000)", place="EHPAD ou maison de retraite"
        )
        html = desk.client().get(reverse("dossier:identity", args=[desk.record.pk])).text
        for words in ("Pays du décès", "Ville du décès", "Toulon", "EHPAD", "Annuler la décl"):
            assert words in html


class TestWhatWasPlanned:
    """A stay to come and steps to do are proposed for cancellation with the declaration."""

    @pytest.fixture
    def planned(self, desk) -> dict[str, str]:
        desk.add_stay(timezone.now() + timedelta(days=20), is_planned=True, place="Clinique du Cap")
        desk.add_stay()
        return {one.label: one.key for one in desk.does(after_death.planned)}

    def declare(self, desk, cancelled) -> None:
        today = timezone.localdate()
        desk.does(actions.declare_death, {"died_on": today, "declared_on": today}, cancelled)

    def left(self, desk) -> int:
        return len(desk.does(followup.undone_steps))

    def test_all_is_proposed_and_ticked(self, desk, planned):
        assert len(planned) == 2
        html = desk.client().get(reverse("dossier:declare_death", args=[desk.record.pk])).text
        for label, key in planned.items():
            assert label.split(",")[0].replace("'", "&#39;") in html
            assert re.search(rf'value="{key}"[^>]* checked', html)
        assert any(label.startswith("6 étapes") for label in planned)

    def test_what_is_chosen_is_cancelled_and_stays_readable(self, desk, planned):
        self.declare(desk, planned.values())
        to_come = desk.does(lambda access: followup.stays(access)[0])
        assert to_come.place == "Clinique du Cap"
        assert to_come.cancelled_reason == "Décès du patient"
        assert self.left(desk) == 0

    def test_what_is_unticked_stands(self, desk, planned):
        self.declare(desk, [key for key in planned.values() if key.startswith("stay:")])
        assert self.left(desk) == 6

    def test_nothing_is_cancelled_when_the_declaration_is_refused(self, desk, planned):
        self.declare(desk, [])
        with pytest.raises(ValidationError, match="déjà déclaré"):
            self.declare(desk, planned.values())
        assert self.left(desk) == 12

    def undo(self, desk, restored) -> None:
        desk.does(actions.undo_death, "Erreur de personne", restored)

    def to_come(self, desk):
        return desk.does(lambda access: followup.stays(access).get(place="Clinique du Cap"))

    def test_what_was_cancelled_is_proposed_back_with_the_declaration(self, desk, planned):
        self.declare(desk, planned.values())
        html = desk.client().get(reverse("dossier:undo_death", args=[desk.record.pk])).text
        for label, key in planned.items():
            assert label.split(",")[0].replace("'", "&#39;") in html
            assert re.search(rf'value="{key}"[^>]* checked', html)

    def test_what_is_chosen_stands_again(self, desk, planned):
        self.declare(desk, planned.values())
        address = reverse("dossier:undo_death", args=[desk.record.pk])
        sent = {"reason": "Erreur de personne", "restored": list(planned.values())}
        assert desk.client().post(address, sent).status_code == 302
        stay = self.to_come(desk)
        assert (stay.cancelled_at, stay.cancelled_reason) == (None, "")
        assert self.left(desk) == 12
        with as_owner():
            entry = JournalEntry.objects.get(event="StayRestored")
        assert "rétablie : Clinique du Cap" in line(entry).text

    def test_what_is_not_chosen_stays_cancelled(self, desk, planned):
        self.declare(desk, planned.values())
        self.undo(desk, [])
        assert self.to_come(desk).cancelled_reason == "Décès du patient"
        assert self.left(desk) == 0

    def test_what_had_been_cancelled_before_is_not_proposed(self, desk, planned):
        desk.does(stays.cancel_stay, self.to_come(desk), "Reporté par la clinique")
        self.declare(desk, [])
        assert desk.does(after_death.cancelled) == []

    def test_an_admission_whose_hour_has_passed_is_left_to_whoever_knows(self, desk, planned):
        self.declare(desk, planned.values())
        with as_owner():
            Stay.objects.filter(place="Clinique du Cap").update(
                admitted_at=timezone.now() - timedelta(days=60)
            )
        proposed = {one.key: one.proposed for one in desk.does(after_death.cancelled)}
        assert {key: key.startswith("steps:") for key in planned.values()} == proposed

    def test_a_stay_noted_meanwhile_on_the_same_days_is_said(self, desk, planned):
        self.declare(desk, planned.values())
        desk.add_stay(timezone.now() + timedelta(days=20), is_planned=True, place="CHITS")
        answer = desk.client().post(
            reverse("dossier:undo_death", args=[desk.record.pk]),
            {"reason": "Erreur de personne", "restored": list(planned.values())},
        )
        assert answer.status_code == 422
        assert "déjà notée sur cette période" in answer.text
        assert record_of(desk).is_deceased

    @pytest.mark.parametrize("level", [Level.READ, Level.NONE])
    def test_the_undo_restores_nothing_that_its_author_may_not_write(self, desk, planned, level):
        self.declare(desk, planned.values())
        with as_owner():
            SectionRight.objects.filter(section="stays").update(level=level)
        address = reverse("dossier:undo_death", args=[desk.record.pk])
        html = desk.client().get(address).text
        assert desk.does(after_death.cancelled) == []
        # What stays cancelled is named to whoever may read it, and to nobody else.
        assert ("Restera annulé" in html) == ("Clinique du Cap" in html) == (level == Level.READ)
        sent = {"reason": "Erreur de personne", "restored": []}
        assert desk.client().post(address, sent).status_code == 302
        assert not record_of(desk).is_deceased
        with as_owner():
            assert Stay.objects.get(place="Clinique du Cap").cancelled_at

    def test_what_stayed_cancelled_after_the_undo_is_put_back_by_whoever_writes_it(
        self, desk, planned
    ):
        self.declare(desk, planned.values())
        self.undo(desk, [])
        client = desk.client()
        stay = self.to_come(desk)
        client.post(reverse("followup:restore_stay", args=[desk.record.pk, stay.pk]))
        assert self.to_come(desk).cancelled_at is None
        here = desk.does(lambda access: followup.stays(access).get(place="CHITS Sainte Musse"))
        for step in desk.does(followup.dropped_steps, here):
            client.post(reverse("followup:restore_step", args=[desk.record.pk, step.pk]))
        assert self.left(desk) == 12

    def test_who_writes_no_stay_is_proposed_none(self, desk, planned):
        with as_owner():
            SectionRight.objects.create(profession_code="G15:70", section="stays", level=Level.READ)
        who = f.user("ROUX", "Hugo", profession="G15:70")
        f.member(desk.actor, desk.record, who.person.party, habilitated=True)
        assert Desk(who, f.actor(who), desk.record).does(after_death.planned) == []
