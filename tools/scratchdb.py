"""Run a command against a new, empty database that is dropped when it ends.

python tools/scratchdb.py COMMAND [ARGUMENT...]
"""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from config import env


def main(command: list[str]) -> int:
    env.read_state_file()
    given = env.text("DATABASE_URL")
    owner = env.text("DATABASE_OWNER_URL", given)
    name = f"scratch_{os.getpid()}"
    addresses = {
        "DATABASE_URL": urlsplit(given)._replace(path=f"/{name}").geturl(),
        "DATABASE_OWNER_URL": urlsplit(owner)._replace(path=f"/{name}").geturl(),
    }
    database = sql.Identifier(name)
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(database))
        try:
            return subprocess.run(command, env={**os.environ, **addresses}, check=False).returncode
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(database))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
