"""Whether a screen can be used by everybody, as far as axe-core can tell (WCAG 2.1 A and AA)."""

from functools import cache
from typing import Any

from django.conf import settings
from playwright.sync_api import Page

from tests.e2e.browsing import DESKTOP, NARROW, PHONE
from tests.e2e.keyboard import unreached

SOURCE = settings.BASE_DIR / "node_modules/axe-core/axe.min.js"
WCAG = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
# In dark colours nothing changes but the contrasts.
CONTRAST = {"type": "rule", "values": ["color-contrast"]}
RUN = "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})"
OVERFLOW = """width => [
    document.documentElement.scrollWidth,
    [...document.body.querySelectorAll("*")]
        .filter(e => e.checkVisibility() && !e.closest("[data-ronde-defile]"))
        .filter(e => e.getBoundingClientRect().left + e.scrollWidth > width + 1)
        .slice(-5).map(e => e.outerHTML.slice(0, 160)),
]"""


@cache
def _source() -> str:
    return SOURCE.read_text(encoding="utf-8")


def violations(page: Page, rules: dict[str, Any]) -> list[str]:
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_source())  # The page's policy allows no script of ours in the page itself.
    found = page.evaluate(RUN, rules)["violations"]
    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:160]} · {node['failureSummary'][:300]}"
        for rule in found
        for node in rule["nodes"]
    ]


def overflow(page: Page) -> list[str]:
    """What makes the page wider than the screen, empty when nothing does."""
    width = page.viewport_size["width"]
    real, guilty = page.evaluate(OVERFLOW, width)
    return [f"{real} px wide on a screen of {width}: {guilty}"] if real > width else []


def check(page: Page, name: str) -> None:
    """Assert that the screen has no violation, desktop and phone, light and dark, that it fits,
    and that all of it is within reach of the keyboard.
    """
    usual = page.viewport_size
    problems = []
    for device in (DESKTOP, PHONE):
        page.set_viewport_size(device["viewport"])
        for scheme, rules in (("light", WCAG), ("dark", CONTRAST)):
            page.emulate_media(color_scheme=scheme)
            where = f"{name}, {device['viewport']['width']} px, {scheme}"
            problems += [f"{where}: {one}" for one in violations(page, rules)]
        problems += [f"{name}: {one}" for one in [*overflow(page), *unreached(page)]]
    page.set_viewport_size(NARROW)
    problems += [f"{name}: {one}" for one in overflow(page)]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(usual)
    assert not problems, "\n".join(problems)
