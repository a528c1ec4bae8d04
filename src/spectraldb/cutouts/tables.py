"""Parts of 1-D products: runs of pixels of their spectra, cut out or put together."""

from dataclasses import dataclass

import numpy as np

from spectraldb.arrays import Array
from spectraldb.cutouts.binning import Sums, axis_groups, bin_spectra, binned_column
from spectraldb.cutouts.good_mask import asks_good, table_good
from spectraldb.cutouts.request import Binning, Cutout, Part, between, describe_limits, kept
from spectraldb.errors import BadQueryError, NotHeldError
from spectraldb.products.model import ArrayColumn, Block
from spectraldb.products.spectrum_metadata import Entry
from spectraldb.products.tables import TableProduct


def table_part(table: TableProduct, cutout: Cutout) -> Part:
    """Return a part of a 1-D product; raises as `part_of`."""
    columns = table.columns(cutout.spectrum)
    if asks_good(cutout) and not cutout.binning:
        columns = [*columns, table_good(table, cutout.spectrum)]
    spectra = table.spectra(cutout.spectrum)
    if not cutout.cuts:
        return Part(columns, spectra, {})
    _check_ranges(table, cutout, spectra)
    chosen = _chosen(cutout, spectra)
    left = [entry for entry, wanted in zip(spectra, chosen, strict=True) if wanted]
    box = {"x": range(cutout.ranges["x"][0], cutout.ranges["x"][1] + 1)} if cutout.ranges else {}
    if cutout.binning:
        return Part(_binned(table, cutout, {_number(e) for e in left}), left, {})
    keep = _kept_pixels(columns, cutout, spectra, chosen)
    return Part([kept(column, keep) for column in columns], left, dict(box))  # type: ignore[arg-type]


def _number(entry: Entry) -> int:
    return int(str(entry["spectrum"]))


def _lengths(spectra: list[Entry]) -> Array:
    return np.array([int(str(entry["nPixels"])) for entry in spectra], "i8")


def _check_ranges(table: TableProduct, cutout: Cutout, spectra: list[Entry]) -> None:
    for axis in cutout.ranges:
        if axis != "x":
            raise BadQueryError(
                f"{axis}: {table.file_name} has no such axis; it has x, the index along a spectrum"
            )
    if cutout.ranges:
        cutout.along("x", int(_lengths(spectra).max(initial=0)))


def _chosen(cutout: Cutout, spectra: list[Entry]) -> Array:
    """Return which spectra lie in the circle, if there is one."""
    if cutout.cone is None:
        return np.ones(len(spectra), bool)
    ra, dec = (
        np.array([np.nan if e.get(n) is None else e[n] for e in spectra], "f8")
        for n in ("ra", "dec")
    )
    inside = cutout.cone.contains(ra, dec)
    if not inside.any():
        distance = cutout.cone.separation(ra, dec)
        told = (
            f"the nearest is at {np.nanmin(distance) * 3600:.6g} arcsec"
            if np.isfinite(distance).any()
            else "it does not say where on the sky they are"
        )
        raise NotHeldError(f"no spectrum of the product lies there; {told}")
    return inside


def _kept_pixels(
    columns: list[ArrayColumn], cutout: Cutout, spectra: list[Entry], chosen: Array
) -> Array:
    """Return which pixels are wanted, all spectra end to end."""
    lengths = _lengths(spectra)
    keep = np.repeat(chosen, lengths)
    if "x" in cutout.ranges:
        first, last = cutout.ranges["x"]
        index = np.arange(len(keep)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        keep &= (index >= first) & (index <= last)
    if cutout.wavelength:
        wavelength = next(c for c in columns if c.name == "wavelength").read()
        keep &= between(wavelength, cutout.wavelength)
        if not keep.any():
            told = describe_limits(cutout.wavelength, wavelength)
            raise NotHeldError(f"no pixel of that part of the product has {told}")
    if not keep.any():
        raise NotHeldError("no pixel of the product lies in that part of it")
    return keep


@dataclass
class _Bins:
    """What was put together of each block."""

    wavelength: list[Array]
    spectrum: list[Array]
    sums: list[list[Sums]]


_PAIRS = (("flux", "fluxErr"), ("surfBright", "sbErr"))


def _binned(table: TableProduct, cutout: Cutout, numbers: set[int]) -> list[ArrayColumn]:
    binning = cutout.binning
    assert binning is not None  # noqa: S101 - asked for by the caller
    size = axis_groups(binning, {"x": 1}, "x")["x"].size
    bins = _Bins([], [], [])
    for block in table.blocks():
        wanted = np.array([int(n) in numbers for n in block.numbers])
        if wanted.any():
            _bin_block(block, wanted, cutout, size, bins)
    if not sum(len(each) for each in bins.wavelength):
        raise NotHeldError("no pixel of the product lies in that part of it")
    return _bin_columns(
        table, binning, bins, several=cutout.spectrum is None and table.n_spectra > 1
    )


def _bin_block(block: Block, wanted: Array, cutout: Cutout, size: int | None, bins: _Bins) -> None:
    wavelength = np.broadcast_to(block.wavelength, block.flux.shape)
    keep = block.inside & wanted[:, np.newaxis]
    if cutout.wavelength:
        keep = keep & between(wavelength, cutout.wavelength)
    if "x" in cutout.ranges:
        index = np.arange(block.flux.shape[1])
        first, last = cutout.ranges["x"]
        keep = keep & ((index >= first) & (index <= last))
    pairs = [(block.flux, block.flux_err)]
    if {"surfBright", "sbErr"} <= block.more.keys():
        pairs.append((block.more["surfBright"], block.more["sbErr"]))
    means, sums, rows = bin_spectra(wavelength, keep, size, pairs, block.good)
    bins.wavelength.append(means)
    bins.spectrum.append(block.numbers[rows])
    bins.sums.append(sums)


def _bin_columns(
    table: TableProduct, binning: Binning, bins: _Bins, *, several: bool
) -> list[ArrayColumn]:
    values = {"spectrum": (np.concatenate(bins.spectrum).astype("i4"), "")} if several else {}
    values["wavelength"] = (np.concatenate(bins.wavelength), table.units.get("wavelength", "um"))
    n = min(len(sums) for sums in bins.sums)
    for i, (name, error) in enumerate(_PAIRS[:n]):
        found = [sums[i].values(total=binning.total) for sums in bins.sums]
        for each, arrays in zip((name, error), zip(*found, strict=True), strict=True):
            values[each] = (np.concatenate(arrays), table.units.get(each, ""))
    values["nGood"] = (np.concatenate([sums[0].good for sums in bins.sums]), "")
    return [binned_column(name, array, unit, binning) for name, (array, unit) in values.items()]
