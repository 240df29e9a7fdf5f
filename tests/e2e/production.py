"""The stack of production, on the database of the tests: granian, hashed and compressed files."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import connection

from tests.notifications.mailbox import HOST, free_port

STARTS_WITHIN = 30.0


def _address() -> str:
    """The address of the test database, as production gets it."""
    known = connection.settings_dict
    query = urlencode({"host": known["HOST"], "port": known["PORT"]})
    return (
        f"postgresql://{quote(known['USER'])}:{quote(known['PASSWORD'])}@/{known['NAME']}?{query}"
    )


def _environment(state: Path) -> dict[str, str]:
    (state / "secret_key").write_text(settings.SECRET_KEY, encoding="utf-8")
    return {
        **os.environ,
        "RONDE_STATE": str(state),
        "DATABASE_URL": _address(),
        "DATABASE_OWNER_URL": _address(),
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
    }


@contextmanager
def served(state: Path) -> Iterator[str]:
    """Collect the static files in `state`, start the server, give its address."""
    environment = _environment(state)
    where = {"cwd": settings.BASE_DIR, "env": environment}
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0", "-i", "pdf"],
        check=True,
        **where,
    )
    port = free_port()
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST),
            *("--port", str(port), "--workers", "1", "--blocking-threads", "1", "--no-ws"),
            *("--log-level", "warning", "config.wsgi:application"),
        ],
        **where,
    )
    try:
        _wait(port, server)
        yield f"http://{HOST}:{port}"
    finally:
        server.terminate()
        server.wait(timeout=STARTS_WITHIN)


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < end and server.poll() is None:
        with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        time.sleep(0.1)
    message = f"granian does not answer on port {port}"
    raise TimeoutError(message)
