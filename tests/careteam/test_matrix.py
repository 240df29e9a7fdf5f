"""The rights matrix as delivered: its codes exist, and the guides' sentences hold."""

import pytest

from ronde.careteam.access import explained, sections_for
from ronde.careteam.defaults import rights, rules
from ronde.careteam.models import SectionRight
from ronde.careteam.sections import ALL_DOCUMENTS, SECTIONS
from ronde.terminology import queries as terminology

pytestmark = pytest.mark.django_db

PHYSICIAN, NURSE, PSYCHIATRIC_NURSE, PSYCHOLOGIST = "G15:10", "G15:60", "G15:69", "R95:93"
SOCIAL_WORKER, PHYSIOTHERAPIST = "R94:41", "G15:70"


def test_each_rule_names_codes_that_exist_and_says_where_it_comes_from():
    professions = {entry.code for entry in terminology.everything("professions")} | {
        "",
        "structure",
    }
    roles = {entry.code for entry in terminology.everything("roles")} | {""}
    for profession, role, section, level in rights():
        assert profession in professions
        assert role in roles
        assert section in SECTIONS
        assert level in {0, 1, 2}
    assert all(len(rule["source"]) > 10 for rule in rules())


def test_no_right_is_said_twice():
    keys = [(profession, role, section) for profession, role, section, _level in rights()]
    assert len(keys) == len(set(keys))


def test_everybody_has_a_line_for_each_section():
    assert {section for code, role, section, _ in rights() if not code and not role} == set(
        SECTIONS
    )


def test_the_database_starts_from_the_file():
    stored = set(SectionRight.objects.values_list("profession_code", "role", "section", "level"))
    assert stored == set(rights())


@pytest.mark.parametrize("profession", [PHYSICIAN, NURSE, "G15:50", "G15:21"])
def test_medical_data_are_written_by_health_professionals(profession):
    assert "medical" in sections_for(profession)[1]


@pytest.mark.parametrize("profession", ["", SOCIAL_WORKER, PHYSIOTHERAPIST])
def test_medical_data_are_read_by_the_others(profession):
    readable, writable = sections_for(profession)
    assert "medical" in readable - writable


@pytest.mark.parametrize("profession", ["", SOCIAL_WORKER, NURSE, PHYSIOTHERAPIST])
def test_psychological_data_are_closed_to_most(profession):
    assert "psychological" not in sections_for(profession)[0]


@pytest.mark.parametrize("profession", [PHYSICIAN, PSYCHOLOGIST, PSYCHIATRIC_NURSE])
def test_psychological_data_are_written_by_those_who_treat_the_mind(profession):
    assert "psychological" in sections_for(profession)[1]


@pytest.mark.parametrize("section", ["structure", "synthesis"])
@pytest.mark.parametrize("profession", ["", PHYSICIAN, SOCIAL_WORKER])
def test_what_the_structure_writes_is_written_by_acting_as_a_structure(profession, section):
    assert section not in sections_for(profession)[1]
    assert section in sections_for(profession)[0]
    assert section in sections_for(profession, as_structure=True)[1]


def test_acting_as_a_structure_opens_nothing_else_than_the_profession_does():
    alone, together = sections_for(NURSE)[0], sections_for(NURSE, as_structure=True)[0]
    assert alone == together


def test_physicians_open_every_class_of_documents():
    assert sections_for(PHYSICIAN)[0] >= ALL_DOCUMENTS


def test_nurses_do_not_open_medical_certificates():
    readable = sections_for(NURSE)[0]
    assert {"documents-10", "documents-42"} <= readable
    assert "documents-52" not in readable


@pytest.mark.parametrize("profession", ["", SOCIAL_WORKER, NURSE, PHYSICIAN])
def test_papers_of_coordination_are_everybodys(profession):
    assert "documents-coordination" in sections_for(profession)[1]


def test_the_line_that_decides_is_named():
    lines = explained(NURSE, as_structure=True)
    assert lines["medical"].profession == NURSE
    assert lines["synthesis"].profession == "structure"
    assert lines["social"].profession == ""
