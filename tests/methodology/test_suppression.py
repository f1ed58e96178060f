"""Small cells: hidden, with enough beside them that whoever sees the rest cannot work one out."""

from random import Random

import pytest

from methodology.suppression import CellSum, ReleaseCell, ReleaseTable

ALL = "all"
REACH = 6  # how much more than a cell holds is tried


def lay_out(*rows: tuple[int, ...]) -> tuple[dict[ReleaseCell, int], list[CellSum]]:
    """A two-way table with its totals: rows a, b, ... and columns x, y, ..."""
    names, columns = "abcdefgh"[: len(rows)], "xyzuvw"[: len(rows[0])]
    counts = {(r, c): rows[i][j] for i, r in enumerate(names) for j, c in enumerate(columns)}
    counts |= {(r, ALL): sum(rows[i]) for i, r in enumerate(names)}
    counts |= {(ALL, c): sum(row[j] for row in rows) for j, c in enumerate(columns)}
    counts[ALL, ALL] = sum(map(sum, rows))
    across = [
        CellSum((r, ALL), tuple((r, c) for c in columns)) for r in names
    ]  # the last row's follows from the others
    down = [CellSum((ALL, c), tuple((r, c) for r in names)) for c in (*columns, ALL)]
    return counts, [*across, *down]


def list_inner(whole: ReleaseCell, counts: dict[ReleaseCell, int]) -> list[ReleaseCell]:
    """The cells that are no totals, below one; itself where it is none."""
    return [cell for cell in counts if ALL not in cell and all(w in {ALL, c} for w, c in zip(whole, cell, strict=True))]


def find_table(
    counts: dict[ReleaseCell, int], hidden: frozenset[ReleaseCell], cell: ReleaseCell, n: int
) -> dict[ReleaseCell, int] | None:
    """A table that fits all that is shown, in which a hidden cell is ``n``: tried value by value."""
    first = list_inner(cell, counts)
    order = sorted((one for one in hidden if ALL not in one), key=lambda one: one not in first)
    shown = [(list_inner(one, counts), held) for one, held in counts.items() if ALL in one and one not in hidden]

    def go_on(guess: dict[ReleaseCell, int], left: list[ReleaseCell]) -> dict[ReleaseCell, int] | None:
        for inner, held in [*shown, (first, n)]:
            least = sum(1 if one in left else guess[one] for one in inner)
            if least > held or (least < held and not any(one in left for one in inner)):
                return None
        if not left:
            return guess
        tries = (go_on(guess | {left[0]: value}, left[1:]) for value in range(1, counts[left[0]] + REACH))
        return next((found for found in tries if found is not None), None)

    return go_on({one: held for one, held in counts.items() if ALL not in one}, order)


def recover_cells(counts: dict[ReleaseCell, int], hidden: frozenset[ReleaseCell]) -> set[ReleaseCell]:
    """Attack by trying: the hidden cells for which only their own value fits what is shown."""
    left = set(hidden)
    for cell in sorted(hidden):
        others = [n for n in range(max(1, counts[cell] - REACH), counts[cell] + REACH) if n != counts[cell]]
        found = (find_table(counts, hidden, cell, n) for n in others if cell in left)
        guess = next((one for one in found if one is not None), None)
        if guess is not None:
            left -= {one for one in left if sum(guess[inner] for inner in list_inner(one, counts)) != counts[one]}
    return left


def test_a_small_cell_is_hidden_with_enough_beside_it() -> None:
    """3 of (3, 20, 30) is the total less the others; the smallest other cell goes with it, in both directions."""
    counts, sums = lay_out((3, 20, 30), (40, 50, 60), (70, 80, 90))
    hidden = ReleaseTable(counts, sums).suppress_cells()
    assert hidden == {("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")}
    assert recover_cells(counts, frozenset({("a", "x")})) == {("a", "x")}
    assert recover_cells(counts, frozenset({("a", "x"), ("a", "y")})) == {("a", "x"), ("a", "y")}


def test_nothing_is_hidden_where_nothing_is_small() -> None:
    """0 is shown, and so is 5."""
    counts, sums = lay_out((0, 5, 30), (40, 50, 60))
    assert ReleaseTable(counts, sums).suppress_cells() == frozenset()


def test_two_cells_of_one_are_not_hidden_by_each_other() -> None:
    """1 and 1 of a shown total less the rest are 2 together: each can only be 1."""
    counts, sums = lay_out((1, 1, 7), (1, 1, 6), (5, 5, 5))
    hidden = ReleaseTable(counts, sums).suppress_cells()
    assert not recover_cells(counts, hidden)
    assert not ReleaseTable(counts, sums).find_exposed(hidden)
    assert hidden > {("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")}


def test_where_nothing_else_is_left_all_is_hidden() -> None:
    """One row with one cell: its totals go too."""
    counts, sums = lay_out((2,))
    assert ReleaseTable(counts, sums).suppress_cells() == frozenset(counts)


def test_a_small_cell_that_nothing_binds_is_hidden_alone() -> None:
    """There is nothing to work it out from."""
    assert ReleaseTable({("a", "x"): 2}, []).suppress_cells() == {("a", "x")}


def test_a_cell_that_only_several_sums_together_give_away_is_found() -> None:
    """Two hidden in every row and column, but one of them is fixed by all of these together (a bridge)."""
    counts, sums = lay_out((9, 9, 9, 9), (9, 9, 9, 9), (9, 9, 9, 9), (9, 9, 9, 9))
    hidden = {
        ("a", "x"),
        ("a", "y"),
        ("b", "x"),
        ("b", "y"),
        ("b", "z"),
        ("c", "z"),
        ("c", "u"),
        ("d", "z"),
        ("d", "u"),
    }
    assert ("b", "z") in ReleaseTable(counts, sums).find_exposed(hidden)


@pytest.mark.parametrize("seed", range(60))
def test_no_hidden_cell_can_be_recovered_by_trying_everything(seed: int) -> None:
    """Whatever is shown, each hidden cell has at least two values that all the sums allow."""
    chance = Random(seed)
    columns = chance.choice([2, 3])
    rows = [
        tuple(chance.choice([0, 0, 1, 2, 3, 4, 5, 6]) for _ in range(columns)) for _ in range(chance.choice([2, 3]))
    ]
    counts, sums = lay_out(*rows)
    hidden = ReleaseTable(counts, sums).suppress_cells()
    assert {cell for cell, n in counts.items() if 0 < n < 5} <= hidden
    assert not any(counts[cell] == 0 for cell in hidden)
    assert not recover_cells(counts, hidden)
