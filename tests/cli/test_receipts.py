"""``disruptions audit receipt`` and ``verify``: exit codes, and what is said where they cannot be asked so."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from audit.receipts import write_receipt
from cli.main import app
from tests.audit.conftest import honest, ledger
from tests.audit.receipts_made import LOG, OTHER_LOG, WITNESSES, make_receipts

__all__ = ["honest", "ledger"]

KEY = str(LOG.make_verifier())


def run_command(*arguments: str, state: Path) -> Result:
    """The command's result."""
    return CliRunner().invoke(app, ["audit", *arguments, "--state", str(state)], env={"COLUMNS": "200"})


@pytest.fixture
def receipt(honest: Any, tmp_path: Path) -> Path:
    """A receipt of an event, in a file."""
    file = tmp_path / "event.receipt.json"
    file.write_bytes(write_receipt(make_receipts(honest).event))
    return file


def test_a_valid_receipt_is_exit_0_and_says_what_was_not_checked(receipt: Path, tmp_path: Path) -> None:
    """On a machine that knows nothing but the key."""
    done = run_command("verify", str(receipt), "--key", KEY, state=tmp_path)
    assert done.exit_code == 0, done.output
    assert done.output.startswith("VALID\n")
    assert "not checked: that the log still goes on from this checkpoint" in done.output
    witnesses = [part for one in WITNESSES[:2] for part in ("--witness", str(one.make_verifier()))]
    body = json.loads(run_command("verify", str(receipt), "--key", KEY, *witnesses, "--json", state=tmp_path).stdout)
    assert body["verdict"] == "valid"
    assert any("cosigned" in one for one in body["checked"])


def test_a_receipt_that_is_not_valid_or_was_not_checked_is_exit_1(receipt: Path, honest: Any, tmp_path: Path) -> None:
    """Of another log; altered; without a cosignature that is demanded; a figure that was not added up."""
    other = run_command("verify", str(receipt), "--key", str(OTHER_LOG.make_verifier()), state=tmp_path)
    assert (other.exit_code, "NOT VALID: the receipt is of another ledger" in other.output) == (1, True)
    third = run_command(
        "verify", str(receipt), "--key", KEY, "--witness", str(WITNESSES[2].make_verifier()), state=tmp_path
    )
    assert (third.exit_code, "0 of the 1 witnesses" in third.output) == (1, True)
    receipt.write_bytes(receipt.read_bytes().replace(b"metropolitan", b"Metropolitan").replace(b"us 1", b"us 2"))
    altered = run_command("verify", str(receipt), "--key", KEY, state=tmp_path)
    assert (altered.exit_code, "NOT VALID: the receipt was altered" in altered.output) == (1, True)
    receipt.write_bytes(write_receipt(make_receipts(honest).figure))
    figure = run_command("verify", str(receipt), "--key", KEY, state=tmp_path)
    assert (figure.exit_code, figure.output.startswith("NOT CHECKED")) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("verify", "RECEIPT"), "--key: name the log's verifier key"),
        (("verify", "RECEIPT", "--key", "x"), "--key: this is not a verifier key"),
        (("verify", "RECEIPT", "--key", KEY.replace("example", "exbmple")), "does not have the key id that it says"),
        (("verify", "gone.receipt.json", "--key", KEY), "No such file or directory; name a receipt"),
        (("verify", "RECEIPT", "--key", KEY, "--quorum", "1"), "1 cosignatures are demanded of 0 witnesses"),
        (("receipt",), "say --event ID, --figure-id ID or --figure, one of them"),
        (("receipt", "--event", "x", "--figure"), "say --event ID, --figure-id ID or --figure, one of them"),
        (("receipt", "--event", "x", "--by", "org"), "--event and --figure-id go with --out and --state alone"),
        (("receipt", "--figure"), "--from is missing"),
        (("receipt", "--figure", "--threats", "--to", "2022-01-01"), "--to does not go with --threats"),
        (("receipt", "--event", "x", "--out", "x.json"), "a receipt's name ends with .receipt.json"),
        (("receipt", "--event", "x", "--out", "RECEIPT"), "is there already; name a new file"),
    ],
)
def test_what_cannot_be_asked_so_is_misuse(arguments: tuple[str, ...], said: str, receipt: Path) -> None:
    """Exit 2, with the place and the remedy."""
    given = [str(receipt) if one == "RECEIPT" else one for one in arguments]
    done = run_command(*given, state=receipt.parent)
    assert done.exit_code == 2, done.output
    assert said in done.output
