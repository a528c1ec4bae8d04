"""Plots of products with matplotlib."""

import io
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from spectraldb.client.arrays import ProductArrays
from spectraldb.client.spectra import ERROR_ARRAYS, make_spectra, make_spectrum

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOW, HIGH = 0.5, 99.5
"""Percentiles of the good values that every axis and colour scale includes."""
MARGIN = 0.1
"""Margin of an axis, as a fraction of the range of its values."""


class Picture(Figure):
    """A figure that notebooks show without pyplot, which would keep all figures in memory."""

    def _repr_png_(self) -> bytes:
        sink = io.BytesIO()
        self.savefig(sink, format="png")
        return sink.getvalue()


def plot(product: ProductArrays, number: int | None, what: str) -> Figure:
    """Return a figure of a product, or of one of its spectra."""
    figure = Picture(figsize=(9, 4.5), layout="constrained")
    dimensions = product.array(what).ndim
    if dimensions == 1 or number is not None:
        _draw_spectra(figure.subplots(), product, number, what)
    elif dimensions == 2:
        _draw_image(figure, product, _good_values(product, what), what)
    else:
        _draw_image(figure, product, _mean_plane(_good_values(product, what)), what)
    figure.suptitle(product.file_name, fontsize="medium")
    return figure


def _draw_spectra(axes: "Axes", product: ProductArrays, number: int | None, what: str) -> None:
    if product.array(what).ndim == 1 and number is None:
        spectra = list(make_spectra(product, what))
    else:
        spectra = [make_spectrum(product, number, what)]
    has_errors = ERROR_ARRAYS.get(what) in product.arrays
    drawn = [_draw_spectrum(axes, spectrum, has_errors=has_errors) for spectrum in spectra]
    _set_limits(axes, np.concatenate(drawn) if drawn else np.zeros(0))
    axes.set_xlabel(f"wavelength ({_unit(product, 'wavelength')})")
    axes.set_ylabel(f"{_label(what)} ({_unit(product, what)})")


def _draw_spectrum(axes: "Axes", spectrum: Any, *, has_errors: bool) -> NDArray[Any]:
    """Draw good values as a line with an error band, others as crosses; return the good values."""
    x, y = spectrum.spectral_axis.value, spectrum.flux.value
    good = ~spectrum.mask
    (line,) = axes.step(x, np.where(good, y, np.nan), where="mid", lw=0.9)
    if has_errors:
        error = spectrum.uncertainty.array
        low, high = (np.where(good, y + sign * error, np.nan) for sign in (-1, 1))
        axes.fill_between(x, low, high, step="mid", alpha=0.25, lw=0, color=line.get_color())
    axes.plot(x[~good], y[~good], "x", ms=3, color="0.6")
    return np.asarray(y[good & np.isfinite(y)])


def _set_limits(axes: "Axes", values: NDArray[Any]) -> None:
    """Limit the axis to values without spikes, which can be 1e7 times the median in real files."""
    if not values.size:
        return
    low, high = np.percentile(values, [LOW, HIGH])
    span = high - low or abs(high) or 1.0
    # Values within one more span outside the percentiles are not spikes.
    low = values.min() if values.min() >= low - span else low
    high = values.max() if values.max() <= high + span else high
    pad = (high - low or abs(high) or 1.0) * MARGIN
    axes.set_ylim(low - pad, high + pad)


def _draw_image(figure: Figure, product: ProductArrays, image: NDArray[Any], what: str) -> None:
    from matplotlib.colors import AsinhNorm

    on_sky = product.wcs is not None
    if on_sky:
        axes = figure.add_subplot(projection=product.wcs)
        axes.set_xlabel("right ascension (ICRS)")
        axes.set_ylabel("declination (ICRS)")
    else:
        axes = figure.add_subplot()
        axes.set_xlabel("x (pixel)")
        axes.set_ylabel("y (pixel)")
    finite = image[np.isfinite(image)]
    low, high = np.percentile(finite, [LOW, HIGH]) if finite.size else (0.0, 1.0)
    norm = AsinhNorm((high - low) / 10 or 1.0, vmin=low, vmax=high)
    aspect: Any = "equal" if on_sky else "auto"
    shown = axes.imshow(image, origin="lower", norm=norm, aspect=aspect, interpolation="nearest")
    figure.colorbar(shown, ax=axes, label=f"{_label(what)} ({_unit(product, what)})")


def _good_values(product: ProductArrays, what: str) -> NDArray[Any]:
    """Return an array with NaN for pixels that are not good."""
    return np.where(product.good, product.array(what), np.nan)


def _mean_plane(planes: NDArray[Any]) -> NDArray[Any]:
    """Return the mean of planes, (nz, ny, nx) to (ny, nx), with NaN if none has a value."""
    count = np.isfinite(planes).sum(axis=0)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.nansum(planes, axis=0) / count)


def _unit(product: ProductArrays, name: str) -> str:
    return product.columns[name].unit or "no unit"


def _label(what: str) -> str:
    return "surface brightness" if what == "surfBright" else what
