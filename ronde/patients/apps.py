from django.apps import AppConfig


class PatientsConfig(AppConfig):
    name = "ronde.patients"
    verbose_name = "Patients"
    database_rights = {
        "patients_patient": "SELECT, INSERT, UPDATE",
        "patients_consent": "SELECT, INSERT, UPDATE",
        "patients_identityhistory": "SELECT",
        "patients_zone": "SELECT",
    }
