"""``disruptions audit seal`` and ``rotate-key``: the sealer where no ``up`` runs, and its key changed."""

import threading

from infra.exhaustion import watch_exhaustion
from infra.logs import configure_log
from infra.settings import load_settings
from infra.status import take_part
from ledger.errors import Misuse
from seals.keys import locate_key, locate_next, make_secret, read_secret_key
from services.program import set_on_signal
from services.sealer import NAME, keep_sealing
from terminal.options import DEFAULT_STATE, State
from terminal.tables import open_console


def run_sealer(state: State = DEFAULT_STATE) -> None:
    """Seal every output and published figure, until it is stopped: what `up` starts as its sealer.

    For a ledger whose parts run in many places. One sealer at a time seals a
    ledger; one that is started elsewhere takes over.

    \b
    Example: disruptions audit seal
             disruptions audit seal --state /srv/sealer
    """
    settings = load_settings(state)
    configure_log(settings)
    with take_part(settings.state, NAME):
        watch_exhaustion()
        stop = threading.Event()
        set_on_signal(stop)
        keep_sealing(settings, stop)


def rotate_key(state: State = DEFAULT_STATE) -> None:
    """Make the key by which the log is signed from its next checkpoint on.

    The next checkpoint announces it and is signed by both keys, so that
    whoever knows the old key follows. Run it where the sealer's key is; the
    sealer takes the new one by itself.

    \b
    Example: disruptions audit rotate-key
    """
    settings = load_settings(state)
    key = read_secret_key(locate_key(settings))
    if key is None:
        raise Misuse(f"{locate_key(settings)} is missing: the log has its first key when something is sealed")
    following = make_secret(locate_next(settings), key.name)
    console = open_console()
    console.print(f"The next checkpoint announces {following.make_verifier()}", soft_wrap=True)
    console.print("Tell whoever keeps the old verifier key by hand; everybody else follows by himself.")
