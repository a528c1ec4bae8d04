"""Build a large lake: worker processes write Parquet files, and the parent commits them."""

import json
import multiprocessing
import os
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from time import perf_counter

from bench.biglake.cubes import S3D_PIXELS, MadeUpCube
from bench.biglake.modes import X1D_PIXELS
from bench.biglake.spectra import MadeUpSpectrum
from spectraldb.derive.rows import Totals, product_row, tabulate
from spectraldb.lake.data_files import DataFile, RowWriter
from spectraldb.lake.ids import ProductIds
from spectraldb.lake.lake import Lake
from spectraldb.lake.record import ProductRecord
from spectraldb.maintenance.progress import Step
from spectraldb.products.names import mast_uri
from spectraldb.products.product import Product
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.tables import Table
from spectraldb.service.service import Service
from spectraldb.settings import Settings
from spectraldb.storage.folder_store import FolderStore

FILE_PIXELS = {"x1d": 500_000, "s3d": 2_000_000}
"""Pixels per commit, about as in a batch of an ingest: 400 spectra, or a cube."""
PIXELS = {"x1d": X1D_PIXELS, "s3d": S3D_PIXELS}
STAMP = "bench.json"

Report = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """Type and size of a lake to build."""

    kind: str
    """x1d or s3d."""
    pixels: int

    @property
    def products(self) -> int:
        """Number of products with this many pixels."""
        return max(1, round(self.pixels / PIXELS[self.kind]))

    @property
    def name(self) -> str:
        """Name of the folder, such as x1d-100m."""
        return f"{self.kind}-{self.pixels / 1e6:g}m"

    def batches(self) -> Iterator[range]:
        """Yield the numbers of the products of each commit."""
        step = max(1, round(FILE_PIXELS[self.kind] / PIXELS[self.kind]))
        for start in range(0, self.products, step):
            yield range(start, min(start + step, self.products))


@dataclass(frozen=True)
class _Job:
    lake: Path
    plan: Plan
    products: list[tuple[int, int]]
    """Number and productId of each product."""


@dataclass(frozen=True)
class Built:
    """A lake that is complete."""

    folder: Path
    plan: Plan
    stamp: str
    """Identifier of the build; product numbers differ between builds."""
    optimized: float
    """Seconds that `optimize` took after the lake was written."""


def build(folder: Path, plan: Plan, report: Report) -> Built:
    """Build a lake in a folder unless it exists.

    Raises
    ------
    RuntimeError
        If the folder contains anything else.
    """
    if built := _existing(folder, plan):
        return built
    if folder.exists():
        raise RuntimeError(f"{folder} contains another or an incomplete lake. Delete it.")
    _fill(folder, plan, report)
    seconds = optimize(folder, report)
    stamp = secrets.token_hex(8)
    facts = _facts(plan) | {"stamp": stamp, "optimized": seconds}
    (folder / STAMP).write_text(json.dumps(facts))
    return Built(folder, plan, stamp, seconds)


def optimize(folder: Path, report: Report) -> float:
    """Optimize a lake as after an ingest, and return the duration in seconds."""
    rows, start = 0, perf_counter()

    def report_step(step: Step) -> None:
        nonlocal rows
        rows += step.rows
        report(f"{folder.name}: {step.name}: {rows:,} rows done")

    with closing(Service(Settings(lake=folder))) as service:
        # Nothing reads the lake yet, so old versions and files can be deleted immediately.
        service.optimize(keep_days=0, grace=0, report=report_step)
    return perf_counter() - start


def _fill(folder: Path, plan: Plan, report: Report) -> None:
    lake = Lake(FolderStore(folder), create=True)
    done = 0
    for files, products in _written(folder, plan):
        lake.commit(files, products)
        done += sum(product.n_stored for product in products)
        report(f"{plan.name}: {done:,} pixels written")


def _existing(folder: Path, plan: Plan) -> Built | None:
    stamp = folder / STAMP
    facts = json.loads(stamp.read_text()) if stamp.exists() else {}
    same = _facts(plan).items() <= facts.items()
    return Built(folder, plan, facts["stamp"], facts["optimized"]) if same else None


def _facts(plan: Plan) -> dict[str, object]:
    """Return the properties that a reusable lake must share: contents and columns."""
    columns = {table.value: SCHEMAS[table].names for table in (Table.SPECTRUM, Table.PIXEL)}
    return asdict(plan) | {"columns": columns}


def _written(folder: Path, plan: Plan) -> Iterator[tuple[list[DataFile], list[ProductRecord]]]:
    """Yield the files and rows of each commit, in the order of the products."""
    ids = ProductIds()
    jobs = (
        _Job(folder, plan, [(number, ids.next()) for number in batch]) for batch in plan.batches()
    )
    context = multiprocessing.get_context("spawn")
    workers = os.cpu_count() or 1
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        # A few at a time, so that few files await their commit and a failure stops the rest.
        while batch := list(islice(jobs, 8 * workers)):
            yield from pool.map(_write, batch)


def _write(job: _Job) -> tuple[list[DataFile], list[ProductRecord]]:
    """Write the files of a commit; runs in a worker."""
    records = []
    with RowWriter(FolderStore(job.lake)) as writer:
        for number, product_id in job.products:
            product, totals = made_up(job.plan, number), Totals()
            for part in tabulate(product, product_id, totals):
                writer.write(part, product.product_type)
            row = product_row(product, _known(product, product_id), totals)
            records.append(ProductRecord(row))
        return writer.close(), records


def made_up(plan: Plan, number: int) -> Product:
    """Return the product with a number in a lake."""
    return MadeUpSpectrum(number, plan.products) if plan.kind == "x1d" else MadeUpCube(number)


def _known(product: Product, product_id: int) -> dict[str, object]:
    """Return the columns that an ingest derives from a file itself."""
    return {
        "productId": product_id,
        "uri": mast_uri(product.file_name),
        "location": f"/nowhere/{product.file_name}",
        "checksum": f"{product_id:064x}",
        "fileSize": 600_000,
        "modified": 1_700_000_000_000_000_000,
        "ingested": "2026-11-22T20:00:00",
    }
