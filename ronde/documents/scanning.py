"""The antivirus: ClamAV's daemon, when the installation names one."""

import logging
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from clamav_client.clamd import ClamdError, ClamdNetworkSocket, ClamdUnixSocket
from django.conf import settings

from ronde.documents.models import Scan

log = logging.getLogger(__name__)
PORT = 3310
PATIENCE = 30.0


class Stream:
    """Pieces read as a file is."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces, self._left = iter(pieces), b""

    def read(self, size: int) -> bytes:
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._left = piece
        part, self._left = self._left[:size], self._left[size:]
        return part


def is_configured() -> bool:
    return bool(settings.CLAMD_ADDRESS)


def scan(content: Any) -> Scan:
    """Have it looked at, now; PENDING when the daemon does not answer."""
    if not is_configured():
        return Scan.NONE
    try:
        verdict, _signature = _daemon().instream(content)["stream"]
    except (ClamdError, OSError, KeyError) as error:
        log.warning("the antivirus did not answer: %s", type(error).__name__)
        return Scan.PENDING
    if verdict == "OK":
        return Scan.CLEAN
    if verdict == "FOUND":
        return Scan.REFUSED
    log.warning("the antivirus could not look at a document")
    return Scan.PENDING


def _daemon() -> ClamdNetworkSocket:
    """`tcp://host:port` or `unix:/path`."""
    parts = urlsplit(settings.CLAMD_ADDRESS)
    if parts.scheme == "unix":
        return ClamdUnixSocket(path=parts.path, timeout=PATIENCE)
    return ClamdNetworkSocket(
        host=parts.hostname or "127.0.0.1", port=parts.port or PORT, timeout=PATIENCE
    )
