"""Files are read and their rows written; runs in the worker processes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from spectraldb.derive.rows import Totals, product_row, tabulate
from spectraldb.errors import LakeError, RefusedError
from spectraldb.ingest.known import Task, is_there
from spectraldb.ingest.outcome import Fate, Outcome
from spectraldb.lake.checksum import FileState, checksum
from spectraldb.lake.copies import keep_copy
from spectraldb.lake.files import DataFile, FileWriter
from spectraldb.products.read import open_product
from spectraldb.stop import Stop, StopRequested, never

Row = dict[str, Any]


@dataclass
class Taken:
    """What came of some files: data files and product rows to commit, and the outcomes."""

    files: list[DataFile] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)


@dataclass(frozen=True)
class _Run:
    """What all files of a batch share."""

    copies: Path | None
    writer: FileWriter
    stop: Stop

    def check(self) -> None:
        """Raise StopRequested if the work is to stop."""
        if self.stop():
            raise StopRequested


def take_files(lake: Path, copies: Path | None, tasks: Sequence[Task], stop: Stop = never) -> Taken:
    """Read files and write their rows into the lake's folder, not yet visible.

    Parameters
    ----------
    lake
        The folder of the lake.
    copies
        Where to keep copies of the files; None leaves them in their place.
    tasks
        The files.
    stop
        Asked now and then whether to stop.

    Raises
    ------
    StopRequested
        If so; nothing is left behind then.
    """
    taken = Taken()
    with FileWriter(lake) as writer:
        run = _Run(copies, writer, stop)
        for task in tasks:
            run.check()
            outcome, row = _take(task, run)
            taken.outcomes.append(outcome)
            if row is not None:
                taken.rows.append(row)
        taken.files = writer.close()
    return taken


def _take(task: Task, run: _Run) -> tuple[Outcome, Row | None]:
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
    return Outcome(task.path, Fate.REFUSED, reason=reason)


def _recognise(task: Task, run: _Run) -> tuple[Outcome, Row | None]:
    """Take a file, unless the lake holds these bytes already."""
    state, digest = FileState.of(task.path), checksum(task.path, run.check)
    held = task.held
    if held is None:
        return _read(task, task.uri, Fate.TAKEN, (state, digest), run)
    if held["checksum"] != digest:
        return _read(task, held["uri"], Fate.REPLACED, (state, digest), run)
    return _same_bytes(task, held, state, run)


def _same_bytes(task: Task, held: Row, state: FileState, run: _Run) -> tuple[Outcome, Row | None]:
    """Return what to do where the lake holds the product: perhaps only its place is new."""
    place = Path(held["location"])
    is_held = place == task.path or _holds(place, held, run)
    to_copy = run.copies is not None and not place.is_relative_to(run.copies)
    same_look = place != task.path or held["modified"] == state.modified
    if is_held and same_look and not to_copy:
        return Outcome(task.path, Fate.UNCHANGED, held["uri"]), None
    fate = Fate.UNCHANGED if is_held and not to_copy else Fate.MOVED
    location, modified = _keep(task.path, held["checksum"], state, run.copies)
    row = held | {"location": str(location), "modified": modified}
    return Outcome(task.path, fate, held["uri"]), row


def _holds(place: Path, held: Row, run: _Run) -> bool:
    """Tell whether the file that the lake would read is the one that was ingested."""
    if not is_there(place):
        return False
    same_look = FileState.of(place) == FileState(held["fileSize"], held["modified"])
    return same_look or checksum(place, run.check) == held["checksum"]


def _read(
    task: Task, uri: str, fate: Fate, identity: tuple[FileState, str], run: _Run
) -> tuple[Outcome, Row]:
    state, digest = identity
    totals = Totals()
    with open_product(task.path) as product:
        for rows in tabulate(product, task.product_id, totals):
            run.writer.write(rows, product.product_type)
            run.check()
        if not totals.stored:
            raise RefusedError("no pixel has a value: every flux is NaN")
        location, modified = _keep(task.path, digest, state, run.copies)
        known = {
            "productId": task.product_id,
            "uri": uri,
            "location": str(location),
            "checksum": digest,
            "fileSize": state.size,
            "modified": modified,
            "ingested": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        }
        row = product_row(product, known, totals)
    if FileState.of(task.path) != state:
        raise RefusedError("it changed while it was read: ingest it again")
    return Outcome(task.path, fate, uri, pixels=totals.stored), row


def _keep(path: Path, digest: str, state: FileState, copies: Path | None) -> tuple[Path, int]:
    """Return where the product's file will be read from, and its time of modification there."""
    if copies is None:
        return path, state.modified
    target = keep_copy(copies, path, digest)
    return target, FileState.of(target).modified
