"""FITS headers with the order and headings of the JWST pipeline."""

from collections.abc import Iterable
from typing import TypeAlias

from astropy.io import fits

from spectraldb.sample.observation import Observation, mjd

Value: TypeAlias = str | int | float | bool
Cards: TypeAlias = dict[str, Value]

ORIGIN = "SPECTRAL DB SAMPLE"
DATE = "2026-08-01T00:00:00.000"
"""The same in every file and every run, so that the bytes are reproducible."""
NOTICE = (
    "SYNTHETIC SAMPLE made by Spectral DB from formulas and random numbers.",
    "This is not an observation, and no telescope took these data.",
)
TDB_LEAD_D = 69.184 / 86400
"""TDB - UTC since 2017 (32.184 s + 37 leap seconds), d, without light travel time."""

_COMMENTS = {
    "DATE": "UTC date file created",
    "TELESCOP": "Telescope of the imitated product",
    "CAL_VER": "Calibration software version imitated",
    "DATAMODL": "Type of data model",
    "TARG_RA": "[deg] Target RA",
    "TARG_DEC": "[deg] Target Dec",
    "EXPSTART": "[d] exposure start time in MJD",
    "EXPMID": "[d] exposure mid time in MJD",
    "EXPEND": "[d] exposure end time in MJD",
    "EFFEXPTM": "[s] Effective exposure time",
    "BUNIT": "physical units of the array values",
    "PIXAR_SR": "[sr] Nominal pixel area",
    "PIXAR_A2": "[arcsec^2] Nominal pixel area",
    "DISPAXIS": "Dispersion direction",
    "SPORDER": "Spectral order number",
    "SRCTYPE": "Source type",
}


def primary_header(
    observation: Observation, product: str, model: str, extra: Cards | None = None
) -> fits.Header:
    """Return the primary header of a product.

    Parameters
    ----------
    observation : Observation
        The observation.
    product : str
        Product type, such as `x1d`.
    model : str
        Class of the pipeline's data model (DATAMODL).
    extra : mapping, optional
        Keywords of this product type only, such as FLUXEXT of a cube.
    """
    header = fits.Header()
    for heading, cards in _blocks(observation, product, model, extra or {}):
        if heading:
            for text in ("", heading, ""):
                header.append(("", text), end=True)
        append_cards(header, cards)
    for line in NOTICE:
        header.add_history(line)
    return header


def append_cards(header: fits.Header, cards: Cards) -> None:
    """Append keywords, with a comment if one is known."""
    for key, value in cards.items():
        header.append((key, value, _COMMENTS.get(key, "")), end=True)


def exposure_cards(observation: Observation) -> Cards:
    """Return the times for the SCI header: MJD (UTC and TDB, d) and durations (s)."""
    begin, end = mjd(observation.start), mjd(observation.end)
    middle = (begin + end) / 2
    utc = {"MJD-BEG": begin, "MJD-AVG": middle, "MJD-END": end}
    tdb = {"TDB-BEG": begin, "TDB-MID": middle, "TDB-END": end}
    shifted = {key: value + TDB_LEAD_D for key, value in tdb.items()}
    return {
        **utc,
        **shifted,
        "XPOSURE": observation.total_s,
        "TELAPSE": (observation.end - observation.start).total_seconds(),
    }


def _blocks(o: Observation, product: str, model: str, extra: Cards) -> Iterable[tuple[str, Cards]]:
    table = f"jw{o.program}-o{o.number}_20260801t000000_spec3_00001_asn.json"
    yield (
        "",
        {
            "DATE": DATE,
            "ORIGIN": ORIGIN,
            "TIMESYS": "UTC",
            "TIMEUNIT": "s",
            "FILENAME": o.file_name(product),
            "SDP_VER": "SAMPLE",
            "CAL_VER": o.cal_ver,
            "CAL_VCS": "RELEASE",
            "DATAMODL": model,
            "TELESCOP": "JWST",
        },
    )
    yield (
        "Association information",
        {"ASNPOOL": f"jw{o.program}_20260801t000000_pool.csv", "ASNTABLE": table},
    )
    yield (
        "Program information",
        {
            "TITLE": f"SYNTHETIC SAMPLE: {o.title}",
            "PI_NAME": "Sample, Synthetic",
            "CATEGORY": "GO",
            "SUBCAT": "NONE",
        },
    )
    yield "Observation identifiers", _identifiers(o)
    yield "Target information", _target(o)
    yield "Instrument configuration information", {"INSTRUME": o.instrument, **o.optics}
    yield "Exposure parameters", _exposure(o)
    yield "Subarray parameters", {"SUBARRAY": o.subarray}
    yield "CRDS parameters", {"CRDS_VER": "0.0.0", "CRDS_CTX": "jwst_0000.pmap"}
    yield "Calibration step information", _steps(product)
    if extra:
        yield f"Parameters of the {product}", extra


def _identifiers(o: Observation) -> Cards:
    begin, end = (
        moment.replace(tzinfo=None).isoformat(timespec="milliseconds")
        for moment in (o.start, o.end)
    )
    return {
        "DATE-OBS": begin[:10],
        "TIME-OBS": begin[11:],
        "DATE-BEG": begin,
        "DATE-END": end,
        "OBS_ID": f"V{o.visit}P0000000003101",
        "VISIT_ID": o.visit,
        "PROGRAM": o.program,
        "OBSERVTN": o.number,
        "VISIT": "001",
        "VISITGRP": "03",
        "SEQ_ID": "1",
        "ACT_ID": "01",
        "EXPOSURE": "1",
        "BKGDTARG": False,
        "VISITYPE": "PRIME_TARGETED_FIXED",
        "TSOVISIT": o.integrations > 1,
    }


def _target(o: Observation) -> Cards:
    names = {
        "TARGPROP": o.proposed,
        "TARGNAME": o.target,
        "TARGTYPE": "FIXED",
        "TARGCAT": "Synthetic",
    }
    place = {"TARG_RA": o.ra, "TARG_DEC": o.dec, "PROP_RA": o.ra, "PROP_DEC": o.dec}
    return {**names, **place, "SRCTYAPT": "UNKNOWN"}


def _exposure(o: Observation) -> Cards:
    begin, end = mjd(o.start), mjd(o.end)
    return {
        "EXPRIPAR": "PRIME",
        "EXP_TYPE": o.exp_type,
        "EXPSTART": begin,
        "EXPMID": (begin + end) / 2,
        "EXPEND": end,
        "NINTS": o.integrations,
        "NGROUPS": 10,
        "EFFINTTM": o.exposure_s / o.integrations,
        "EFFEXPTM": o.total_s,
        "DURATION": (o.end - o.start).total_seconds(),
    }


def _steps(product: str) -> Cards:
    last = {"s2d": "S_RESAMP", "s3d": "S_IFUCUB", "c1d": "S_CMB1D"}.get(product, "S_EXTR1D")
    return dict.fromkeys(("S_WCS", "S_FLAT", "S_PHOTOM", "S_OUTLIR", last), "COMPLETE")
