"""Schedules of faults are data: the seed says all of it, every kind comes, and what lasts outlasts a session."""

from tests.chaos.schedule import (
    AT_ONCE,
    NETWORK,
    PROCESS,
    SESSION_SECONDS,
    SILENCE_SECONDS,
    Fault,
    FaultKind,
    list_steps,
    make_schedule,
)

PARTS, BROKERS = ("service", "worker-1", "worker-2"), ("broker-1", "broker-2", "broker-3")


def make_one(seed: int, seconds: float = 60.0) -> list[Fault]:
    return make_schedule(seed, seconds, PARTS, BROKERS, set(FaultKind))


def test_the_seed_says_all_of_it() -> None:
    """The same seed, the same storm; another seed, another."""
    assert make_one(1) == make_one(1)
    assert make_one(1) != make_one(2)


def test_every_kind_comes_before_any_comes_again_and_within_the_time() -> None:
    """Of nine kinds the first nine faults are all; all begin within the time and that of full disks, in order."""
    for seed in range(50):
        faults = make_one(seed)
        assert {one.kind for one in faults[:9]} == set(FaultKind)
        assert faults[8].kind == FaultKind.FILL
        moments = [one.at for one in faults]
        assert moments == sorted(moments)
        assert moments[0] >= 0
        full = [one for one in faults if one.kind == FaultKind.FILL]
        assert moments[-1] < 60.0 + sum(one.seconds for one in full)
        for disk in full:
            assert not [one for one in faults if disk.at < one.at < disk.at + disk.seconds]


def test_everything_is_struck_in_a_long_storm() -> None:
    """Processes of the ledger by all that strikes processes and the network, brokers by what strikes processes."""
    struck = {(one.kind, one.target) for one in make_one(3, seconds=120.0)}
    assert {(kind, part) for kind in (*PROCESS, *NETWORK) for part in PARTS} <= struck
    assert {(kind, broker) for kind in PROCESS for broker in BROKERS} <= struck
    assert (FaultKind.FILL, "disk") in struck


def test_what_halts_or_stalls_outlasts_a_session() -> None:
    """Or nobody would take over from a worker that comes back; and is no hang, which its supervisor ends."""
    for one in make_one(4, seconds=300.0):
        if one.kind in (FaultKind.HALT, FaultKind.STALL):
            assert one.seconds > SESSION_SECONDS
            assert one.seconds < SILENCE_SECONDS
        assert (one.seconds == 0) == (one.kind in AT_ONCE)


def test_each_fault_begins_and_what_lasts_ends_later() -> None:
    """By hand: a kill, and a halt that outlasts it."""
    halt, kill = Fault(1.0, FaultKind.HALT, "worker-1", 3.0), Fault(2.0, FaultKind.KILL, "service")
    assert [(one.at, one.begins, one.fault) for one in list_steps([halt, kill])] == [
        (1.0, True, halt),
        (2.0, True, kill),
        (4.0, False, halt),
    ]
