"""The mails of a development run, read in the browser. They exist only where the setting says."""

from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse

from ronde.core.gate import public_view
from ronde.core.page import page

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Mail:
    name: str
    message: EmailMessage

    @property
    def text(self) -> str:
        body = self.message.get_body(preferencelist=("plain", "html"))
        return body.get_content() if body else ""


def _folder() -> Path:
    if not settings.DEV_MAILS_DIR:
        raise Http404
    return Path(settings.DEV_MAILS_DIR)


def _read(path: Path) -> Mail:
    message = BytesParser(EmailMessage, policy=policy.default).parsebytes(path.read_bytes())
    return Mail(path.stem, message)


@public_view
def mails(request: HttpRequest) -> HttpResponse:
    """List the mails, the newest first: their names begin with the time of arrival."""
    paths = sorted(_folder().glob("*.eml"), reverse=True)[:SHOWN]
    return page(request, "accounts/dev_mails.html", {"mails": [_read(path) for path in paths]})


@public_view
def mail(request: HttpRequest, name: str) -> HttpResponse:
    """Show one mail, found among those of the folder and never by building a path."""
    path = next((one for one in _folder().glob("*.eml") if one.stem == name), None)
    if path is None:
        raise Http404
    return page(request, "accounts/dev_mail.html", {"mail": _read(path)})
