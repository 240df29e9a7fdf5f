"""A real ClamAV, with a database of one signature, and what happens around it."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from procrastinate.contrib.django.models import ProcrastinateJob

from ronde.core.db.roles import as_owner
from ronde.documents import jobs, scanning
from ronde.documents.kinds import LARGEST
from ronde.documents.models import File, Scan
from tests import factories as f
from tests.documents import files
from tests.documents.conftest import places

STARTS_WITHIN = 30.0
CONF = """
Foreground yes
DatabaseDirectory {folder}/db
{listen}
StreamMaxLength 25M
"""


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """clamd listening on a socket and on a port, knowing EICAR's file and nothing else."""
    program = shutil.which("clamd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if program is None:
        pytest.skip("clamd not found: apt-get install clamav-daemon")
    folder = tmp_path_factory.mktemp("clamav")
    (folder / "db").mkdir()
    (folder / "db/ronde.ndb").write_text(f"Eicar-Test:0:*:{files.EICAR.hex()}\n")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    path = folder / "clamd.sock"
    listen = f"LocalSocket {path}\nTCPSocket {port}\nTCPAddr 127.0.0.1"
    (folder / "clamd.conf").write_text(CONF.format(folder=folder, listen=listen))
    command = [program, "--config-file", str(folder / "clamd.conf")]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _wait(process, path, folder / "log")
            yield {"unix": f"unix:{path}", "tcp": f"tcp://127.0.0.1:{port}"}
        finally:
            process.terminate()
            process.wait(timeout=20)


def _wait(process: subprocess.Popen, path: Path, log: Path) -> None:
    end = time.monotonic() + STARTS_WITHIN
    while not path.exists():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.1)


@pytest.fixture(params=["unix", "tcp"])
def antivirus(request, daemon, settings) -> None:
    settings.CLAMD_ADDRESS = daemon[request.param]


@pytest.fixture
def silent(settings, tmp_path) -> None:
    """An antivirus that is configured and does not answer."""
    settings.CLAMD_ADDRESS = f"unix:{tmp_path}/nobody.sock"


@pytest.mark.django_db
def test_eicar_is_refused_in_a_sentence_and_nothing_is_left(
    antivirus, coordinator, record, cupboard
):
    with pytest.raises(ValidationError, match="programme malveillant"):
        f.document(coordinator, record, content=files.EICAR, name="bonjour.txt")
    hidden = files.docx(**{"word/media/image1.bin": files.EICAR})
    with pytest.raises(ValidationError, match="programme malveillant"):
        f.document(coordinator, record, content=hidden, name="courrier.docx")
    assert places(cupboard) == []
    with as_owner():
        assert not File.objects.exists()


@pytest.mark.django_db
def test_what_the_antivirus_clears_is_said_to_be_clean(antivirus, coordinator, record):
    f.document(coordinator, record)
    f.document(coordinator, record, content=b"a" * LARGEST, name="gros.txt")
    with as_owner():
        assert {file.scan for file in File.objects.all()} == {Scan.CLEAN}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "verdict"), [(b"Bonjour", Scan.CLEAN), (files.EICAR, Scan.REFUSED)]
)
def test_a_file_waits_closed_until_the_antivirus_answers(
    daemon, silent, settings, coordinator, record, content, verdict
):
    f.document(coordinator, record, content=content, name="note.txt")
    with as_owner():
        file = File.objects.get()
    assert (file.scan, file.is_open) == (Scan.PENDING, False)
    with pytest.raises(jobs.NoAntivirusError):
        jobs.scan(file_id=str(file.pk))
    settings.CLAMD_ADDRESS = daemon["unix"]
    jobs.scan(file_id=str(file.pk))
    with as_owner():
        file.refresh_from_db()
    assert (file.scan, file.is_open) == (verdict, verdict == Scan.CLEAN)
    jobs.scan(file_id=str(file.pk))  # Twice is nothing: the verdict is given once.


@pytest.mark.django_db
def test_a_file_that_waits_has_its_job_and_another_has_none(silent, coordinator, record, settings):
    f.document(coordinator, record)
    settings.CLAMD_ADDRESS = ""
    f.document(coordinator, record)
    with f.as_owner():
        waiting = File.objects.get(scan=Scan.PENDING)
        rows = _jobs()
    assert rows == [{"file_id": str(waiting.pk)}]


def _jobs() -> list[dict]:
    return [job.args for job in ProcrastinateJob.objects.filter(task_name="documents.scan")]


def test_a_stream_gives_no_more_than_is_asked():
    stream = scanning.Stream([b"abc", b"", b"defgh"])
    read = [stream.read(2) for _ in range(6)]
    assert read == [b"ab", b"c", b"de", b"fg", b"h", b""]
