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


def measure_contrast(one: str, other: str) -> float:
    """Measure the contrast of two colours, 1 to 21, as WCAG 2.2 defines it."""
    lighter, darker = sorted((_measure_luminance(one), _measure_luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _measure_luminance(colour: str) -> float:
    red, green, blue = (_weigh_channel(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _weigh_channel(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)
