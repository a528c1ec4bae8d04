"""Whether a file is from JWST, by its headers."""

from spectraldb.fits.file import FitsFile

INSTRUMENTS = frozenset({"MIRI", "NIRCAM", "NIRISS", "NIRSPEC", "FGS"})


def telescope(file: FitsFile) -> str:
    """Return TELESCOP of the first header that has it, in upper case; empty if none has."""
    values = (hdu.header.get("TELESCOP") for hdu in file.hdus)
    return next((str(value).strip().upper() for value in values if value), "")


def is_jwst(file: FitsFile) -> bool:
    """Return whether a file is from JWST.

    Files that teams write with the pipeline's data models can lack TELESCOP, but have DATAMODL,
    INSTRUME and EXP_TYPE.
    """
    name = telescope(file)
    if name:
        return name == "JWST"
    header = file.primary.header
    instrument = str(header.get("INSTRUME") or "").upper()
    return bool(header.get("DATAMODL") and header.get("EXP_TYPE")) and instrument in INSTRUMENTS
