"""Published figures beside the sums of the fold's postings: each that does not follow is named."""

from typing import Any

import pytest

from audit.figure_sums import FigureSums
from audit.figures import FigureAudit
from audit.findings import Finding, FindingKind
from audit.published_figures import FigureLog, LoggedFigure
from ledger.vocabulary import FigureSubject
from schemas.figures import FigureCell, PublishedFigure, compute_figure_id
from schemas.stored import StoredEntry
from tests.facts import DAY_MILLIS, NOON
from tests.figures import MISASKED, make_published_figure

JUNE_FIRST = 19_144  # 2022-06-01, in days: the date of the disruption
LATE = NOON + 1_000
PUBLISHED_AT = NOON + 10 * DAY_MILLIS
LEAD = make_published_figure(
    by=("org", "region", "month"),
    cells=(FigureCell(("metropolitan", "London", "2022-06"), 1),),
    note="Table 2",
    published_by="hmicfrs",
    published_at=PUBLISHED_AT,
    software="us 1",
)
THREATS = LEAD._replace(
    subject=FigureSubject.THREATS,
    first_day=None,
    last_day=None,
    type=None,
    standing=None,
    by=("org", "region", "tier"),
    cells=(FigureCell(("metropolitan", "London", "2"), 1),),
)
NONE = LEAD._replace(cells=())
PROVED = (None, "")


def log_figure(ledger: Any, figure: PublishedFigure | None, **changes: Any) -> LoggedFigure:
    """The figure as its topic holds it: read when the whole ledger of the test was stored."""
    if figure is not None:
        if not figure.positions:
            figure = figure._replace(positions=tuple([0] * ledger.partition + [ledger.next_offset]))
        figure = figure._replace(figure_id=compute_figure_id(figure))
    return LoggedFigure(0, 7, PUBLISHED_AT, figure)._replace(**changes)


def audit_figures(ledger: Any, *figures: LoggedFigure, covered: int | None = None) -> list[Finding | int]:
    """What the audit says of them; offset 0 is the threat, 1 the disruption, 2 its resend, 3 a refusal."""
    made = FigureAudit(FigureLog(figures, {}))
    for entry in fold_entries(ledger):
        made.add_entry(entry)
    end = ledger.next_offset if covered is None else covered
    return list(made.compare_figures({ledger.partition: end}))


def fold_entries(ledger: Any) -> list[StoredEntry]:
    """What the fold says of a ledger's entries."""
    return [one.expected for one in ledger.audit_partition()[1] if isinstance(one.expected, StoredEntry)]


def judge_figure(ledger: Any, figure: PublishedFigure | None, **changes: Any) -> tuple[FindingKind | None, str]:
    """Kind and sentence; none where it follows."""
    (found,) = audit_figures(ledger, log_figure(ledger, figure, **changes))
    if isinstance(found, int):
        assert found == 1
        return PROVED
    assert found.place == "soc.figures partition 0 offset 7"
    return found.kind, found.sentence


@pytest.mark.parametrize(
    "figure",
    [
        LEAD,
        THREATS,
        LEAD._replace(by=(), cells=(FigureCell((), 1),)),
        LEAD._replace(organisation="metropolitan", type=None, by=("type",), cells=(FigureCell(("LEAD",), 1),)),
        LEAD._replace(standing=None, by=("standing",), cells=(FigureCell(("COUNTED",), 1),)),
        NONE._replace(organisation="btp"),
        NONE._replace(type="SUPPORT"),
        NONE._replace(standing="UNASSESSED"),
        NONE._replace(last_day=JUNE_FIRST - 1),
        NONE._replace(first_day=JUNE_FIRST + 1, last_day=JUNE_FIRST + 9),
        NONE._replace(as_at=NOON - 1),
        NONE._replace(known_at=NOON),
        THREATS._replace(as_at=NOON - DAY_MILLIS - 1, cells=()),
        THREATS._replace(organisation="kent", cells=()),
    ],
)
def test_a_figure_that_follows_is_proved_again(honest: Any, figure: PublishedFigure) -> None:
    """The threat was entered a day before the disruption and received at noon, the disruption a millisecond later."""
    assert judge_figure(honest, figure) == PROVED


@pytest.mark.parametrize(
    ("figure", "said"),
    [
        (LEAD._replace(cells=(FigureCell(("metropolitan", "London", "2022-06"), 2),)), "it says 2, they add up to 1."),
        (NONE, "1 cells are not what the fold's postings add up to, the first of them: org metropolitan"),
        (LEAD._replace(known_at=NOON), "it says 1, they add up to 0."),
        (LEAD._replace(as_at=NOON - 1), "it says 1, they add up to 0."),
        (LEAD._replace(last_day=JUNE_FIRST - 1), "it says 1, they add up to 0."),
        (LEAD._replace(cells=LEAD.cells * 2), "A cell stands in it twice."),
        (THREATS._replace(cells=(FigureCell(("metropolitan", "London", "3"), 1),)), "2 cells are not"),
    ],
)
def test_a_figure_that_does_not_follow_is_named(honest: Any, figure: PublishedFigure, said: str) -> None:
    """With its record, and the first cell that differs."""
    kind, sentence = judge_figure(honest, figure)
    assert kind is FindingKind.FIGURE_DIFFERS
    assert said in sentence


def test_a_figure_whose_id_is_not_its_own_is_named(honest: Any) -> None:
    """A field of it was changed, though the sums would be the same."""
    one = log_figure(honest, LEAD)
    assert one.figure is not None
    (found,) = audit_figures(honest, one._replace(figure=one.figure._replace(note="Another table")))
    assert isinstance(found, Finding)
    assert (found.kind, found.sentence[:11]) == (FindingKind.FIGURE_DIFFERS, "Its id is n")


def test_a_figure_that_could_still_change_is_named(honest: Any) -> None:
    """The broker took it before its instant of knowledge."""
    assert judge_figure(honest, LEAD, appended_at=LATE) == PROVED
    kind, sentence = judge_figure(honest, LEAD, appended_at=LATE - 1)
    assert kind is FindingKind.FIGURE_DIFFERS
    assert sentence.startswith("It was published before its instant of knowledge had passed")


def test_a_figure_of_other_positions_is_named(honest: Any) -> None:
    """Read before the disruption was stored, or naming positions that nobody published."""
    place = [0] * honest.partition
    assert judge_figure(honest, LEAD._replace(positions=(*place, 2))) == PROVED
    for positions, said in (((*place, 1), "It was read before"), ((*place, 99), "It names positions")):
        kind, sentence = judge_figure(honest, LEAD._replace(positions=positions))
        assert kind is FindingKind.FIGURE_DIFFERS
        assert sentence.startswith(said)


def test_what_is_no_figure_and_what_was_deleted_is_said(honest: Any) -> None:
    """A record of somebody else's, and figures that are gone."""
    assert judge_figure(honest, None) == (
        FindingKind.UNREADABLE,
        "It is no figure: whoever wrote it does not write figures.",
    )
    (gone,) = FigureAudit(FigureLog((), {0: 3})).compare_figures({})
    assert isinstance(gone, Finding)
    assert gone.kind is FindingKind.EVIDENCE_GONE


@pytest.mark.parametrize("changes", [{"measure": "2031.4"}, {"by": ("colour",), "cells": ()}])
def test_a_figure_of_definitions_that_are_not_here_is_not_called_proved(honest: Any, changes: Any) -> None:
    """It names other software, or nothing at all."""
    kind, _ = judge_figure(honest, LEAD._replace(**changes))
    assert kind is FindingKind.MEASURE_UNKNOWN


def test_many_figures_are_added_up_at_once_and_partitions_are_merged(honest: Any) -> None:
    """One after the other, and from sums of each half of the entries, both give every figure its own cells."""
    early = THREATS._replace(as_at=NOON - DAY_MILLIS - 1)
    figures = [LEAD, LEAD._replace(as_at=NOON - 1), THREATS, LEAD._replace(known_at=NOON), early]
    whole, *parts = [FigureSums(figures) for _ in range(3)]
    for number, entry in enumerate(fold_entries(honest)):
        whole.add_entry(entry)
        parts[number % 2].add_entry(entry)
    parts[0].merge_sums(parts[1])
    assert [whole.sum_figure(one) for one in figures] == [LEAD.cells, (), THREATS.cells, (), ()]
    assert [parts[0].sum_figure(one) for one in figures] == [LEAD.cells, (), THREATS.cells, (), ()]


@pytest.mark.parametrize(("first", "last", "n"), [(0, 9, 1), (-9, 0, 1), (-9, -1, 0), (1, 9, 0)])
def test_a_period_cuts_a_month_at_both_its_days(ledger: Any, facts: Any, first: int, last: int, n: int) -> None:
    """A disruption on 22 May, beside a figure of the whole year; both days of a period are in it."""
    threat, disruption = facts
    day = JUNE_FIRST - 10
    ledger.admit(threat())
    ledger.admit(disruption(event_date=day))
    period = LEAD._replace(first_day=day + first, last_day=day + last, by=())
    sums = FigureSums([LEAD, period])
    for entry in fold_entries(ledger):
        sums.add_entry(entry)
    assert sums.sum_figure(period) == ((FigureCell((), 1),) if n else ())


@pytest.mark.parametrize(
    "changes",
    [
        *MISASKED,
        {"subject": FigureSubject.THREATS, "by": ("org",)},
    ],
)
def test_a_figure_that_asks_what_cannot_be_asked_is_named(honest: Any, changes: dict[str, Any]) -> None:
    """A word on no list counts nothing, and its figure of nothing is a right sum; so is lead added to support."""
    (finding,) = audit_figures(honest, log_figure(honest, NONE._replace(**changes)))
    assert isinstance(finding, Finding)
    assert finding.kind is FindingKind.FIGURE_DIFFERS
    assert "It asks what cannot be asked" in finding.sentence
