"""The alert rules and the dashboard: they hold by promtool, and speak of nothing that is not counted."""

import json

import httpx
import pytest

from infra.metrics import render_metrics
from tests.patience import PATIENT
from tests.prometheus import DASHBOARD, DIRECTORY, METRIC, list_metrics, list_panels, list_rules, run_promtool


@pytest.mark.parametrize(
    "asked",
    [("check", "config", "prometheus.yml"), ("check", "rules", "rules.yml"), ("test", "rules", "rules_test.yml")],
)
def test_promtool_finds_nothing_wrong(asked: tuple[str, str, str]) -> None:
    """The scrape configuration and the rules are ones; every rule fires when it should, and not before."""
    checked = run_promtool(*asked[:2], str(DIRECTORY / asked[2]))
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_rule_has_a_test_of_its_own() -> None:
    """But that of slow questions, which the test of slow events has beside it."""
    tested = (DIRECTORY / "rules_test.yml").read_text()
    names = [line.split()[-1] for line in (DIRECTORY / "rules.yml").read_text().splitlines() if "- alert:" in line]
    assert len(names) == len(list_rules())
    assert [name for name in names if name not in tested] == ["DisruptionsEndToEndSlow", "DisruptionsReadsSlow"][1:]


def test_what_rules_and_dashboard_name_is_counted_and_what_is_counted_is_shown(address: str) -> None:
    """Of a service and, of the same program, a worker; what the machine counts of itself need not all be shown."""
    httpx.get(f"{address}/v1/invariants", **PATIENT)
    counted = list_metrics(httpx.get(f"{address}/metrics", **PATIENT).text) | list_metrics(render_metrics().decode())
    named = {name for text in (*list_rules(), *list_panels()) for name in METRIC.findall(text)}
    assert named - counted == set(), "these are not counted by anybody"
    ours = {name for name in counted if name.startswith("disruptions_") and not name.endswith(("_sum", "_count"))}
    assert ours - named == set(), "show these on the dashboard, or count them no more"


def test_no_two_panels_lie_on_each_other() -> None:
    """Each cell of the grid belongs to one panel, and each panel has its number for itself."""
    panels = json.loads(DASHBOARD.read_text())["panels"]
    places = [one["gridPos"] for one in panels]
    cells = [
        (x, y) for at in places for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    assert len({one["id"] for one in panels}) == len(panels)
