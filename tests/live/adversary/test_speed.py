"""Slow is a fault too: whoever sends an activity in an unkind order waits no longer than others do."""

import time

from tests.live.adversary.running import RunningLedger
from tests.live.cli_events import make_disruption, make_threat, write_ndjson

MEMBERS = 1_000
SECONDS = 60.0  # 400 of them took 81 s of the worker alone, and the time grew with the square and more


def test_a_thousand_disruptions_of_one_activity_newest_first_are_counted_at_once(ledger: RunningLedger) -> None:
    """Entered a second apart and heard from the last to the first, so that each is the new first of its activity. Ten
    in a thousand have another pillar: each of these, and each that follows one, moves all that were heard before it.

    The first entered is PURSUE: in the end 990 are counted, and the ten of PREVENT are a second pillar.
    """
    events = [
        make_disruption(
            1_000 + n,
            f"R-{n:04d}",
            "2022-06-14",
            "2022-06-15",
            entered_at=f"2022-06-15T09:{n // 60:02d}:{n % 60:02d}Z",
            threat_id="T-speed",
            activity_ref="A-1",
            pillar="PREVENT" if n % 100 == 50 else "PURSUE",
        )
        for n in reversed(range(MEMBERS))
    ]
    began = time.monotonic()
    sent = ledger.run_command("publish", "-", stdin=write_ndjson([make_threat(1, "T-speed", "metropolitan"), *events]))
    assert (sent.returncode, sent.stderr) == (0, "")
    assert ledger.run_command("wait", "--timeout", str(int(SECONDS))).returncode == 0
    assert time.monotonic() - began < SECONDS
    assert [row["n"] for row in ledger.ask_json("counts")["rows"]] == [990]
    year = ("--from", "2022-01-01", "--to", "2022-12-31")
    found = ledger.ask_json("extract", *year, "--standing", "all", "--by", "pillar,standing")["rows"]
    assert {(row["pillar"], row["standing"]): row["n"] for row in found} == {
        ("PURSUE", "COUNTED"): 990,
        ("PREVENT", "SECOND_PILLAR"): 10,
    }
