"""A pytest plugin for ``make mutants`` alone.

mutmut 3.7 reads a test's id where pytest 9.2 no longer keeps it; and a law that a mutant breaks need not be made small.
"""

import pytest
from hypothesis import Phase, settings

settings.register_profile("mutants", max_examples=25, phases=[Phase.generate])
settings.load_profile("mutants")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the id where mutmut looks for it."""
    for item in items:
        item._nodeid = item.nodeid  # type: ignore[attr-defined]  # of an older pytest
