"""Processes that are put together from several packages."""
