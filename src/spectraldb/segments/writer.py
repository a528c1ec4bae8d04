"""A segment is written from a Parquet file of pixels."""

import os
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa

from spectraldb.arrays import Array
from spectraldb.lake.errors import lake_errors
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.tables import Table
from spectraldb.segments.column_writer import ColumnWriter
from spectraldb.segments.format import (
    FORMAT,
    MANIFEST,
    SPECTRA,
    ZONE,
    ColumnEncoding,
    Encoding,
    Manifest,
    column_file,
)
from spectraldb.segments.parquet_columns import BATCH_ROWS, PixelFile
from spectraldb.segments.reader import SPECTRUM_KEYS, PixelRows, Segment
from spectraldb.storage.store import Store
from spectraldb.storage.temporary import temporary_path


def write_segment(store: Store, file: Path, spectra: pa.Table, folder: Path) -> None:
    """Write the segment of a Parquet file of pixels, whole or not at all.

    Parameters
    ----------
    store
        The lake's files, of which it becomes one.
    file
        The Parquet file; the pixels of each spectrum are consecutive in it.
    spectra
        The rows of SpectralCharacteristics of its products.
    folder
        The segment's folder.

    Raises
    ------
    LakeError
        If it cannot be written.
    ValueError
        If the pixels of a spectrum are not consecutive, or a spectrum is not among the rows: such
        a file has no segment.
    """
    temporary = temporary_path(folder)
    with lake_errors():
        temporary.mkdir(parents=True)
        try:
            _write(PixelFile(file), spectra, temporary)
            _sync_files(temporary)
            store.put_folder(temporary, folder)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def _write(file: PixelFile, spectra: pa.Table, folder: Path) -> None:
    spectra = _spectra_of(file, spectra)
    _write_spectra(spectra, folder)
    writer = ColumnWriter(file, spectra, folder)
    names = [field.name for field in SCHEMAS[Table.PIXEL] if field.name not in SPECTRUM_KEYS]
    # The index of the pixel comes first: other columns are compared with it.
    encodings = {
        name: ColumnEncoding(encoding=writer.write(name))
        for name in sorted(names, key=lambda name: name != "pixel")
    }
    # Zones are computed from the columns as a search will read them.
    columns = Manifest(format=FORMAT, rows=file.n_rows, columns=encodings)
    zones = ZoneWriter(Segment(folder, columns, spectra), file.n_rows, folder)
    with_zones = {
        name: column.model_copy(update={"zones": zones.write(name, column)})
        for name, column in encodings.items()
    }
    manifest = columns.model_copy(update={"columns": with_zones})
    (folder / MANIFEST).write_text(manifest.model_dump_json())


def _spectra_of(file: PixelFile, spectra: pa.Table) -> pa.Table:
    """Return the rows of the spectra of a file, with the first row and number of their pixels."""
    runs = file.spectrum_runs()
    joined = runs.join(spectra, keys=list(SPECTRUM_KEYS), join_type="inner")
    distinct = runs.group_by(list(SPECTRUM_KEYS)).aggregate([])
    if len(joined) < len(runs):
        raise ValueError(f"{file.path}: The rows of some of its spectra are missing.")
    if len(distinct) < len(runs):
        raise ValueError(f"{file.path}: The pixels of a spectrum are not consecutive.")
    return joined.sort_by("first").combine_chunks()


def _write_spectra(spectra: pa.Table, folder: Path) -> None:
    path = str(folder / SPECTRA)
    with pa.OSFile(path, "wb") as sink, pa.ipc.new_file(sink, spectra.schema) as writer:
        writer.write_table(spectra)


class ZoneWriter:
    """Writes the lowest and highest value of each zone.

    Parameters
    ----------
    segment
        The columns, written.
    n_rows
        The number of pixels.
    folder
        Where the files go.
    """

    def __init__(self, segment: Segment, n_rows: int, folder: Path) -> None:
        self._segment, self._n_rows, self._folder = segment, n_rows, folder
        self._spectrum_index = np.repeat(np.arange(len(segment.first)), segment.count)

    def write(self, name: str, column: ColumnEncoding) -> bool:
        """Write the zones of a column of floats; return whether it has any."""
        floating = pa.types.is_floating(SCHEMAS[Table.PIXEL].field(name).type)
        if not floating or column.encoding is Encoding.ABSENT:
            return False
        lows, highs = [], []
        for begin in range(0, self._n_rows, BATCH_ROWS):
            values = self._values(name, begin, min(begin + BATCH_ROWS, self._n_rows))
            zones = np.arange(0, len(values), ZONE)
            lows.append(np.fmin.reduceat(values, zones))
            highs.append(np.fmax.reduceat(values, zones))
        np.save(column_file(self._folder, name, "low"), np.concatenate(lows))
        np.save(column_file(self._folder, name, "high"), np.concatenate(highs))
        return True

    def _values(self, name: str, begin: int, end: int) -> Array:
        rows = PixelRows(slice(begin, end), self._spectrum_index[begin:end])
        return np.asarray(self._segment.values(name, rows), "f8")


def _sync_files(folder: Path) -> None:
    """Have the system write all files of a folder to the disk, before it gets its name."""
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
