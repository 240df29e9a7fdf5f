from importlib import import_module

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in, user_logged_out

# What a decision writes in a request: never who asks, nor what was typed.
REQUEST_CHANGES = (
    "status", "email", "person_id", "link", "link_purpose", "link_expires_at", "link_used_at",
    "question", "decided_at", "decided_by", "decided_by_name", "reason", "reason_text",
    "account_id", "version",
)  # fmt: skip


class AccountsConfig(AppConfig):
    name = "ronde.accounts"
    verbose_name = "Comptes"
    database_rights = {
        "accounts_prosantelink": "SELECT, INSERT, DELETE",
        "accounts_termsacceptance": "SELECT, INSERT",
        "accounts_termsversion": "SELECT, INSERT, UPDATE, DELETE",
        "accounts_duty": "SELECT, INSERT, UPDATE (ended_at)",
        "accounts_delegation": "SELECT, INSERT, UPDATE (status, decided_at, decided_by, ended_at,"
        " ended_by)",
        "accounts_supportrequest": "SELECT, INSERT, UPDATE (sent_at, acknowledged_at), DELETE",
        "accounts_accountrequest": f"SELECT, INSERT, UPDATE ({', '.join(REQUEST_CHANGES)})",
        "accounts_requeststep": "SELECT",
        "accounts_attachmentopinion": "SELECT, INSERT",
        "accounts_invitation": "SELECT, INSERT, UPDATE (sent_at, expires_at, withdrawn_at, link,"
        " account_id)",
        "accounts_relationfavorite": "SELECT, INSERT, DELETE",
        "accounts_favouritegroup": "SELECT, INSERT, UPDATE (name), DELETE",
        "accounts_favouritegroupmember": "SELECT, INSERT, DELETE",
        "accounts_favouritegroupshare": "SELECT, INSERT, UPDATE (may_edit), DELETE",
    }

    def ready(self) -> None:
        import_module("ronde.accounts.chrome")
        import_module("ronde.accounts.checks")
        import_module("ronde.accounts.request_jobs")
        import_module("ronde.accounts.relation_events")
        import_module("ronde.accounts.terms_events")
        session = import_module("ronde.accounts.session")
        devices = import_module("ronde.accounts.devices")
        user_logged_in.connect(session.begin, dispatch_uid="ronde.accounts.session")
        user_logged_in.connect(devices.begin, dispatch_uid="ronde.accounts.devices")
        user_logged_out.connect(devices.end, dispatch_uid="ronde.accounts.devices")
