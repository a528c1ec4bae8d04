"""A segment is written from a Parquet file of pixels."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from spectraldb.arrays import Array
from spectraldb.lake.errors import lake_errors
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.tables import Table
from spectraldb.segments.format import (
    FORMAT,
    MANIFEST,
    SPECTRA,
    ZONE,
    Kept,
    Kind,
    Manifest,
    column_file,
    none_code,
    single_is_exact,
    smallest,
)
from spectraldb.segments.reader import OF_SPECTRUM, Rows, Segment
from spectraldb.storage.store import Store
from spectraldb.storage.temporary import temporary_path

BATCH_ROWS = 2**20
SHARED = 4
"""A column is kept by planes where that makes it shorter by this factor."""

NONE = none_code(np.dtype("i8"))


def write_segment(store: Store, file: Path, spectra: pa.Table, folder: Path) -> None:
    """Write the segment of a Parquet file of pixels; it is there whole or not at all.

    Parameters
    ----------
    store
        The lake's files, of which it becomes one.
    file
        The Parquet file; the pixels of a spectrum follow each other in it.
    spectra
        The rows of SpectralCharacteristics of its products.
    folder
        The segment's folder.

    Raises
    ------
    LakeError
        If it cannot be written.
    ValueError
        If the pixels of a spectrum do not follow each other, or a spectrum is not among the
        rows: of such a file there is no segment.
    """
    partial = temporary_path(folder)
    with lake_errors():
        partial.mkdir(parents=True)
        try:
            _Writer(file, partial).write(spectra)
            _to_disk(partial)
            store.put_folder(partial, folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)


class _Writer:
    def __init__(self, file: Path, folder: Path) -> None:
        self._file = file
        self._folder = folder
        self._rows = pq.read_metadata(file).num_rows
        self._kept: dict[str, Kept] = {}

    def write(self, spectra: pa.Table) -> None:
        runs = self._runs()
        self._first = runs["first"].to_numpy()
        self._write_spectra(runs, spectra)
        names = [field.name for field in SCHEMAS[Table.PIXEL] if field.name not in OF_SPECTRUM]
        # The index of the pixel comes first: other columns are compared with it.
        for name in sorted(names, key=lambda name: name != "pixel"):
            self._write_column(name)
        # Zones are computed from the columns as a search will read them.
        self._write_manifest()
        self._write_zones()
        self._write_manifest()

    def _runs(self) -> pa.Table:
        """Return where each spectrum begins and how many pixels it has."""
        starts, products, numbers = [], [], []
        at, last = 0, (None, None)
        for product, number in zip(*(self._batches(name) for name in OF_SPECTRUM), strict=True):
            begins = np.flatnonzero((np.diff(product) != 0) | (np.diff(number) != 0)) + 1
            if (product[0], number[0]) != last:
                begins = np.concatenate([[0], begins])
            starts.append(begins + at)
            products.append(product[begins])
            numbers.append(number[begins])
            at, last = at + len(product), (product[-1], number[-1])
        first = np.concatenate(starts)
        return pa.table(
            {
                "productId": np.concatenate(products),
                "spectrum": pa.array(np.concatenate(numbers), pa.int32()),
                "first": first,
                "count": np.diff(first, append=self._rows),
            }
        )

    def _write_spectra(self, runs: pa.Table, spectra: pa.Table) -> None:
        joined = runs.join(spectra, keys=list(OF_SPECTRUM), join_type="inner")
        distinct = runs.group_by(list(OF_SPECTRUM)).aggregate([])
        if len(joined) < len(runs):
            raise ValueError(f"{self._file}: not all of its spectra are known")
        if len(distinct) < len(runs):
            raise ValueError(f"{self._file}: the pixels of a spectrum do not follow each other")
        self._spectra = joined.sort_by("first").combine_chunks()
        path = str(self._folder / SPECTRA)
        with pa.OSFile(path, "wb") as sink, pa.ipc.new_file(sink, self._spectra.schema) as writer:
            writer.write_table(self._spectra)

    def _batches(self, name: str) -> Iterator[Array]:
        """Yield a column's values: numbers in double precision, or whole ones of 64 bits."""
        with pq.ParquetFile(self._file) as parquet:
            for batch in parquet.iter_batches(BATCH_ROWS, columns=[name], use_threads=False):
                values = batch.column(0)
                if pa.types.is_floating(values.type):
                    yield values.fill_null(np.nan).to_numpy(zero_copy_only=False)
                else:
                    whole = values.cast(pa.int64()).fill_null(NONE)
                    yield whole.to_numpy(zero_copy_only=False)

    def _write_column(self, name: str) -> None:
        wide_file = self._folder / "wide.npy"
        floating = pa.types.is_floating(SCHEMAS[Table.PIXEL].field(name).type)
        wide = np.lib.format.open_memmap(
            wide_file, "w+", np.dtype("f8" if floating else "i8"), (self._rows,)
        )
        at = 0
        for values in self._batches(name):
            wide[at : at + len(values)] = values
            at += len(values)
        kind = self._float(name, wide) if floating else self._whole(name, wide)
        self._kept[name] = Kept(kind=kind)
        wide_file.unlink()

    def _float(self, name: str, wide: Array) -> Kind:
        pieces = range(0, len(wide), BATCH_ROWS)
        if all(np.isnan(wide[i : i + BATCH_ROWS]).all() for i in pieces):
            return Kind.ABSENT
        if name == "wavelength" and self._planes(name, wide):
            return Kind.PLANE
        single = all(single_is_exact(wide[i : i + BATCH_ROWS]) for i in pieces)
        self._save(name, wide, np.dtype("f4" if single else "f8"))
        return Kind.DENSE

    def _whole(self, name: str, wide: Array) -> Kind:
        low = np.minimum.reduceat(wide, self._first)
        if (low == NONE).all():
            return Kind.ABSENT
        dtype = smallest(*self._extent(wide))
        if np.array_equal(low, np.maximum.reduceat(wide, self._first)):
            self._save(name, low, dtype)
            return Kind.CONSTANT
        if name != "pixel" and np.array_equal(wide, self._pixels()):
            return Kind.PIXEL
        self._save(name, wide, dtype)
        return Kind.DENSE

    def _extent(self, wide: Array) -> tuple[int, int]:
        pieces = (wide[at : at + BATCH_ROWS] for at in range(0, len(wide), BATCH_ROWS))
        real = [values for piece in pieces if len(values := piece[piece != NONE])]
        return min(int(v.min()) for v in real), max(int(v.max()) for v in real)

    def _pixels(self) -> Array:
        pixels: Array = np.load(column_file(self._folder, "pixel"), mmap_mode="r")
        return pixels

    def _planes(self, name: str, wide: Array) -> bool:
        """Write a column by planes, if all spectra of each product have the same values."""
        products = self._spectra["productId"].to_numpy()
        changes = np.flatnonzero(np.diff(products)) + 1
        begins = np.concatenate([[0], changes])
        last = np.maximum.reduceat(self._pixels(), self._first)
        planes = np.maximum.reduceat(last, begins).astype("i8") + 1
        if int(planes.sum()) * SHARED > self._rows or len(np.unique(products)) != len(begins):
            return False
        product = np.repeat(np.arange(len(begins)), np.diff(begins, append=len(products)))
        first = (np.cumsum(planes) - planes)[product]
        counts = np.diff(self._first, append=self._rows)
        where = np.repeat(first, counts) + self._pixels()
        values = np.full(int(planes.sum()), np.nan)
        values[where] = wide
        if not np.array_equal(values[where], wide, equal_nan=True):
            return False
        np.save(column_file(self._folder, name), values)
        np.save(column_file(self._folder, name, "first"), first)
        return True

    def _save(self, name: str, values: Array, dtype: np.dtype[Any]) -> None:
        path = column_file(self._folder, name)
        narrow = np.lib.format.open_memmap(path, "w+", dtype, (len(values),))
        for at in range(0, len(values), BATCH_ROWS):
            piece = values[at : at + BATCH_ROWS]
            if dtype.kind in "iu" and dtype.itemsize < 8:
                piece = np.where(piece == NONE, none_code(dtype), piece)
            narrow[at : at + len(piece)] = piece

    def _write_zones(self) -> None:
        """Write the lowest and highest value of each zone of the numbers that vary."""
        segment = Segment(self._folder)
        for name, kept in list(self._kept.items()):
            floating = pa.types.is_floating(SCHEMAS[Table.PIXEL].field(name).type)
            if not floating or kept.kind is Kind.ABSENT:
                continue
            self._write_zones_of(name, segment)
            self._kept[name] = kept.model_copy(update={"zones": True})

    def _write_zones_of(self, name: str, segment: Segment) -> None:
        owner = np.repeat(np.arange(len(self._first)), np.diff(self._first, append=self._rows))
        lows, highs = [], []
        for at in range(0, self._rows, BATCH_ROWS):
            end = min(at + BATCH_ROWS, self._rows)
            values = np.asarray(segment.values(name, Rows(slice(at, end), owner[at:end])), "f8")
            zones = np.arange(0, len(values), ZONE)
            lows.append(np.fmin.reduceat(values, zones))
            highs.append(np.fmax.reduceat(values, zones))
        np.save(column_file(self._folder, name, "low"), np.concatenate(lows))
        np.save(column_file(self._folder, name, "high"), np.concatenate(highs))

    def _write_manifest(self) -> None:
        manifest = Manifest(format=FORMAT, rows=self._rows, columns=self._kept)
        (self._folder / MANIFEST).write_text(manifest.model_dump_json())


def _to_disk(folder: Path) -> None:
    """Have the system write all files of a folder to the disk, before it is given its name."""
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
