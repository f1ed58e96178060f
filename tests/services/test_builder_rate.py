"""The rate of a builder, before anything is opened."""

import pytest

from services.builder import main


@pytest.mark.parametrize("rate", ["-1", "1.5", "fast", "10000001", "9" * 5_000])
def test_a_rate_that_is_none_is_exit_2_with_what_to_give(rate: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The value is not repeated."""
    with pytest.raises(SystemExit) as ended:
        main(["--state", "nowhere", f"--rate={rate}"])
    said = capsys.readouterr().err
    assert (ended.value.code, "give a whole number from 0 to 10,000,000" in said) == (2, True)
    assert rate not in said.replace("10,000,000", "")
