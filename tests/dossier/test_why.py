"""«Pourquoi je (ne) vois (pas) ceci ?»: told to who stands in the circle, and to nobody else."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ronde.careteam import actions
from ronde.careteam.access import access_to
from ronde.careteam.models import BreakGlassReason, Level, SectionRight
from ronde.careteam.why import standing
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.journal.models import AccessTrace, JournalEntry
from tests import factories as f
from tests.query_budget import budget, counted
from tests.signing import act_as

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator():
    return f.actor(f.user())


@pytest.fixture
def record(coordinator):
    return f.patient(coordinator)


@pytest.fixture
def hugo():
    return f.user("ROUX", "Hugo", profession="G15:70")


def page_of(user, patient_id, name: str = "dossier:why", party=None):
    web = Client()
    web.force_login(user)
    if party is not None:
        act_as(web, party.pk)
    return web.get(reverse(name, args=[patient_id]))


def text_of(answer) -> str:
    """What is read on the page, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_a_member_reads_the_chain_that_lets_them_in(coordinator, record, hugo):
    f.member(coordinator, record, hugo.person.party, habilitated=True, roles=("referent",))
    said = text_of(page_of(hugo, record.pk))
    day = f"{timezone.localdate():%d/%m/%Y}"
    assert f"membre depuis le {day}, ajouté(e) par Sophie LAMBERT" in said
    assert f"donnée le {day} par Sophie LAMBERT" in said
    assert "Rôle dans le dossier référent" in said
    assert "Masseur-Kinésithérapeute" in said
    assert f"en vigueur depuis le {day}" in said
    assert "Données psychologiques ligne « Tout le monde » Fermé" in said


def test_the_creator_reads_that_the_right_came_with_the_record(coordinator, record):
    said = text_of(page_of(f.User.objects.get(pk=coordinator.user_id), record.pk))
    assert "automatique, à la création du dossier" in said


def test_a_line_of_a_role_is_named(coordinator, record, hugo):
    f.member(coordinator, record, hugo.person.party, habilitated=True, roles=("referent",))
    with as_owner():
        SectionRight.objects.create(role="referent", section="psychological", level=Level.READ)
    said = text_of(page_of(hugo, record.pk))
    assert "Données psychologiques ligne « Tout le monde, rôle « Référent » » Lecture" in said


def test_a_break_glass_says_until_when_and_that_it_reads(record, hugo):
    actor = f.actor(hugo)
    with acting(party_id=actor.party_id, user_id=actor.user_id), transaction.atomic():
        actions.break_glass(actor, record.pk, BreakGlassReason.EMERGENCY, "Chute")
    said = text_of(page_of(hugo, record.pk))
    assert "lecture et notes seulement" in said
    assert "Cercle de soins ligne « Tout le monde » Lecture " in said
    assert "Fil d&#39;actualité ligne « Tout le monde » Lecture et écriture" in said


def test_a_structure_and_a_delegate_read_in_whose_name(coordinator, record, hugo):
    place = f.structure("SSIAD Les Pins")
    paola = f.user("RICCI", "Paola", attached_to=place)
    f.member(coordinator, record, place.party, habilitated=True)
    said = text_of(page_of(paola, record.pk, party=place.party))
    assert "au nom de SSIAD Les Pins, votre structure" in said
    assert "oui : ses professionnels rattachés" in said
    f.delegation(paola, hugo)
    f.member(coordinator, record, paola.person.party, habilitated=True)
    assert "par délégation" in text_of(page_of(hugo, record.pk, party=paola.person.party))


def test_a_member_without_access_is_told_so(coordinator, record, hugo):
    f.member(coordinator, record, hugo.person.party)
    answer = page_of(hugo, record.pk)
    assert answer.status_code == 200
    said = text_of(answer)
    assert "dans le cercle de soins sans accès" in said
    assert "Consentement" not in said
    assert "MARCHETTI" not in said


def test_a_refused_member_reads_what_a_member_without_access_reads(coordinator, record, hugo):
    """The refusal is the patient's, and is not told to the one refused."""
    other = f.user("COSTA", "Luc", profession="G15:70")
    f.member(coordinator, record, other.person.party)
    f.member(coordinator, record, hugo.person.party, habilitated=True, refused=True)
    pages = [text_of(page_of(one, record.pk)) for one in (other, hugo)]
    mine = pages[1].replace("Hugo ROUX", "Luc COSTA").replace("HR", "LC")
    keys = re.compile(r"\b[0-9a-f-]{36}\b")
    assert keys.sub("", mine) == keys.sub("", pages[0])
    assert "refus" not in pages[1].lower()


def test_who_may_act_as_somebody_habilitated_is_shown_the_way(coordinator, record):
    place = f.structure("SSIAD Les Pins")
    paola = f.user("RICCI", "Paola", attached_to=place)
    f.member(coordinator, record, place.party, habilitated=True)
    f.member(coordinator, record, paola.person.party)
    said = text_of(page_of(paola, record.pk))
    assert "Ce dossier s’ouvre si vous agissez au nom de SSIAD Les Pins" in said


def test_the_page_stays_within_its_budget(coordinator, record, hugo):
    f.member(coordinator, record, hugo.person.party, habilitated=True)
    web = Client()
    web.force_login(hugo)
    web.get(reverse("dossier:my_rights"))
    with budget("why"):
        web.get(reverse("dossier:why", args=[record.pk]))
    with budget("my_rights"):
        web.get(reverse("dossier:my_rights"))


# Strangers.


# What differs from one page to the next whoever asks: tokens and clocks.
CHANGING = re.compile(r"\b\w{64}\b|\d{4}-\d\d-\d\dT[\d:.+]+")


def outcome(user, patient_id, name):
    answer = page_of(user, patient_id, name)
    html = answer.content.decode().replace(str(patient_id), "")
    return answer.status_code, CHANGING.sub("", html)


@pytest.mark.parametrize("name", ["dossier:why", "dossier:record"])
def test_a_stranger_meets_the_same_page_whether_the_record_exists_or_not(record, hugo, name):
    with time_machine.travel(timezone.now(), tick=False):  # Each page says when it was printed.
        shown, unknown = (outcome(hugo, one, name) for one in (record.pk, uuid4()))
    assert shown == unknown
    assert shown[0] == 404


def test_the_stranger_is_refused_by_as_many_queries(record, hugo):
    web = Client()
    web.force_login(hugo)

    def queries(patient_id) -> list[str]:
        with counted() as made:
            web.get(reverse("dossier:record", args=[patient_id]))
        return [one["sql"].split(" ")[0] for one in made]

    queries(record.pk)
    assert queries(record.pk) == queries(uuid4())


@pytest.mark.parametrize("gone", ["withdrawn", "removed"])
def test_who_left_is_a_stranger_and_who_was_withdrawn_is_not(coordinator, record, hugo, gone):
    member = f.member(coordinator, record, hugo.person.party, habilitated=True)
    with (
        acting(party_id=coordinator.party_id, user_id=coordinator.user_id),
        transaction.atomic(),
    ):
        access = access_to(coordinator, record.pk)
        (actions.withdraw if gone == "withdrawn" else actions.remove)(access, member)
    assert page_of(hugo, record.pk).status_code == (200 if gone == "withdrawn" else 404)


def test_the_function_answers_about_oneself_alone(coordinator, record, hugo):
    f.member(coordinator, record, hugo.person.party, habilitated=True)
    me = f.actor(hugo)
    with acting(party_id=me.party_id, user_id=me.user_id), transaction.atomic():
        assert standing(record.pk, me.party_id) is not None
        assert standing(record.pk, coordinator.party_id) is None


# Where the link stands.


def test_the_refused_page_of_a_member_leads_to_the_reason(coordinator, record, hugo):
    f.member(coordinator, record, hugo.person.party)
    answer = page_of(hugo, record.pk, "dossier:record")
    assert answer.status_code == 404
    assert reverse("dossier:why", args=[record.pk]) in answer.content.decode()


def test_a_closed_section_leads_to_the_reason(coordinator, record, hugo):
    f.member(coordinator, record, hugo.person.party, habilitated=True)
    with as_owner():
        SectionRight.objects.create(profession_code="G15:70", section="trace", level=Level.NONE)
    answer = page_of(hugo, record.pk, "dossier:trace")
    assert answer.status_code == 403
    assert reverse("dossier:why", args=[record.pk]) in answer.content.decode()


def test_the_banner_of_each_page_leads_to_the_reason(coordinator, record):
    me = f.User.objects.get(pk=coordinator.user_id)
    for name in ("dossier:record", "dossier:identity", "careteam:circle", "feed:list"):
        html = page_of(me, record.pk, name).content.decode()
        assert reverse("dossier:why", args=[record.pk]) in html


def test_my_rights_are_told_for_each_identity():
    place = f.structure("SSIAD Les Pins")
    paola = f.user("RICCI", "Paola", attached_to=place, profession="G15:60")
    web = Client()
    web.force_login(paola)
    said = text_of(web.get(reverse("dossier:my_rights")))
    assert "Synthèse ligne « Tout le monde » Lecture " in said
    assert "Synthèse ligne « Qui agit au nom d&#39;une structure » Lecture et écriture" in said


# The simulator.


@pytest.fixture
def administrator():
    return f.user("VIDAL", "Agnès", duties=["administrator"])


def simulate(user, number, party, **more):
    web = Client()
    web.force_login(user)
    values = {"number": number, "party": getattr(party, "pk", party), **more}
    return web.post(reverse("console:simulate"), values)


def test_an_administrator_sees_the_chain_and_nothing_of_the_record(
    coordinator, record, hugo, administrator
):
    f.member(coordinator, record, hugo.person.party, habilitated=True)
    answer = simulate(administrator, record.record_number, hugo.person.party)
    said = text_of(answer)
    assert "Le dossier s’ouvre" in said
    assert "par Sophie LAMBERT" in said
    assert "MARCHETTI" not in said
    assert "JEANNE" not in said


def test_the_simulator_tells_the_refusal_and_the_stranger(coordinator, record, hugo, administrator):
    assert "n&#39;en fait pas partie" in text_of(
        simulate(administrator, record.record_number, hugo.person.party)
    )
    f.member(coordinator, record, hugo.person.party, habilitated=True, refused=True)
    said = text_of(simulate(administrator, record.record_number, hugo.person.party))
    assert "le patient refuse le partage" in said
    assert "Le dossier ne s’ouvre pas" in said


def test_a_structure_that_is_no_personne_morale_is_told(coordinator, record, administrator):
    place = f.structure("CCAS", legal_person=False)
    f.member(coordinator, record, place.party, habilitated=True)
    said = text_of(simulate(administrator, record.record_number, place.party))
    assert "non : une habilitation reste sans effet" in said


def test_a_simulation_is_read_in_the_trace_of_the_record(coordinator, record, hugo, administrator):
    simulate(administrator, record.record_number, hugo.person.party)
    said = text_of(page_of(f.User.objects.get(pk=coordinator.user_id), record.pk, "dossier:trace"))
    assert "Simulation par l&#39;administration" in said
    assert "Agnès VIDAL" in said
    with as_owner():
        assert AccessTrace.objects.filter(reason="simulation", granted=True).count() == 1
        entry = JournalEntry.objects.get(event="AccessSimulated")
    assert entry.payload["record_number"] == record.record_number


def test_what_the_simulator_does_not_know_is_said_beside_the_field(hugo, administrator):
    answer = simulate(administrator, 999_999_999, hugo.person.party)
    assert answer.status_code == 422
    assert "Aucun dossier n&#39;a ce numéro." in answer.content.decode()
    answer = simulate(administrator, "", "")
    assert "Choisissez un professionnel ou une structure." in answer.content.decode()
    with as_owner():
        assert not AccessTrace.objects.filter(reason="simulation").exists()


def test_the_simulation_matches_what_the_professional_then_opens(
    coordinator, record, hugo, administrator
):
    f.member(coordinator, record, hugo.person.party, habilitated=True)
    simulate(administrator, record.record_number, hugo.person.party)
    assert page_of(hugo, record.pk, "dossier:record").status_code == 200


def test_the_number_of_a_record_leads_to_its_key_on_duty_alone(record, administrator):
    for duty, expected in (("administrator", record.pk), ("", None)):
        with (
            acting(party_id=None, user_id=administrator.pk, duty=duty),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("SELECT careteam_record_numbered(%s)", [record.record_number])
            assert cursor.fetchone()[0] == expected


def test_an_access_that_ended_leaves_a_stranger(record, hugo):
    actor = f.actor(hugo)
    with acting(party_id=actor.party_id, user_id=actor.user_id), transaction.atomic():
        actions.break_glass(actor, record.pk, BreakGlassReason.EMERGENCY, "Chute")
    with as_owner(), connection.cursor() as cursor:
        ago = timezone.now() - timedelta(minutes=1)
        cursor.execute("UPDATE careteam_breakglass SET until = %s", [ago])
    assert page_of(hugo, record.pk).status_code == 404
