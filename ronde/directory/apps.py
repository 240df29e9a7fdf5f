from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    name = "ronde.directory"
    verbose_name = "Annuaire"
    database_rights = {
        "directory_party": "SELECT",
        "directory_person": "SELECT",
        "directory_structure": "SELECT",
        "directory_post": "SELECT",
        "directory_entry": "SELECT",
        "directory_word": "SELECT",
        "directory_importrun": "SELECT",
        "directory_refusedline": "SELECT",
    }
