from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "ronde.notifications"
    verbose_name = "Notifications"
