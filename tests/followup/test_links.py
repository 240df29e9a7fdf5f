"""Linked records: the reverse is derived, and nothing of the other record shows without a right."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import ProgrammingError, transaction
from django.http import Http404
from django.urls import reverse

from ronde.careteam.actions import break_glass
from ronde.careteam.models import BreakGlassReason, Level, MemberRole, SectionRight
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.core.models import uuid7
from ronde.followup import kinship, linking
from ronde.followup.models import Link
from ronde.terminology.queries import concept
from tests import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def brother(desk):
    return f.patient(
        desk.actor, birth_name="MARCHETTI", first_given="PAUL", sex="M", birth_date=date(1945, 5, 1)
    )


def seen(desk) -> list[tuple[str, str]]:
    return [(one.other.shown_given, one.label) for one in desk.does(linking.related)]


def test_each_record_shows_what_the_other_is(desk, brother):
    desk.does(linking.link, brother.pk, "sibling")
    there = type(desk)(desk.account, desk.actor, brother)
    assert seen(desk) == [("Paul", "Frère")]
    assert seen(there) == [("Jeanne", "Sœur")]


def test_a_daughter_has_a_mother(desk):
    child = f.patient(desk.actor, first_given="LEA", birth_date=date(1970, 1, 1))
    desk.does(linking.link, child.pk, "child")
    there = type(desk)(desk.account, desk.actor, child)
    assert seen(desk) == [("Lea", "Fille")]
    assert seen(there) == [("Jeanne", "Mère")]


@pytest.mark.parametrize("name", kinship.KINSHIPS)
def test_every_kinship_has_words_and_comes_back_to_itself(name):
    one = kinship.KINSHIPS[name]
    assert all(concept("relationships", code) for code in (one.woman, one.man, one.either))
    assert kinship.reverse(kinship.reverse(name)) == name


def test_a_member_of_one_record_alone_does_not_learn_that_a_link_exists(desk, colleague, brother):
    desk.does(linking.link, brother.pk, "sibling")
    assert seen(colleague) == []
    with (
        acting(party_id=colleague.actor.party_id, user_id=colleague.actor.user_id),
        transaction.atomic(),
    ):
        assert Link.objects.count() == 0
    html = colleague.client().get(reverse("feed:list", args=[desk.record.pk])).text
    assert "Dossier lié" not in html


def test_a_link_shows_as_soon_as_both_records_are_open(desk, colleague, brother):
    desk.does(linking.link, brother.pk, "sibling")
    f.member(desk.actor, brother, colleague.account.person.party, habilitated=True)
    assert seen(colleague) == [("Paul", "Frère")]


def test_a_record_that_one_may_not_open_cannot_be_linked(desk, colleague, brother):
    with pytest.raises(Http404):
        colleague.does(linking.link, brother.pk, "sibling")


def test_the_database_takes_no_link_to_a_record_that_is_closed(desk, colleague, brother):
    row = Link(
        patient=desk.record,
        other=brother,
        kinship="sibling",
        linked_at=desk.record.created_at,
        linked_by_user=colleague.actor.user_id,
        linked_by_party=colleague.actor.party_id,
        linked_by_name="x",
    )
    with (
        acting(party_id=colleague.actor.party_id, user_id=colleague.actor.user_id),
        pytest.raises(ProgrammingError),
        transaction.atomic(),
    ):
        row.save(force_insert=True)


class TestTheRightsMatrix:
    """What it says of the links is kept by the database, in both records."""

    @pytest.fixture
    def nurse(self, desk, brother):
        """A nurse who opens both records of a link."""
        account = f.user("RICCI", "Paola", profession="G15:60")
        for record in (desk.record, brother):
            f.member(desk.actor, record, account.person.party, habilitated=True)
        desk.does(linking.link, brother.pk, "sibling")
        return type(desk)(account, f.actor(account), desk.record)

    def set(self, level, role=""):
        with as_owner():
            SectionRight.objects.update_or_create(
                profession_code="G15:60", section="links", role=role, defaults={"level": level}
            )

    def run(self, who, act):
        with (
            acting(party_id=who.actor.party_id, user_id=who.actor.user_id),
            transaction.atomic(),
        ):
            return act()

    def sees(self, who):
        return self.run(who, Link.objects.count) == 1

    def changes(self, who):
        return self.run(who, lambda: Link.objects.update(comment="x")) > 0

    def test_a_closed_section_has_no_link(self, desk, nurse):
        assert self.sees(nurse)
        self.set(Level.NONE)
        assert not self.sees(nurse)
        assert self.sees(desk)

    def test_a_section_that_is_only_read_is_not_written(self, nurse, brother):
        self.set(Level.READ)
        assert self.sees(nurse)
        assert not self.changes(nurse)
        with as_owner():
            row = Link.objects.get()
            Link.objects.update(removed_at=row.linked_at)
        row.pk, row.linked_by_party = uuid7(), nurse.actor.party_id
        row.linked_by_user = nurse.actor.user_id
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            self.run(nurse, lambda: row.save(force_insert=True))
        self.set(Level.WRITE)
        self.run(nurse, lambda: row.save(force_insert=True))
        assert self.changes(nurse)

    def test_a_role_opens_the_links_when_it_is_held_in_both_records(self, desk, nurse, brother):
        self.set(Level.NONE)
        self.set(Level.WRITE, role="referent")
        for record, shown in ((desk.record, False), (brother, True)):
            with as_owner():
                member = record.members.get(party_id=nurse.actor.party_id)
                MemberRole.objects.create(member=member, patient=record, role="referent")
            assert self.sees(nurse) == shown
        assert seen(nurse) == [("Paul", "Frère")]

    def test_a_link_is_removed_by_who_writes_in_both(self, desk, nurse, brother):
        self.set(Level.READ)
        self.set(Level.WRITE, role="referent")
        row = nurse.does(linking.related)[0].link
        with as_owner():
            member = desk.record.members.get(party_id=nurse.actor.party_id)
            MemberRole.objects.create(member=member, patient=desk.record, role="referent")
        with pytest.raises(PermissionDenied):
            nurse.does(linking.unlink, row)
        assert not self.is_offered(nurse, row)
        assert self.is_offered(desk, row)
        desk.does(linking.unlink, row)
        assert seen(nurse) == []

    def is_offered(self, who, row):
        """Whether the link may be removed, say its page, the record and the address itself."""
        address = reverse("followup:remove_link", args=[who.record.pk, row.pk])
        pages = [
            reverse(name, args=[who.record.pk]) for name in ("followup:links", "dossier:record")
        ]
        said = {address in who.client().get(page).text for page in pages}
        assert len(said) == 1
        offered = said.pop()
        assert who.client().get(address).status_code == (200 if offered else 403)
        if not offered:
            assert who.client().post(address).status_code == 403
        return offered

    def test_removing_is_offered_to_who_writes_the_links_of_both(self, nurse):
        row = nurse.does(linking.related)[0].link
        assert self.is_offered(nurse, row)
        self.set(Level.READ)
        assert not self.is_offered(nurse, row)
        self.set(Level.WRITE)
        assert self.is_offered(nurse, row)

    def test_removing_is_not_offered_to_who_reads_the_other_record_in_an_emergency(
        self, desk, brother
    ):
        desk.does(linking.link, brother.pk, "sibling")
        account = f.user("ROUX", "Hugo")
        f.member(desk.actor, desk.record, account.person.party, habilitated=True)
        who = type(desk)(account, f.actor(account), desk.record)
        self.run(
            who, lambda: break_glass(who.actor, brother.pk, BreakGlassReason.EMERGENCY, "Chute")
        )
        row = who.does(linking.related)[0].link
        assert not self.is_offered(who, row)
        with pytest.raises(PermissionDenied):
            who.does(linking.unlink, row)
        f.member(desk.actor, brother, account.person.party, habilitated=True)
        assert self.is_offered(who, row)


def test_two_records_are_linked_once_whichever_way_round(desk, brother):
    desk.does(linking.link, brother.pk, "sibling")
    there = type(desk)(desk.account, desk.actor, brother)
    with pytest.raises(ValidationError, match="déjà lié"):
        there.does(linking.link, desk.record.pk, "cousin")


def test_a_record_is_not_linked_to_itself(desk):
    with pytest.raises(ValidationError, match="un autre patient"):
        desk.does(linking.link, desk.record.pk, "sibling")


def test_a_link_removed_leaves_both_records_and_stays_in_the_database(desk, brother):
    made = desk.does(linking.link, brother.pk, "sibling")
    desk.does(linking.unlink, made)
    assert seen(desk) == []
    with as_owner():
        assert Link.objects.get().removed_by_name == "Sophie LAMBERT"


@pytest.mark.parametrize(
    ("name", "born", "backwards"),
    [
        ("parent", 1970, True),
        ("child", 1970, False),
        ("child", 1920, True),
        ("sibling", 1970, False),
    ],
)
def test_a_mother_born_after_her_child_is_questioned(name, born, backwards):
    assert kinship.is_backwards(name, date(1942, 3, 12), date(born, 1, 1)) is backwards


def test_an_unknown_date_of_birth_questions_nothing():
    assert not kinship.is_backwards("parent", date(1942, 3, 12), date(1900, 1, 1))


class TestScreens:
    def address(self, desk, name, *keys):
        return reverse(f"followup:{name}", args=[desk.record.pk, *keys])

    def test_a_wrong_way_round_is_asked_about_then_taken(self, desk):
        child = f.patient(desk.actor, first_given="LEA", birth_date=date(1970, 1, 1))
        values = {"other": str(child.pk), "kinship": "parent"}
        client = desk.client()
        answer = client.post(self.address(desk, "add_link"), values)
        assert answer.status_code == 422
        assert "vérifiez le sens" in answer.text
        answer = client.post(self.address(desk, "add_link"), {**values, "confirmed": "on"})
        assert answer.status_code == 302

    def test_a_patient_of_somebody_else_is_refused_without_a_word_of_them(self, desk):
        secret = f.patient(f.actor(f.user("ROUX", "Hugo")), birth_name="SECRET")
        values = {"other": str(secret.pk), "kinship": "sibling"}
        answer = desk.client().post(self.address(desk, "add_link"), values)
        assert answer.status_code == 422
        assert "Choisissez un patient de votre file active." in answer.text
        assert "SECRET" not in answer.text

    def test_a_patient_who_does_not_exist_is_created_then_linked(self, desk):
        client = desk.client()
        answer = client.post(self.address(desk, "add_link"), {"creer": "1"})
        client.get(answer.headers["Location"])
        assert client.session["link_after_creation"] == str(desk.record.pk)

    def test_a_creation_given_up_links_nothing_to_the_next_one(self, desk):
        client = desk.client()
        client.post(self.address(desk, "add_link"), {"creer": "1"})
        client.get(reverse("dossier:search"))
        assert "link_after_creation" not in client.session


class TestTheWords:
    """What the form offers, by the sex of the other patient and by the dates of birth."""

    def test_relations_are_worded_for_the_sex_of_the_other(self):
        assert dict(kinship.choices("F"))["sibling"] == "Sœur"
        assert dict(kinship.choices("M"))["spouse"] == "Époux"
        assert dict(kinship.choices())["sibling"] == "Frère ou sœur"

    def test_what_the_dates_of_birth_contradict_comes_last(self):
        *likely, (heading, odd) = kinship.choices("F", date(1942, 3, 12), date(1970, 11, 27))
        assert "child" in dict(likely)
        assert heading == "Contredit par les dates de naissance"
        assert {"parent", "grandparent"} <= set(dict(odd))
        assert set(dict(likely)).isdisjoint(dict(odd))

    def test_the_form_words_them_for_the_patient_just_chosen(self, desk, brother):
        address = reverse("followup:relations", args=[desk.record.pk])
        html = desk.client().post(address, {"other": brother.pk, "kinship": "sibling"}).text
        assert '<option value="sibling" selected>Frère</option>' in html

    def test_it_says_nothing_of_a_record_that_is_not_open(self, desk, colleague, brother):
        address = reverse("followup:relations", args=[desk.record.pk])
        html = colleague.client().post(address, {"other": brother.pk}).text
        assert "Frère ou sœur" in html
