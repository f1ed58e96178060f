"""Entity tags (RFC 9110, 8.8.3). A page's is strong: the digest of its body, so one tag is one body, byte for byte.

A page stands on one position and says no age, so the same address at the same position is mostly the same body.
"""

from hashlib import sha256
from typing import Final

from starlette.responses import Response

TAG_BYTES: Final = 16
WEAK: Final = "W/"


def tag_page(page: Response, held: str | None) -> Response:
    """Tag a page, or a file, by all of it; where the asker holds this very one, answer that alone: 304."""
    return tag_response(page, held, bytes(page.body))


def tag_response(response: Response, held: str | None, same: bytes, *, weak: bool = False) -> Response:
    """Tag an answer by ``same``, which is other bytes whenever it is another; ``weak``: the rest of it may differ.

    ``held``: the tags that the asker holds (``If-None-Match``); where this is one of them, 304 is all the answer.
    """
    tag = f'"{sha256(same).hexdigest()[: TAG_BYTES * 2]}"'
    headers = {"ETag": f"{WEAK}{tag}" if weak else tag}
    response.headers.update(headers)
    if held is None or not ({tag, "*"} & {one.strip().removeprefix(WEAK) for one in held.split(",")}):
        return response
    return Response(status_code=304, headers=headers)
