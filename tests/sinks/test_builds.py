"""Tables of a server that are built beside those that are shown: which database may be, by what name, until when."""

from collections.abc import Iterator

import pytest

from infra.groups import LOADER_GROUP
from infra.settings import Settings
from ledger.errors import Misuse
from queries.store_answers import StoreAnswers
from sinks.builds import begin_build, end_builds, find_build
from sinks.store import Store, open_store
from tests.sinks.records import Writer, make_entry, make_rejection
from tests.stores import open_migrated


@pytest.fixture
def next_store(over_http: Settings) -> Iterator[Store]:
    """A server's database in which nothing is."""
    store = open_store(over_http)
    yield store
    store.close()


def test_a_build_goes_on_under_its_name_until_it_is_taken_over(next_store: Store) -> None:
    """However often it is begun; then nobody builds these tables, and nobody may."""
    assert find_build(next_store) is None
    name = begin_build(next_store)
    assert (begin_build(next_store), find_build(next_store)) == (name, name)
    Writer(next_store).write_entries(make_entry(0, 0, 0))
    assert begin_build(next_store) == name
    assert end_builds(next_store) == [name]
    assert find_build(next_store) is None
    assert end_builds(next_store) == []
    with pytest.raises(Misuse, match="keeps a ledger already"):
        begin_build(next_store)


@pytest.mark.parametrize("table", ["entries", "rejected"])
def test_tables_that_are_shown_are_not_built_into(next_store: Store, over_http: Settings, table: str) -> None:
    """One output is enough, and nothing is changed; without any the database is as good as an empty one."""
    with open_migrated(over_http) as shown:
        assert end_builds(shown) == []
        writer = Writer(shown)
        writer.write_entries(make_entry(0, 0, 0)) if table == "entries" else writer.write_rejections(
            make_rejection(0, 0, 0)
        )
    with pytest.raises(Misuse, match="name an empty one"):
        begin_build(next_store)
    assert next_store.query("SELECT count() AS n FROM builds") == [{"n": 0}]
    next_store.query(f"TRUNCATE TABLE {table}")
    assert begin_build(next_store) == find_build(next_store)


def test_who_asks_how_far_it_is_asks_in_the_group_of_the_build(next_store: Store, over_http: Settings) -> None:
    """Before it, and once it is over, in that of the loaders."""
    answers = StoreAnswers(over_http.model_copy(update={"kafka_bootstrap_servers": "127.0.0.1:9"}), next_store)
    assert answers.find_loader_group() == LOADER_GROUP
    name = begin_build(next_store)
    assert answers.find_loader_group() == f"disruption-ledger-rebuild-{name}"
    end_builds(next_store)
    assert answers.find_loader_group() == LOADER_GROUP
