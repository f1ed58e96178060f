"""From which bundles a restore begins, and that it begins once: before anything is written."""

from pathlib import Path

import pytest

from cli.audit_restore import LOCK, hold_source, restore_audit
from infra.file_replacement import replace_file
from infra.locks import DirectoryLock
from infra.settings import Settings
from ledger.errors import Misuse
from seals.keys import VERIFIERS_NAME, locate_seals
from tests.services import bundled


def know_log(settings: Settings, *names: str) -> None:
    """Let the state directory know a log by these verifier keys."""
    replace_file(locate_seals(settings) / VERIFIERS_NAME, "".join(f"{one}\n" for one in names).encode())


def test_a_bundle_of_another_log_than_the_one_known_here_is_not_restored(made: Path, tmp_path: Path) -> None:
    """It is valid by its own key, which says nothing of whose it is; where no log is known, that is all there is."""
    settings = Settings(state=tmp_path / "state")
    hold_source(settings, made)
    know_log(settings, *map(str, bundled.read_keys(bundled.STRANGER_KEY)))
    with pytest.raises(Misuse, match="is not the one that you gave with --key; the keys known here are those in"):
        hold_source(settings, made)
    know_log(settings, *map(str, bundled.read_keys(bundled.STRANGER_KEY, bundled.LOG_KEY)))
    hold_source(settings, made)


def test_a_bundle_may_lie_under_any_name(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that begins like an option is a directory all the same."""
    (tmp_path / "-x").symlink_to(made)
    monkeypatch.chdir(tmp_path)
    hold_source(Settings(state=tmp_path / "state"), Path("-x"))


def test_a_second_restore_of_a_state_directory_is_refused(made: Path, tmp_path: Path) -> None:
    """Each would empty what the other writes."""
    with DirectoryLock(tmp_path / LOCK, str), pytest.raises(Misuse, match="another restore is at work in"):
        restore_audit(bundle=made, as_json=True, state=tmp_path)
