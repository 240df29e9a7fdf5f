"""What a text that leaves by mail must not hold, and what it may."""

from datetime import date

import pytest
import time_machine

from ronde.accounts.patient_data import dated_name, national_number

# Invented numbers with a right key.
VALID = ["255081416802538", "2 55 08 14 168 025 38", "2.55.08.14.168.025.38", "255-0814-168-025-38"]


@pytest.mark.parametrize("number", VALID)
@pytest.mark.parametrize("around", ["{}", "Son INS est {}.", "dossier 12 {} svp", "1 2 {}, merci"])
def test_a_number_with_a_right_key_is_seen_however_it_is_written(number, around):
    assert national_number(around.format(number)) == number


def test_a_number_of_corsica_is_seen():
    assert national_number("NIR 1 46 02 2A 004 123 76") == "1 46 02 2A 004 123 76"


@pytest.mark.parametrize(
    "text",
    [
        "255081416802539",
        "Rappelez-moi au 06 39 98 12 34 ou au 04 94 00 00 01",
        "RPPS 10001234567, FINESS 830100616, SIRET 73282932000074",
        "erreur 500 à 14:02:33 le 25/11/2026",
    ],
)
def test_other_numbers_pass(text):
    assert national_number(text) == ""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Je ne trouve pas MARCHETTI Jeanne 12/03/1942", "12/03/1942"),
        ("Jeanne Marchetti, née le 12 mars 1942, est en double", "12 mars 1942"),
        ("Mme Durand 12.3.42 a disparu de ma liste", "12.3.42"),
        ("Le dossier de ROUX (1942-03-12)", "1942-03-12"),
        ("Bébé PETIT né le 20/11/2026", "20/11/2026"),
    ],
)
@time_machine.travel(date(2026, 11, 25))
def test_a_birth_date_next_to_a_name_is_seen(text, found):
    assert dated_name(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "Depuis le 23/11/2026, Sophie LAMBERT ne peut plus se connecter",
        "la page reste blanche depuis le 12/03/1942",
        "Le filtre « né le » refuse 12/03/1942 avec une ERREUR HTTP",
        "MARCHETTI n'apparaît pas",
        "réunion du 31/02/1950 avec Paul Martin",
    ],
)
@time_machine.travel(date(2026, 11, 25))
def test_the_date_of_an_incident_and_a_date_alone_pass(text):
    assert dated_name(text) == ""
