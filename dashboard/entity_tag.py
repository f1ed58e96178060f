"""Strong entity tags of pages (RFC 9110, 8.8.3): the digest of the body, so that one tag is one body, byte for byte.

A page stands on one position and says no age, so the same address at the same position is mostly the same body.
"""

from hashlib import sha256
from typing import Final

from starlette.responses import Response

TAG_BYTES: Final = 16


def tag_page(page: Response, held: str | None) -> Response:
    """Tag a page; where the asker holds this very one (``If-None-Match``), answer that alone: 304."""
    tag = f'"{sha256(page.body).hexdigest()[: TAG_BYTES * 2]}"'
    page.headers["ETag"] = tag
    if held is None or not ({tag, "*"} & {one.strip().removeprefix("W/") for one in held.split(",")}):
        return page
    return Response(status_code=304, headers={"ETag": tag})
