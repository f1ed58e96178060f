"""Signs of weak recording, each shown by one change to a recorder that shows none: rules S1 to S9."""

from typing import Any

import pytest

from methodology.signals import (
    SIGNAL_RULES,
    MovedRecording,
    Recording,
    SignalKind,
    find_signal_rules,
    find_signs,
)

RULES = SIGNAL_RULES[0]
QUIET = Recording(
    recorded=100, counted=80, pursue=64, prevent=8, protect=4, awaiting=4, second_pillar=4, kinds=(90, 4, 2, 4),
    active=40, measured=100, late=19, delay_days=3.0, closed=5, unmoderated=4, threats=12, vulnerabilities=1,
)  # fmt: skip
PEERS = [QUIET, QUIET._replace(pursue=48), QUIET._replace(pursue=56)]  # 80, 60 and 70 in a hundred: median 70


def find_changed(before: Recording = QUIET, peers: list[Recording] = PEERS, **changed: Any):
    """The signs of the quiet recorder, changed."""
    return find_signs(QUIET._replace(**changed), before, peers, RULES)


def list_kinds(**changed: Any) -> list[str]:
    """Their kinds."""
    return [one.kind for one in find_changed(**changed)]


def test_a_recorder_may_show_no_sign():
    """And one that recorded nothing shows none."""
    assert find_changed() == []
    assert find_signs(Recording(), Recording(), [], RULES) == []


def test_pursue_is_held_against_the_median_of_its_peers():
    """68 of 80 are 85 in a hundred: 15 above the median. Of 29 disruptions, or without peers, nothing is said."""
    (sign,) = find_changed(pursue=68)
    assert (sign.kind, sign.n, sign.out_of, sign.beside) == (SignalKind.PURSUE_ABOVE_PEERS, 68, 80, 70.0)
    assert find_changed(pursue=67) == []
    assert find_changed(pursue=29, counted=29) == []
    assert find_changed(pursue=80, peers=[QUIET._replace(counted=29)]) == []


def test_a_pillar_that_is_never_recorded_is_a_sign():
    """Of 30, not of 29."""
    assert [(one.kind, one.n, one.out_of) for one in find_changed(prevent=0)] == [(SignalKind.NO_PREVENT, 0, 80)]
    assert list_kinds(protect=0, counted=30, pursue=20) == [SignalKind.NO_PROTECT]
    assert list_kinds(protect=0, prevent=0, counted=29, pursue=20) == []


@pytest.mark.parametrize(
    ("changed", "moved"),
    [
        ({"kinds": (50, 40, 2, 58)}, (MovedRecording.KINDS,)),
        ({"active": 22}, (MovedRecording.ACTIVITIES,)),
        ({"delay_days": 10.0}, (MovedRecording.DELAY,)),
        ({"active": 150, "delay_days": 10.0}, (MovedRecording.ACTIVITIES, MovedRecording.DELAY)),
        ({"delay_days": 9.9}, None),
        ({}, None),
    ],
)
def test_a_jump_is_a_sign_where_the_recording_moved_with_it(
    changed: dict[str, Any], moved: tuple[MovedRecording, ...] | None
):
    """150 after 100, of the same make in a hundred (135 OCGs, 60 with an activity) but for what is changed."""
    counts = {"recorded": 150, "measured": 150, "active": 60, "awaiting": 6, "second_pillar": 6}
    alike: dict[str, Any] = counts | {"kinds": (135, 6, 3, 6)}
    found = [one for one in find_changed(**alike | changed) if one.kind == SignalKind.JUMP_WITH_RECORDING]
    assert [(one.n, one.beside, one.moved) for one in found] == ([(150, 100, moved)] if moved else [])


def test_a_change_that_is_no_jump_or_of_few_is_none():
    """149 after 100; 45 after 29; and a fall is a jump too: 50 after 100."""
    many = {"recorded": 149, "measured": 149, "delay_days": 30.0, "kinds": (149, 0, 0, 0)}
    assert SignalKind.JUMP_WITH_RECORDING not in list_kinds(**many)
    few = QUIET._replace(recorded=29)
    assert SignalKind.JUMP_WITH_RECORDING not in list_kinds(before=few, recorded=45, delay_days=30.0)
    fall = {"recorded": 50, "measured": 50, "late": 0, "closed": 0, "awaiting": 0, "second_pillar": 0}
    assert list_kinds(**fall, delay_days=30.0) == [SignalKind.JUMP_WITH_RECORDING]


def test_threats_without_a_vulnerability_are_a_sign():
    """Of ten, not of nine."""
    assert list_kinds(vulnerabilities=0, threats=10) == [SignalKind.NO_VULNERABILITIES]
    assert list_kinds(vulnerabilities=0, threats=9) == []


@pytest.mark.parametrize(
    ("kind", "changed", "n"),
    [
        (SignalKind.LATE_ENTRY, {"late": 20}, 20),
        (SignalKind.AWAITING_THREAT, {"awaiting": 5}, 5),
        (SignalKind.UNFIT_THREATS, {"closed": 6}, 10),
        (SignalKind.UNFIT_THREATS, {"unmoderated": 5}, 10),
        (SignalKind.SECOND_PILLARS, {"second_pillar": 5}, 5),
    ],
)
def test_shares_are_signs_from_their_bounds_on(kind: SignalKind, changed: dict[str, Any], n: int):
    """The quiet recorder stands one below each bound."""
    (sign,) = find_changed(**changed)
    assert (sign.kind, sign.n, sign.out_of, sign.beside) == (kind, n, 100, None)
    few = QUIET._replace(recorded=29, measured=29, counted=29, pursue=20)
    assert find_signs(few._replace(**changed), few, PEERS, RULES) == []


def test_one_refused_support_is_a_sign():
    """Whatever else is recorded."""
    assert [(one.kind, one.n) for one in find_signs(Recording(support_refused=1), Recording(), [], RULES)] == [
        (SignalKind.SUPPORT_BY_FORCE, 1)
    ]


def test_signs_come_in_their_order_and_bounds_hold_from_a_day_on():
    """As they are shown."""
    assert list_kinds(pursue=80, prevent=0, support_refused=2) == [
        "PURSUE_ABOVE_PEERS",
        "NO_PREVENT",
        "SUPPORT_BY_FORCE",
    ]
    assert find_signal_rules(19_000) == RULES
    assert SIGNAL_RULES[0].since == 0
    assert find_signal_rules(-1) == SIGNAL_RULES[0]
