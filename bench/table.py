"""A table of measurements, for the terminal and the documentation."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table as RichTable


@dataclass(frozen=True)
class Table:
    """Measurements with a title, a summary and an explanation."""

    title: str
    result: str
    """The main result, for the top of the page."""
    about: str
    """The method: what was measured, and how."""
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    meaning: str
    """Explanation of the rows and columns, as a Markdown list."""

    def show(self, console: Console) -> None:
        """Print the table."""
        table = RichTable(title=self.title, title_justify="left")
        for i, heading in enumerate(self.headings):
            table.add_column(heading, justify="right" if i else "left")
        for row in self.rows:
            table.add_row(*row)
        console.print(table)

    def summary(self) -> str:
        """Return the main result as an item of a Markdown list, with a link to the section."""
        anchor = re.sub(r"[^\w\- ]", "", self.title.lower()).replace(" ", "-")
        return f"- [{self.title}](#{anchor}): {self.result}"

    def markdown(self) -> str:
        """Return the section of a page: the table, then the method."""
        right = ["---:" if i else "---" for i in range(len(self.headings))]
        lines = [_line(row) for row in (self.headings, right, *self.rows)]
        return "\n".join([f"## {self.title}", "", *lines, "", self.about, "", self.meaning])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
