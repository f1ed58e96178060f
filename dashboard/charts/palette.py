"""Colours of the GOV.UK palette that charts are drawn in. A mark has 3:1 against its ground, a text 4.5:1."""

from typing import Final

GROUND: Final = "#ffffff"
TEXT: Final = "#0b0c0c"
QUIET_TEXT: Final = "#484949"
GRID: Final = "#cecece"
LIMIT: Final = "#484949"
MAIN: Final = "#1d70b8"
EARLIER: Final = "#484949"
SIGNAL: Final = "#ca3535"
EXPECTED: Final = "#b7592a"

STEPS: Final = (  # light to dark: the fill, and the text that is read on it
    ("#f4f8fb", TEXT),
    ("#d2e2f1", TEXT),
    ("#8eb8dc", TEXT),
    ("#1d70b8", GROUND),
    ("#0f385c", GROUND),
)

PARTS: Final = (  # of a whole, next to each other: the fill, and the text that is read on it; the Analysis Function's
    ("#12436d", GROUND),  # colours for categories, in its order (its guidance on colours in charts, 2022)
    ("#28a197", TEXT),
    ("#801650", GROUND),
    ("#f46a25", TEXT),
)
