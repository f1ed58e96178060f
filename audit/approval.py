"""What somebody approves who approves differences: the digest of exactly those that were shown. Pure."""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from audit.findings import ReplayReport


def digest_differences(verdict: ReplayReport) -> str | None:
    """Digest all that a replay found, in one order: SHA-256, hex; None where not every difference was shown.

    Empty where it found nothing. Another difference, or one more or less, is another digest; so is a note that
    something could not be compared.
    """
    return digest_body(verdict.make_body())


def digest_body(body: Mapping[str, Any]) -> str | None:
    """Digest the same of a verdict as JSON has it, or of its certificate."""
    if body["agrees"] and not body["notes"]:
        return ""
    if body["differences"] != len(body["shown"]):
        return None
    encoder = msgspec.json.Encoder(order="sorted")
    rows = sorted(encoder.encode(one) for one in body["shown"])
    rows += sorted(encoder.encode({"note": note}) for note in body["notes"])
    rows += sorted(encoder.encode(one) for one in body["acknowledged"])
    return hashlib.sha256(b"\n".join(rows)).hexdigest()
