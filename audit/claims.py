"""Outside claims beside what the ledger counts: what somebody else published, checked by predicates."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from audit.balances import AnswerSource
from audit.predicates import CountedShare, Predicate

CountedRow = Mapping[str, Any]
CellFilter = Mapping[str, tuple[str, ...]]


class ClaimedAnswer(NamedTuple):
    """A question that claims are read from.

    Attributes:
        question: ``extract`` or ``threats``.
        fields: what it is asked by, as the read API has it, without the dimensions.
    """

    question: str
    fields: Mapping[str, str]


class Claim(NamedTuple):
    """One claim.

    Attributes:
        org: the organisation that it is about; empty for all.
        measure: what it is about, in a few words.
        quotation: how its source says it.
        answer: the name of the question that it is read from.
        where: the values of dimensions that are counted.
        of: those of which it is a share; of all where there are none.
        predicates: what it says; all of them hold, or it does not agree.
        is_share: whether any of them is of a share.
    """

    org: str
    measure: str
    quotation: str
    answer: str
    where: CellFilter
    of: CellFilter
    predicates: tuple[Predicate, ...]
    is_share: bool


class ClaimedTable(NamedTuple):
    """A table of claims: its title, where it is from, the questions by name, and the claims."""

    title: str
    source: str
    answers: Mapping[str, ClaimedAnswer]
    claims: tuple[Claim, ...]


class CheckedClaim(NamedTuple):
    """A claim with the ledger's count beside it."""

    claim: Claim
    counted: CountedShare

    @property
    def agrees(self) -> bool:
        """Whether every predicate holds."""
        return all(holds(self.counted) for holds in self.claim.predicates)

    def make_row(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        said = {name: getattr(self.claim, name) for name in ("org", "measure", "quotation", "answer")}
        return said | {"n": self.counted.n, "of": self.counted.of, "agrees": self.agrees}


class CheckedTable(NamedTuple):
    """A table's claims, and the answers that they were read from."""

    table: ClaimedTable
    answers: Mapping[str, Mapping[str, Any]]
    checked: tuple[CheckedClaim, ...]

    @property
    def agrees(self) -> bool:
        """Whether every claim agrees."""
        return all(one.agrees for one in self.checked)

    def list_growing(self) -> list[str]:
        """Name the answers that were asked for as known at an instant, and may still grow."""
        asked = self.table.answers
        return [
            name for name, body in self.answers.items() if asked[name].fields.get("known_at") and not body["complete"]
        ]

    def make_body(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        told = ("position", "as_at", "known_at", "complete", "measure", "filters")
        return {
            "title": self.table.title,
            "source": self.table.source,
            "agrees": self.agrees,
            "claims": [one.make_row() for one in self.checked],
            "answers": {name: {one: body[one] for one in told} for name, body in self.answers.items()},
        }


def check_claims(table: ClaimedTable, ledger: AnswerSource) -> CheckedTable:
    """Ask each question once, and put every claim beside what is counted. Raises Unavailable."""
    answers = {
        name: ledger.ask(one.question, **one.fields, by=",".join(list_dimensions(table, name)))
        for name, one in table.answers.items()
    }
    rows = {name: body["rows"] for name, body in answers.items()}
    return CheckedTable(table, answers, tuple(check_claim(one, rows[one.answer]) for one in table.claims))


def list_dimensions(table: ClaimedTable, answer: str) -> list[str]:
    """List the dimensions by which an answer's claims tell cells apart."""
    claims = [one for one in table.claims if one.answer == answer]
    return sorted({"org"}.union(*([*one.where, *one.of] for one in claims)))


def check_claim(claim: Claim, rows: Iterable[CountedRow]) -> CheckedClaim:
    """Put one claim beside the rows of its answer."""
    mine = [row for row in rows if claim.org in ("", row["org"])]
    return CheckedClaim(claim, CountedShare(_count_rows(mine, claim.where), _count_rows(mine, claim.of)))


def _count_rows(rows: Iterable[CountedRow], wanted: CellFilter) -> int:
    return sum(int(row["n"]) for row in rows if all(str(row[name]) in values for name, values in wanted.items()))
