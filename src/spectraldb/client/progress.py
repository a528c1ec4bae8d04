"""How far a long work is, shown on a terminal and in a notebook."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Advance = Callable[[int], None]


def _nothing(_: int) -> None:
    """Advance where nothing is shown."""


class Progress:
    """Shows progress, or nothing.

    Parameters
    ----------
    shown
        Whether to show it; None for on a terminal or in a notebook.
    """

    def __init__(self, shown: bool | None = None) -> None:
        self.shown = _is_seen() if shown is None else shown
        self._open = False

    @contextmanager
    def bytes(self, label: str, total: int | None = None) -> Iterator[Advance]:
        """Count bytes."""
        with self._bar(label, total, "download") as advance:
            yield advance

    @contextmanager
    def things(self, label: str, total: int | None = None) -> Iterator[Advance]:
        """Count rows, products, ..."""
        with self._bar(label, total, "count") as advance:
            yield advance

    @contextmanager
    def _bar(self, label: str, total: int | None, kind: str) -> Iterator[Advance]:
        # One bar at a time: of many products their number is shown, and not the bytes of each.
        if not self.shown or self._open:
            yield _nothing
            return
        self._open = True
        try:
            yield from self._shown(label, total, kind)
        finally:
            self._open = False

    @staticmethod
    def _shown(label: str, total: int | None, kind: str) -> Iterator[Advance]:
        from rich import progress as bars
        from rich.console import Console

        count = bars.DownloadColumn() if kind == "download" else bars.MofNCompleteColumn()
        columns = (
            bars.TextColumn("{task.description}"),
            bars.BarColumn(),
            count,
            bars.TimeElapsedColumn(),
        )
        # A notebook is found out by rich itself.
        console = Console(stderr=True, force_terminal=None if _in_notebook() else True)
        with bars.Progress(*columns, console=console, transient=True) as shown:
            task = shown.add_task(label, total=total)
            yield lambda n: shown.advance(task, n)


def _is_seen() -> bool:
    return sys.stderr.isatty() or _in_notebook()


def _in_notebook() -> bool:
    return "ipykernel" in sys.modules
