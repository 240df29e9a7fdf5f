from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorklistConfig(AppConfig):
    name = "ronde.worklist"
    verbose_name = "File active"
    # What the preview of a merge calls the tables that follow a patient.
    merged_as = {
        "worklist_favourite": _("Favoris"),
    }
