from django.apps import AppConfig


class TerminologyConfig(AppConfig):
    name = "ronde.terminology"
    verbose_name = "Nomenclatures"
    database_rights = {
        "terminology_codesystem": "SELECT, UPDATE (chosen_at)",
        "terminology_concept": "SELECT",
        "terminology_commune": "SELECT",
        "terminology_withheld": "SELECT, INSERT, DELETE",
        "terminology_regionalrole": "SELECT, INSERT, UPDATE (display, close_to)",
    }
