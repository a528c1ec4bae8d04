"""A segment for tests: spectra of several lengths, over many zones."""

from pathlib import Path
from unittest.mock import patch

import numpy as np
import pyarrow as pa
import pytest

from spectraldb.lake.data_files import DataFileWriter
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.tables import Table
from spectraldb.segments.reader import Segment
from spectraldb.segments.writer import write_segment
from spectraldb.storage.folder_store import FolderStore
from tests.support.small_tables import SmallTables

PIXELS, SPECTRA = SCHEMAS[Table.PIXEL], SCHEMAS[Table.SPECTRUM]


def segment_of(folder: Path, pixels: pa.Table, spectra: pa.Table | None = None) -> Segment:
    """Write rows of pixels to a Parquet file, and return their segment.

    Parameters
    ----------
    folder
        An empty folder.
    pixels
        The rows of SpectralPixel.
    spectra
        The rows of SpectralCharacteristics; by default only their keys.
    """
    store = FolderStore(folder)
    writer = DataFileWriter(store, Table.PIXEL, "x1d")
    writer.write(pixels)
    path = folder / Table.PIXEL.value / writer.close().path
    if spectra is None:
        keys = pixels.select(["productId", "spectrum"])
        keys = keys.group_by(keys.column_names).aggregate([])
        spectra = pa.Table.from_pylist(keys.to_pylist(), schema=SPECTRA)
    with patch("os.fsync"):  # which takes most of the time, and no test stops the machine
        write_segment(store, path, spectra, folder / "segment")
    return Segment.open(folder / "segment")


def pixel_table(**columns: object) -> pa.Table:
    """Return rows of SpectralPixel with these columns, null in all others."""
    n = len(np.asarray(columns["pixel"]))
    arrays = [
        pa.array(columns[f.name], f.type, from_pandas=True)
        if f.name in columns
        else pa.nulls(n, f.type)
        for f in PIXELS
    ]
    return pa.table(arrays, schema=PIXELS)


@pytest.fixture(scope="module")
def segment(tmp_path_factory: pytest.TempPathFactory) -> Segment:
    """Return a segment of 30 spectra of up to 400 pixels, with nulls in wavelength and flux."""
    rng = np.random.default_rng(7)
    lengths = rng.integers(1, 400, 30)
    n = int(lengths.sum())
    wavelength = np.concatenate([np.linspace(1, 1 + k / 100, k) for k in lengths])
    wavelength[rng.random(n) < 0.01] = np.nan
    flux = rng.normal(size=n)
    flux[500:900] = np.nan  # entire zones
    rows = pixel_table(
        productId=np.repeat(np.arange(30) // 4, lengths),
        spectrum=np.repeat(np.arange(30) % 4, lengths),
        pixel=np.concatenate([np.arange(k) for k in lengths]),
        wavelength=wavelength,
        flux=flux,
        dq=rng.integers(0, 3, n),
    )
    return segment_of(tmp_path_factory.mktemp("segment"), rows)


def segments_of(tables: SmallTables, folder: Path) -> list[Segment]:
    """Return two segments, each with the pixels of every second product."""
    segments: list[Segment] = []
    ids = [row["productId"] for row in tables.products]
    for part in (ids[::2], ids[1::2]):
        pixels = [row for row in tables.pixels if row["productId"] in part]
        if pixels:
            spectra = [row for row in tables.spectra if row["productId"] in part]
            segments.append(
                segment_of(
                    folder / str(len(segments)),
                    tables.table(Table.PIXEL, pixels),
                    tables.table(Table.SPECTRUM, spectra),
                )
            )
    return segments
