from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DossierConfig(AppConfig):
    name = "ronde.dossier"
    verbose_name = "Dossier"
    database_rights = {
        "dossier_readmark": "SELECT, INSERT, UPDATE",
        "dossier_breakglassattempt": "SELECT, INSERT",
        "dossier_extraction": "SELECT, INSERT, UPDATE (state, done, total, sections, place, key_id,"
        " sealed_key, size, sha256, expires_at)",
    }

    # What the preview of a merge calls the tables that follow a patient.
    merged_as = {
        "dossier_readmark": _("Marques de lecture"),
    }

    def ready(self) -> None:
        import_module("ronde.dossier.banner")
