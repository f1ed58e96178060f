"""The report of a bundle in a real Chromium: axe finds nothing, and a phone scrolls it one way."""

from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.looking import DESKTOP, FIND_WIDE, PHONE, collect_complaints, judge_by_axe
from tests.services import bundled


def test_a_report_is_read_by_everybody(browser: Browser, tmp_path: Path) -> None:
    """It is opened as a file; its policy allows no script, so axe is let in behind it."""
    ledger = bundled.make_sealed()
    bundled.write_bundle(tmp_path / "bundle", ledger.make_source(ledger.seal_at(*bundled.CUTS)))
    address = (tmp_path / "bundle/report.html").as_uri()
    with browser.new_context(bypass_csp=True, viewport={"width": DESKTOP, "height": 900}) as context:
        page = context.new_page()
        complaints = collect_complaints(page, address)
        page.goto(address, wait_until="load")
        assert judge_by_axe(page) == []
        page.set_viewport_size({"width": PHONE, "height": 640})
        assert page.evaluate(FIND_WIDE) == []
        assert complaints == []
