"""The grammar of retrievals: a product, and optionally a part of it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from spectraldb.cutouts.request import WHOLE, Annulus, Binning, Cutout
from spectraldb.errors import BadQueryError
from spectraldb.products.block import Axis
from spectraldb.query.cone import RADIUS, read_angle, read_cone
from spectraldb.query.conversion import reverses_order
from spectraldb.query.operators import OPERATORS
from spectraldb.query.units import convert_to_unit, split_units
from spectraldb.query.values import check_count, check_order, read_value, split
from spectraldb.schema.columns import by_name
from spectraldb.sky import Cone


@dataclass(frozen=True)
class Parameter:
    """Documentation of a parameter of a retrieval."""

    description: str
    example: str


NAMES = {
    "uri": Parameter(
        "URI of the product", "mast:JWST/product/jw01039-o004_t001_miri_ch3-long_x1d.fits"
    ),
    "filename": Parameter(
        "file name of the product, as an alternative to `uri`",
        "jw01039-o004_t001_miri_ch3-long_x1d.fits",
    ),
}
"""Parameters that identify the product; a request has one of them."""

SPECTRUM = {
    "spectrum": Parameter(
        "index of the only spectrum to retrieve, from 0: an extraction, an integration, a row of "
        "a 2-D spectrum, or a spaxel (y * nx + x)",
        "0",
    ),
}

CUTS = {
    "wavelength": Parameter(
        "range of wavelengths to retrieve, in micron or with a unit, both ends included",
        "5.1,5.2",
    ),
    "x": Parameter("index along x to retrieve, from 0, or a range first,last", "3,8"),
    "y": Parameter("index along y to retrieve, or a range (s2d, s3d)", "3,8"),
    "z": Parameter("plane of a cube to retrieve, or a range of planes", "100"),
    "ra": Parameter("right ascension of the centre of a circle; requires dec and radius", "345.62"),
    "dec": Parameter("declination of the centre of the circle", "8.91"),
    "radius": Parameter(
        "radius of the circle, in degrees or with a unit: retrieves only the spectra inside; of a "
        "cube, the smallest box that contains them, with an array `inside`",
        "0.5arcsec",
    ),
    "columns": Parameter("arrays to retrieve, in this order", "flux,fluxErr"),
    "bin": Parameter(
        "axes along which good pixels are combined: x, y, z or wavelength; a whole axis, or "
        "several pixels at a time, as in wavelength:4",
        "x,y",
    ),
    "statistic": Parameter(
        "statistic that combines the pixels: mean (the default) or sum; a sum over spaxels in "
        "MJy/sr is a flux density in Jy",
        "sum",
    ),
    "annulus": Parameter(
        "inner and outer radius of an annulus around a circle on a cube, in degrees or with a "
        "unit: its mean is subtracted from each spaxel; requires bin=x,y",
        "0.8,1.2arcsec",
    ),
}

PARAMETERS = NAMES | SPECTRUM | CUTS

_AXES: tuple[Axis, ...] = ("x", "y", "z")
_BIN = re.compile(r"(x|y|z|wavelength)(?::(\d+))?")


@dataclass(frozen=True)
class Retrieval:
    """A parsed request for the arrays of a product."""

    uri: str | None
    file_name: str | None
    cutout: Cutout = WHOLE


def parse_retrieval(pairs: Iterable[tuple[str, str]]) -> Retrieval:
    """Parse the parameters of a retrieval.

    Raises
    ------
    BadQueryError
        If a parameter is unknown or repeated, or its value is invalid.
    """
    parameters: dict[str, str] = {}
    for name, text in pairs:
        if name not in PARAMETERS:
            raise BadQueryError(f"Unknown parameter {name!r}. Parameters: {', '.join(PARAMETERS)}.")
        if name in parameters:
            raise BadQueryError(f"{name}: Specified several times. Specify it once.")
        parameters[name] = text.strip()
    return Retrieval(parameters.get("uri"), parameters.get("filename"), _cutout(parameters))


def _cutout(parameters: dict[str, str]) -> Cutout:
    return Cutout(
        spectrum=_index("spectrum", parameters["spectrum"]) if "spectrum" in parameters else None,
        ranges={axis: _range(axis, parameters[axis]) for axis in _AXES if axis in parameters},
        wavelength=_wavelength(parameters["wavelength"]) if "wavelength" in parameters else None,
        cone=_cone(parameters),
        columns=tuple(name for name in split(parameters.get("columns", "")) if name),
        binning=_binning(parameters),
        annulus=_annulus(parameters),
    )


def _index(name: str, text: str) -> int:
    if not re.fullmatch(r"\d{1,18}", text):
        raise BadQueryError(f"{name}: {text!r} is not an index. Indices are counted from 0.")
    return int(text)


def _range(axis: Axis, text: str) -> tuple[int, int]:
    texts = split(text) or [""]
    if len(texts) > 2:
        raise BadQueryError(
            f"{axis}: Takes one index or a range first,last; got {len(texts)} values."
        )
    first, last = _index(axis, texts[0]), _index(axis, texts[-1])
    if last < first:
        raise BadQueryError(
            f"{axis}: The range {first},{last} is empty. Write the lower index first."
        )
    return first, last


def _wavelength(text: str) -> tuple[float, float]:
    """Return a range in micron, parsed as in a search."""
    column = by_name()["wavelength"]
    texts, unit = split_units("wavelength", column, split(text))
    check_count("wavelength", OPERATORS["between"], texts)
    values = tuple(read_value("wavelength", column, each) for each in texts)
    if unit and reverses_order(column, unit):
        high, low = sorted(values, key=float)
        values = (low, high)
    else:
        check_order("wavelength", values)
    low, high = convert_to_unit("wavelength", column, values, unit) if unit else values
    return float(low), float(high)


def _cone(parameters: dict[str, str]) -> Cone | None:
    given = [name for name in ("ra", "dec", "radius") if name in parameters]
    if not given:
        return None
    for name in ("ra", "dec", "radius"):
        if name not in parameters:
            raise BadQueryError(
                f"{given[0]}: A circle requires ra, dec and radius; {name} is missing."
            )
    return read_cone(parameters["ra"], parameters["dec"], parameters["radius"])


def _annulus(parameters: dict[str, str]) -> Annulus | None:
    if "annulus" not in parameters:
        return None
    if "radius" not in parameters:
        raise BadQueryError("annulus: Requires a circle; ra, dec and radius are missing.")
    binning = _binning(parameters)
    if binning is None or dict(binning.sizes) != {"x": None, "y": None}:
        raise BadQueryError("annulus: The background is that of an aperture. Add bin=x,y.")
    texts = split(parameters["annulus"])
    numbers, unit = split_units("annulus", RADIUS, texts)
    check_count("annulus", OPERATORS["between"], numbers)
    inner, outer = (read_angle("annulus", f"{number} {unit or 'deg'}") for number in numbers)
    if not 0 <= inner < outer <= 180:
        raise BadQueryError(
            f"annulus: {parameters['annulus']} is not an inner and a larger outer radius. "
            "Example: annulus=0.8,1.2arcsec."
        )
    return Annulus(inner, outer)


def _binning(parameters: dict[str, str]) -> Binning | None:
    if "bin" not in parameters:
        if "statistic" in parameters:
            raise BadQueryError("statistic: Requires bin. Example: bin=wavelength.")
        return None
    statistic = parameters.get("statistic", "mean")
    if statistic not in ("mean", "sum"):
        raise BadQueryError(f"statistic: {statistic!r} is neither mean nor sum.")
    sizes: dict[str, int | None] = {}
    for text in split(parameters["bin"]):
        match = _BIN.fullmatch(text)
        if not match or match[2] == "0":
            raise BadQueryError(
                f"bin: {text!r} is not an axis. Use x, y, z or wavelength, or "
                "wavelength:4 for four pixels at a time."
            )
        sizes[match[1]] = int(match[2]) if match[2] else None
    return Binning(sizes, total=statistic == "sum")
