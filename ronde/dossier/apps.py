from django.apps import AppConfig


class DossierConfig(AppConfig):
    name = "ronde.dossier"
    verbose_name = "Dossier"
