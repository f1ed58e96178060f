"""A process whose standard error is on a full disk ends all the same, by its own exit code and not by Python's."""

import subprocess
import sys
from pathlib import Path

ENDING_WORKER = """
import sys
from pathlib import Path
from infra.logs import configure_log
from infra.settings import load_settings
from streams.worker import end_process
configure_log(load_settings(Path(sys.argv[1])))
end_process("it took too long")
"""
MISUSED_PROGRAM = """
import sys
from pathlib import Path
from ledger.errors import Misuse
from services.program import run_program

def refuse(settings):
    raise Misuse("a directory that is not there")

sys.exit(run_program("part", Path(sys.argv[1]), refuse))
"""


def end_with_full_disk(program: str, state: Path) -> int:
    """Return the exit code of a program, nothing of whose error output can be written."""
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        command = [sys.executable, "-c", program, str(state)]
        return subprocess.run(command, stderr=full, check=False, timeout=60).returncode


def test_a_program_that_cannot_say_why_it_ends_has_the_exit_code_that_says_it(tmp_path: Path) -> None:
    """Python would end with 120, which says nothing."""
    assert end_with_full_disk(MISUSED_PROGRAM, tmp_path) == 2


def test_a_worker_that_has_to_end_ends_where_it_cannot_say_so(tmp_path: Path) -> None:
    """Otherwise it would go on with partitions that are no longer its own."""
    assert end_with_full_disk(ENDING_WORKER, tmp_path) == 75
