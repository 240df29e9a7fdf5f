"""The post of the journeys: a real mail server, and the worker that hands it the letters."""

import re
from email.message import EmailMessage
from threading import Thread

from django.db import connections

from tests.notifications.mailbox import Mailbox
from tests.notifications.worker import run_worker


class Post:
    """What arrived in the mailboxes of the journey."""

    def __init__(self, box: Mailbox) -> None:
        self.box = box

    def deliver(self) -> None:
        """Let the worker of production do all that waits, in a thread: the browser holds ours."""
        failures: list[Exception] = []

        def work() -> None:
            try:
                run_worker()
            except Exception as failure:  # noqa: BLE001 - raised again in the test's own thread
                failures.append(failure)
            finally:
                connections.close_all()

        worker = Thread(target=work)
        worker.start()
        worker.join()
        if failures:
            raise failures[0]

    def letters(self, address: str) -> list[EmailMessage]:
        """All that arrived at this address, the oldest first."""
        self.deliver()
        return [mail for mail in self.box.received if mail["To"] == address]

    def last(self, address: str) -> EmailMessage:
        found = self.letters(address)
        assert found, f"no mail for {address}; mails went to {self.box.addresses()}"
        return found[-1]

    def code(self, address: str) -> str:
        """The one-time code received last."""
        texts = [mail.get_content() for mail in self.letters(address)]
        return [
            code for text in texts for code in re.findall(r"connexion à Ronde : (\d{6})", text)
        ][-1]

    def link(self, address: str) -> str:
        """The address in the letter received last."""
        return re.search(r"https?://\S+", self.last(address).get_content()).group()
