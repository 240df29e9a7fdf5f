from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FollowupConfig(AppConfig):
    name = "ronde.followup"
    verbose_name = "Suivi"
    database_rights = {
        "followup_listitem": "SELECT, INSERT, UPDATE (label, position, nature, due_hours,"
        " retired_at)",
        "followup_recordstatus": "SELECT, INSERT, UPDATE (is_current, ended_on)",
        "followup_stay": "SELECT, INSERT, UPDATE (establishment_id, place, unit, is_planned,"
        " admitted_at, expected_on, discharged_at, reason_id, comment, cancelled_at,"
        " cancelled_reason, version)",
        "followup_link": "SELECT, INSERT, UPDATE (comment, removed_at, removed_by_name)",
        "followup_memo": "SELECT, INSERT, UPDATE (title, content, weight, sharing, recipients,"
        " owner_party, owned_by_structure, changed_at, changed_by_name, deleted_at,"
        " deleted_by_name, version)",
        "followup_memoversion": "SELECT, INSERT",
        "followup_staystep": "SELECT, INSERT, UPDATE (owner_id, owner_name, due_at, done_at,"
        " done_by, done_by_name, dropped_at)",
    }
    # What the preview of a merge calls the tables that follow a patient.
    merged_as = {
        "followup_recordstatus": _("Statuts du dossier"),
        "followup_stay": _("Hospitalisations"),
        "followup_staystep": _("Étapes d'hospitalisation"),
        "followup_link": _("Dossiers liés"),
        "followup_memo": _("Mémos"),
        "followup_memoversion": _("Versions de mémos"),
    }

    def ready(self) -> None:
        import_module("ronde.followup.columns")
