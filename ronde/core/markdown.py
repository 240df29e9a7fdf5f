"""Simple Markdown: headings, paragraphs, lists, bold, italics and links of the secure web.

Anything else (HTML, pictures, other links, tables…) is shown as the characters that were typed.
"""

import re
from html.parser import HTMLParser

from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

SECURE = "https://"
KEPT = ["escape", "heading", "list", "emphasis", "link"]
# What would be read as a mark, anywhere in a line and at its beginning.
MARKS = re.compile(r"([\\*_\[\]])")
FIRST = re.compile(r"^(#{1,6}(?=\s)|[-+](?=\s)|\d{1,9}(?=[.)]\s))")


def _reader(preset: str, links: str) -> MarkdownIt:
    made = MarkdownIt(preset, {"html": preset == "commonmark"})
    made.validateLink = lambda url: url.startswith(links)  # type: ignore[method-assign]
    return made


_kept = _reader("zero", SECURE).enable(KEPT)
# Knows what we do not keep, to name it.
_known = _reader("commonmark", "")


def render(text: str) -> Markup:
    """The text as HTML; its headings stand under the title of the page, on two levels."""
    tokens = _kept.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = "h2" if token.tag in {"h1", "h2"} else "h3"
    html = _kept.renderer.render(tokens, _kept.options, {})
    return Markup(html)  # noqa: S704 - HTML is not enabled: what was typed is escaped


def faults(text: str) -> list[str]:
    """What the text holds that would be shown as the characters that were typed."""
    tokens = [one for block in _known.parse(text) for one in (block, *(block.children or []))]
    found = {_fault(one): None for one in tokens}
    return [fault for fault in found if fault]


def _fault(token: Token) -> str:
    if token.type == "image":
        return _("Une image ne peut pas être placée ici.")
    if token.type in {"html_block", "html_inline"}:
        mark = token.content.strip().splitlines()[0][:30]
        return _("Le HTML n'est pas repris : retirez « %(mark)s ».") % {"mark": mark}
    address = str(token.attrGet("href") or "") if token.type == "link_open" else SECURE
    if not address.startswith(SECURE):
        return _("Un lien commence par https:// : corrigez « %(url)s ».") % {"url": address[:60]}
    return ""


class _Writer(HTMLParser):
    """Write as Markdown a text made of headings, paragraphs and flat lists."""

    STARTS = {"h2": "## ", "h3": "### ", "p": "", "li": "- "}

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[str] = []
        self.open = ""
        self.said = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if attrs or self.open or (tag not in self.STARTS and tag != "ul"):
            message = f"<{tag}> has no exact Markdown here."
            raise ValueError(message)
        if tag != "ul":
            self.open, self.said = tag, ""

    def handle_data(self, data: str) -> None:
        if self.open:
            self.said += data
        elif data.strip():
            message = "A text outside of any paragraph has no exact Markdown here."
            raise ValueError(message)

    def handle_endtag(self, tag: str) -> None:
        if tag != "ul":
            line = MARKS.sub(r"\\\1", " ".join(self.said.split()))
            if not self.STARTS[tag].startswith("#"):
                line = FIRST.sub(_escape_first, line)
            follows = tag == "li" and self.blocks and self.blocks[-1].startswith("- ")
            self.blocks.append(f"{self.STARTS[tag]}{line}")
            if follows:
                self.blocks[-2:] = ["\n".join(self.blocks[-2:])]
            self.open = ""


def _escape_first(found: re.Match[str]) -> str:
    mark = found.group()
    return f"{mark}\\" if mark.isdigit() else f"\\{mark}"


def from_html(html: str) -> str:
    """The Markdown that renders as this HTML; ValueError when there is none."""
    writer = _Writer()
    writer.feed(html)
    writer.close()
    return "\n\n".join(writer.blocks) + "\n"
