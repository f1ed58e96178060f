"""``disruptions audit witness``: cosign the log's checkpoints, as an organisation that did not write them."""

import threading
from pathlib import Path
from typing import Annotated

import typer

from cli.audit_seals import Key
from infra.exhaustion import watch_exhaustion
from infra.file_replacement import replace_file
from infra.locks import DirectoryLock
from infra.logs import configure_log
from infra.settings import Settings, load_settings
from infra.status import take_part
from ledger.errors import Misuse
from local.process_list import WITNESS, name_apart
from proofs.keys import VerifierKey, parse_verifier
from seals.directory import SealDirectory, open_files
from seals.keys import locate_seals
from seals.ledger_log import find_verifiers
from seals.witness import Witness
from services.program import set_on_signal
from services.witnessing import DirectoryWitness, TopicWitness, keep_witnessing
from terminal.exit_codes import NOT_FINE
from terminal.options import DEFAULT_STATE, State
from terminal.tables import open_console

LOG_KEYS = "log-keys"


def witness_log(
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="The witness, such as kent.example/witness.")],
    directory: Annotated[
        Path, typer.Option("--dir", metavar="DIR", help="The witness's own directory: its key, and what it saw last.")
    ],
    key: Key = None,
    log: Annotated[
        str | None,
        typer.Option("--log", metavar="PLACE", help="A log's files instead of the topic: a directory, or http."),
    ] = None,
    tiles: Annotated[
        str | None, typer.Option("--tiles", metavar="PLACE", help="The log's files, beside the topic's checkpoints.")
    ] = None,
    every: Annotated[
        float, typer.Option("--every", min=0.1, metavar="S", help="Seconds from one look to the next.")
    ] = 10.0,
    once: Annotated[bool, typer.Option("--once", help="Look once and end: exit 1 when something is refused.")] = False,
    state: State = DEFAULT_STATE,
) -> None:
    """Cosign each checkpoint that goes on from the last one seen.

    Reads soc.checkpoints and publishes its cosignatures there. With --log no
    broker is needed; the cosigned checkpoint is then the file "last" in its
    directory. A log that shows another history is refused, and named.

    \b
    Example: disruptions audit witness --name kent.example/witness --dir kent
             disruptions audit witness --name kent.example/witness --dir kent \\
                 --log https://seals.example/soc --key VKEY --once
    """
    if log and tiles:
        raise Misuse("--tiles goes with the topic, --log has its own: name one of the two")
    settings = load_settings(state)
    configure_log(settings)
    with DirectoryLock(directory / ".lock", lambda holder: f"{directory} is another witness's at work ({holder})"):
        witness = Witness(directory, name)
        open_console(error=True).print(f"witness {witness.verifier}", soft_wrap=True)
        keys = _find_keys(settings, directory, key, log)
        looking: TopicWitness | DirectoryWitness
        if log:
            looking = DirectoryWitness(witness, keys, open_files(log))
        else:
            files = open_files(tiles) if tiles else SealDirectory(locate_seals(settings))
            looking = TopicWitness(settings, witness, keys, files)
        if not (looking.look_again() if once else _look_until_stopped(settings, name, looking, every)):
            raise typer.Exit(NOT_FINE)


def _look_until_stopped(settings: Settings, name: str, looking: TopicWitness | DirectoryWitness, every: float) -> bool:
    """Look until it is told to stop; meanwhile the witness is a part that health shows."""
    stop = threading.Event()
    set_on_signal(stop)
    watch_exhaustion()
    with take_part(settings.state, name_apart(WITNESS, name)):
        return keep_witnessing(looking, stop, every)


def _find_keys(settings: Settings, directory: Path, given: list[str] | None, log: str | None) -> list[VerifierKey]:
    """Find the log's verifier keys: those that are named, those of last time, or, beside the log, its own."""
    kept = directory / LOG_KEYS
    if given:
        keys = [parse_verifier(one) for one in given]
    elif kept.exists():
        keys = [parse_verifier(line) for line in kept.read_text().splitlines()]
    elif log is None:
        keys = find_verifiers(locate_seals(settings))
    else:
        raise Misuse("--key is missing: name the log's verifier key, as its keeper gave it to you")
    replace_file(kept, "".join(f"{key}\n" for key in keys).encode())
    return keys
