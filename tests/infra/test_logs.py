"""Log lines as JSON and for people."""

import json
from pathlib import Path

from infra import logs
from infra.settings import Settings


def test_a_files_lines_are_json_with_an_instant_and_a_level(tmp_path: Path) -> None:
    log = logs.open_log_file(tmp_path / "logs" / "up.log", Settings())
    log.info("ready", part="broker", seconds=1.8)
    log.debug("not asked for")
    [line] = (tmp_path / "logs" / "up.log").read_text().splitlines()
    said = json.loads(line)
    assert said.pop("timestamp").endswith("Z")
    assert said == {"event": "ready", "part": "broker", "seconds": 1.8, "level": "info"}
