"""Signs of weak recording that inspectors look for, as questions to ask and never as findings (rules S1 to S9). Pure.

Each is judged of one recorder's lead disruptions of a period. Bounds are data with the days from which they hold; they
touch no count, and no sign ranks anybody.
"""

from collections.abc import Callable, Iterable
from enum import StrEnum
from statistics import median
from typing import Final, NamedTuple

from ledger.facts import Day
from ledger.organisations import EVER


class SignalRules(NamedTuple):
    """Bounds of the signs in periods that end on a day or after. Shares are in percent of 100.

    Attributes:
        fewest: of so few disruptions no share is judged.
        pursue_above_peers: by how much more pursue than the median of the peers.
        jump: a change from the year before, up or down.
        shift: how far a share of the recording moved with it.
        delay_times: by which factor the median entry delay moved with it; ``delay_days`` at least.
        fewest_threats: of so few threats none need be a vulnerability.
        late_days: entered so long after the event is late.
        late: a share of late ones.
        waiting: a share that awaits a threat.
        unfit: a share against threats that were closed or not moderated.
        second_pillar: a share that stands as a second pillar.
    """

    since: Day
    fewest: int
    pursue_above_peers: int
    jump: int
    shift: int
    delay_times: int
    delay_days: int
    fewest_threats: int
    late_days: int
    late: int
    waiting: int
    unfit: int
    second_pillar: int


SIGNAL_RULES: Final = (
    SignalRules(
        EVER,
        fewest=30,
        pursue_above_peers=15,
        jump=50,
        shift=25,
        delay_times=2,
        delay_days=7,
        fewest_threats=10,
        late_days=30,
        late=20,
        waiting=5,
        unfit=10,
        second_pillar=5,
    ),
)


class SignalKind(StrEnum):
    """The signs, in the order in which they are shown."""

    PURSUE_ABOVE_PEERS = "PURSUE_ABOVE_PEERS"
    NO_PREVENT = "NO_PREVENT"
    NO_PROTECT = "NO_PROTECT"
    JUMP_WITH_RECORDING = "JUMP_WITH_RECORDING"
    NO_VULNERABILITIES = "NO_VULNERABILITIES"
    LATE_ENTRY = "LATE_ENTRY"
    AWAITING_THREAT = "AWAITING_THREAT"
    UNFIT_THREATS = "UNFIT_THREATS"
    SUPPORT_BY_FORCE = "SUPPORT_BY_FORCE"
    SECOND_PILLARS = "SECOND_PILLARS"


class MovedRecording(StrEnum):
    """What of the recording moved together with a jump."""

    KINDS = "KINDS"
    ACTIVITIES = "ACTIVITIES"
    DELAY = "DELAY"


class Recording(NamedTuple):
    """How a recorder's lead disruptions of a period are recorded.

    Attributes:
        recorded: all that stand, in whatever standing.
        counted: of them those in the figure; the pillars are theirs.
        kinds: of those recorded, how many by each kind of threat.
        active: of those recorded, how many name an activity; needed of a jump alone, as the median delay is.
        measured: of those recorded, of how many the first entry is known; ``late`` of them were late.
        delay_days: their median entry delay.
        closed: of them, against threats that were closed when they were entered.
        unmoderated: against threats that were open and not moderated then.
        threats: active threats owned at the end of the period (rule 8), ``vulnerabilities`` among them.
        support_refused: support that was refused because a force records none.
    """

    recorded: int = 0
    counted: int = 0
    pursue: int = 0
    prevent: int = 0
    protect: int = 0
    awaiting: int = 0
    second_pillar: int = 0
    kinds: tuple[int, ...] = ()
    active: int = 0
    measured: int = 0
    late: int = 0
    delay_days: float = 0.0
    closed: int = 0
    unmoderated: int = 0
    threats: int = 0
    vulnerabilities: int = 0
    support_refused: int = 0


class Sign(NamedTuple):
    """A sign that a recorder shows: ``n`` of ``out_of`` records.

    Attributes:
        beside: what it is held against: the peers' median share, or the count of the year before; None: nothing.
        moved: what of the recording moved with a jump.
    """

    kind: SignalKind
    n: int
    out_of: int
    beside: float | None = None
    moved: tuple[MovedRecording, ...] = ()


def find_signal_rules(end: Day) -> SignalRules:
    """Find the bounds for a period that ends on a day; before 1970 the first ones."""
    return next((one for one in reversed(SIGNAL_RULES) if one.since <= end), SIGNAL_RULES[0])


def find_signs(now: Recording, before: Recording, peers: Iterable[Recording], rules: SignalRules) -> list[Sign]:
    """Find the signs that a recorder shows, in their order.

    Args:
        now: of the period.
        before: of the same period a year before.
        peers: recorders of the same kind in the period, itself among them or not.
        rules: the bounds.
    """
    found = [judge(now, rules) for judge in _ALONE]
    found += [_judge_pursue(now, peers, rules), _judge_jump(now, before, rules)]
    order = list(SignalKind)
    return sorted((one for one in found if one is not None), key=lambda one: order.index(one.kind))


def _judge_pursue(now: Recording, peers: Iterable[Recording], rules: SignalRules) -> Sign | None:
    shares = [100 * one.pursue / one.counted for one in peers if one.counted >= rules.fewest]
    if now.counted < rules.fewest or not shares:
        return None
    usual = median(shares)
    if 100 * now.pursue / now.counted < usual + rules.pursue_above_peers:
        return None
    return Sign(SignalKind.PURSUE_ABOVE_PEERS, now.pursue, now.counted, usual)


def _judge_jump(now: Recording, before: Recording, rules: SignalRules) -> Sign | None:
    """Judge a change that something of the recording moved with: together, which is no proof of why."""
    if not has_jumped(now, before, rules):
        return None
    moved = tuple(one for one, has_moved in _MOVES.items() if has_moved(now, before, rules))
    return Sign(SignalKind.JUMP_WITH_RECORDING, now.recorded, now.recorded, before.recorded, moved) if moved else None


def has_jumped(now: Recording, before: Recording, rules: SignalRules) -> bool:
    """Tell whether a count changed so much that it is asked what moved with it: ``active`` and ``delay_days`` too."""
    enough = min(now.recorded, before.recorded) >= rules.fewest
    return enough and abs(now.recorded - before.recorded) * 100 >= rules.jump * before.recorded


def _have_kinds_moved(now: Recording, before: Recording, rules: SignalRules) -> bool:
    """Tell by how many of a hundred disruptions the kinds of the two periods differ: half the sum of differences."""
    pairs = zip(now.kinds, before.kinds, strict=True)
    apart = sum(abs(100 * this / now.recorded - 100 * that / before.recorded) for this, that in pairs)
    return apart / 2 >= rules.shift


def _have_activities_moved(now: Recording, before: Recording, rules: SignalRules) -> bool:
    return abs(100 * now.active / now.recorded - 100 * before.active / before.recorded) >= rules.shift


def _has_delay_moved(now: Recording, before: Recording, rules: SignalRules) -> bool:
    less, more = sorted((now.delay_days, before.delay_days))
    return more - less >= rules.delay_days and more >= rules.delay_times * less


def _judge_prevent(now: Recording, rules: SignalRules) -> Sign | None:
    silent = now.counted >= rules.fewest and not now.prevent
    return Sign(SignalKind.NO_PREVENT, 0, now.counted) if silent else None


def _judge_protect(now: Recording, rules: SignalRules) -> Sign | None:
    silent = now.counted >= rules.fewest and not now.protect
    return Sign(SignalKind.NO_PROTECT, 0, now.counted) if silent else None


def _judge_vulnerabilities(now: Recording, rules: SignalRules) -> Sign | None:
    silent = now.threats >= rules.fewest_threats and not now.vulnerabilities
    return Sign(SignalKind.NO_VULNERABILITIES, 0, now.threats) if silent else None


def _judge_support(now: Recording, rules: SignalRules) -> Sign | None:  # noqa: ARG001  (as every judge: one is enough)
    return Sign(SignalKind.SUPPORT_BY_FORCE, now.support_refused, now.support_refused) if now.support_refused else None


def _judge_late(now: Recording, rules: SignalRules) -> Sign | None:
    return _judge_share(SignalKind.LATE_ENTRY, now.late, now.measured, rules.late, rules)


def _judge_waiting(now: Recording, rules: SignalRules) -> Sign | None:
    return _judge_share(SignalKind.AWAITING_THREAT, now.awaiting, now.recorded, rules.waiting, rules)


def _judge_unfit(now: Recording, rules: SignalRules) -> Sign | None:
    unfit = now.closed + now.unmoderated
    return _judge_share(SignalKind.UNFIT_THREATS, unfit, now.measured, rules.unfit, rules)


def _judge_pillars(now: Recording, rules: SignalRules) -> Sign | None:
    return _judge_share(SignalKind.SECOND_PILLARS, now.second_pillar, now.recorded, rules.second_pillar, rules)


def _judge_share(kind: SignalKind, n: int, out_of: int, bound: int, rules: SignalRules) -> Sign | None:
    return Sign(kind, n, out_of) if out_of >= rules.fewest and 100 * n >= bound * out_of else None


_MOVES: Final = {
    MovedRecording.KINDS: _have_kinds_moved,
    MovedRecording.ACTIVITIES: _have_activities_moved,
    MovedRecording.DELAY: _has_delay_moved,
}
_ALONE: Final[tuple[Callable[[Recording, SignalRules], Sign | None], ...]] = (
    _judge_prevent,
    _judge_protect,
    _judge_vulnerabilities,
    _judge_late,
    _judge_waiting,
    _judge_unfit,
    _judge_support,
    _judge_pillars,
)
