"""The alternative to an ingest: a loop that writes pixels of FITS files as JSON.

`python -m bench.user_loop FOLDER OUT` writes one JSON file per product of a folder, with one row
per pixel that has a flux, and the columns that Spectral DB can search.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from bench.reading import api_name, values

Rows = list[dict[str, Any]]

KEYWORDS = (
    "PROGRAM",
    "OBSERVTN",
    "TITLE",
    "TARGNAME",
    "TARG_RA",
    "TARG_DEC",
    "INSTRUME",
    "EXP_TYPE",
    "CHANNEL",
    "BAND",
    "DATE-BEG",
    "EXPSTART",
    "EXPEND",
    "EFFEXPTM",
    "CAL_VER",
)
COLUMNS = (
    "WAVELENGTH",
    "FLUX",
    "FLUX_ERROR",
    "SURF_BRIGHT",
    "SB_ERROR",
    "BACKGROUND",
    "BKGD_ERROR",
    "DQ",
)


def write_json(path: Path, out: Path) -> int:
    """Write the pixels of a product and return their number."""
    count = 0
    with fits.open(path) as file, out.open("w") as target:
        header = {key: file[0].header.get(key) for key in KEYWORDS}
        target.write(f'{{"header":{json.dumps(header)},"rows":[')
        # In pieces, because the rows of a cube do not fit into memory at once.
        for rows in _cube(file) if path.name.endswith("_s3d.fits") else _table(file):
            if rows:
                target.write("," if count else "")
                target.write(json.dumps(rows, separators=(",", ":"))[1:-1])
                count += len(rows)
        target.write("]}")
    return count


def _table(file: Any) -> Iterator[Rows]:  # noqa: ANN401 - astropy has no types
    table = file["EXTRACT1D"].data
    keep = np.isfinite(table["FLUX"])
    columns = {api_name(name): values(table[name][keep]) for name in COLUMNS}
    yield _rows({"pixel": np.flatnonzero(keep).tolist(), **columns})


def _cube(file: Any) -> Iterator[Rows]:  # noqa: ANN401 - astropy has no types
    header = file["SCI"].header
    flux, error, dq = (file[name].data for name in ("SCI", "ERR", "DQ"))
    for z, plane in enumerate(flux):
        wavelength = header["CRVAL3"] + (z + 1 - header["CRPIX3"]) * header["CDELT3"]
        keep = np.isfinite(plane)
        y, x = np.nonzero(keep)
        yield _rows(
            {
                "x": x.tolist(),
                "y": y.tolist(),
                "z": [z] * len(x),
                "wavelength": [wavelength] * len(x),
                "flux": values(plane[keep]),
                "fluxErr": values(error[z][keep]),
                "dq": values(dq[z][keep]),
            }
        )


def _rows(columns: dict[str, list[Any]]) -> Rows:
    names = list(columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def main(folder: Path, out: Path) -> None:
    """Write the pixels of all products of a folder."""
    out.mkdir()
    pixels = sum(write_json(path, out / f"{path.stem}.json") for path in folder.glob("*.fits"))
    print(f"{pixels:,} pixels written")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
