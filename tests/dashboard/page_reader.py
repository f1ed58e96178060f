"""Pages as a reader has them: the tables by id, each cell with its text and its link."""

from html.parser import HTMLParser
from typing import NamedTuple


class Cell(NamedTuple):
    """What stands in a cell, and where it leads."""

    text: str
    link: str | None


class PageReader(HTMLParser):
    """Reads one page.

    Attributes:
        tables: by id, each row by its heading.
        links: every link of the page, its text first.
        inputs: by name, what stands in each field.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tables: dict[str, dict[str, list[Cell]]] = {}
        self.links: list[Cell] = []
        self.inputs: dict[str, str] = {}
        self._rows: list[list[Cell]] = []
        self._texts: list[str] | None = None
        self._link: str | None = None
        self._anchor: list[str] = []
        self._table = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "table":
            self._table, self._rows = given.get("id") or "", []
        elif tag == "tr":
            self._rows.append([])
        elif tag in {"td", "th"}:
            self._texts, self._link = [], None
        elif tag == "a":
            self._link, self._anchor = given.get("href"), []
        elif tag == "input":
            self.inputs[given.get("name") or ""] = given.get("value") or ""

    def handle_data(self, data: str) -> None:
        self._anchor.append(data)
        if self._texts is not None:
            self._texts.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self.links.append(Cell(_join_words(self._anchor), self._link))
        elif tag in {"td", "th"} and self._texts is not None:
            self._rows[-1].append(Cell(_join_words(self._texts), self._link))
            self._texts = None
        elif tag == "table":
            self.tables[self._table] = {row[0].text: row[1:] for row in self._rows}

    def list_counts(self, table: str) -> dict[str, tuple[str, ...]]:
        """List the numbers of a table by row, its head left out: this period, a year before."""
        rows = list(self.tables[table].items())[1:]
        return {name: tuple(cell.text for cell in cells[:2]) for name, cells in rows}


def _join_words(texts: list[str]) -> str:
    return " ".join("".join(texts).split())
