from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class NotificationsConfig(AppConfig):
    name = "ronde.notifications"
    verbose_name = "Notifications"
    database_rights = {
        "notifications_sent": "SELECT, INSERT, UPDATE (refused)",
        "notifications_notice": "SELECT, INSERT, UPDATE (read_at)",
        "notifications_preference": "SELECT, INSERT, UPDATE (mail, application), DELETE",
    }

    def ready(self) -> None:
        """Listen to the journal; the worker must know every event that it may have to tell."""
        autodiscover_modules("events")
        import_module("ronde.notifications.actions")
        import_module("ronde.notifications.chrome")
