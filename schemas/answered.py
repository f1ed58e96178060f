"""Which refusal an event answers: a mended event says it in a header, as a CloudEvents extension attribute."""

from typing import Final

ANSWERS: Final = "ce_answers"
"""Name of the header; its value is the position of the refused event in ``soc.published``, as ``0:12``."""
