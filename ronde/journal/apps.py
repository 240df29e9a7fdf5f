from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "ronde.journal"
    verbose_name = "Journal"
    database_rights = {
        "journal_journalentry": "SELECT, INSERT",
        "journal_accesstrace": "SELECT, INSERT",
    }
