"""Pro Santé Connect as the tests play it: a certified provider, run by Node on this machine."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import requests
from django.conf import settings

from tests.notifications.mailbox import free_port

HERE = Path(__file__).parent
CLIENT = "ronde"
SECRET = "not-a-secret-it-only-serves-on-this-machine"
WITH_WORKPLACES = json.loads((HERE / "with-workplaces.json").read_text("utf-8"))
WITHOUT_WORKPLACE = json.loads((HERE / "without-workplace.json").read_text("utf-8"))


def claims_of(number: str, sample: dict[str, Any] = WITHOUT_WORKPLACE, **more: Any) -> dict:
    """The claims of a sample, for the holder of this national identifier."""
    claims = deepcopy(sample)
    claims.update(preferred_username=number, SubjectNameID=number, **more)
    return claims


class ProSante:
    """The provider that runs at `url`."""

    def __init__(self, url: str) -> None:
        self.url = url

    def add(self, name: str, claims: dict[str, Any], **more: Any) -> str:
        """Have somebody at the sign-in page: `acr`, `codeLasts` (seconds)."""
        sent = {"claims": claims, **more}
        requests.put(f"{self.url}/people/{name}", json=sent, timeout=5).raise_for_status()
        return name

    def visit(self, address: str, who: str, web: requests.Session | None = None) -> str:
        """Go through the provider's pages as `who` ("": refuses); the address it sends back to."""
        web = web or requests.Session()
        for _step in range(10):
            if not address.startswith(self.url):
                return address
            answer = web.get(address, allow_redirects=False, timeout=5)
            if answer.status_code == 200:
                answer = web.post(address, {"person": who}, allow_redirects=False, timeout=5)
            if "Location" not in answer.headers:
                return f"{answer.status_code} {answer.text}"
            address = urljoin(address, answer.headers["Location"])
        raise AssertionError(address)

    def leave(self, address: str, web: requests.Session) -> str:
        """End the session at the provider, as its page offers; where it leads."""
        answer = web.get(address, timeout=5)
        secret = re.search(r'name="xsrf" value="([^"]+)"', answer.text)[1]
        action = re.search(r'action="([^"]+)"', answer.text)[1]
        sent = {"xsrf": secret, "logout": "yes"}
        return web.post(action, sent, allow_redirects=False, timeout=5).headers["Location"]


@contextmanager
def playing(site: str) -> Iterator[ProSante]:
    """Start the provider for this site; never skipped: `make test` installs what it needs."""
    node = shutil.which("node")
    if node is None or not (settings.BASE_DIR / "node_modules/oidc-provider").exists():
        pytest.fail("Node or oidc-provider is missing: run `make assets`.", pytrace=False)
    port = free_port()
    command = [node, "tests/oidc/provider.mjs", str(port), site]
    process = subprocess.Popen(
        command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout.readline().startswith("ready"), "the provider did not start"
        yield ProSante(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def declare(settings: Any, provider: ProSante) -> None:
    """Have the site know this provider."""
    settings.PSC_ISSUER = provider.url
    settings.PSC_DISCOVERY_URL = f"{provider.url}/.well-known/wallet-openid-configuration"
    settings.PSC_CLIENT_ID, settings.PSC_CLIENT_SECRET = CLIENT, SECRET
