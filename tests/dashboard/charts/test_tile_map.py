"""The tile map: every force once, regions in one piece, five shades of fifths, each square a link with its number."""

from datetime import date

import pytest

from dashboard.charts.palette import STEPS
from dashboard.charts.steps import find_steps, list_ranges
from dashboard.charts.tile_map import TileMap, draw_tile_map
from dashboard.charts.tiles import COLUMNS, ROWS, TILES
from ledger.instants import count_days
from ledger.organisations import FORCES, find_region
from tests.dashboard.charts.drawn import SVG, list_marks, list_texts, measure_contrast, read_drawing

DAY = date(2022, 6, 30)


def make_map(values: dict[str, float | None], links: dict[str, str] | None = None) -> TileMap:
    """A map of those values."""
    return TileMap(name="forces", title="By force", unit="Lead disruptions", day=DAY, values=values, links=links or {})


def test_every_force_has_one_square_and_every_square_one_force() -> None:
    """The 43 territorial forces and British Transport Police, and nobody else."""
    assert set(TILES) == {one.code for one in FORCES}
    assert len(TILES) == 44
    places = [tile[:2] for tile in TILES.values()]
    assert len(set(places)) == 44
    assert all(0 <= column < COLUMNS and 0 <= row < ROWS for column, row in places)
    assert len({tile.label for tile in TILES.values()}) == 44


def test_the_squares_of_a_region_touch_each_other() -> None:
    """From any of them one comes to all the others by sides, without leaving the region."""
    regions: dict[str, set[tuple[int, int]]] = {}
    for code, tile in TILES.items():
        regions.setdefault(find_region(code, count_days(DAY)), set()).add((tile.column, tile.row))
    assert len(regions) == 10
    for places in regions.values():
        reached, waiting = set(), [min(places)]
        while waiting:
            column, row = place = waiting.pop()
            reached.add(place)
            beside = {(column + 1, row), (column - 1, row), (column, row + 1), (column, row - 1)}
            waiting.extend((beside & places) - reached)
        assert reached == places


def test_each_square_has_its_name_its_number_and_its_link() -> None:
    """What its link is called begins with what is seen; a regional unit has no square."""
    links = {"kent": "/organisations/kent?from=2021-07-01&to=2022-06-30"}
    root = read_drawing(draw_tile_map(make_map({"kent": 1234, "btp": 7, "rocu-eastern": 5}, links)))
    (link,) = list_marks(root, "a")
    assert link.attrib["href"] == links["kent"]
    assert [one.text for one in link.iter(f"{SVG}title")] == ["Kent 1,234: Kent Police"]
    assert [one.text for one in link.iter(f"{SVG}text")] == ["Kent", "1,234"]
    assert list_texts(root) == ["Lead disruptions", "BTP", "7", "Kent", "1,234", "7", "1,234"]
    assert root.attrib["role"] == "group"


def test_a_square_without_a_number_says_so() -> None:
    """A word and hatching, with a line in the legend; it is in no shade."""
    root = read_drawing(draw_tile_map(make_map({"kent": None, "essex": 3})))
    assert list_texts(root) == ["Lead disruptions", "Essex", "3", "Kent", "Unknown", "3", "Unknown"]
    assert len(list_marks(root, "rect", fill="url(#forces-none)")) == 2


def test_a_region_is_outlined_as_one() -> None:
    """Kent and Essex touch: six sides, not the one between them; Kent and BTP, of other regions, have all eight."""
    for pair, sides in ((("kent", "essex"), 6), (("kent", "btp"), 8)):
        (outline,) = list_marks(read_drawing(draw_tile_map(make_map(dict.fromkeys(pair, 1)))), "path")
        assert outline.attrib["d"].count("M") == sides


def test_what_there_is_to_see_is_said() -> None:
    """How many organisations, and between what."""
    root = read_drawing(draw_tile_map(make_map({"kent": 12, "essex": 3, "btp": None})))
    (said,) = list_texts(root, "desc")
    assert said.startswith("Lead disruptions of 2 organisations, between 3 and 12, each in a square")


@pytest.mark.parametrize(
    ("values", "shades"),
    [
        (dict.fromkeys(TILES, 0) | {"kent": 497, "cleveland": 32}, "two shades"),
        ({code: number for number, code in enumerate(TILES)}, "five shades"),
        (dict.fromkeys(TILES, 7), "one shade"),
    ],
)
def test_as_many_shades_are_said_as_are_drawn(values: dict[str, float], shades: str) -> None:
    """Where most forces have none, the others share the highest fifth."""
    (said,) = list_texts(read_drawing(draw_tile_map(make_map(values))), "desc")
    assert f"lies on a map, in {shades} from the lowest fifth to the highest. Thick lines" in said


def test_shades_are_fifths_and_equal_values_share_one() -> None:
    """Of ten values two are in each step; one that is far above the others leaves them apart."""
    values = {str(number): float(number) for number in range(9)} | {"9": 8021.0}
    steps = find_steps(values)
    assert list(steps.values()) == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert list_ranges(values, steps) == {0: (0, 1), 1: (2, 3), 2: (4, 5), 3: (6, 7), 4: (8, 8021)}
    assert find_steps({"a": 0, "b": 0, "c": 0, "d": 0, "e": 1, "f": None}) == {"a": 0, "b": 0, "c": 0, "d": 0, "e": 4}


@pytest.mark.parametrize("value", [0, 5, 4.25, 10**12, None])
def test_a_map_of_equal_values_is_of_one_shade(value: float | None) -> None:
    """Also where all are 0, huge or not known; each number lies within its square."""
    root = read_drawing(draw_tile_map(make_map(dict.fromkeys(TILES, value))))
    assert len(list_marks(root, "rect", width="18")) == 1
    numbers = list_marks(root, "text", font_weight="bold")
    assert len(numbers) == 44
    assert all(float(one.attrib["font-size"]) * 0.5 * len(one.text or "") <= 74 for one in numbers)


def test_what_is_written_on_a_shade_is_read_on_it() -> None:
    """4.5:1 between each fill and its ink."""
    assert [measure_contrast(*step) >= 4.5 for step in STEPS] == [True] * 5
