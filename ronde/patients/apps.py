from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PatientsConfig(AppConfig):
    name = "ronde.patients"
    verbose_name = "Patients"
    database_rights = {
        "patients_patient": "SELECT, INSERT, UPDATE",
        "patients_consent": "SELECT, INSERT, UPDATE",
        "patients_death": "SELECT, INSERT, UPDATE (undone_at, undone_by_name, undone_reason)",
        "patients_identityhistory": "SELECT",
        "patients_zone": "SELECT, INSERT, UPDATE",
        "patients_duplicate": "SELECT, INSERT, UPDATE (score, marks, by_hand, state, decided_at,"
        " decided_by_user, decided_by_name, reason)",
        "patients_merge": "SELECT",
        "patients_mergechange": "SELECT",
        "patients_sweep": "SELECT",
    }
    # What the preview of a merge calls the tables that follow a patient.
    merged_as = {
        "patients_consent": _("Consentements"),
        "patients_death": _("Déclarations de décès"),
    }
