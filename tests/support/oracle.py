"""What astropy reads from a file, by code that shares nothing with the package's reader."""

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asdf
import numpy as np
from astropy.io import fits
from astropy.wcs import WCS
from numpy.typing import NDArray

Array = NDArray[Any]

NO_ARRAYS = {"ASDF", "HDRTAB", "WCS-TABLE", "INT_TIMES"}


@dataclass
class Expected:
    """The arrays of a product by FITS name, and the scalars of its rows."""

    arrays: dict[str, Any]
    """A list of images where there are several slits."""
    per_spectrum: dict[str, list[Any]]
    lengths: list[int]


def expected_arrays(path: Path) -> Expected:
    """Return every array that a retrieval must give, in the file's order and shape."""
    with fits.open(path, memmap=False) as hdus:
        tables = [h for h in hdus if h.name in ("EXTRACT1D", "COMBINE1D")]
        if not tables:
            tables = [h for h in hdus[1:] if isinstance(h, fits.BinTableHDU) and not h.name]
        if tables:
            return _tables(tables)
        versions = [h.ver for h in hdus if h.name == "SCI"]
        names = dict.fromkeys(
            h.name for h in hdus if h.is_image and h.data is not None and h.name != "PRIMARY"
        )
        arrays = {n: [np.array(hdus[n, v].data) for v in versions] for n in names}
        single = {n: a[0] if len(a) == 1 else a for n, a in arrays.items()}
        return Expected(single, {}, [])


def _tables(tables: list[fits.BinTableHDU]) -> Expected:
    arrays: dict[str, list[Array]] = {}
    per: dict[str, list[Any]] = {}
    lengths: list[int] = []
    for hdu in tables:
        data = hdu.data
        vector = data["WAVELENGTH"].ndim == 2
        rows = range(len(data)) if vector else [None]
        for row in rows:
            length = len(data) if row is None else int(data["N_ALONGDISP"][row])
            lengths.append(length)
            for name in data.names:
                if row is None:
                    arrays.setdefault(name, []).append(np.array(data[name]))
                elif np.ndim(data[name]) == 2:
                    arrays.setdefault(name, []).append(np.array(data[name][row])[:length])
                else:
                    per.setdefault(name, []).append(data[name][row])
    return Expected({n: np.concatenate(a) for n, a in arrays.items()}, per, lengths)


def slit_world(path: Path) -> tuple[Array, Array, Array]:
    """Return ra, dec and wavelength of each pixel of a single-slit image, from its gwcs."""
    with fits.open(path, memmap=False) as hdus, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with asdf.open(io.BytesIO(hdus["ASDF"].data[0][0].tobytes())) as tree:
            node = tree["slits"][0] if "slits" in tree.tree else tree
            y, x = np.mgrid[: hdus["SCI"].data.shape[0], : hdus["SCI"].data.shape[1]]
            ra, dec, wavelength = node["meta"]["wcs"](x, y)
    return ra, dec, wavelength


def cube_axes(path: Path) -> tuple[Array, Array, Array]:
    """Return wavelengths of the planes, and ra, dec of the spaxels, by astropy's own WCS."""
    with fits.open(path, memmap=False) as hdus, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        header = hdus["SCI"].header
        wcs = WCS(header, fobj=hdus)
        nz, ny, nx = hdus["SCI"].data.shape
        middle = [(nx - 1) / 2, (ny - 1) / 2]
        wavelength = wcs.pixel_to_world_values(*middle, np.arange(nz))[2]
        if not header["CTYPE3"].endswith("TAB"):
            wavelength = wavelength * 1e6  # astropy gives metres for a linear axis
        y, x = np.mgrid[:ny, :nx]
        ra, dec = (
            wcs.celestial.pixel_to_world_values(x, y)
            if not header["CTYPE3"].endswith("TAB")
            else wcs.sub([1, 2]).pixel_to_world_values(x, y)
        )
    return wavelength, np.mod(ra, 360), dec


# A search's pixels


@dataclass
class Spectrum:
    """A spectrum as a search sees it: arrays of its pixels, and what they share."""

    number: int
    pixels: dict[str, Array]
    shared: dict[str, Any]


def spectra(path: Path) -> Iterator[Spectrum]:
    """Yield the spectra of a product with all their pixels, those without a value too."""
    with fits.open(path, memmap=False) as hdus:
        names = {h.name for h in hdus}
        if "SCI" in names and hdus["SCI"].data is not None:
            yield from (_cube if hdus["SCI"].data.ndim == 3 else _slit)(path, hdus)
            return
    yield from _extracted(path)


def _extracted(path: Path) -> Iterator[Spectrum]:
    expected = expected_arrays(path)
    ends = np.cumsum(expected.lengths)
    a = expected.arrays
    for number, (end, length) in enumerate(zip(ends, expected.lengths, strict=True)):
        part = slice(end - length, end)
        error = a["FLUX_ERROR"] if "FLUX_ERROR" in a else a["ERROR"]
        dq = np.nan_to_num(a["DQ"][part], nan=1).astype("u4")
        finite = [np.isfinite(v[part]) for v in (a["WAVELENGTH"], a["FLUX"], error)]
        with np.errstate(invalid="ignore"):
            good = np.logical_and.reduce([*finite, error[part] > 0, dq & 1 == 0])
        if "WEIGHT" in a:
            good &= a["WEIGHT"][part] > 0
        pixels = {
            "x": np.arange(length),
            "wavelength": a["WAVELENGTH"][part],
            "flux": a["FLUX"][part],
            "fluxErr": error[part],
            "dq": dq,
            "good": good,
            "surfBright": a["SURF_BRIGHT"][part],
        }
        yield Spectrum(number, pixels, {})


def _slit(path: Path, hdus: fits.HDUList) -> Iterator[Spectrum]:
    along_x = hdus["SCI"].header["DISPAXIS"] == 1
    wavelength = slit_world(path)[2]
    if "WAVELENGTH" in {h.name for h in hdus}:
        wavelength = hdus["WAVELENGTH"].data
    images = {
        "flux": hdus["SCI"].data,
        "fluxErr": hdus["ERR"].data,
        "wavelength": wavelength,
        "wht": hdus["WHT"].data,
    }
    rows = {n: np.asarray(i, "f8") if along_x else np.asarray(i, "f8").T for n, i in images.items()}
    for number in range(len(rows["flux"])):
        pixels = {name: image[number] for name, image in rows.items()}
        n = len(pixels["flux"])
        pixels["x"], pixels["y"] = np.arange(n), np.full(n, number)
        if not along_x:
            pixels["x"], pixels["y"] = pixels["y"], pixels["x"]
        finite = [np.isfinite(pixels[k]) for k in ("flux", "fluxErr", "wavelength")]
        pixels["good"] = np.logical_and.reduce([*finite, pixels["wht"] > 0])
        pixels["flux"] = np.where(pixels.pop("wht") > 0, pixels["flux"], np.nan)
        yield Spectrum(number, pixels, {})


def _cube(path: Path, hdus: fits.HDUList) -> Iterator[Spectrum]:
    names = {h.name for h in hdus}
    wavelength = _cube_wavelength(hdus)
    sci = hdus["SCI"].data.astype("f8")
    err = hdus["ERR"].data.astype("f8") if "ERR" in names else None
    dq = hdus["DQ"].data if "DQ" in names else None
    version = tuple(int(n) for n in hdus[0].header["CAL_VER"].split(".")[:2])
    _, ny, nx = sci.shape
    for y in range(ny):
        for x in range(nx):
            flux = sci[:, y, x]
            good = np.isfinite(flux) & ((flux != 0) | (version >= (1, 9)))
            if err is not None:
                good &= np.isfinite(err[:, y, x]) & (err[:, y, x] > 0)
            if dq is not None:
                good &= dq[:, y, x] & 1 == 0
            n = len(flux)
            pixels = {
                "x": np.full(n, x),
                "y": np.full(n, y),
                "z": np.arange(n),
                "flux": flux,
                "fluxErr": np.full(n, np.nan) if err is None else err[:, y, x],
                "wavelength": wavelength,
                "good": good,
                "dq": np.full(n, np.nan) if dq is None else dq[:, y, x],
            }
            yield Spectrum(y * nx + x, pixels, {})


def _cube_wavelength(hdus: fits.HDUList) -> Array:
    header = hdus["SCI"].header
    planes = np.arange(header["NAXIS3"])
    if "WCS-TABLE" in {h.name for h in hdus}:
        table = np.asarray(hdus["WCS-TABLE"].data["wavelength"], "f8").ravel()
        return table[: len(planes)]
    return np.asarray(header["CRVAL3"] + (planes + 1 - header["CRPIX3"]) * header["CDELT3"], "f8")


def der_snr(flux: Array, good: Array) -> float:
    """Return DER_SNR as its authors' text has it, with gaps where pixels are not good."""
    values = [float(f) if g and f != 0 else None for f, g in zip(flux, good, strict=True)]
    differences = [
        abs(2 * b - a - c)
        for a, b, c in zip(values[:-4], values[2:-2], values[4:], strict=True)
        if a is not None and b is not None and c is not None
    ]
    if len(differences) < 3:
        return float("nan")
    noise = 1.482602 / 6**0.5 * float(np.median(differences))
    kept = [value for value in values if value is not None]
    return float(np.median(kept)) / noise if noise > 0 else float("nan")
