from importlib import import_module

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class AccountsConfig(AppConfig):
    name = "ronde.accounts"
    verbose_name = "Comptes"
    database_rights = {
        "accounts_termsacceptance": "SELECT, INSERT",
        "accounts_duty": "SELECT, INSERT, UPDATE (ended_at)",
        "accounts_delegation": "SELECT, INSERT, UPDATE (status, decided_at, decided_by, ended_at,"
        " ended_by)",
        "accounts_supportrequest": "SELECT, INSERT, UPDATE (sent_at, acknowledged_at), DELETE",
    }

    def ready(self) -> None:
        import_module("ronde.accounts.chrome")
        import_module("ronde.accounts.checks")
        session = import_module("ronde.accounts.session")
        user_logged_in.connect(session.begin, dispatch_uid="ronde.accounts.session")
