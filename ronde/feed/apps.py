from django.apps import AppConfig


class FeedConfig(AppConfig):
    name = "ronde.feed"
    verbose_name = "Fil d'actualité"
