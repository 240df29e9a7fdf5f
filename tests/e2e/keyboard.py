"""Whether all that a screen lets one do can be reached with the Tab key, and shows it then."""

import re
from functools import cache

from django.conf import settings
from playwright.sync_api import Page

SCRIPTS = settings.BASE_DIR / "ronde/core/assets/js"
CLICKED = re.compile(r'on\("click", "([^"]+)"')
# A ring around the control, or around what stands for it on the screen.
RING = """element =>
    [element, element.nextElementSibling, element.closest("label"), element.parentElement].some(
    one => one && getComputedStyle(one).outlineStyle !== "none")"""
# What acts: controls, what our scripts listen to, and what htmx sends at a click. An option is
# chosen from its text box, with the arrows.
UNREACHED = """hooks => {
    const controls = "a[href], button, input:not([type=hidden]), select, textarea, summary"
    const acting = [controls, hooks, "[role=button], [role=link], [role=switch], [role=tab]",
        ":is([hx-get], [hx-post]):not([hx-trigger], form)"].join()
    const aside = "[inert], [aria-hidden=true], [role=listbox]"
    const host = [...document.querySelectorAll("dialog:modal")].at(-1) ?? document.body
    const here = document.activeElement
    const seen = RING
    const fault = (one) => {
        if (one.tabIndex > 0) return "takes its turn before what comes first"
        if (one.tabIndex < 0) return one.querySelector(controls) ? "" : "out of the way of Tab"
        one.focus({preventScroll: true})
        if (document.activeElement !== one) return "refuses the focus"
        return seen(one) ? "" : "does not show that it has the focus"
    }
    // From the end: a group of radios gives the focus back to the one that had it last.
    const found = [...host.querySelectorAll(acting)]
        .filter((one) => one.checkVisibility({visibilityProperty: true}))
        .filter((one) => !one.matches(":disabled") && !one.closest(aside))
        .reverse()
        .map((one) => [fault(one), one.outerHTML.slice(0, 160)])
        .filter(([why]) => why)
    if (here !== document.body) here.focus({preventScroll: true})
    else {  // Tab starts from the top again.
        const top = Object.assign(document.createElement("i"), {tabIndex: -1})
        document.body.prepend(top)
        top.focus({preventScroll: true})
        top.remove()
    }
    return found.reverse().map((parts) => parts.join(": "))
}""".replace("RING", RING)


@cache
def _hooks() -> str:
    """What the scripts of the pages listen to for a click."""
    sources = [path.read_text(encoding="utf-8") for path in sorted(SCRIPTS.glob("*.js"))]
    return ", ".join(one for source in sources for one in CLICKED.findall(source))


def unreached(page: Page) -> list[str]:
    """What a person without a mouse could not use, empty when there is no such thing."""
    page.keyboard.press("Shift")  # From then on the browser shows where the focus is.
    return page.evaluate(UNREACHED, _hooks())
