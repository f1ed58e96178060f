"""Published figures in the log: which leaves they are, and that a checkpoint never loses one."""

from pathlib import Path
from typing import Any

import pytest

from seals.index import OutputPosition, SealIndex
from seals.leaves import FIGURE_LEAVES
from seals.proving import prove_extension
from seals.remaking import remake_directory
from tests.seals.log_made import MadeLog, join_outputs
from tests.seals.test_sealer import compute_plain_root, list_leaves


def test_figures_follow_the_outputs_of_their_checkpoint(tmp_path: Path) -> None:
    """In the order of their topic, behind all partitions; the index knows where the next one lies."""
    made = MadeLog(tmp_path, partitions=2)
    made.fill_positions(1, 0, 1)
    made.publish_figures("Table 1", "Table 2")
    made.sealer.seal_ready()
    made.publish_figures("Table 3")
    made.sealer.seal_ready()
    made.fill_positions(0, 0, 2)
    made.sealer.seal_ready()
    one, two, three = (figure.leaf_hash for figure in made.figures)
    outputs = list_leaves(made, 0)
    hashes = [list_leaves(made, 1)[0], one, two, three, outputs[0], outputs[1]]
    found = [(one.size, one.positions, one.figures, one.root) for one in made.list_checkpoints()]
    assert found == [
        (3, (0, 1), 2, compute_plain_root(hashes[:3])),
        (4, (0, 1), 3, compute_plain_root(hashes[:4])),
        (6, (2, 1), 3, compute_plain_root(hashes)),
    ]
    assert made.published[0].decode().split("\n")[3:5] == ["positions 0 1", "figures 2"]
    index = SealIndex(made.directory.path)
    places = [OutputPosition(FIGURE_LEAVES, offset) for offset in (1, 3, 5)]
    assert [index.find_leaf(place) for place in places] == [1, 2, 3]
    assert (index.find_figure_end(), made.resume().figures_next) == (6, 6)


def test_a_log_of_an_older_version_goes_on_and_seals_the_figures_that_are_there(tmp_path: Path) -> None:
    """Its checkpoints have no line of figures; from the next one on all have."""
    made = MadeLog(tmp_path)
    made.fill_positions(0, 0, 3)
    made.publish_unmarked()
    made.publish_figures("Table 1", "Table 2")
    made.fill_positions(1, 0, 1)
    made.sealer.seal_ready()
    first, second = made.list_checkpoints()
    assert [(one.size, one.figures) for one in (first, second)] == [(3, None), (6, 2)]
    assert "figures" not in made.published[0].decode()
    prove_extension(made.directory, first, second)
    before = made.list_files()
    remake_directory(made.directory, made.list_checkpoints(), join_outputs(made))
    assert made.list_files() == before
    assert made.resume().seal_ready() is None, "nothing is sealed twice"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"figures": 1, "size": 5}, "its count of published figures goes back"),
        ({"figures": None, "size": 5}, "its count of published figures goes back"),
        ({"figures": 4, "size": 5}, "its size does not go with its positions and published figures"),
        ({"figures": 2, "size": 6}, "its size does not go with its positions and published figures"),
    ],
)
def test_a_checkpoint_whose_figures_do_not_go_on_does_not_count(tmp_path: Path, said: dict[str, Any], why: str) -> None:
    """Two figures and two outputs are sealed; the log's own key signs one more output, and says this of the figures."""
    made = MadeLog(tmp_path)
    made.fill_positions(0, 0, 2)
    made.publish_figures("Table 1", "Table 2")
    made.sealer.seal_ready()
    next_one = made.list_checkpoints()[-1]._replace(**{"positions": (3, 0, 0), "root": bytes(32)} | said)
    made.publish(made.keys.sign_text(next_one.write_text(), None))
    assert [one.why for one in made.follow_history().passed] == [why]
