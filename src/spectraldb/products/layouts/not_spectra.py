"""Why a file is left out: what it is by its own header, and what to ingest instead."""

import re

from spectraldb.errors import RefusedError, SkippedError
from spectraldb.fits.file import FitsFile
from spectraldb.fits.image import ImageHdu
from spectraldb.fits.table import TableHdu
from spectraldb.products.layouts.mission import is_jwst, telescope
from spectraldb.products.layouts.table import spectrum_tables

_SPECTRAL_NAME = re.compile(r"_(x1dints|x1d|c1d|s2d|s3d)\.fits(\.gz)?", re.IGNORECASE)

_INSTEAD = "Ingest the x1d or s2d product of the same observation."

_MODELS = {
    "SlitModel": f"a calibrated frame of level 2. {_INSTEAD}",
    "MultiSlitModel": f"calibrated frames of level 2. {_INSTEAD}",
    "MultiExposureModel": f"calibrated frames of level 2. {_INSTEAD}",
    "CubeModel": f"a series of calibrated frames of level 2. {_INSTEAD}",
    "IFUImageModel": "a calibrated frame of level 2. Ingest the s3d or x1d product.",
    "ImageModel": "an image, not a spectrum.",
    "RampModel": f"uncalibrated ramps of level 1. {_INSTEAD}",
    "Level1bModel": f"uncalibrated data of level 1. {_INSTEAD}",
    "GuiderRawModel": "data of the guider, not a spectrum.",
    "GuiderCalModel": "data of the guider, not a spectrum.",
    "AmiOIModel": "interferometric data, not a spectrum.",
    "SegmentationMapModel": "a segmentation map, not a spectrum.",
}
"""What the files of the pipeline's data models are that have no spectrum, by DATAMODL."""


def why_not(file: FitsFile, file_name: str) -> RefusedError:
    """Return the error for a file in which no layout finds a spectrum.

    Returns
    -------
    RefusedError
        A SkippedError, unless the name of the file promises a spectrum.
    """
    named = _SPECTRAL_NAME.search(file_name)
    model = str(file.primary.header.get("DATAMODL") or "")
    if model in _MODELS:
        return SkippedError(f"The file has the data model {model}: {_MODELS[model]}")
    if named:
        return RefusedError(
            f"The file name has the product type {named[1].lower()}, but the file has no spectrum "
            f"with wavelengths. {_contents(file)}"
        )
    if not is_jwst(file):
        return SkippedError(_not_jwst(file))
    return SkippedError(
        "The file contains no spectrum: no EXTRACT1D or COMBINE1D table, no table of wavelengths "
        f"and fluxes, no rectified 2-D spectrum and no cube. {_contents(file)}"
    )


def _not_jwst(file: FitsFile) -> str:
    if spectrum_tables(file):
        return (
            "The header does not say that this table is a spectrum of JWST. To ingest it anyway, "
            "add --layout table."
        )
    return f"The header has no TELESCOP, and the file has no known layout. {_contents(file)}"


def check_telescope(file: FitsFile) -> None:
    """Raise SkippedError if the file is from another telescope."""
    name = telescope(file)
    if name not in ("", "JWST"):
        raise SkippedError(f"The file is not a JWST product: TELESCOP is {name}.")


def _contents(file: FitsFile) -> str:
    """Return a sentence with the names of the extensions."""
    names = []
    for hdu in file.hdus:
        kind = {TableHdu: "table", ImageHdu: "image"}.get(type(hdu))
        if hdu.name or kind:
            names.append(hdu.name or f"unnamed {kind}")
    return f"Extensions: {', '.join(dict.fromkeys(names)) or 'none'}."
