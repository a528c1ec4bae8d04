"""Progress bars on a terminal and in a notebook."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Advance = Callable[[int], None]


class Progress:
    """Shows progress bars, or nothing.

    Thread-safe: while one thread shows a bar, the others show none.

    Parameters
    ----------
    shown
        Whether to show bars; None to show them on a terminal and in a notebook.
    """

    def __init__(self, shown: bool | None = None) -> None:
        self.shown = _is_interactive() if shown is None else shown
        self._lock = threading.Lock()

    @contextmanager
    def bytes(self, label: str, total: int | None = None) -> Iterator[Advance]:
        """Show a bar of bytes; yield the function that advances it."""
        with self._bar(label, total, "download") as advance:
            yield advance

    @contextmanager
    def items(self, label: str, total: int | None = None) -> Iterator[Advance]:
        """Show a bar of rows, products or other items; yield the function that advances it."""
        with self._bar(label, total, "count") as advance:
            yield advance

    @contextmanager
    def _bar(self, label: str, total: int | None, kind: str) -> Iterator[Advance]:
        # One bar at a time: for many products, it counts products and not the bytes of each.
        if not self.shown or not self._lock.acquire(blocking=False):
            yield _show_nothing
            return
        try:
            yield from self._shown(label, total, kind)
        finally:
            self._lock.release()

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
        # In a notebook, Rich detects how to draw.
        console = Console(stderr=True, force_terminal=None if _in_notebook() else True)
        with bars.Progress(*columns, console=console, transient=True) as shown:
            task = shown.add_task(label, total=total)
            yield lambda n: shown.advance(task, n)


def _show_nothing(_: int) -> None:
    """Do nothing."""


def _is_interactive() -> bool:
    return sys.stderr.isatty() or _in_notebook()


def _in_notebook() -> bool:
    return "ipykernel" in sys.modules
