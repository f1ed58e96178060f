"""What stands in a restored ``soc.published`` for a record of which nobody kept the bytes (``services.restore``)."""

ORIGINAL_GONE = "disruption-ledger-original-gone"
"""Name of the header that such a stand-in has, behind those that its rejection carries; it has no value."""
