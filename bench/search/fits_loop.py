"""The alternative without a database: a loop over the files with astropy."""

from pathlib import Path
from time import perf_counter

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from bench.biglake.build import Plan
from bench.biglake.product import number_of
from bench.biglake.spectra import MadeUpSpectrum
from bench.search.contender import Contender, Rows
from bench.search.question import window
from bench.spectrum_file import UNITS, write_columns
from bench.table import Table
from bench.timing import Timing

FILES = 200
ROUNDS = 3


def measure(folder: Path, plan: Plan, ours: Contender) -> Table:
    """Measure the loop on a sample of the products, including those with results."""
    expected = ours.read(ours.ask(window()))
    names = _write(folder, plan, {str(row[0]) for row in expected})
    timing = Timing()
    for _ in range(ROUNDS):
        start = perf_counter()
        found = search(folder)
        timing.add(perf_counter() - start)
    if found != [row for row in expected if row[0] in names]:
        raise ValueError("The loop over the files finds different pixels.")
    return _table(plan, len(names), len(found), timing, ours.times[window().title])


def search(folder: Path) -> Rows:
    """Return pixels from 1.2 to 1.3 micron with at least 10 Jy, in spectra with S/N above 5."""
    found: Rows = []
    for path in sorted(folder.glob("*.fits")):
        with fits.open(path) as file:
            table = file["EXTRACT1D"].data
            wavelength, flux = table["WAVELENGTH"], table["FLUX"]
            good = np.isfinite(flux) & (table["FLUX_ERROR"] > 0) & (table["DQ"] & 1 == 0)
            snr = _der_snr(flux, good)
            match = (wavelength >= 1.2) & (wavelength <= 1.3) & (flux >= 10) & (snr > 5)
            for x in np.flatnonzero(match).tolist():
                found.append((path.name, x, float(wavelength[x]), float(flux[x]), snr))
    return found


def _der_snr(flux: NDArray[np.float64], good: NDArray[np.bool_]) -> float:
    """Return DER_SNR as its authors define it (Stoehr et al. 2008)."""
    f = np.where(good & (flux != 0), flux, np.nan)
    noise = 1.482602 / np.sqrt(6) * np.nanmedian(np.abs(2 * f[2:-2] - f[:-4] - f[4:]))
    return float(np.nanmedian(f) / noise)


def _write(folder: Path, plan: Plan, wanted: set[str]) -> set[str]:
    """Write products as FITS files and return their names."""
    numbers = {number_of(name) for name in wanted}
    numbers |= set(range(0, plan.products, max(1, plan.products // (FILES - len(numbers)))))
    names = set()
    for number in sorted(numbers)[:FILES]:
        product = MadeUpSpectrum(number, plan.products)
        (block,) = product.blocks()
        assert block.dq is not None
        columns = {name: np.zeros(block.flux.shape[1]) for name in UNITS} | {
            "WAVELENGTH": block.wavelength[0],
            "FLUX": block.flux[0],
            "FLUX_ERROR": block.flux_err[0],
            "DQ": block.dq[0],
        }
        write_columns(folder / product.file_name, columns)
        names.add(product.file_name)
    return names


def _table(plan: Plan, files: int, found: int, loop: Timing, ours: Timing) -> Table:
    total = loop.median / files * plan.products
    return Table(
        title=f"A loop over the files instead of a search in {plan.pixels / 1e6:g} million pixels",
        result=f"{ours.short}; a loop over all files would take about {total:,.0f} s.",
        about=(
            f"Search a on {files} of the {plan.products:,} products, as FITS files, which "
            f"contain {found:,} of its results; {ROUNDS} rounds, in one process."
        ),
        headings=("", "files", "time"),
        rows=[
            ["astropy, measured", f"{files:,}", loop.text()],
            [
                "astropy, *extrapolated*",
                f"{plan.products:,}",
                f"about {total:,.0f} s",
            ],
            ["Spectral DB", f"{plan.products:,}", ours.text()],
        ],
        meaning=_MEANING,
    )


_MEANING = """\
- **astropy** opens each file, computes DER_SNR and selects the pixels
  (`bench/search/fits_loop.py`). Spectral DB finds the same pixels in these products.
- *Extrapolated* is the measured time per file times the number of files. The loop was not run over
  all of them.
"""
