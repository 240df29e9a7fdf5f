"""The rights matrix in the console: what an administrator sees, changes, and takes back."""

import csv

import pytest
from django.db import ProgrammingError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from ronde.accounts.models import Delegation
from ronde.careteam import matrix, matrix_change
from ronde.careteam.access import sections_for
from ronde.careteam.holding import Stale
from ronde.careteam.matrix import Key
from ronde.careteam.models import Level, MatrixChange, SectionRight
from ronde.careteam.sections import SECTIONS
from ronde.core.actor import Officer
from ronde.core.context import acting
from ronde.core.db.roles import as_owner
from ronde.journal.models import JournalEntry
from tests import factories as f
from tests.query_budget import budget

pytestmark = pytest.mark.django_db

PHYSIO = Key("G15:70")


@pytest.fixture
def administrator(client):
    who = f.user("VIDAL", "Agnès", duties=["administrator"])
    client.force_login(who)
    return who


@pytest.fixture
def officer(administrator):
    """The administrator, in the console."""
    who = Officer(administrator.pk, administrator.full_name, "administrator")
    with acting(party_id=None, user_id=who.user_id, duty="administrator"), transaction.atomic():
        yield who


def levels_of(key: Key, **changes: int | None) -> dict[str, str]:
    """The form of a line as its page shows it, with some sections changed."""
    sheet = matrix.sheet(key)
    wanted = {name: cell.own for name, cell in sheet.cells.items()}
    wanted |= {name.replace("_", "-"): level for name, level in changes.items()}
    fields = {
        f"s-{name}": "" if level is None else str(int(level)) for name, level in wanted.items()
    }
    return {"profession": key.profession, "role": key.role, "version": "", **fields}


def save(client, values, **more):
    return client.post(reverse("console:matrix_save"), {**values, **more})


def test_a_line_shows_what_it_follows(client, administrator):
    html = client.get(reverse("console:matrix"), {"profession": "G15:70"}).content.decode()
    assert "Masseur-Kinésithérapeute" in html
    assert "par la ligne « Tout le monde »" in html


def test_an_unknown_profession_has_no_page(client, administrator):
    assert client.get(reverse("console:matrix"), {"profession": "G15:00"}).status_code == 404
    assert client.get(reverse("console:matrix"), {"role": "chef"}).status_code == 404


def test_two_professions_are_compared(client, administrator):
    html = client.get(
        reverse("console:matrix"), {"profession": "G15:60", "comparer": "G15:10"}
    ).content.decode()
    assert "mat-autre differe" in html


def test_the_list_keeps_to_one_family(client, administrator):
    html = client.get(reverse("console:matrix"), {"famille": "R95"}).content.decode()
    lines = html[html.index("mat-liste") : html.index("ligne-t")]
    assert "Psychothérapeute" in lines
    assert "Sage-Femme" not in lines


def test_nothing_is_saved_before_the_effect_was_seen(client, administrator):
    answer = save(client, levels_of(PHYSIO, medical=2))
    assert answer.status_code == 200
    assert "Gagnent un droit" in answer.content.decode()
    assert "medical" not in sections_for(PHYSIO.profession)[1]


def test_a_change_asks_why(client, administrator):
    answer = save(client, levels_of(PHYSIO, medical=2), confirmer="1", reason=" ")
    assert answer.status_code == 422
    assert "Indiquez pourquoi la matrice change." in answer.content.decode()
    assert not SectionRight.objects.filter(profession_code="G15:70", section="medical").exists()


def test_a_change_is_saved_with_its_reason_and_recorded(client, administrator):
    answer = save(
        client, levels_of(PHYSIO, medical=2), confirmer="1", reason="Demande des kinésithérapeutes"
    )
    assert answer.status_code == 302
    assert "medical" in sections_for("G15:70")[1]
    with as_owner():
        change = MatrixChange.objects.get()
        entry = JournalEntry.objects.get(event="MatrixChanged")
    assert (change.before, change.after) == ({}, {"medical": 2})
    assert (change.person_name, change.reason) == ("Agnès VIDAL", "Demande des kinésithérapeutes")
    assert (entry.section, entry.user_id) == ("console", administrator.pk)
    assert entry.payload["sections"] == ["medical"]


def test_a_line_given_up_follows_everybody_again(client, administrator):
    values = levels_of(Key("G15:60"))
    assert "Lecture et écriture" in save(client, values, retirer="1").content.decode()
    given_up = {name: "" for name in values if name.startswith("s-")}
    save(client, {**values, **given_up}, confirmer="1", reason="Essai")
    assert sections_for("G15:60") == sections_for("")


def test_everybody_keeps_a_level_in_each_section(client, administrator):
    answer = save(client, levels_of(Key(), medical=None), confirmer="1", reason="Essai")
    assert answer.status_code == 422
    assert "donne un niveau à chaque rubrique" in answer.content.decode()


def test_an_invented_level_or_profession_is_refused(client, administrator):
    assert save(client, {**levels_of(PHYSIO), "s-medical": "7"}).status_code == 422
    assert save(client, {**levels_of(PHYSIO), "profession": "X:1"}).status_code == 422


def test_of_two_administrators_the_second_sees_both(client, administrator):
    first, second = levels_of(PHYSIO, medical=2), levels_of(PHYSIO, medical=0)
    save(client, first, confirmer="1", reason="Le premier")
    answer = save(client, second, confirmer="1", reason="Le second")
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "« Le premier »" in html
    assert "<del>Lecture et écriture</del>" in html
    assert "<ins>Aucun</ins>" in html
    assert "medical" in sections_for("G15:70")[1]
    again = save(client, {**second, "version": matrix_version()}, confirmer="1", reason="Le second")
    assert again.status_code == 302
    assert "medical" not in sections_for("G15:70")[0]


def matrix_version() -> str:
    with as_owner():
        return str(MatrixChange.objects.latest("at").pk)


def test_the_second_one_is_told_before_giving_a_reason(client, administrator):
    stale = levels_of(PHYSIO, medical=0)
    save(client, levels_of(PHYSIO, medical=2), confirmer="1", reason="Le premier")
    assert save(client, stale).status_code == 409


def test_two_lines_are_changed_at_once_without_a_word(client, administrator):
    other = levels_of(Key("G15:80"), medical=2)
    save(client, levels_of(PHYSIO, medical=2), confirmer="1", reason="Un")
    assert save(client, other, confirmer="1", reason="Deux").status_code == 302


def test_the_history_says_who_why_before_and_after(client, administrator):
    save(client, levels_of(PHYSIO, medical=0), confirmer="1", reason="Réunion de novembre")
    html = client.get(reverse("console:matrix_history")).content.decode()
    assert "Réunion de novembre" in html
    assert "Agnès VIDAL" in html
    assert "<del>hérité</del>" in html


def test_a_change_is_taken_back(client, administrator):
    save(client, levels_of(PHYSIO, medical=0), confirmer="1", reason="Erreur")
    pk = matrix_version()
    address = reverse("console:matrix_undo", args=[pk])
    assert "Annulation : Erreur" in client.get(address).content.decode()
    assert client.post(address, {"reason": "Annulation : Erreur"}).status_code == 302
    assert "medical" in sections_for("G15:70")[0]
    assert not SectionRight.objects.filter(profession_code="G15:70", section="medical").exists()
    with as_owner():
        assert str(MatrixChange.objects.latest("at").undoes_id) == pk
    assert "annulé" in client.get(reverse("console:matrix_history")).content.decode()


def test_what_changed_again_since_is_not_taken_back(client, administrator):
    save(client, levels_of(PHYSIO, medical=0), confirmer="1", reason="Un")
    pk = matrix_version()
    save(client, {**levels_of(PHYSIO, medical=2), "version": pk}, confirmer="1", reason="Deux")
    answer = client.post(reverse("console:matrix_undo", args=[pk]), {"reason": "Non"})
    assert answer.status_code == 409
    assert "Données médicales" in answer.content.decode()
    assert "medical" in sections_for("G15:70")[1]


def test_the_export_holds_every_line(client, administrator):
    text = client.get(reverse("console:matrix_export")).content.decode()
    assert len(text.strip().splitlines()) == SectionRight.objects.count() + 1
    assert "G15:10;Médecin;;medical;Données médicales;Lecture et écriture" in text


def test_a_nomenclature_that_would_be_a_formula_stays_text_in_the_export(
    client, administrator, monkeypatch
):
    monkeypatch.setattr(matrix, "profession_name", lambda code: '=HYPERLINK("http://x.test")')
    text = client.get(reverse("console:matrix_export")).content.decode("utf-8-sig")
    rows = list(csv.reader(text.splitlines(), delimiter=";"))
    assert {row[1][:2] for row in rows[1:]} == {"'="}


# Who gains and who loses.


@pytest.fixture
def physiotherapists():
    """Two with an account on one record, one of whom on a second; one without account."""
    by = f.actor(f.user())
    records = [f.patient(by), f.patient(by, birth_name="BERNARD")]
    first, second = (f.user(name, "Luc", profession="G15:70") for name in ("COSTA", "MOREL"))
    f.member(by, records[0], first.person.party, habilitated=True)
    f.member(by, records[0], second.person.party, habilitated=True, roles=("referent",))
    f.member(by, records[1], second.person.party, habilitated=True)
    without = f.person("BLANC", "Ève", profession="G15:70")
    f.member(by, records[1], without.party, habilitated=True)


@pytest.fixture
def delegated():
    """The record of a physiotherapist, whose delegate has another profession."""
    one = f.user("COSTA", "Luc", profession="G15:70")
    f.patient(f.actor(one))
    helper = f.user("RICCI", "Paola", profession="G15:60")
    f.delegation(one, helper)


def test_the_delegates_of_those_concerned_are_counted_apart(delegated, officer):
    seen = matrix.preview(PHYSIO, {"medical": Level.WRITE})
    assert [(one.professionals, one.delegates, one.records) for one in seen.gain] == [(1, 1, 1)] * 2
    assert {one.profession for one in seen.gain} == {"Au total", "Masseur-Kinésithérapeute"}


def test_a_delegation_withdrawn_counts_nobody(delegated, officer):
    with as_owner():
        Delegation.objects.update(status="withdrawn", ended_at=timezone.now())
    seen = matrix.preview(PHYSIO, {"medical": Level.WRITE})
    assert {one.delegates for one in seen.gain} == {0}


def test_a_delegate_alone_of_a_structure_is_seen_too(officer):
    place = f.structure()
    f.patient(f.actor(f.user("BLANC", "Ève", attached_to=place, profession="G15:60"), place))
    helper = f.user("COSTA", "Luc", profession="G15:70")
    f.delegation(place, helper)
    seen = matrix.preview(Key("structure"), {"synthesis": Level.NONE})
    found = {one.profession: (one.professionals, one.delegates) for one in seen.loss}
    assert found == {
        "Au total": (1, 1), "Infirmier": (1, 0), "Masseur-Kinésithérapeute": (0, 1),
    }  # fmt: skip


def counted(found: list[matrix.Count]) -> list[tuple[str, int, int]]:
    return [(one.profession, one.professionals, one.records) for one in found]


def test_the_preview_counts_professionals_with_an_account_and_records(physiotherapists, officer):
    seen = matrix.preview(PHYSIO, {"medical": Level.WRITE, "social": Level.NONE})
    expected = [("Au total", 2, 2), ("Masseur-Kinésithérapeute", 2, 2)]
    assert counted(seen.gain) == expected
    assert counted(seen.loss) == expected


def test_a_line_with_a_role_concerns_who_holds_it(physiotherapists, officer):
    seen = matrix.preview(Key("", "referent"), {"psychological": Level.READ})
    assert counted(seen.gain) == [("Au total", 1, 1), ("Masseur-Kinésithérapeute", 1, 1)]
    assert seen.loss == []


def test_who_acts_as_a_structure_is_counted_by_their_profession(officer):
    place = f.structure()
    nurse = f.user("RICCI", "Paola", attached_to=place, profession="G15:60")
    f.patient(f.actor(nurse, place))
    seen = matrix.preview(Key("structure"), {"synthesis": Level.READ})
    assert counted(seen.loss) == [("Au total", 1, 1), ("Infirmier", 1, 1)]


def test_nothing_changes_for_anybody_when_a_more_precise_line_stands(officer):
    f.patient(f.actor(f.user("LEBLANC", "Marc")))
    assert matrix.preview(Key(), {"medical": Level.NONE}).nobody


def test_the_preview_agrees_with_what_is_then_saved(physiotherapists, officer):
    before = sections_for("G15:70", ["referent"])
    matrix_change.change_line(officer, PHYSIO, {"stays": Level.NONE}, "", "Essai")
    after = sections_for("G15:70", ["referent"])
    assert before[0] - after[0] == {"stays"}


# What the database refuses by itself.


def test_the_counts_are_for_an_administrator_on_duty_alone(physiotherapists, administrator):
    kinds = '[{"way": "gain", "profession": "G15:70", "as_structure": false, "roles": []}]'
    with (
        acting(party_id=administrator.person_id, user_id=administrator.pk),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT * FROM careteam_count_readers(%s::jsonb, '{}')", [kinds])
        assert cursor.fetchall() == []
        cursor.execute("SELECT * FROM careteam_reader_kinds('{}')")
        assert cursor.fetchall() == []


def test_nobody_asks_who_reads_which_record(officer):
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM private.careteam_readers('{}')")
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM private.careteam_delegates('{}')")


def test_the_history_is_neither_signed_for_another_nor_rewritten(officer):
    mine = f.matrix_change(user_id=officer.user_id)
    with pytest.raises(ProgrammingError), transaction.atomic():
        MatrixChange.objects.create(user_id=f.user("X", "Y").pk, person_name="X", reason="x")
    with pytest.raises(ProgrammingError), transaction.atomic():
        MatrixChange.objects.filter(pk=mine.pk).update(reason="autre")
    with acting(party_id=None, user_id=officer.user_id):
        assert MatrixChange.objects.count() == 0


def test_an_action_started_from_an_older_line_is_refused(officer):
    matrix_change.change_line(officer, PHYSIO, {"stays": Level.NONE}, "", "Un")
    with pytest.raises(Stale):
        matrix_change.change_line(officer, PHYSIO, {"stays": Level.READ}, "", "Deux")


def test_the_page_stays_within_its_budget(client, administrator):
    client.get(reverse("console:matrix"))
    with budget("matrix"):
        client.get(reverse("console:matrix"), {"profession": "G15:70", "comparer": "G15:10"})


def test_every_section_has_a_row(client, administrator):
    html = client.get(reverse("console:matrix")).content.decode()
    assert html.count('class="mat-l"') == len(SECTIONS)
