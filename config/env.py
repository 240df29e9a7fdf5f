"""Reads the settings that change from one installation to the next; `docs/env.md` lists them."""

import os
from base64 import b64decode
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
STATE_DIR = Path(os.environ.get("RONDE_STATE", BASE_DIR / ".ronde"))


def read_state_file() -> None:
    """Take the addresses that `tools/devdb.py` wrote; the real environment wins."""
    path = STATE_DIR / "env"
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition("=")
            if value:
                os.environ.setdefault(name, value)


def text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if value is None:
        message = f"Set {name} (docs/env.md says how)."
        raise ImproperlyConfigured(message)
    return value


def flag(name: str, *, default: bool = False) -> bool:
    return os.environ.get(name, "1" if default else "0").lower() in {"1", "true", "yes", "oui"}


def number(name: str, default: int) -> int:
    return int(os.environ.get(name, default))


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def keys(name: str) -> dict[str, bytes]:
    """Read `id:base64,id:base64`: keys of 32 bytes, the one in force first."""
    found = {}
    for word in words(name):
        key_id, _, value = word.partition(":")
        found[key_id] = b64decode(value)
        if len(found[key_id]) != 32:
            message = f"{name}: the key {key_id} must be 32 bytes in base64."
            raise ImproperlyConfigured(message)
    return found


def database(url: str) -> dict:
    """Turn `postgresql://user:password@host:port/name?option=value` into Django's dictionary."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        message = "DATABASE_URL must start with postgresql://: no other database is supported."
        raise ImproperlyConfigured(message)
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "ronde.core.db",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": query.pop("port", "") or str(parts.port or ""),
        "OPTIONS": query,
    }
