"""Files are read and their rows written; runs in the worker processes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.derive.rows import Totals, product_row, tabulate
from spectraldb.errors import LakeError, RefusedError
from spectraldb.ingest.inventory import Task
from spectraldb.ingest.outcome import Fate, Outcome
from spectraldb.lake.copies import is_copy, put_copy
from spectraldb.lake.data_files import DataFile, RowWriter
from spectraldb.lake.errors import lake_errors
from spectraldb.lake.record import ProductRecord
from spectraldb.products.open import open_product
from spectraldb.storage.checksum import FileStat, checksum
from spectraldb.storage.objects import is_object
from spectraldb.storage.store import Store

SETTLED_SECONDS = 5.0
"""An object that was that old when it was ingested was not written while it was."""


@dataclass
class Taken:
    """What came of some files: data files and product rows to commit, and the outcomes."""

    files: list[DataFile] = field(default_factory=list)
    rows: list[ProductRecord] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)


@dataclass(frozen=True)
class _Run:
    """What all files of a batch share."""

    store: Store
    copy: bool
    writer: RowWriter
    cancel: Cancellation


def take_files(
    store: Store, copy: bool, tasks: Sequence[Task], cancel: Cancellation = NEVER
) -> Taken:
    """Read files and write their rows into the lake, not yet visible.

    Parameters
    ----------
    store
        Where the lake's files are.
    copy
        Whether to keep copies of the files there.
    tasks
        The files.
    cancel
        Cancellation token.

    Raises
    ------
    Cancelled
        If so; nothing is left behind then.
    """
    taken = Taken()
    with RowWriter(store) as writer:
        run = _Run(store, copy, writer, cancel)
        for task in tasks:
            run.cancel.check()
            outcome, row = _take(task, run)
            taken.outcomes.append(outcome)
            if row is not None:
                taken.rows.append(row)
        taken.files = writer.close()
    return taken


def _take(task: Task, run: _Run) -> tuple[Outcome, ProductRecord | None]:
    try:
        return _recognise(task, run)
    except LakeError:
        raise  # the lake's disk is full, say: no fault of this file
    except RefusedError as error:
        return _refused(task, str(error)), None
    except FileNotFoundError:
        return _refused(task, "there is no such file"), None
    except OSError as error:
        return _refused(task, f"it cannot be read: {error.strerror or error}"), None
    except Exception as error:  # noqa: BLE001 - one odd file must not stop the others
        return _refused(task, f"it cannot be understood ({type(error).__name__}: {error})"), None


def _refused(task: Task, reason: str) -> Outcome:
    return Outcome(task.source.location, Fate.REFUSED, reason=reason)


def _recognise(task: Task, run: _Run) -> tuple[Outcome, ProductRecord | None]:
    """Take a file, unless the lake holds these bytes already."""
    state = task.source.stat()
    held = task.held
    if held is not None and _is_same_object(task, held, state) and not _to_copy(held, run):
        return Outcome(task.source.location, Fate.UNCHANGED, held.uri), None
    with task.source.localized(run.cancel) as path:
        digest = checksum(path, run.cancel)
        if held is None:
            return _read(task, path, Fate.TAKEN, (state, digest), run)
        if held.checksum != digest:
            return _read(task, path, Fate.REPLACED, (state, digest), run)
        return _same_bytes(task, held, (path, state), run)


def _is_same_object(task: Task, held: ProductRecord, state: FileStat) -> bool:
    """Tell whether an object of a bucket is the one that was ingested, without reading it.

    A store tells times in seconds: of an object that was written while it was ingested, they do
    not tell enough.
    """
    if held.location != task.source.location or not is_object(held.location):
        return False
    ingested = datetime.fromisoformat(held.ingested).replace(tzinfo=UTC).timestamp()
    settled = ingested - state.modified / 1e9 > SETTLED_SECONDS
    return settled and state == FileStat(held.file_size, held.modified)


def _to_copy(held: ProductRecord, run: _Run) -> bool:
    return run.copy and not is_copy(run.store, held.location)


def _same_bytes(
    task: Task, held: ProductRecord, file: tuple[Path, FileStat], run: _Run
) -> tuple[Outcome, ProductRecord | None]:
    """Return what to do where the lake holds the product: perhaps only its place is new."""
    path, state = file
    place = task.source.location
    is_held = held.location == place or _holds(task, held, run)
    to_copy = _to_copy(held, run)
    same_look = held.location != place or held.modified == state.modified
    if is_held and same_look and not to_copy:
        return Outcome(place, Fate.UNCHANGED, held.uri), None
    fate = Fate.UNCHANGED if is_held and not to_copy else Fate.MOVED
    location, modified = _keep(task, path, held.checksum, state, run)
    return Outcome(place, fate, held.uri), held.with_file(location, modified)


def _holds(task: Task, held: ProductRecord, run: _Run) -> bool:
    """Tell whether the file that the lake would read is the one that was ingested.

    Raises
    ------
    RefusedError
        If it cannot be looked at now, but may be there.
    """
    source = task.held_source
    try:
        if source is None or not source.exists():
            return False
        same_look = source.stat() == FileStat(held.file_size, held.modified)
        return same_look or source.checksum(run.cancel) == held.checksum
    except FileNotFoundError:
        return False
    except OSError as error:
        raise RefusedError(
            f"the lake has it at {held.location}, which cannot be looked at now: "
            f"{error.strerror or error}"
        ) from error


def _read(
    task: Task, path: Path, fate: Fate, identity: tuple[FileStat, str], run: _Run
) -> tuple[Outcome, ProductRecord]:
    state, digest = identity
    uri = task.held.uri if task.held else task.uri
    totals = Totals()
    with open_product(path) as product:
        for rows in tabulate(product, task.product_id, totals):
            run.writer.write(rows, product.product_type)
            run.cancel.check()
        if not totals.stored:
            raise RefusedError("no pixel has a value: every flux is NaN")
        location, modified = _keep(task, path, digest, state, run)
        known = {
            "productId": task.product_id,
            "uri": uri,
            "location": location,
            "checksum": digest,
            "fileSize": state.size,
            "modified": modified,
            "ingested": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        }
        record = ProductRecord(product_row(product, known, totals))
    if task.source.stat() != state:
        raise RefusedError("it changed while it was read: ingest it again")
    return Outcome(task.source.location, fate, uri, pixels=totals.stored), record


def _keep(task: Task, path: Path, digest: str, state: FileStat, run: _Run) -> tuple[str, int]:
    """Return where the product's file will be read from, and its time of modification there."""
    if not run.copy:
        return task.source.location, state.modified
    location = put_copy(run.store, path, digest)
    with lake_errors():
        return location, run.store.stat(run.store.name_of(location) or "").modified
