"""A pytest plugin for ``make mutants`` alone.

mutmut 3.7 reads a test's id where pytest 9.2 no longer keeps it; a law that a mutant breaks need not be made small; and
a mutant that goes on for ever may not take the machine's memory with it.
"""

import resource

import pytest
from hypothesis import Phase, settings

MEMORY_BYTES = 3_000_000_000

settings.register_profile("mutants", max_examples=25, phases=[Phase.generate])
settings.load_profile("mutants")
resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))  # of each mutant, as it is a process of its own


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the id where mutmut looks for it."""
    for item in items:
        item._nodeid = item.nodeid  # type: ignore[attr-defined]  # of an older pytest
