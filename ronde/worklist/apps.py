from django.apps import AppConfig


class WorklistConfig(AppConfig):
    name = "ronde.worklist"
    verbose_name = "File active"
