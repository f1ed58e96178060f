"""Pages from templates: the GOV.UK Design System's macros, all escaped, with the filters that pages share."""

from datetime import date, datetime
from functools import cache
from typing import Any, Final
from urllib.parse import urlencode

from fastapi.responses import HTMLResponse
from jinja2 import (
    ChainableUndefined,
    ChoiceLoader,
    Environment,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    Undefined,
)
from jinja2.utils import missing

from dashboard.words import COMPARISON_CAVEAT, STANDING_SENTENCES, name_symbol
from ledger.instants import load_london

MARKING: Final = "OFFICIAL-SENSITIVE"


class MissingValue(Undefined):
    """What a template does not find: a name that a page was not given is an error, never an empty place.

    A field of something that it was given may be missing, as the design system's macros expect.
    """

    def __new__(cls, hint: str | None = None, obj: Any = missing, *rest: Any, **named: Any) -> Undefined:  # type: ignore[misc]  # one of two others
        """Choose by what was looked in; a macro that nobody calls with a body asks for its ``caller``."""
        is_strict = obj is missing and named.get("name") != "caller"
        return (StrictUndefined if is_strict else ChainableUndefined)(hint, obj, *rest, **named)


@cache
def open_templates() -> Environment:
    """Open the templates, once."""
    found = Environment(
        loader=ChoiceLoader(
            [
                PackageLoader("dashboard"),
                PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
            ]
        ),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=MissingValue,
    )
    found.filters |= {
        "number": format_number,
        "counted": count_things,
        "change": format_change,
        "day": format_day,
        "moment": format_moment,
        "query": format_query,
        "signed": format_signed,
        "words": format_symbol,
        "filled": fill_fields,
        "duration": format_duration,
        "brief": format_brief,
    }
    # Names of Nunjucks, in which the design system's macros were written: what they compare missing fields with.
    found.globals |= dict.fromkeys(("undefined", "null"), ChainableUndefined())
    found.globals |= {"marking": MARKING, "caveat": COMPARISON_CAVEAT, "standing_sentences": STANDING_SENTENCES}
    return found


def draw_template(template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """Draw a page; every value in it is escaped."""
    return HTMLResponse(render_template(template, **context), status)


def render_template(template: str, **context: Any) -> str:
    """Render a template as text; every value in it is escaped."""
    return open_templates().get_template(template).render(context)


def format_number(value: int | float) -> str:
    """Format a count as ``8,021``; a rate with one decimal."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


def count_things(count: int, noun: str) -> str:
    """Count things in words: ``1 week``, ``1,204 weeks``."""
    return f"{format_number(count)} {noun}{'' if count == 1 else 's'}"


def format_change(now: int, before: int) -> str:
    """Format how a count compares with one before, in words that need no colour."""
    if now == before:
        return "the same"
    share = f" ({abs(now - before) / before:.0%})" if before else ""
    return f"{'up' if now > before else 'down'} {abs(now - before):,}{share}"


def format_signed(value: int) -> str:
    """Format a movement with its sign: ``+3``, ``-1`` with a true minus sign, ``0``."""
    return f"{value:+,}".replace("-", "\N{MINUS SIGN}") if value else "0"


def format_day(value: date | str) -> str:
    """Format a calendar date, or one as answers have it, as ``4 July 2022``."""
    value = date.fromisoformat(value) if isinstance(value, str) else value
    return f"{value.day} {value:%B %Y}"


def format_moment(value: datetime | str) -> str:
    """Format an instant, or one as answers have it, as ``4 July 2022, 23:59:59 BST``, in London's time."""
    local = _read_local(value)
    return f"{format_day(local.date())}, {local:%H:%M:%S %Z}"


def format_duration(seconds: float, units: int = 2) -> str:
    """Format a length of time in its greatest units: ``2 days 15 hours``."""
    left = round(seconds)
    parts: list[str] = []
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        n, left = divmod(left, size)
        if n or parts:
            parts.append(f"{n:,} {unit}{'' if n == 1 else 's'}")
    return " ".join(one for one in parts[:units] if not one.startswith("0 ")) or "0 seconds"


def format_brief(value: datetime | str) -> str:
    """Format an instant, or one as answers have it, to the minute, for tables: ``4 Jul 2022 23:59 BST``."""
    local = _read_local(value)
    return f"{local.day} {local:%b %Y %H:%M %Z}"


def _read_local(value: datetime | str) -> datetime:
    return (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(load_london())


def format_query(fields: dict[str, str | None]) -> str:
    """Format fields as the query of an address; those that are None are left out."""
    given = {name: text for name, text in fields.items() if text is not None}
    return f"?{urlencode(given)}" if given else ""


def fill_fields(fields: dict[str, str | None], more: dict[str, str | None]) -> dict[str, str | None]:
    """Fill the fields of an address with more."""
    return fields | more


def format_symbol(symbol: str, dimension: str) -> str:
    """Format a symbol in words: ``{{ "MSHT" | words("crime_type") }}``."""
    return name_symbol(dimension, symbol)
