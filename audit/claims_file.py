"""Claims as they stand in a TOML file. Whatever is wrong with it is said with its place and the remedy.

A file has a title, a source, the questions that are asked (``[answers.NAME]``) and the claims (``[[claims]]``), each
with the quotation that it is from and at least one predicate (docs/auditing.md, *Claims*).
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from audit.claims import CellFilter, Claim, ClaimedAnswer, ClaimedTable
from audit.predicates import (
    Predicate,
    match_below,
    match_exactly,
    match_fraction,
    match_least,
    match_rounded,
)
from ledger.choices import choose_value
from ledger.errors import Misuse
from ledger.organisations import list_regions, name_organisations
from ledger.vocabulary import Category, CrimeType, DisruptionType, Pillar, Standing, ThreatKind
from methodology.dimensions import DIMENSIONS, THREAT_DIMENSIONS

LONDON: Final = "london.toml"
PREDICATES: Final = ("exact", "rounds_to_pct", "at_least", "less_than", "approx_fraction")
LARGEST_FILE_BYTES: Final = 1_000_000
_UNKNOWN: Final = "UNKNOWN"
_PERCENT: Final = re.compile(r"(\d{1,3}(?:\.\d{1,6})?)%", re.ASCII)
_FRACTION: Final = re.compile(r"(\d{1,6})/([1-9]\d{0,5})", re.ASCII)
_VALUES: Final[Mapping[str, Iterable[str]]] = {
    "org": name_organisations(),
    "region": (*list_regions(), _UNKNOWN),
    "type": tuple(DisruptionType),
    "pillar": tuple(Pillar),
    "kind": (*ThreatKind, _UNKNOWN),
    "crime_type": tuple(CrimeType),
    "category": tuple(Category),
    "standing": tuple(Standing),
}

WantedValues = str | list[str]
Bound = int | str


class _AnswerText(msgspec.Struct, forbid_unknown_fields=True):
    question: Literal["extract", "threats"]
    first: date | None = msgspec.field(name="from", default=None)
    last: date | None = msgspec.field(name="to", default=None)
    as_at: Any = None
    known_at: Any = None
    type: str | None = None
    standing: str | None = None


class _ClaimText(msgspec.Struct, forbid_unknown_fields=True):
    measure: str
    quotation: str
    answer: str
    org: str = ""
    where: dict[str, WantedValues] = {}
    of: dict[str, WantedValues] = {}
    exact: int | None = None
    rounds_to_pct: int | Decimal | None = None
    at_least: Bound | None = None
    less_than: Bound | None = None
    approx_fraction: str | None = None
    within: str | None = None


class _FileText(msgspec.Struct, forbid_unknown_fields=True):
    title: str
    source: str
    answers: dict[str, _AnswerText]
    claims: list[_ClaimText]


def load_london() -> ClaimedTable:
    """Load what was published of London, which is shipped with the ledger."""
    return parse_claims(files("audit").joinpath(LONDON).read_text(encoding="utf-8"), LONDON)


def load_claims(file: Path) -> ClaimedTable:
    """Load a file of claims. Raises Misuse: it cannot be read, or is none."""
    try:
        with file.open("rb") as stream:
            content = stream.read(LARGEST_FILE_BYTES + 1)
        text = content.decode()
    except OSError as error:
        raise Misuse(f"{file}: {error.strerror}; name a file of claims") from error
    except UnicodeDecodeError:
        raise Misuse(f"{file}: it is not UTF-8: write it as TOML") from None
    if len(content) > LARGEST_FILE_BYTES:
        raise Misuse(f"{file}: it is larger than {LARGEST_FILE_BYTES:,} bytes: split it")
    return parse_claims(text, str(file))


def parse_claims(text: str, place: str) -> ClaimedTable:
    """Parse a file of claims. Raises Misuse: says the place and the remedy."""
    try:
        found = msgspec.convert(tomllib.loads(text, parse_float=Decimal), _FileText)
    except tomllib.TOMLDecodeError as error:
        raise Misuse(f"{place}: it is not TOML: {error}") from None
    except msgspec.ValidationError as error:
        raise Misuse(f"{place}: {error} (docs/auditing.md, Claims, has an example)") from None
    if not found.claims:
        raise Misuse(f"{place}: it claims nothing; add a [[claims]] with a quotation and a predicate")
    answers = {name: _read_answer(one, f"{place}: answers.{name}") for name, one in found.answers.items()}
    claims = [_read_claim(one, answers, f"{place}: claim {n}") for n, one in enumerate(found.claims, 1)]
    return ClaimedTable(found.title, found.source, answers, tuple(claims))


def _read_answer(text: _AnswerText, place: str) -> ClaimedAnswer:
    given = {"from_": text.first, "to": text.last, "type": text.type, "standing": text.standing}
    fields = {name: str(value) for name, value in given.items() if value is not None}
    if text.question == "extract" and not fields.keys() >= {"from_", "to"}:
        raise Misuse(f"{place}: an extract has a period: say from and to")
    if text.question == "threats" and fields:
        raise Misuse(f"{place}: threats have no {'from' if 'from_' in fields else min(fields)}: leave it out")
    instants = {"as_at": text.as_at, "known_at": text.known_at}
    fields |= {name: _spell_instant(value, f"{place}, {name}") for name, value in instants.items() if value is not None}
    return ClaimedAnswer(text.question, fields)


def _spell_instant(value: Any, place: str) -> str:
    if not isinstance(value, date) or (isinstance(value, datetime) and value.tzinfo is None):
        raise Misuse(f"{place}: write 2022-07-04T09:00:00Z or 2022-07-04 (the end of that day in London), unquoted")
    return value.isoformat()


def _read_claim(text: _ClaimText, answers: Mapping[str, ClaimedAnswer], place: str) -> Claim:
    if not text.quotation.strip() or not text.measure.strip():
        raise Misuse(f"{place}: quote its source, and say what it measures")
    choose_value(f"{place}, answer", text.answer, dict.fromkeys(answers, ""))
    if text.org:
        choose_value(f"{place}, org", text.org, name_organisations())
    known = THREAT_DIMENSIONS if answers[text.answer].question == "threats" else DIMENSIONS
    if "type" in {*text.where, *text.of}:
        raise Misuse(f"{place}: lead and support are never added: say type = 'support' in the answer, not in a claim")
    where, of = (_read_filter(one, known, f"{place}, {name}") for name, one in (("where", text.where), ("of", text.of)))
    if (text.within is None) != (text.approx_fraction is None):
        raise Misuse(f"{place}: within and approx_fraction go together, such as '2/3' within '1%'")
    predicates = tuple(_read_predicates(text, place))
    if not predicates:
        raise Misuse(f"{place}: it claims nothing; say one of {', '.join(PREDICATES)}")
    is_share = any(isinstance(one, str) for one in (text.at_least, text.less_than))
    is_share |= text.rounds_to_pct is not None or text.approx_fraction is not None
    return Claim(text.org, text.measure, text.quotation, text.answer, where, of, predicates, is_share)


def _read_filter(given: Mapping[str, WantedValues], known: Mapping[str, Any], place: str) -> CellFilter:
    found = {}
    for name, values in given.items():
        choose_value(place, name, dict.fromkeys(known, ""))
        found[name] = tuple([values] if isinstance(values, str) else values)
        for value in found[name] if name in _VALUES else ():
            choose_value(f"{place}, {name}", value, dict.fromkeys(_VALUES[name], ""))
    return found


def _read_predicates(text: _ClaimText, place: str) -> Iterator[Predicate]:
    if text.exact is not None:
        yield match_exactly(text.exact)
    if text.rounds_to_pct is not None:
        percent = Decimal(text.rounds_to_pct)
        yield match_rounded(Fraction(percent), max(0, -int(percent.as_tuple().exponent)))
    if text.at_least is not None:
        yield match_least(_read_bound(text.at_least, f"{place}, at_least"), is_percent=isinstance(text.at_least, str))
    if text.less_than is not None:
        yield match_below(
            _read_bound(text.less_than, f"{place}, less_than"), is_percent=isinstance(text.less_than, str)
        )
    if text.approx_fraction is not None:
        fraction = _FRACTION.fullmatch(text.approx_fraction)
        if fraction is None:
            raise Misuse(f"{place}, approx_fraction: write a fraction, such as '2/3'")
        yield match_fraction(Fraction(*map(int, fraction.groups())), _read_bound(text.within or "", f"{place}, within"))


def _read_bound(text: Bound, place: str) -> Fraction:
    if isinstance(text, int):
        return Fraction(text)
    percent = _PERCENT.fullmatch(text)
    if percent is None:
        raise Misuse(f"{place}: write a whole number, or a share such as '97%'")
    return Fraction(percent[1])
