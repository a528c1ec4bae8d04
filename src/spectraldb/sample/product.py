"""A product: its file name and its extensions."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asdf
import numpy as np
from astropy.io import fits

from spectraldb.sample.headers import Cards, primary_header
from spectraldb.sample.observation import Observation, mjd


@dataclass(frozen=True, slots=True)
class Product:
    """A level-3 file in memory."""

    name: str
    hdus: fits.HDUList

    def save(self, path: Path) -> None:
        """Write to a temporary file and rename it, so that the final file is always complete."""
        unfinished = path.with_name(f".{path.name}.part")
        try:
            self.hdus.writeto(unfinished, overwrite=True)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)


def assemble(
    observation: Observation,
    kind: str,
    model: str,
    extensions: Sequence[fits.hdu.base.ExtensionHDU],
    *,
    extra: Cards | None = None,
    meta: dict[str, Any] | None = None,
) -> Product:
    """Return a product: a primary header, the extensions, and a copy of the metadata in ASDF.

    Parameters
    ----------
    observation, kind, model, extra
        As in `spectraldb.sample.headers.primary_header`.
    extensions : sequence of HDU
        The data. Extensions of the same name are numbered (EXTVER) from 1.
    meta : dict, optional
        Stored in the ASDF tree under `meta`; a gwcs is stored as `wcs`.
    """
    name = observation.file_name(kind)
    counts: dict[str, int] = {}
    for hdu in extensions:
        counts[hdu.name] = counts.get(hdu.name, 0) + 1
        hdu.ver = counts[hdu.name]
    known = {
        "telescope": "JWST",
        "filename": name,
        "model_type": model,
        "instrument": {"name": observation.instrument},
    }
    first = fits.PrimaryHDU(header=primary_header(observation, kind, model, extra))
    return Product(
        name, fits.HDUList([first, *extensions, asdf_table({"meta": known | (meta or {})})])
    )


def asdf_table(tree: dict[str, Any]) -> fits.BinTableHDU:
    """Store an ASDF file in a table of one row and one column of bytes."""
    draft = _asdf_bytes(tree)
    # asdf records the extensions used in the order of a set, which changes from run to run, but
    # keeps the order of existing records.
    with asdf.open(io.BytesIO(draft)) as file:
        records = sorted(
            file["history"]["extensions"], key=lambda record: str(record["extension_uri"])
        )
    final = _asdf_bytes(tree | {"history": {"extensions": records}})
    raw = np.frombuffer(final, dtype=np.uint8)
    column = fits.Column(name="ASDF_METADATA", format=f"{raw.size}B", array=raw[np.newaxis])
    return fits.BinTableHDU.from_columns([column], name="ASDF")


def _asdf_bytes(tree: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    asdf.AsdfFile(tree).write_to(buffer)
    return buffer.getvalue()


def header_table(observation: Observation, kind: str, model: str) -> fits.BinTableHDU:
    """Return HDRTAB: a row with the header of each exposure that was combined into the product."""
    rows = []
    step = (observation.end - observation.start) / observation.exposures
    for index in range(observation.exposures):
        header = primary_header(observation, kind, model)
        header["FILENAME"] = f"jw{observation.visit}_03101_{index + 1:05d}_cal.fits"
        header["EXPOSURE"] = str(index + 1)
        header["EXPSTART"] = mjd(observation.start + index * step)
        header["EXPEND"] = mjd(observation.start + (index + 1) * step)
        header["EFFEXPTM"] = observation.exposure_s
        rows.append(header)
    keys = [key for key in rows[0] if key not in ("", "HISTORY")]
    return fits.BinTableHDU.from_columns([_header_column(key, rows) for key in keys], name="HDRTAB")


def _header_column(key: str, rows: Sequence[fits.Header]) -> fits.Column:
    values = [row[key] for row in rows]
    if isinstance(values[0], str):
        form = f"{max(1, *map(len, values))}A"
    else:
        form = {bool: "L", int: "K", float: "D"}[type(values[0])]
    return fits.Column(name=key, format=form, array=np.array(values))
