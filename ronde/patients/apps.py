from django.apps import AppConfig


class PatientsConfig(AppConfig):
    name = "ronde.patients"
    verbose_name = "Patients"
    database_rights = {
        "patients_patient": "SELECT, INSERT, UPDATE",
        "patients_consent": "SELECT, INSERT, UPDATE",
        "patients_death": "SELECT, INSERT, UPDATE (undone_at, undone_by_name, undone_reason)",
        "patients_identityhistory": "SELECT",
        "patients_zone": "SELECT",
    }
