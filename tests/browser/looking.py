"""One look at a page in Chromium: its status, what it complained of, what axe found."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Page

AXE: Final = Path(__file__).parents[2] / "dashboard" / "assets" / "node_modules" / "axe-core" / "axe.min.js"
STANDARDS: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look found; each list is empty where all is well."""

    status: int
    complaints: list[str]
    refused_by_policy: list[str]
    violations: list[str]


def look_at(browser: Browser, address: str) -> Look:
    """Look at a page at desktop width, and judge it by axe."""
    with browser.new_context(viewport={"width": DESKTOP, "height": 900}) as context:
        context.add_init_script(WATCH_POLICY)
        page = context.new_page()
        complaints = collect_complaints(page, address)
        answer = page.goto(address, wait_until="load")
        assert answer is not None
        violations = judge_by_axe(page)
        return Look(
            status=answer.status,
            complaints=complaints,
            refused_by_policy=page.evaluate("window.refusedByPolicy"),
            violations=violations,
        )


def collect_complaints(page: Page, address: str) -> list[str]:
    """Collect errors of the console and of scripts; that the page itself is an error page is none."""
    found: list[str] = []

    def note_message(message: Any) -> None:
        if message.type in ("error", "warning") and message.location["url"] != address:
            found.append(message.text)

    page.on("console", note_message)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def judge_by_axe(page: Page) -> list[str]:
    """Judge a page by axe: each rule that is broken, and where. It is run past the page's own policy."""
    page.evaluate(AXE.read_text())
    return list(page.evaluate(RUN_AXE, list(STANDARDS)))
