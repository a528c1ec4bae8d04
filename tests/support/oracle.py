"""An oracle of product files, based on astropy; shares no code with the package's readers."""

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
    """A list of images if there are several slits."""
    per_spectrum: dict[str, list[Any]]
    lengths: list[int]


def expected_arrays(path: Path) -> Expected:
    """Return every array that a retrieval must return, in the file's order and shape."""
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


def slit_world(path: Path, slit: int = 0) -> tuple[Array, Array, Array]:
    """Return ra, dec and wavelength of each pixel of a slit, from its gwcs."""
    with fits.open(path, memmap=False) as hdus, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with asdf.open(io.BytesIO(hdus["ASDF"].data[0][0].tobytes())) as tree:
            node = tree["slits"][slit] if "slits" in tree.tree else tree
            ny, nx = hdus["SCI", slit + 1].data.shape
            y, x = np.mgrid[:ny, :nx]
            ra, dec, wavelength = node["meta"]["wcs"](x, y)
    return ra, dec, wavelength


def cube_axes(path: Path) -> tuple[Array, Array, Array]:
    """Return wavelengths of the planes, and ra, dec of the spaxels, from astropy's WCS."""
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


# Pixels of searches


@dataclass
class Spectrum:
    """A spectrum as a search returns it, with its pixels by column name."""

    number: int
    pixels: dict[str, Array]
    source_type: str | None


def spectra(path: Path) -> Iterator[Spectrum]:
    """Yield the spectra of a product with all pixels, including those without a value."""
    with fits.open(path, memmap=False) as hdus:
        names = {h.name for h in hdus}
        if "SCI" in names and hdus["SCI"].data is not None:
            yield from (_cube if hdus["SCI"].data.ndim == 3 else _slit)(path, hdus)
            return
        source_types = _source_types(hdus)
    yield from _extracted(expected_arrays(path), source_types)


def _source_types(hdus: fits.HDUList) -> list[str | None]:
    """Return the source type of each spectrum of the tables of a file."""
    source_types: list[str | None] = []
    for hdu in hdus[1:]:
        if not isinstance(hdu, fits.BinTableHDU) or "WAVELENGTH" not in hdu.columns.names:
            continue
        n_spectra = len(hdu.data) if hdu.data["WAVELENGTH"].ndim == 2 else 1
        if "SOURCE_TYPE" in hdu.columns.names:
            source_types += [text.strip() or None for text in hdu.data["SOURCE_TYPE"]]
        else:
            primary = hdus[0].header.get("SRCTYPE")
            source_types += [hdu.header.get("SRCTYPE") or primary or None] * n_spectra
    return source_types


def _extracted(expected: Expected, source_types: list[str | None]) -> Iterator[Spectrum]:
    ends = np.cumsum(expected.lengths)
    a = expected.arrays
    error = a["FLUX_ERROR"] if "FLUX_ERROR" in a else a["ERROR"]
    has_errors = bool(np.any(np.nan_to_num(error) != 0))
    if not has_errors:
        error = np.full(error.shape, np.nan)
    for number, (end, length) in enumerate(zip(ends, expected.lengths, strict=True)):
        part = slice(end - length, end)
        dq = np.nan_to_num(a["DQ"][part], nan=1).astype("u4")
        finite = [np.isfinite(v[part]) for v in (a["WAVELENGTH"], a["FLUX"])]
        good = np.logical_and.reduce([*finite, dq & 1 == 0])
        if has_errors:
            with np.errstate(invalid="ignore"):
                good &= np.isfinite(error[part]) & (error[part] > 0)
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
        yield Spectrum(number, pixels, source_types[number])


def _slit(path: Path, hdus: fits.HDUList) -> Iterator[Spectrum]:
    first = 0
    for slit, hdu in enumerate(hdu for hdu in hdus if hdu.name == "SCI"):
        image = slit_arrays(path, slit)
        yield from _rows(image, first, hdu.header.get("SRCTYPE"))
        first += len(image.flux) if image.dispersion == "x" else len(image.flux.T)


def _rows(image: "SlitArrays", first: int, source_type: str | None) -> Iterator[Spectrum]:
    arrays = [image.flux, image.error, image.wavelength, image.weight, image.dq, image.good]
    rows = [array if image.dispersion == "x" else array.T for array in arrays]
    for row, (flux, error, wavelength, weight, dq, good) in enumerate(zip(*rows, strict=True)):
        along, across = np.arange(len(flux)), np.full(len(flux), row)
        pixels = {
            "x": along if image.dispersion == "x" else across,
            "y": across if image.dispersion == "x" else along,
            "wavelength": wavelength,
            "flux": np.where(weight > 0, flux, np.nan),
            "fluxErr": error,
            "dq": dq,
            "good": good,
        }
        yield Spectrum(first + row, pixels, source_type)


@dataclass
class SlitArrays:
    """The images of a single slit, shape (ny, nx) each, and the axis of its dispersion."""

    dispersion: str
    wavelength: Array
    flux: Array
    error: Array
    weight: Array
    dq: Array
    """NaN if the file has no flags."""

    @property
    def good(self) -> Array:
        """The mask of good pixels."""
        finite = [np.isfinite(array) for array in (self.flux, self.error, self.wavelength)]
        return np.asarray(np.logical_and.reduce([*finite, self.weight > 0]))


def slit_arrays(path: Path, slit: int = 0) -> SlitArrays:
    """Return the images of a slit, in double precision."""
    with fits.open(path, memmap=False) as hdus:
        header, version = hdus["SCI", slit + 1].header, slit + 1
        flux, error, weight = (
            np.asarray(hdus[name, version].data, "f8") for name in ("SCI", "ERR", "WHT")
        )
        names = {h.name for h in hdus}
        dq = hdus["DQ", version].data if "DQ" in names else np.full(flux.shape, np.nan)
        if "WAVELENGTH" in names:
            wavelength = np.asarray(hdus["WAVELENGTH", version].data, "f8")
        elif "WCS-TABLE" in names:
            row = np.ravel(hdus["WCS-TABLE"].data[header["PS1_1"]][0])
            wavelength = np.broadcast_to(np.asarray(row, "f8"), flux.shape)
        else:
            wavelength = slit_world(path, slit)[2]
    return SlitArrays("xy"[header["DISPAXIS"] - 1], wavelength, flux, error, weight, dq)


@dataclass
class CubeArrays:
    """The images of a cube, shape (nz, ny, nx) each, and the wavelengths of its planes."""

    wavelength: Array
    flux: Array
    error: Array
    dq: Array
    good: Array


def cube_arrays(path: Path) -> CubeArrays:
    """Return the images of a cube in double precision; NaN if the file lacks an image."""
    with fits.open(path, memmap=False) as hdus:
        names = {h.name for h in hdus}
        flux = np.asarray(hdus["SCI"].data, "f8")
        version = tuple(int(n) for n in hdus[0].header["CAL_VER"].split(".")[:2])
        good = np.isfinite(flux) & ((flux != 0) | (version >= (1, 9)))
        error = dq = np.full(flux.shape, np.nan)
        if "ERR" in names:
            error = np.asarray(hdus["ERR"].data, "f8")
            with np.errstate(invalid="ignore"):
                good &= np.isfinite(error) & (error > 0)
        if "DQ" in names:
            dq = hdus["DQ"].data
            good &= dq & 1 == 0
        return CubeArrays(_cube_wavelength(hdus), flux, error, dq, good)


def _cube(path: Path, hdus: fits.HDUList) -> Iterator[Spectrum]:
    cube = cube_arrays(path)
    n, ny, nx = cube.flux.shape
    for y in range(ny):
        for x in range(nx):
            pixels = {
                "x": np.full(n, x),
                "y": np.full(n, y),
                "z": np.arange(n),
                "flux": cube.flux[:, y, x],
                "fluxErr": cube.error[:, y, x],
                "wavelength": cube.wavelength,
                "good": cube.good[:, y, x],
                "dq": cube.dq[:, y, x],
            }
            yield Spectrum(y * nx + x, pixels, hdus["SCI"].header.get("SRCTYPE"))


def _cube_wavelength(hdus: fits.HDUList) -> Array:
    header = hdus["SCI"].header
    planes = np.arange(header["NAXIS3"])
    step = np.asarray(header["CRVAL3"] + (planes + 1 - header["CRPIX3"]) * header.get("CDELT3", 1))
    if "WCS-TABLE" not in {h.name for h in hdus}:
        return step
    table = np.asarray(hdus["WCS-TABLE"].data["wavelength"], "f8").ravel()
    if len(table) == len(planes):
        return table
    return np.asarray(np.interp(step, np.arange(1, len(table) + 1), table))


def der_snr(flux: Array, good: Array) -> float:
    """Return DER_SNR as its authors define it, with gaps at pixels that are not good."""
    values = [float(f) if g and f != 0 else None for f, g in zip(flux, good, strict=True)]
    differences = [
        abs(2 * b - a - c)
        for a, b, c in zip(values[:-4], values[2:-2], values[4:], strict=True)
        if a is not None and b is not None and c is not None
    ]
    if len(differences) < 3:
        return float("nan")
    noise = 1.482602 / 6**0.5 * float(np.median(differences))
    used = [value for value in values if value is not None]
    return float(np.median(used)) / noise if noise > 0 else float("nan")
