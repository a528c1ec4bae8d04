"""A table of figures, for the terminal and for the documentation."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table as RichTable


@dataclass(frozen=True)
class Table:
    """Figures under a title, with words that say what they are."""

    title: str
    about: str
    """What was measured, and on what."""
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    meaning: str
    """What the rows and columns mean: a list, in Markdown."""

    def show(self, console: Console) -> None:
        """Print it."""
        table = RichTable(title=self.title, title_justify="left")
        for i, heading in enumerate(self.headings):
            table.add_column(heading, justify="right" if i else "left")
        for row in self.rows:
            table.add_row(*row)
        console.print(table)

    def markdown(self) -> str:
        """Return it as a section of a page."""
        right = ["---:" if i else "---" for i in range(len(self.headings))]
        lines = [_line(row) for row in (self.headings, right, *self.rows)]
        return "\n".join([f"## {self.title}", "", self.about, "", *lines, "", self.meaning])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
