"""A force publishes."""
