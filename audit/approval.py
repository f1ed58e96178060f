"""What somebody approves who approves differences: the digest of exactly those that were shown. Pure."""

import hashlib

import msgspec

from audit.findings import ReplayReport


def digest_differences(verdict: ReplayReport) -> str | None:
    """Digest all that a replay found, in one order: SHA-256, hex; None where not every difference was shown.

    Empty where it found nothing. Another difference, or one more or less, is another digest; so is a note that
    something could not be compared.
    """
    if verdict.agrees and not verdict.notes:
        return ""
    if sum(verdict.differences.values()) != len(verdict.shown):
        return None
    encoder = msgspec.json.Encoder(order="sorted")
    rows = sorted(encoder.encode(one.make_row()) for one in verdict.shown)
    rows += sorted(encoder.encode({"note": note}) for note in verdict.notes)
    rows += sorted(encoder.encode(one.make_row()) for one in verdict.acknowledged)
    return hashlib.sha256(b"\n".join(rows)).hexdigest()
