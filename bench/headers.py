"""Headers as large as those of real products, because reading them takes time."""

import io

import asdf
import numpy as np
from astropy.io import fits

CARDS = 375
"""Cards of the primary header, including headings and blanks; real ones have 345 to 380."""

ASDF_BYTES = 50_000
"""Size of the ASDF extension; in real x1d it is 28 to 71 kB."""

_KNOWN: dict[str, str | float] = {
    "DATE": "2026-08-01T00:00:00.000",
    "CAL_VER": "3.0.0",
    "TELESCOP": "JWST",
    "INSTRUME": "MIRI",
    "EXP_TYPE": "MIR_MRS",
    "CHANNEL": "1",
    "BAND": "SHORT",
    "PROGRAM": "01234",
    "OBSERVTN": "001",
    "TITLE": "Synthetic data of a measurement",
    "TARGNAME": "NOWHERE",
    "TARG_RA": 345.62,
    "TARG_DEC": 8.91,
    "DATE-BEG": "2023-07-08T02:17:45.000",
    "EXPSTART": 60133.1,
    "EXPEND": 60133.2,
    "EFFEXPTM": 888.0,
    "S_PHOTOM": "COMPLETE",
}


def primary(file_name: str, model: str) -> fits.PrimaryHDU:
    """Return the primary HDU of a product."""
    hdu = fits.PrimaryHDU()
    for key, value in (_KNOWN | {"FILENAME": file_name, "DATAMODL": model}).items():
        hdu.header.append((key, value, "is read"), end=True)
    for number in range((CARDS - len(hdu.header)) // 10):
        _append_block(hdu.header, number)
    return hdu


def _append_block(header: fits.Header, number: int) -> None:
    """Append three heading cards and seven values, as real headers mix them."""
    for text in ("", f"Parameters number {number}", ""):
        header.append(("", text), end=True)
    values = ("COMPLETE", "crds://jwst_miri_bench_0001.fits", number, 1.25 * number, True, "N/A", 7)
    for i, value in enumerate(values):
        header.append((f"B{number:03d}_{i}", value, "a keyword not read"), end=True)


def asdf_table() -> fits.BinTableHDU:
    """Return the ASDF extension: one row of one column of bytes."""
    raw = np.frombuffer(_asdf_bytes(), np.uint8)
    column = fits.Column("ASDF_METADATA", f"{raw.size}B", array=raw[np.newaxis])
    return fits.BinTableHDU.from_columns([column], name="ASDF")


def _asdf_bytes() -> bytes:
    line = "an unused keyword"
    keywords = {f"keyword_{i:05d}": f"{line} {i}" for i in range(ASDF_BYTES // 52)}
    buffer = io.BytesIO()
    asdf.AsdfFile({"meta": {"telescope": "JWST", "bench": keywords}}).write_to(buffer)
    return buffer.getvalue()
