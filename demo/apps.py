from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Only `make run` and the tests install it: a real region has no demonstration."""

    name = "demo"
    verbose_name = "Région de démonstration"
