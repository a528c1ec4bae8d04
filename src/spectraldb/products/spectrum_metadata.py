"""Metadata of the spectra of 1-D products: source, order, integration, slit and position."""

from spectraldb.fits.file import FitsFile
from spectraldb.fits.header import Header
from spectraldb.fits.table import TableHdu
from spectraldb.products.position import header_position
from spectraldb.schema.columns import camel_case, columns_of
from spectraldb.schema.tables import Table

SpectrumMetadata = dict[str, object]
"""Metadata of a spectrum, by API name."""

_NAMES = {fits: c.name for c in columns_of(Table.SPECTRUM) for fits in c.fits}


def row_column_name(fits_name: str) -> str:
    """Return the API name of a column that has one value per spectrum."""
    return _NAMES.get(fits_name, camel_case(fits_name))


def source_type(header: Header, primary_header: Header) -> object:
    """Return SRCTYPE of an extension, or else of the primary header; None if it is unknown."""
    return header.get("SRCTYPE") or primary_header.get("SRCTYPE") or None


def exposure_metadata(
    header: Header, primary_header: Header, *, time_series: bool = False
) -> SpectrumMetadata:
    """Return the detector and the time of the spectra of an extension.

    Parameters
    ----------
    header, primary_header
        Header of the extension, and the primary header, for keywords that the extension lacks.
    time_series
        Whether the file has many integrations.  The times of the primary header are then not those
        of one spectrum.
    """
    headers = [header] if time_series else [header, primary_header]
    return {
        "spectrumDetector": header.get("DETECTOR") or primary_header.get("DETECTOR") or None,
        # An unknown time is 0 in some files.
        "mjdAvg": _first_value(headers, "MJD-AVG", "EXPMID"),
        "tdbMid": _first_value(headers, "TDB-MID"),
    }


def _first_value(headers: list[Header], *keywords: str) -> object:
    """Return the first value that is neither missing nor 0, or None."""
    values = (header.get(keyword) for keyword in keywords for header in headers)
    return next((value for value in values if value), None)


def header_metadata(
    hdu: TableHdu, primary_header: Header, *, time_series: bool
) -> SpectrumMetadata:
    """Return the metadata of the spectra of a table from its headers; see `exposure_metadata`."""
    header = hdu.header
    position = header_position(header, primary_header)
    return {
        "extension": hdu.name or None,
        "extensionVersion": hdu.version,
        "sourceId": header.get("SOURCEID"),
        "sourceType": source_type(header, primary_header),
        "slit": _slit_name(header, primary_header),
        "order": header.get("SPORDER"),
        "integration": header.get("INT_NUM"),
        "ra": position.ra,
        "dec": position.dec,
        "positionFrom": position.origin,
    } | exposure_metadata(header, primary_header, time_series=time_series)


def _slit_name(header: Header, primary_header: Header) -> object:
    """Return the name of the slit; in extractions, SLTNAME may contain EXP_TYPE instead."""
    name = header.get("SLTNAME")
    if name and name != primary_header.get("EXP_TYPE"):
        return name
    slitlet = header.get("SLITID")
    return None if slitlet is None else str(slitlet)


def integration_times(file: FitsFile) -> dict[int, SpectrumMetadata]:
    """Return the rows of INT_TIMES by integration number; empty if the file has no such table."""
    hdu = file.table("INT_TIMES")
    if hdu is None or not hdu.n_rows:
        return {}
    rows = hdu.rows()
    columns = {camel_case(f.name): hdu.values(f, rows).tolist() for f in hdu.fields}
    numbers = columns.get("integrationNumber", [])
    for name, source in (("mjdAvg", "intMidMjdUtc"), ("tdbMid", "intMidBjdTdb")):
        if source in columns:
            columns[name] = columns[source]
    return {
        int(n): {name: values[i] for name, values in columns.items()} for i, n in enumerate(numbers)
    }
