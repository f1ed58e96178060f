"""Everyone looks: the read API."""
