"""The launcher of the development database, on real servers in directories of their own."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

LAUNCHER = Path(__file__).resolve().parents[2] / "tools/devdb.py"


class Launcher:
    def __init__(self, state: Path) -> None:
        self.state = state
        self.environment = {"RONDE_STATE": str(state)}

    def run(self, command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return subprocess.run(
            [sys.executable, LAUNCHER, command],
            env=kept | self.environment | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def start(self) -> None:
        done = self.run("start")
        assert done.returncode == 0, done.stderr

    def refusal(self) -> str:
        done = self.run("start")
        assert done.returncode == 2, done.stdout
        assert "Traceback" not in done.stderr
        return done.stderr

    def address(self, name: str) -> str:
        lines = (self.state / "env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)[name]

    @property
    def data(self) -> Path:
        return Path(self.run("status").stdout.strip().split("data in ")[1])


@pytest.fixture(scope="module")
def base() -> Iterator[Path]:
    # pytest's own directories are closed to the account that runs the server for root.
    path = Path(tempfile.mkdtemp(prefix="ronde-test-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def stopped(base) -> Path:
    """A state directory with a server that ran and was stopped."""
    launcher = Launcher(base / "stopped")
    launcher.start()
    launcher.run("stop")
    return launcher.state


@pytest.fixture
def empty(base) -> Iterator[Launcher]:
    launcher = Launcher(Path(tempfile.mkdtemp(dir=base)))
    launcher.state.chmod(0o755)
    yield launcher
    launcher.run("reset")


@pytest.fixture
def launcher(empty, stopped) -> Launcher:
    """A launcher whose server ran once: copying it is quicker than making it again."""
    subprocess.run(["cp", "-a", f"{stopped}/.", empty.state], check=True)
    return empty


def test_each_role_gets_in_with_its_password_and_the_application_owns_nothing(launcher):
    launcher.start()
    with psycopg.connect(launcher.address("DATABASE_URL")) as application:
        assert application.execute("SELECT current_user").fetchone() == ("ronde_app",)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            application.execute("CREATE TABLE intruder ()")
    with psycopg.connect(launcher.address("DATABASE_OWNER_URL")) as owner:
        owner.execute("CREATE TABLE ours (); SET ROLE ronde_app")
        superuser = "SELECT rolsuper FROM pg_roles WHERE rolname IN ('ronde_owner', 'ronde_app')"
        assert owner.execute(superuser).fetchall() == [(False,), (False,)]
    without = re.sub(r":[0-9a-f]+@", "@", launcher.address("DATABASE_URL"))
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(without)


def test_the_server_is_private_and_not_root(empty):
    empty.start()
    assert empty.data.stat().st_mode & 0o777 == 0o700
    assert empty.data.stat().st_uid != 0
    assert (empty.state / "secret").stat().st_mode & 0o777 == 0o600
    assert (empty.state / "env").stat().st_mode & 0o777 == 0o600
    with psycopg.connect(empty.address("DATABASE_URL")) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert connection.execute("SELECT upper('é')").fetchone() == ("É",)


def test_starting_twice_keeps_the_server_and_its_data(launcher):
    launcher.start()
    with psycopg.connect(launcher.address("DATABASE_OWNER_URL")) as owner:
        owner.execute("CREATE TABLE ours ()")
    before = launcher.run("status").stdout
    launcher.start()
    assert launcher.run("status").stdout == before
    assert launcher.run("stop").returncode == 0
    assert "is stopped" in launcher.run("status").stdout
    launcher.start()
    with psycopg.connect(launcher.address("DATABASE_OWNER_URL")) as owner:
        assert owner.execute("SELECT count(*) FROM ours").fetchone() == (0,)


def test_the_wheel_serves_alone(empty):
    empty.environment["RONDE_PG"] = "wheel"
    empty.start()
    with psycopg.connect(empty.address("DATABASE_URL")) as connection:
        assert connection.info.server_version >= 180000
        assert connection.execute("SELECT upper('é')").fetchone() == ("É",)


def test_a_directory_of_another_version_is_told(launcher):
    (launcher.data / "PG_VERSION").write_text("9.6\n")
    assert "was made by PostgreSQL 9.6" in launcher.refusal()


def test_a_directory_with_other_files_is_told_and_left_alone(launcher):
    (launcher.data / "PG_VERSION").unlink()
    assert "is taken by other files" in launcher.refusal()
    assert (launcher.data / "postgresql.conf").exists()


def test_a_file_in_the_place_of_the_directory_is_told(empty):
    data = empty.data
    data.write_text("a note")
    assert "is taken by something else" in empty.refusal()
    assert data.read_text() == "a note"
    data.unlink()


def test_a_pid_file_left_by_a_crash_does_not_stop_the_start(launcher):
    launcher.start()
    left = (launcher.data / "postmaster.pid").read_text()
    launcher.run("stop")
    # After a reboot the number often belongs to another living program: here, this one.
    stranger = re.sub(r"^\d+", str(os.getpid()), left)
    (launcher.data / "postmaster.pid").write_text(stranger)
    assert "is stopped" in launcher.run("status").stdout
    launcher.start()


def test_another_server_on_the_socket_is_told(launcher):
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(launcher.data / ".s.PGSQL.5432"))
        other.listen()
        assert "Another server answers" in launcher.refusal()


def test_lost_passwords_are_told_and_a_reset_repairs(launcher):
    (launcher.state / "secret").unlink()
    assert "make resetdb" in launcher.refusal()
    assert launcher.run("reset").returncode == 0
    launcher.start()
    psycopg.connect(launcher.address("DATABASE_URL")).close()


def test_a_path_too_long_for_a_socket_moves_the_socket_only(empty):
    deep = Launcher(empty.state / ("long-" * 18))
    deep.start()
    assert deep.data.parent == deep.state
    assert str(deep.state) not in deep.address("DATABASE_URL")
    psycopg.connect(deep.address("DATABASE_URL")).close()
    deep.run("reset")


def test_a_given_address_starts_nothing(empty):
    given = "postgresql://someone@/elsewhere"
    done = empty.run("start", DATABASE_URL=given)
    assert done.returncode == 0
    assert list(empty.state.iterdir()) == []
    assert empty.run("psql-url", DATABASE_URL=given).stdout.strip() == given
