"""Work of a worker process: read files and write their rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from spectraldb.cancellation import NEVER, Cancellation
from spectraldb.derive.rows import Totals, product_row, tabulate
from spectraldb.errors import LakeError, RefusedError, SkippedError
from spectraldb.ingest.inventory import IngestTask
from spectraldb.ingest.outcome import Action, Outcome
from spectraldb.lake.copies import is_copy, put_copy
from spectraldb.lake.data_files import DataFile, RowWriter
from spectraldb.lake.errors import lake_errors
from spectraldb.lake.ids import ProductIds
from spectraldb.lake.record import ProductRecord
from spectraldb.products.names import PART
from spectraldb.products.open import open_products
from spectraldb.products.product import Product
from spectraldb.storage.checksum import FileStat, checksum
from spectraldb.storage.objects import is_object
from spectraldb.storage.store import Store

SETTLED_SECONDS = 5.0
"""An object that is this much older than its ingest was not written during the ingest."""


@dataclass
class BatchResult:
    """Data files and products of a batch, ready to commit, and its outcomes."""

    files: list[DataFile] = field(default_factory=list)
    products: list[ProductRecord] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)


def ingest_batch(
    store: Store, copy: bool, tasks: Sequence[IngestTask], cancel: Cancellation = NEVER
) -> BatchResult:
    """Read files and write their rows to the lake, without committing them.

    Parameters
    ----------
    store
        Store of the lake.
    copy
        Whether to store copies of the files in the lake.
    tasks
        The files to ingest.
    cancel
        Cancellation token.

    Raises
    ------
    Cancelled
        If cancelled.  The files that were written are deleted.
    LakeError
        If the lake cannot be written.
    """
    result = BatchResult()
    with RowWriter(store) as writer:
        worker = _Worker(store, copy, writer, cancel)
        for task in tasks:
            cancel.check()
            outcome, products = worker.ingest(task)
            result.outcomes.append(outcome)
            result.products += products
        result.files = writer.close()
    return result


_Result = tuple[Outcome, list[ProductRecord]]
"""The outcome of a file, and its products to commit."""


@dataclass(frozen=True)
class _File:
    """A file that is being ingested."""

    path: Path
    """Local path."""
    stat: FileStat
    digest: str
    """Checksum of its content."""


@dataclass(frozen=True)
class _Worker:
    """Ingests the files of a batch."""

    store: Store
    copy: bool
    writer: RowWriter
    cancel: Cancellation

    def ingest(self, task: IngestTask) -> _Result:
        """Ingest a file.  Any error in the file becomes the reason to refuse it."""
        try:
            return self._ingest(task)
        except LakeError:
            raise  # a fault of the lake, such as a full disk, not of this file
        except SkippedError as error:
            return Outcome(task.source.location, Action.SKIPPED, reason=str(error)), []
        except RefusedError as error:
            return _refuse(task, str(error))
        except FileNotFoundError:
            return _refuse(task, "The file does not exist.")
        except OSError as error:
            return _refuse(task, f"The file cannot be read: {error.strerror or error}")
        except Exception as error:  # noqa: BLE001 - one strange file must not stop the others
            return _refuse(task, f"The file cannot be interpreted: {type(error).__name__}: {error}")

    def _ingest(self, task: IngestTask) -> _Result:
        """Ingest a file, unless its content is already in the lake."""
        stat = task.source.stat()
        existing = task.existing
        if existing and _is_same_object(task, existing, stat) and not self._needs_copy(existing):
            return Outcome(task.source.location, Action.UNCHANGED, existing.uri), []
        with task.source.localized(self.cancel) as path:
            file = _File(path, stat, checksum(path, self.cancel))
            if existing is None:
                return self._read(task, file, Action.INGESTED)
            if existing.checksum != file.digest:
                return self._read(task, file, Action.REPLACED)
            return self._relocate(task, existing, file)

    def _needs_copy(self, existing: ProductRecord) -> bool:
        return self.copy and not is_copy(self.store, existing.location)

    def _relocate(self, task: IngestTask, existing: ProductRecord, file: _File) -> _Result:
        """Return the outcome for content that is already in the lake; its location may change."""
        location = task.source.location
        is_here = existing.location == location
        is_intact = is_here or self._is_intact(task, existing)
        needs_copy = self._needs_copy(existing)
        is_current = not is_here or existing.modified == file.stat.modified
        if is_intact and is_current and not needs_copy:
            return Outcome(location, Action.UNCHANGED, existing.uri), []
        action = Action.UNCHANGED if is_intact and not needs_copy else Action.MOVED
        place = self._final_location(task, file)
        products = [product.with_file(*place) for product in (existing, *task.others)]
        return Outcome(location, action, existing.uri), products

    def _is_intact(self, task: IngestTask, existing: ProductRecord) -> bool:
        """Return whether the file of a product exists and is unchanged since its ingest.

        Raises
        ------
        RefusedError
            If it may exist, but cannot be read now.
        """
        source = task.existing_source
        try:
            if source is None or not source.exists():
                return False
            same_stat = source.stat() == FileStat(existing.file_size, existing.modified)
            return same_stat or source.checksum(self.cancel) == existing.checksum
        except FileNotFoundError:
            return False
        except OSError as error:
            raise RefusedError(
                f"The product has a file at {existing.location}, which cannot be read now: "
                f"{error.strerror or error}"
            ) from error

    def _read(self, task: IngestTask, file: _File, action: Action) -> _Result:
        """Write the rows of the products of a file, and return them."""
        products = open_products(file.path, task.layout)
        with products[0]:
            records = [
                self._read_product(task, file, product, is_main=i == 0)
                for i, product in enumerate(products)
            ]
        known = [record for record in records if record.n_stored]
        if not known:
            raise RefusedError("No pixel has a value: every flux is NaN.")
        if task.source.stat() != file.stat:
            raise RefusedError("The file changed while it was read. Ingest it again.")
        pixels = sum(record.n_stored for record in known)
        layout = products[0].layout
        location = task.source.location
        return Outcome(location, action, task.uri, pixels=pixels, layout=layout), known

    def _read_product(
        self, task: IngestTask, file: _File, product: Product, *, is_main: bool
    ) -> ProductRecord:
        """Write the rows of a product, and return it."""
        product_id = task.product_id if is_main else ProductIds().next()
        uri = task.uri if is_main else f"{task.uri}{PART}{product.product_type}"
        totals = Totals()
        for rows in tabulate(product, product_id, totals):
            self.writer.write(rows, product.product_type)
            self.cancel.check()
        location, modified = self._final_location(task, file)
        columns = {
            "productId": product_id,
            "uri": uri,
            "location": location,
            "checksum": file.digest,
            "fileSize": file.stat.size,
            "modified": modified,
            "ingested": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        }
        return ProductRecord(product_row(product, columns, totals))

    def _final_location(self, task: IngestTask, file: _File) -> tuple[str, int]:
        """Return the location from which to retrieve the file, and its modification time there."""
        if not self.copy:
            return task.source.location, file.stat.modified
        location = put_copy(self.store, file.path, file.digest)
        with lake_errors():
            return location, self.store.stat(self.store.name_of(location) or "").modified


def _refuse(task: IngestTask, reason: str) -> _Result:
    return Outcome(task.source.location, Action.REFUSED, reason=reason), []


def _is_same_object(task: IngestTask, existing: ProductRecord, stat: FileStat) -> bool:
    """Return whether an object in a bucket is certainly unchanged since its ingest.

    Modification times in buckets are in whole seconds, so an object written during its ingest may
    have changed again within the same second.
    """
    if existing.location != task.source.location or not is_object(existing.location):
        return False
    ingested = datetime.fromisoformat(existing.ingested).replace(tzinfo=UTC).timestamp()
    is_settled = ingested - stat.modified / 1e9 > SETTLED_SECONDS
    return is_settled and stat == FileStat(existing.file_size, existing.modified)
