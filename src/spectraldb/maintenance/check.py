"""Check the files of the products in a lake: which have vanished or changed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.lake.record import ProductRecord
from spectraldb.storage.checksum import FileStat
from spectraldb.storage.source import Source, Sources


class FileState(StrEnum):
    """The state of the file of a product."""

    INTACT = "intact"
    CHANGED = "changed"
    VANISHED = "vanished"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class CheckedFile:
    """The file of a product, and its state."""

    uri: str
    location: str
    state: FileState


CheckReport = Callable[[CheckedFile], None]


def check_files(
    products: Iterable[ProductRecord],
    sources: Sources,
    *,
    report: CheckReport = lambda _: None,
    cancel: Cancellation = NEVER,
) -> list[CheckedFile]:
    """Return the files that are not those that were ingested, in the order of the products.

    Parameters
    ----------
    products
        The products in the lake.
    sources
        Access to their files.
    report
        Called with every file.
    cancel
        Cancellation token; the result is that of the files so far.

    Notes
    -----
    A file of the same size and modification time is intact.  Otherwise its checksum decides.
    """
    found = []
    for product in products:
        if cancel.requested():
            break
        state = _state(product, sources.of(product.location), cancel)
        checked = CheckedFile(product.uri, product.location, state)
        report(checked)
        if state is not FileState.INTACT:
            found.append(checked)
    return found


def _state(product: ProductRecord, source: Source, cancel: Cancellation) -> FileState:
    try:
        if not source.exists():
            return FileState.VANISHED
        stat = source.stat()
        if stat == FileStat(product.file_size, product.modified):
            return FileState.INTACT
        if stat.size == product.file_size and source.checksum(cancel) == product.checksum:
            return FileState.INTACT
    except FileNotFoundError:
        return FileState.VANISHED
    except OSError:
        return FileState.UNREADABLE
    return FileState.CHANGED
