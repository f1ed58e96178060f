"""Entity tags (RFC 9110, 8.8.3): strong ones, so one tag is one body, byte for byte.

A page's is the digest of its body: a page stands on one position and says no age, so the same address at the same
position is mostly the same body. A balance as JSON says through when it is complete, which the clock moves: its tag has
two digests, of all that the clock does not move (the position is in it), and of the body. Whoever holds a body with the
same first one is told to keep it: it stands on the same position, and what it says of the clock was true and stays so.
"""

from hashlib import sha256
from typing import Final

from starlette.responses import Response

TAG_BYTES: Final = 16
_WEAK: Final = "W/"


def tag_page(page: Response, held: str | None) -> Response:
    """Tag a page, or a file, by all of it; where the asker holds this very one, answer that alone: 304."""
    return answer_held(page, write_tag(bytes(page.body)), held)


def write_tag(*parts: bytes) -> str:
    """Write the tag of a body; of one that the clock moves in part, of what it does not move, and then of the body."""
    return f'"{".".join(sha256(one).hexdigest()[: TAG_BYTES * 2] for one in parts)}"'


def answer_held(response: Response, tag: str, held: str | None) -> Response:
    """Answer with the response under its tag; 304 is all the answer where the asker holds it, or what stands for it.

    ``held``: the tags that the asker holds (``If-None-Match``). A cache may have made one of ours weak.
    """
    kept = find_kept(tag, held)
    if kept is None:
        response.headers["ETag"] = tag
        return response
    return Response(status_code=304, headers={"ETag": kept})


def find_kept(tag: str, held: str | None) -> str | None:
    """Find which of the tags held may be kept for ``tag``: the same, or one that differs by what the clock moved."""
    tags = [one.strip().removeprefix(_WEAK) for one in (held or "").split(",")]
    if {tag, "*"} & set(tags):
        return tag
    unmoved, dot, _ = tag.partition(".")
    return next((one for one in tags if dot and one.startswith(unmoved + dot)), None)
