"""Consent: one in force, withdrawn with a reason, given again, and its document."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from ronde.careteam import actions as careteam
from ronde.careteam.access import access_to
from ronde.core.db.roles import as_owner
from ronde.patients import actions, consent
from ronde.patients.models import Consent, ConsentGiver, Patient
from tests import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def me():
    return f.user()


@pytest.fixture
def web(client: Client, me) -> Client:
    client.force_login(me)
    return client


@pytest.fixture
def record(me) -> Patient:
    return f.patient(f.actor(me))


@pytest.fixture
def access(as_actor, me, record):
    who = f.actor(me)
    with as_actor(who):
        yield access_to(who, record.pk)


def text(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def address(name: str, record: Patient) -> str:
    return reverse(f"dossier:{name}", args=[record.pk])


def statement(giver: ConsentGiver = ConsentGiver.PATIENT, other: str = ""):
    return actions.ConsentStatement(given_by=giver, given_by_other=other)


def test_a_withdrawal_wants_a_reason(web, access, record):
    for reason in ("", "   "):
        answer = web.post(address("consent_withdraw", record), {"reason": reason})
        assert answer.status_code == 422
        assert "Indiquez la raison de l&#39;annulation du consentement." in text(answer)
        with pytest.raises(ValidationError):
            actions.withdraw_consent(access, reason)
    with as_owner():
        assert Consent.objects.get().withdrawn_at is None


def test_the_database_refuses_a_withdrawal_without_reason(record):
    with as_owner(), pytest.raises(IntegrityError), transaction.atomic():
        Consent.objects.update(withdrawn_at="2026-11-21T10:00:00Z")


def test_a_withdrawal_keeps_who_when_and_why_and_says_what_follows(web, record, me):
    assert web.post(address("consent_withdraw", record), {"reason": "Ne veut plus"}).url
    with as_owner():
        kept = Consent.objects.get()
    assert (kept.withdrawal_reason, kept.withdrawn_by_user) == ("Ne veut plus", me.pk)
    page = text(web.get(address("identity", record)))
    assert "Aucun consentement en vigueur." in page
    assert "Plus personne ne peut être habilité." in page
    assert "« Ne veut plus »" in page
    assert "Consentement retiré : « Ne veut plus »" in page


def test_without_consent_nobody_more_is_habilitated_and_the_others_stay(access, record):
    doctor, nurse = f.person(), f.person("RICCI", "Paola")
    there = careteam.habilitate(access, careteam.add_party(access, doctor.party))
    added = careteam.add_party(access, nurse.party)
    actions.withdraw_consent(access, "Ne veut plus")
    with pytest.raises(ValidationError, match="Le consentement a été retiré"):
        careteam.habilitate(access, added)
    there.refresh_from_db()
    assert there.habilitated


def test_a_consent_withdrawn_is_not_withdrawn_again(access):
    actions.withdraw_consent(access, "Ne veut plus")
    with pytest.raises(ValidationError, match="Aucun consentement"):
        actions.withdraw_consent(access, "Encore")


def test_a_consent_is_given_again_after_a_withdrawal(web, access, record):
    actions.withdraw_consent(access, "Ne veut plus")
    form = {"given_by": "autre", "given_by_other": "Claire Durand, sa fille", "attested": "on"}
    assert web.post(address("consent_give", record), form).status_code == 302
    page = text(web.get(address("identity", record)))
    assert "En vigueur, donné par : <b>Claire Durand, sa fille</b>" in page
    assert "Consentement recueilli : Claire Durand, sa fille" in page
    careteam.habilitate(access, careteam.add_party(access, f.person().party))


def test_there_is_one_consent_in_force(access):
    with pytest.raises(ValidationError, match="déjà en vigueur"):
        actions.give_consent(access, statement())


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"attested": "on"}, "Indiquez qui a donné le consentement."),
        ({"given_by": "autre", "attested": "on"}, "Précisez qui donne le consentement."),
        ({"given_by": "patient"}, "Cochez pour attester"),
        ({"given_by": "parental", "attested": "on"}, "Le patient est majeur"),
    ],
)
def test_an_incomplete_statement_is_said(web, access, record, form, message):
    actions.withdraw_consent(access, "Ne veut plus")
    answer = web.post(address("consent_give", record), form)
    assert answer.status_code == 422
    assert message in text(answer)


def test_somebody_else_is_named(access):
    actions.withdraw_consent(access, "Ne veut plus")
    with pytest.raises(ValidationError, match="Précisez"):
        actions.give_consent(access, statement(ConsentGiver.OTHER))


def test_a_dialog_closes_by_going_to_the_page(web, record):
    answer = web.post(address("consent_withdraw", record), {"reason": "Ne veut plus"},
                      headers={"HX-Request": "true"})  # fmt: skip
    assert answer.headers["HX-Redirect"] == address("identity", record)


def test_the_document_is_a_tagged_pdf_in_french(web, record):
    answer = web.get(address("consent_pdf", record))
    assert answer.headers["Content-Type"] == "application/pdf"
    assert "MARCHETTI" not in answer.headers["Content-Disposition"]
    for mark in (b"%PDF-1.7", b"/Lang(fr-FR)", b"/MarkInfo", b"pdfuaid", b"pdfaid"):
        assert mark in answer.content


@pytest.fixture
def written(monkeypatch) -> dict:
    """What is given to Typst, and what it would read on the page."""
    seen = {}
    compile_ = consent.typst.compile

    def spy(template: str, **options):
        seen.update(consent.json.loads(options["sys_inputs"]["data"]))
        return compile_(template, **options)

    monkeypatch.setattr(consent.typst, "compile", spy)
    return seen


def test_what_was_typed_stays_text(written):
    trap = {"birth_name": '#panic("x")', "first_given": "$1/0$", "birth_place": "*[_`\\"}
    assert consent.document("#import(0)", trap).startswith(b"%PDF")
    assert ["Nom de naissance", '#panic("x")'] in written["person"]


def test_the_empty_form_has_nothing_filled_in(written):
    consent.document("DAC Var Ouest")
    assert {value for _label, value in written["person"]} == {""}
    assert not any(ticked for _label, ticked in written["givers"])
    assert written["attested"] == ""


def test_the_document_of_a_record_says_who_collected_the_consent(web, record, me, written):
    web.get(address("consent_pdf", record))
    assert ["Nom de naissance", "MARCHETTI"] in written["person"]
    assert ["L'usager / patient lui-même", True] in written["givers"]
    assert me.full_name in written["attested"]
