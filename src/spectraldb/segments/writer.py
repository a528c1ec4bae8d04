"""Writing of a segment from a Parquet file of pixels."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa

from spectraldb.lake.errors import lake_errors
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.tables import Table
from spectraldb.segments.column_writer import ColumnWriter
from spectraldb.segments.format import (
    FORMAT,
    MANIFEST,
    SPECTRA,
    ColumnEncoding,
    Encoding,
    Manifest,
)
from spectraldb.segments.parquet_columns import PixelFile
from spectraldb.segments.reader import SPECTRUM_KEYS, Segment
from spectraldb.segments.statistics_writer import StatisticsWriter
from spectraldb.storage.store import Store
from spectraldb.storage.temporary import temporary_path

COLUMNS_AT_ONCE = 2
"""Number of columns that are written at the same time, each of which is in memory."""


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
    with ThreadPoolExecutor(COLUMNS_AT_ONCE) as pool:
        # The column `pixel` comes first, because other columns are compared with it.
        encodings = {"pixel": ColumnEncoding(encoding=writer.write("pixel"))}
        others = [name for name in names if name != "pixel"]
        for name, encoding in zip(others, pool.map(writer.write, others), strict=True):
            encodings[name] = ColumnEncoding(encoding=encoding)
    encodings["snr"] = ColumnEncoding(encoding=Encoding.COMPUTED)
    # Computed from the stored values, which searches read.
    manifest = Manifest(format=FORMAT, rows=file.n_rows, columns=encodings)
    statistics = StatisticsWriter(Segment(folder, manifest, spectra), file.n_rows, folder)
    with ThreadPoolExecutor(COLUMNS_AT_ONCE) as pool:
        columns = pool.map(lambda name: statistics.write(name, encodings[name]), encodings)
        described = dict(zip(encodings, columns, strict=True))
    manifest = manifest.model_copy(update={"columns": described})
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


def _sync_files(folder: Path) -> None:
    """Flush all files of a folder to disk, before it is renamed to its final name."""
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
