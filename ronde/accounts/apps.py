from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "ronde.accounts"
    verbose_name = "Comptes"
    database_rights = {
        "accounts_termsacceptance": "SELECT, INSERT",
    }
