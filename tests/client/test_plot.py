"""Plots of products."""

from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from spectraldb import SpectralDB
from spectraldb.errors import BadQueryError
from spectraldb.service.service import Service
from tests.client import CUBE, IMAGE, TABLE


@pytest.mark.parametrize(
    ("name", "cutout"),
    [
        (TABLE, {}),
        (TABLE, {"wavelength": (4, 4.2)}),
        (IMAGE, {}),
        (CUBE, {"z": (10, 20)}),
        (CUBE, {"bin": "x,y"}),
        (CUBE, {"bin": "wavelength"}),
    ],
)
def test_figures(db: SpectralDB, name: str, cutout: dict[str, Any]) -> None:
    figure = db.plot(name, **cutout)
    assert isinstance(figure, Figure)
    figure.draw_without_rendering()
    assert name in figure.get_suptitle()


def test_every_layout_can_be_drawn(layouts: Service) -> None:
    with SpectralDB(layouts.lake.folder, progress=False) as db:
        for record in layouts.products():
            product = db.retrieve(record.uri)
            if any(isinstance(values, list) for values in product.arrays.values()):
                with pytest.raises(BadQueryError, match="Retrieve one row of a slit"):
                    product.plot()
                product = db.retrieve(record.uri, spectrum=0)
            product.plot().draw_without_rendering()


def test_figure_has_units_errors_and_flags(db: SpectralDB) -> None:
    product = db.retrieve(TABLE)
    (axes,) = product.plot().axes
    assert axes.get_ylabel() == "flux (Jy)"
    assert axes.get_xlabel() == "wavelength (um)"
    line, flagged = axes.lines
    good = product.good
    drawn = np.asarray(line.get_ydata(), "f8")
    np.testing.assert_array_equal(drawn[good], product.array("flux")[good])
    assert np.isnan(drawn[~good]).all()
    assert len(np.asarray(flagged.get_xdata())) == (~good).sum()
    assert len(axes.collections) == 1


def test_spikes_do_not_set_the_axis(db: SpectralDB) -> None:
    product = db.retrieve(TABLE)
    flux = product.array("flux").copy()
    spike = int(np.flatnonzero(product.good)[100])
    flux[spike] = 1e7 * np.nanmax(flux)
    product.arrays["flux"] = flux
    (axes,) = product.plot().axes
    assert axes.get_ylim()[1] < flux[spike] / 1e5


def test_figure_of_one_spaxel(db: SpectralDB) -> None:
    (axes,) = db.plot(CUBE, number=300).axes
    assert axes.get_ylabel() == "flux (MJy/sr)"
