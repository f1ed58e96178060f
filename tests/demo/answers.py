"""Answers by hand that say what was published of London, and whoever gives them."""

from typing import Any

Rows = list[dict[str, Any]]


class Counting:
    """A ledger that answers with these rows, in the order in which it is asked."""

    def __init__(self, answers: dict[str, Rows], *, complete: bool = True) -> None:
        self._answers = iter(answers.values())
        self._complete = complete
        self.by: list[str | None] = []

    def ask(self, question: str, **asked: str | None) -> dict[str, Any]:
        """Rows as the read API gives them."""
        assert question in {"extract", "threats"}
        self.by.append(asked["by"])
        told = {"position": {"0": 9}, "as_at": "", "known_at": "", "measure": "2026.1", "filters": {}}
        return {"rows": next(self._answers), "complete": self._complete, **told}


def make_row(org: str, n: int, **dimensions: str) -> dict[str, Any]:
    """One row of an answer."""
    return {"org": org, "n": n, **dimensions}


def make_london() -> dict[str, Rows]:
    """Answers that say what was published."""
    return {
        "year": [
            make_row("metropolitan", 6256, pillar="PURSUE", crime_type="DRUGS"),
            make_row("metropolitan", 802, pillar="PROTECT", crime_type="FRAUD"),
            make_row("metropolitan", 561, pillar="PREVENT", crime_type="DRUGS"),
            make_row("metropolitan", 402, pillar="PREPARE", crime_type="DRUGS"),
            make_row("btp", 123, pillar="PURSUE", crime_type="DRUGS"),
            make_row("btp", 61, pillar="PURSUE", crime_type="MSHT"),
            make_row("city-of-london", 374, pillar="PROTECT", crime_type="CYBER"),
            make_row("city-of-london", 54, pillar="PREVENT", crime_type="CYBER"),
            make_row("city-of-london", 13, pillar="PURSUE", crime_type="CYBER"),
            make_row("city-of-london", 52, pillar="PURSUE", crime_type="FRAUD"),
            make_row("city-of-london", 5, pillar="PURSUE", crime_type="DRUGS"),
            make_row("city-of-london", 8, pillar="PURSUE", crime_type="UNKNOWN"),
            make_row("kent", 970, pillar="PURSUE", crime_type="DRUGS"),
        ],
        "before": [
            make_row("metropolitan", 4795, pillar="PURSUE", crime_type="DRUGS"),
            make_row("btp", 34, pillar="PURSUE", crime_type="DRUGS"),
        ],
        "threats": [
            make_row("metropolitan", 266, kind="OCG", crime_type="DRUGS"),
            make_row("btp", 5, kind="OCG", crime_type="DRUGS"),
            make_row("btp", 5, kind="OCG", crime_type="MSHT"),
            make_row("btp", 12, kind="OCG", crime_type="ORGANISED_ACQUISITIVE_CRIME"),
            make_row("city-of-london", 33, kind="OCG", crime_type="FRAUD"),
            make_row("city-of-london", 10, kind="OCG", crime_type="CYBER"),
        ],
    }
