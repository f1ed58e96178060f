"""Which parameters an endpoint has: any other is refused, and so is one that stands twice, before anything is asked.

A parameter that is passed over gives a wrong figure in silence: ``?as-at=2022-07-04`` would be answered as of now.
"""

import re
from collections import Counter
from typing import Annotated, Final
from urllib.parse import unquote_to_bytes

from fastapi import Query, Request
from fastapi.routing import APIRoute

from ledger.choices import choose_value
from ledger.errors import Misuse

TYPES: Final = {"enum": ["lead", "support"]}
Type = Annotated[
    str | None,
    Query(description="`lead` (unless asked) or `support`; the two are never added.", json_schema_extra=TYPES),
]
Org = Annotated[str | None, Query(description="One recording organisation, by its slug.", examples=["metropolitan"])]
Instant = Annotated[str | None, Query(description="ISO instant with a zone, or a date: its end in London.")]
Value = Annotated[str | None, Query(description="Held to this value of the dimension, as a balance's rows have it.")]
By = Annotated[str | None, Query(description="Dimensions, comma separated.", examples=["org,pillar"])]
FromDay = Annotated[str, Query(alias="from", description="First event date, included.", examples=["2021-07-01"])]
ToDay = Annotated[str, Query(alias="to", description="Last event date, included.", examples=["2022-06-30"])]
Format = Annotated[str | None, Query(description="`json` (unless asked) or `csv`; or by `Accept`.", examples=["csv"])]

ADDRESS_BYTES_MAX: Final = 8_192
_ESCAPE_CUT: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")


async def hold_parameters(request: Request) -> None:
    """Refuse a query that names what the endpoint does not have, or anything twice; a dependency of every route.

    Raises:
        Misuse: names the parameter, and the nearest that the endpoint has.
    """
    known = list_parameters(request.scope["route"])
    for name, times in Counter(name for name, _ in request.query_params.multi_items()).items():
        choose_value("parameter", name, dict.fromkeys(known, ""))
        if times > 1:
            raise Misuse(f"parameter: {name!r} stands {times} times; give it once")


def list_parameters(route: APIRoute) -> list[str]:
    """List the parameters of a query to this endpoint, from its own signature."""
    return [field.alias for field in route.dependant.query_params]


def refuse_address(request: Request) -> tuple[int, str] | None:
    """Say, as status and sentence, why an address cannot be read as it was meant; None when it can.

    It is percent-encoded UTF-8 of a bounded length: else what was asked is not what would be read, or logged.
    """
    raw = request.scope.get("raw_path", b"") + b"?" + request.scope["query_string"]
    if len(raw) > ADDRESS_BYTES_MAX:
        return 414, f"the address has over {ADDRESS_BYTES_MAX:,} bytes"
    return None if _is_well_encoded(raw) else (400, "the address is not percent-encoded UTF-8")


def _is_well_encoded(raw: bytes) -> bool:
    try:
        unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        return False
    return _ESCAPE_CUT.search(raw) is None
