"""Writing of a segment from a Parquet file of pixels."""

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
    """Write the segment of a Parquet file of pixels, atomically.

    Parameters
    ----------
    store
        The files of the lake, to which the segment is added.
    file
        The Parquet file, in which the pixels of each spectrum must be consecutive.
    spectra
        The rows of SpectralCharacteristics for the products in the file.
    folder
        Folder of the segment.

    Raises
    ------
    LakeError
        If the segment cannot be written.
    ValueError
        If the pixels of a spectrum are not consecutive, or a spectrum is missing in `spectra`.
        Such a file cannot have a segment.
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
    # The column `pixel` comes first, because other columns are compared with it.
    encodings = {
        name: ColumnEncoding(encoding=writer.write(name))
        for name in sorted(names, key=lambda name: name != "pixel")
    }
    # Zones are computed from the stored values, which searches read.
    columns = Manifest(format=FORMAT, rows=file.n_rows, columns=encodings)
    zones = ZoneWriter(Segment(folder, columns, spectra), file.n_rows, folder)
    with_zones = {
        name: column.model_copy(update={"zones": zones.write(name, column)})
        for name, column in encodings.items()
    }
    manifest = columns.model_copy(update={"columns": with_zones})
    (folder / MANIFEST).write_text(manifest.model_dump_json())


def _spectra_of(file: PixelFile, spectra: pa.Table) -> pa.Table:
    """Return the spectra of a file with the columns ``first`` and ``count``; see `Segment`."""
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
    """Writer of the minimum and maximum of each zone.

    Parameters
    ----------
    segment
        The segment with its columns written.
    n_rows
        Number of pixels.
    folder
        Folder of the segment.
    """

    def __init__(self, segment: Segment, n_rows: int, folder: Path) -> None:
        self._segment, self._n_rows, self._folder = segment, n_rows, folder
        self._spectrum_index = np.repeat(np.arange(len(segment.first)), segment.count)

    def write(self, name: str, column: ColumnEncoding) -> bool:
        """Write the zones of a floating-point column; return whether the column has zones."""
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
    """Flush all files of a folder to disk, before it is renamed to its final name."""
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
