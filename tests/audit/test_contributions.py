"""The digest over a figure's legs, worked out by hand: its order and its spelling are what others recompute."""

from hashlib import sha256
from typing import Any

import pytest

from audit.contributions import ContributingLegs
from audit.receipts import LegDigest
from ledger.vocabulary import FigureSubject
from schemas.figures import FigureCell, PublishedFigure
from tests.audit.receipts_made import make_receipts
from tests.facts import DAY_MILLIS, NOON


def digest_legs(ledger: Any, **changes: Any) -> ContributingLegs:
    """The contributing legs of the small ledger's figure, with its question changed."""
    made = make_receipts(ledger)
    figure: PublishedFigure = made.figure.figure.make_figure(made.figure.positions)._replace(**changes)
    legs = ContributingLegs(figure)
    for entry in made.entries:
        legs.add_entry(entry)
    return legs


def digest_lines(*lines: str) -> LegDigest:
    """The digest over these lines."""
    return LegDigest(len(lines), sha256("".join(f"{one}\n" for one in lines).encode()).hexdigest())


def test_a_leg_is_a_line_as_the_documents_say(honest: Any) -> None:
    """Position, number, ledger time, entry time, sign, threat, disruption, account."""
    line = (
        f'[{honest.partition},1,0,{NOON + 1},{NOON},1,"T-1","D-1",'
        '"metropolitan","LEAD","PURSUE","OCG","DRUGS","MAJOR",19144,"COUNTED"]'
    )
    legs = digest_legs(honest)
    assert legs.make_digest() == digest_lines(line)
    assert legs.list_cells() == (FigureCell(("metropolitan",), 1),)
    assert legs.reached == {honest.partition: 2}


def test_a_leg_of_a_threat_is_a_line_too(honest: Any) -> None:
    """With the fields of its account; a threat that is not active contributes nothing."""
    line = (
        f'[{honest.partition},0,0,{NOON},{NOON - DAY_MILLIS},1,"T-1",'
        '"metropolitan","OCG","DRUGS","TACTICAL","MODERATED",true,2,false]'
    )
    threats = {"subject": FigureSubject.THREATS, "first_day": None, "last_day": None, "type": None, "standing": None}
    legs = digest_legs(honest, **threats)
    assert legs.make_digest() == digest_lines(line)
    assert legs.list_cells() == (FigureCell(("metropolitan",), 1),)


@pytest.mark.parametrize(
    "changes",
    [
        {"known_at": NOON},
        {"as_at": NOON - 1},
        {"last_day": 19_143},
        {"organisation": "kent"},
        {"type": "SUPPORT"},
        {"standing": "UNASSESSED"},
    ],
)
def test_what_the_figure_does_not_count_is_no_line(honest: Any, changes: dict[str, Any]) -> None:
    """The digest of nothing is that of no bytes."""
    legs = digest_legs(honest, **changes)
    assert legs.make_digest() == digest_lines()
    assert legs.list_cells() == ()
