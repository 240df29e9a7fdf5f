"""A wire between the browser and the site: cut, nobody answers, while the network is up."""

import socket
import threading
from contextlib import suppress
from urllib.parse import urlsplit

from tests.notifications.mailbox import HOST, free_port

CHUNK = 65_536


class Wire:
    """Forwards what comes to `url` to the site until `cut`; `mend` takes the same address again."""

    def __init__(self, site: str) -> None:
        self.site = (urlsplit(site).hostname, urlsplit(site).port)
        self.port = free_port()
        self.url = f"http://{urlsplit(site).hostname}:{self.port}"
        self.open: list[socket.socket] = []
        self.mend()

    def mend(self) -> None:
        self.door = socket.create_server((HOST, self.port))
        threading.Thread(target=self._welcome, args=[self.door], daemon=True).start()

    def cut(self) -> None:
        for one in [self.door, *self.open]:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self.open = []

    def _welcome(self, door: socket.socket) -> None:
        with suppress(OSError):
            while True:
                browser, _ = door.accept()
                server = socket.create_connection(self.site)
                self.open += [browser, server]
                for source, target in ((browser, server), (server, browser)):
                    threading.Thread(target=self._pass, args=[source, target], daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while received := source.recv(CHUNK):
                target.sendall(received)
            target.shutdown(socket.SHUT_WR)
