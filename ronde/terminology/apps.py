from django.apps import AppConfig


class TerminologyConfig(AppConfig):
    name = "ronde.terminology"
    verbose_name = "Nomenclatures"
    database_rights = {
        "terminology_codesystem": "SELECT",
        "terminology_concept": "SELECT",
        "terminology_commune": "SELECT",
    }
