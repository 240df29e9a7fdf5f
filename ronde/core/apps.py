from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.db import connections
from django.db.models.signals import post_migrate

FULL = "SELECT, INSERT, UPDATE, DELETE"


class CoreConfig(AppConfig):
    name = "ronde.core"
    verbose_name = "Socle"
    database_rights = {"django_migrations": "SELECT"}

    def ready(self) -> None:
        post_migrate.connect(give_rights, sender=self)


def give_rights(using: str, **kwargs: Any) -> None:
    """Give the application's role what each app says it may do, table by table.

    An app whose configuration has `database_rights = {table: rights}` bounds its own tables; all
    other tables are read and written.
    """
    connection = connections[using]
    if connection.role == settings.DATABASE_APP_ROLE:
        return  # Tables that a test empties: who owns nothing gives nothing.
    role = connection.ops.quote_name(settings.DATABASE_APP_ROLE)
    bounded: dict[str, str] = {}
    for config in apps.get_app_configs():
        bounded.update(getattr(config, "database_rights", {}))
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [settings.DATABASE_APP_ROLE])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE ROLE {role} NOLOGIN")
            cursor.execute(f"GRANT {role} TO CURRENT_USER")
        cursor.execute(f"GRANT USAGE ON SCHEMA public, app TO {role}")
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}")
        # Functions are open to all as PostgreSQL makes them; one closed by its file stays closed.
        cursor.execute(f"REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public, app FROM {role}")
        for table in connection.introspection.table_names(cursor):
            name = connection.ops.quote_name(table)
            cursor.execute(f"REVOKE ALL ON {name} FROM {role}")
            cursor.execute(f"GRANT {bounded.get(table, FULL)} ON {name} TO {role}")
