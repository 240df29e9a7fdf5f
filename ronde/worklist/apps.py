from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorklistConfig(AppConfig):
    name = "ronde.worklist"
    verbose_name = "File active"
    database_rights = {
        "worklist_bulkrun": "SELECT, INSERT, UPDATE (act, parties, target_name, ticked,"
        " attachment_id, confirmed_at, finished_at, undo_asked_at, undone_at)",
        "worklist_bulkline": "SELECT, INSERT, UPDATE (state, obstacle, before, roles, member_id,"
        " version, undo_state, undo_obstacle)",
    }
    # What the preview of a merge calls the tables that follow a patient.
    merged_as = {
        "worklist_favourite": _("Favoris"),
    }

    def ready(self) -> None:
        import_module("ronde.worklist.chrome")
