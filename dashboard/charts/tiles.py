"""Where the forces lie on the tile map: equal squares, about as on a map of England and Wales.

The squares of a region of the organised crime units touch each other; a force is where its neighbours lead one to look.
"""

from types import MappingProxyType
from typing import Final, NamedTuple


class Tile(NamedTuple):
    """A square: its place in columns from the west and rows from the north, and what is written in it."""

    column: int
    row: int
    label: str


TILES: Final = MappingProxyType(
    {
        "northumbria": Tile(3, 0, "Northumbria"),
        "cumbria": Tile(2, 1, "Cumbria"),
        "durham": Tile(3, 1, "Durham"),
        "cleveland": Tile(4, 1, "Cleveland"),
        "lancashire": Tile(2, 2, "Lancashire"),
        "north-yorkshire": Tile(3, 2, "N Yorks"),
        "humberside": Tile(4, 2, "Humberside"),
        "merseyside": Tile(1, 3, "Merseyside"),
        "greater-manchester": Tile(2, 3, "Gtr Man"),
        "west-yorkshire": Tile(3, 3, "W Yorks"),
        "south-yorkshire": Tile(4, 3, "S Yorks"),
        "north-wales": Tile(0, 4, "N Wales"),
        "cheshire": Tile(1, 4, "Cheshire"),
        "staffordshire": Tile(2, 4, "Staffs"),
        "derbyshire": Tile(3, 4, "Derbyshire"),
        "nottinghamshire": Tile(4, 4, "Notts"),
        "lincolnshire": Tile(5, 4, "Lincs"),
        "dyfed-powys": Tile(0, 5, "Dyfed-P"),
        "west-mercia": Tile(1, 5, "W Mercia"),
        "west-midlands": Tile(2, 5, "W Mids"),
        "leicestershire": Tile(3, 5, "Leics"),
        "northamptonshire": Tile(4, 5, "Northants"),
        "cambridgeshire": Tile(5, 5, "Cambs"),
        "norfolk": Tile(6, 5, "Norfolk"),
        "south-wales": Tile(0, 6, "S Wales"),
        "gwent": Tile(1, 6, "Gwent"),
        "warwickshire": Tile(2, 6, "Warks"),
        "thames-valley": Tile(3, 6, "Thames V"),
        "bedfordshire": Tile(4, 6, "Beds"),
        "hertfordshire": Tile(5, 6, "Herts"),
        "suffolk": Tile(6, 6, "Suffolk"),
        "gloucestershire": Tile(1, 7, "Glos"),
        "wiltshire": Tile(2, 7, "Wiltshire"),
        "surrey": Tile(3, 7, "Surrey"),
        "metropolitan": Tile(4, 7, "Met"),
        "city-of-london": Tile(5, 7, "City"),
        "essex": Tile(6, 7, "Essex"),
        "devon-and-cornwall": Tile(0, 8, "Devon & C"),
        "avon-and-somerset": Tile(1, 8, "Avon & S"),
        "dorset": Tile(2, 8, "Dorset"),
        "hampshire": Tile(3, 8, "Hampshire"),
        "sussex": Tile(4, 8, "Sussex"),
        "btp": Tile(5, 8, "BTP"),
        "kent": Tile(6, 8, "Kent"),
    }
)
"""By organisation; British Transport Police, who are everywhere, lie beside London, where they are counted."""

COLUMNS: Final = 7
ROWS: Final = 9
