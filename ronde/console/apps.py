from importlib import import_module

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "ronde.console"
    verbose_name = "Console régionale"

    def ready(self) -> None:
        import_module("ronde.console.menu")
