"""What a page weighs on the wire, served and compressed as in production."""

import sys
from datetime import date

import pytest
from playwright.sync_api import Page

from tests import factories as f
from tests.e2e.browsing import Visitor, only_chromium
from tests.e2e.production import served

FIRST_PAGE, LATER_PAGE = 100_000, 20_000  # Bytes.
NAMES = ("MARCHETTI", "BOYER", "NGUYEN", "ROUX", "FERRANDI", "LEFEVRE", "OLIVE", "GARCIN")


class Scale:
    """Bytes received by a page, headers included, file by file."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.received: dict[str, tuple[str, float]] = {}
        self._names: dict[str, str] = {}
        only_chromium(page.context.browser, "weighs what crosses the wire")
        wire = page.context.new_cdp_session(page)
        wire.on("Network.requestWillBeSent", self._asked)
        wire.on("Network.loadingFinished", self._finished)
        wire.send("Network.enable")

    def _asked(self, event: dict) -> None:
        self._names[event["requestId"]] = event["request"]["url"]

    def _finished(self, event: dict) -> None:
        name = self._names.get(event["requestId"], "")
        if not name.startswith("data:"):
            self.received[event["requestId"]] = (name, event["encodedDataLength"])

    def weigh(self, address: str) -> float:
        """Bytes that opening this address takes, files found in the browser's cache left out."""
        self.received.clear()
        self.page.goto(address, wait_until="networkidle")
        return sum(size for _, size in self.received.values())


@pytest.fixture
def records(sophie):
    """Enough records to fill a page of the worklist."""
    actor = f.actor(sophie)
    return [
        f.patient(
            actor,
            birth_name=NAMES[number % len(NAMES)],
            first_given=f"JEANNE {'ABCDEFGHIJ'[number // len(NAMES)]}",
            birth_date=date(1930 + number, 1 + number % 12, 1 + number % 28),
        )
        for number in range(60)
    ]


def test_the_first_page_weighs_100_kb_at_most_and_the_next_ones_20(
    browser, sophie, records, tmp_path, capsys
):
    record = f"/dossiers/{records[0].pk}/"
    later = ["/file-active/?taille=50", record, f"{record}cercle/", f"{record}identite/"]
    with served(tmp_path) as address:
        visitor = Visitor(browser, address).signed_in(sophie)
        scale = Scale(visitor.page)
        first = scale.weigh("/file-active/")
        weights = {path: scale.weigh(path) for path in [*later, "/dossiers/nouveau/"]}
        visitor.close()
    with capsys.disabled():
        sizes = [f"{size / 1000:.1f} kB" for size in (first, *weights.values())]
        sys.stdout.write(f"\nfirst page {sizes[0]}, then {', '.join(sizes[1:])}\n")
    assert first <= FIRST_PAGE
    assert not {path: size for path, size in weights.items() if size > LATER_PAGE}
    assert not visitor.troubles
