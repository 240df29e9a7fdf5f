"""The region before it is written: the same for all, plausible, and nobody real in it."""

import csv
import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from stdnum import luhn

from demo import reviews
from demo.accounts import ACCOUNTS, DOMAIN
from demo.patients import ADULT, ELDER, INFANT
from demo.professionals import professionals, team
from demo.region import PATIENTS, digest, records
from demo.steps import Record, Verb
from demo.structures import COCON, DAC_AZUR, DAC_VAR, DEPARTEMENTS, structures
from demo.towns import ZONES, towns
from ronde.careteam.models import UNIQUE_ROLES
from ronde.careteam.sections import LOOKED_AT
from ronde.core import checks
from ronde.directory import numbers
from ronde.patients import nir, traits
from ronde.patients.conventions import EMPTY, name_is_known
from ronde.patients.models import IdentityStatus
from ronde.terminology.imports import DATA

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
FICTION = re.compile(r"\+33(46571|63998)\d{4}")


@pytest.fixture(scope="module")
def region() -> list[Record]:
    return list(records(NOW))


def codes(system: str) -> set[str]:
    """The codes of a nomenclature that can be chosen today."""
    with (DATA / f"{system}.csv").open(encoding="utf-8", newline="") as file:
        return {
            line["code"] for line in csv.DictReader(file, delimiter=";") if not line["retired_on"]
        }


def test_the_region_has_the_size_that_it_announces(region: list[Record]) -> None:
    assert len(structures()) == 40
    assert len(professionals()) == 300
    assert len(region) == PATIENTS == 2_000
    assert {record.person.home.town.departement for record in region} == set(DEPARTEMENTS)


def test_the_same_region_comes_at_any_hour_of_the_day(region: list[Record]) -> None:
    morning = list(records(NOW - timedelta(hours=6)))
    assert digest(morning) == digest(region)
    assert [record.person.id for record in morning] == [record.person.id for record in region]


def test_a_short_region_is_the_beginning_of_the_long_one(region: list[Record]) -> None:
    assert digest(list(records(NOW, 150))) == digest(region[:150])


def test_every_telephone_is_kept_for_fiction(region: list[Record]) -> None:
    given = [plan.phone for plan in (*structures().values(), *professionals().values())]
    for record in region:
        values = record.identity.values
        given += [values["phone"], values["mobile"]]
        given += [
            step.values.get(kind, "") for step in record.steps for kind in ("phone", "mobile")
        ]
    assert all(FICTION.fullmatch(number) for number in given if number)
    assert {checks.phone(number) for number in set(given) - {""}} == set(given) - {""}


def test_every_mail_address_is_in_a_domain_that_does_not_exist(region: list[Record]) -> None:
    given = [plan.email for plan in (*structures().values(), *professionals().values())]
    given += [record.identity.values.get("email", "") for record in region]
    assert all(address.endswith(".example") for address in given if address)
    assert len({plan.email for plan in professionals().values()}) == 300


def test_national_numbers_are_well_formed_and_nobody_s() -> None:
    rpps = [plan.rpps for plan in professionals().values() if plan.rpps]
    finess = [plan.finess for plan in structures().values() if plan.finess]
    assert len(set(rpps)) == len(rpps) > 200
    assert len(set(finess)) == len(finess) == 38
    assert all(number.startswith("99000") and numbers.rpps(number) == number for number in rpps)
    assert all(number[2] == "9" and luhn.is_valid(number) for number in finess)
    assert {number[:2] for number in finess} == set(DEPARTEMENTS)


def test_every_nir_is_valid_agrees_with_the_person_and_is_nobody_s(region: list[Record]) -> None:
    given = [record.identity.values for record in region if record.identity.values["nir"]]
    found = [values["nir"] for values in given]
    assert len(set(found)) == len(found) > 500
    for values in given:
        number = nir.check_nir(values["nir"])
        assert number[10:13] >= "950"
        warnings = nir.warnings(
            number,
            sex=values["sex"],
            birth_date=values["birth_date"],
            birth_place=values["birth_place_code"],
        )
        assert not warnings


def test_names_are_stored_as_the_forms_store_them(region: list[Record]) -> None:
    for record in region:
        values = record.identity.values
        fictitious = values.get("is_fictitious", False)
        assert traits.name(values["birth_name"], fictitious=fictitious) == values["birth_name"]
        assert traits.name(values["first_given"], fictitious=fictitious) == values["first_given"]
        given = traits.given_names(values["given_names"], values["first_given"])
        assert given == values["given_names"]
        assert values["used_name"] != values["birth_name"]


def test_identities_obey_the_rules_of_their_status(region: list[Record]) -> None:
    for record in region:
        identity, values = record.identity, record.identity.values
        special = values.get("is_doubtful") or values.get("is_fictitious")
        known = name_is_known(values["birth_name"]) and name_is_known(values["first_given"])
        if special or not known or values["birth_place_code"] == "99999":
            assert identity.status == IdentityStatus.PROVISOIRE
        assert bool(identity.proof) == (identity.status >= IdentityStatus.VALIDEE)
        if identity.status == IdentityStatus.QUALIFIEE:
            assert values["nir"]
        assert (values["birth_name"] == EMPTY) == values.get("is_fictitious", False)


def test_every_kind_of_identity_is_met(region: list[Record]) -> None:
    statuses = Counter(record.identity.status for record in region)
    assert min(statuses[status] for status in IdentityStatus) > 50
    values = [record.identity.values for record in region]
    assert sum(one["birth_place_code"] == "99999" for one in values) > 10
    assert sum(one.get("is_doubtful", False) for one in values) > 5
    assert sum(one.get("is_fictitious", False) for one in values) > 1
    namesakes = [record for record in region if record.identity.namesake_of is not None]
    assert len(namesakes) > 5
    for one in namesakes:
        other = region[one.identity.namesake_of].identity.values
        mine = one.identity.values
        assert (mine["birth_name"], mine["first_given"]) == (
            other["birth_name"],
            other["first_given"],
        )


def test_families_are_plausible(region: list[Record]) -> None:
    profiles = Counter(record.person.profile for record in region)
    assert profiles[ELDER] > profiles[ADULT] > profiles[INFANT] > 100
    ages = Counter((NOW.date() - record.person.human.birth_date).days // 365 for record in region)
    assert sum(number for age, number in ages.items() if 70 <= age < 100) > 1_000
    twins = [record.person for record in region if record.person.human.twin_rank]
    assert len(twins) > 10
    assert {person.human.twin_rank for person in twins} == {1, 2}
    couples = sum(
        relative.relationship == "SPS" for record in region for relative in record.person.relatives
    )
    assert couples > 400


def test_people_live_in_the_zones_of_the_region(region: list[Record]) -> None:
    covered = [code for codes_ in ZONES.values() for code in codes_]
    assert len(covered) == len(set(covered))
    for record in region:
        home = record.person.home
        assert home.town.code in covered
        assert home.postcode in towns()[home.town.code].postcodes


def test_every_code_can_be_chosen_today(region: list[Record]) -> None:
    people = professionals().values()
    assert {plan.profession_code for plan in people} <= codes("professions")
    assert {plan.know_how_code for plan in people} - {""} <= codes("know-how")
    categories = {plan.category for plan in structures().values()} - {""}
    assert categories <= codes("establishment-categories")
    steps = [step for record in region for step in record.steps]
    assert {role for step in steps for role in step.roles} <= codes("roles")
    kin = {step.values.get("relationship_code", "") for step in steps} - {""}
    assert kin <= codes("relationships")
    typed = {step.values.get("profession_code", "") for step in steps} - {""}
    assert typed <= codes("professions")
    assert {step.values["section"] for step in steps if step.verb == Verb.LOOK} <= set(LOOKED_AT)


def test_two_coordinations_follow_most_records_and_many_have_several_readers(
    region: list[Record],
) -> None:
    readers = [_readers(record) for record in region]
    by_dac = Counter(name for names in readers for name in names if name in {DAC_VAR, DAC_AZUR})
    assert by_dac[DAC_VAR] > 1_000
    assert by_dac[DAC_AZUR] > 500
    assert sum(len(names) >= 2 for names in readers) > 900
    assert sum(COCON in names for names in readers) > 100


def _readers(record: Record) -> set[str]:
    found = {record.steps[0].by.party.key}
    found |= {step.about for step in record.steps if step.verb == Verb.HABILITATE}
    ended = {step.about for step in record.steps if step.verb in {Verb.WITHDRAW, Verb.REMOVE}}
    return found - ended


def test_no_circle_asks_what_the_database_refuses(region: list[Record]) -> None:
    for record in region:
        present = {record.steps[0].by.party.key}
        roles: Counter[str] = Counter()
        for step in record.steps:
            if step.verb in {Verb.ADD, Verb.HAND}:
                assert step.about not in present
                present.add(step.about)
            if step.verb in {Verb.HABILITATE, Verb.REFUSE, Verb.REMOVE, Verb.WITHDRAW}:
                assert step.about in present
            roles.update(set(step.roles).intersection(UNIQUE_ROLES))
        assert not roles or max(roles.values()) == 1


def test_every_kind_of_event_is_there(region: list[Record]) -> None:
    verbs = Counter(step.verb for record in region for step in record.steps)
    assert all(verbs[verb] for verb in Verb)
    assert verbs[Verb.BREAK] > 15
    by_hand = [step.values["kind"] for r in region for step in r.steps if step.verb == Verb.HAND]
    assert set(by_hand) == {1, 2, 3}


@pytest.mark.parametrize("hour", [0, 7, 12, 23])
def test_the_past_is_in_order_and_ends_before_now(hour: int) -> None:
    now = NOW.replace(hour=hour, minute=2)
    for record in records(now, 400):
        moments = [step.at for step in record.steps]
        assert moments == sorted(moments)
        assert moments[-1] <= now
        assert moments[0] >= now - timedelta(days=560)


def test_one_emergency_access_is_open_at_the_moment_of_loading(region: list[Record]) -> None:
    recent = [
        (record, step)
        for record in region
        for step in record.steps
        if step.verb == Verb.BREAK and step.at > NOW - timedelta(hours=2)
    ]
    assert [step.by.person for _, step in recent] == ["belkacem"]
    assert DAC_VAR in _readers(recent[0][0])


def test_the_accounts_show_each_way_of_using_the_product(region: list[Record]) -> None:
    people = [account.professional for account in ACCOUNTS]
    assert len({person.email for person in people}) == len(ACCOUNTS) == 10
    assert all(person.email.endswith(f"@{DOMAIN}") for person in people)
    assert sum(account.super_user for account in ACCOUNTS) == 1
    assert sum(not account.terms for account in ACCOUNTS) == 1
    assert any(len(account.attached) == 2 for account in ACCOUNTS)
    followed = Counter(name for record in region for name in _readers(record))
    assert followed["riccio"] == 0
    assert min(followed[name] for name in ("leblanc", "ricci", "castel")) > 20
    attached = {name for account in ACCOUNTS for name in account.attached}
    assert all(structures()[name].acts_as_legal_person and team(name) for name in attached)


def test_reviews_are_planned_in_each_state():
    plan = reviews.states(12)
    assert len(plan) == 12
    assert {play.__name__ for play in plan if play} == {
        "_justified", "_unjustified", "_ask", "_answered", "_unclear",
    }  # fmt: skip
    assert plan[-1] is None
    assert [len(reviews.states(count)) for count in range(8)] == list(range(8))
