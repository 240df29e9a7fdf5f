#!/usr/bin/env python
"""Management commands. Those that change the schema connect as the owner of the tables."""

import os
import sys

from django.core.management import execute_from_command_line

OWNER_COMMANDS = {
    *("migrate", "makemigrations", "showmigrations", "sqlflush", "flush"),
    *("import_terminology", "import_zones", "import_rpps", "import_finess", "import_structures"),
    *("load_demo", "rotate_document_keys"),
}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    if len(sys.argv) > 1 and sys.argv[1] in OWNER_COMMANDS:
        os.environ["RONDE_AS_OWNER"] = "1"
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
