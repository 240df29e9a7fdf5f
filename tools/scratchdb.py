"""Run a command against a new, empty database that is dropped when it ends.

python tools/scratchdb.py COMMAND [ARGUMENT...]
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from config import env


def _drop(connection: psycopg.Connection, database: sql.Identifier) -> None:
    """Drop it once the last sessions are gone: an owner may not end those of other roles."""
    for attempt in range(10):
        try:
            connection.execute(sql.SQL("DROP DATABASE {}").format(database))
        except psycopg.errors.ObjectInUse:
            if attempt == 9:
                raise
            time.sleep(1)
        else:
            return


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
            _drop(connection, database)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
