"""One look at a page in Chromium: its status, what it complained of, what axe found, how wide it is on a phone."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, Page

AXE: Final = Path(__file__).parents[2] / "dashboard" / "assets" / "node_modules" / "axe-core" / "axe.min.js"
STANDARDS: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
PHONE: Final = 320  # CSS pixels: also a desktop of 1,280 at 400%
DESKTOP: Final = 1280
WATCH_POLICY: Final = """
window.refusedByPolicy = [];
document.addEventListener("securitypolicyviolation", (found) =>
  window.refusedByPolicy.push(`${found.violatedDirective} ${found.blockedURI}`));
"""
RUN_AXE: Final = """async (standards) => {
  const found = await axe.run(document, {runOnly: standards, resultTypes: ["violations"]});
  return found.violations.map((one) => `${one.id}: ${one.help}: ${one.nodes.map((node) => node.html).slice(0, 3)}`);
}"""
FIND_WIDE: Final = """() => {
  const named = '[role="region"][tabindex="0"]:is([aria-label], [aria-labelledby])';
  const page = document.documentElement;
  const scrolling = [...document.body.querySelectorAll("*")].filter((one) => one.scrollWidth > one.clientWidth + 1
    && ["auto", "scroll"].includes(getComputedStyle(one).overflowX) && !one.matches(named));
  const beyond = [...document.body.querySelectorAll("*")].filter((one) => page.scrollWidth > page.clientWidth
    && one.getBoundingClientRect().right > page.clientWidth + 1);
  beyond.sort((one, other) => !!one.closest(named) - !!other.closest(named));  // those that no region holds first
  return scrolling.concat(beyond.slice(0, 3)).map((one) => one.outerHTML.slice(0, 200));
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look found; each list is empty where all is well."""

    status: int
    complaints: list[str]
    refused_by_policy: list[str]
    violations: list[str]
    too_wide: list[str]


def open_context(browser: Browser) -> BrowserContext:
    """Open a context for looks: one, since assets are then fetched once."""
    context = browser.new_context(viewport={"width": DESKTOP, "height": 900})
    context.add_init_script(WATCH_POLICY)
    return context


def look_at(context: BrowserContext, address: str) -> Look:
    """Look at a page at desktop width, judge it by axe, then narrow it to a phone."""
    with context.new_page() as page:
        complaints = collect_complaints(page, address)
        answer = page.goto(address, wait_until="load")
        assert answer is not None
        violations = judge_by_axe(page)
        page.set_viewport_size({"width": PHONE, "height": 640})
        return Look(
            status=answer.status,
            complaints=complaints,
            refused_by_policy=page.evaluate("window.refusedByPolicy"),
            violations=violations,
            too_wide=page.evaluate(FIND_WIDE),
        )


def collect_complaints(page: Page, address: str) -> list[str]:
    """Collect errors of the console and of scripts; that the page itself is an error page is none."""
    found: list[str] = []

    def note_message(message: Any) -> None:
        if message.type in ("error", "warning") and message.location["url"] != address:
            found.append(f"{message.text} ({message.location['url']})")

    page.on("console", note_message)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def judge_by_axe(page: Page) -> list[str]:
    """Judge a page by axe: each rule that is broken, and where. It is run past the page's own policy."""
    page.evaluate(AXE.read_text())
    return list(page.evaluate(RUN_AXE, list(STANDARDS)))
