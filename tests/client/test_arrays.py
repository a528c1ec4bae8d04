"""Arrays of products: equal from a server and in this process, and equal to the files."""

from typing import Any

import numpy as np
import pytest
from astropy import units as u
from astropy.io import fits
from astropy.wcs import WCS

from spectraldb import SpectralDB
from spectraldb.client import ProductData
from spectraldb.errors import BadQueryError
from spectraldb.products.array_column import ArrayColumn
from spectraldb.service.service import Service
from tests.client import CUBE, IMAGE, TABLE
from tests.support.server import served


def test_every_product_both_ways(each_lake: Service) -> None:
    with (
        served(each_lake) as address,
        SpectralDB(address, progress=False) as remote,
        SpectralDB(each_lake.lake.folder, progress=False) as local,
    ):
        for record in each_lake.products():
            found = [db.retrieve(record.uri) for db in (remote, local)]
            assert found[0].head == found[1].head
            assert list(found[0].arrays) == list(found[1].arrays)
            with each_lake.retrieve(record.uri) as retrieved:
                for column in retrieved.answer.columns:
                    assert_same(found, column)


def assert_same(found: list[ProductData], column: ArrayColumn) -> None:
    """Assert that products have the values of a column, with its type."""
    if column.ragged:
        slits = list(column.chunks())
        for product in found:
            for image, slit in zip(product.arrays[column.name], slits, strict=True):
                np.testing.assert_array_equal(image, slit)
        return
    values = column.read()
    for product in found:
        array = np.asarray(product.arrays[column.name])
        np.testing.assert_array_equal(array, values)
        assert column.dtype == "string" or array.dtype == values.dtype


CUTOUTS: list[tuple[str, dict[str, Any]]] = [
    (CUBE, {}),
    (CUBE, {"wavelength": (5.0, 5.1)}),
    (CUBE, {"x": (3, 8), "columns": ["flux", "wavelength", "good"]}),
    (CUBE, {"bin": "wavelength", "statistic": "sum"}),
    (IMAGE, {}),
    (IMAGE, {"wavelength": (4.0, 4.1) * u.um}),
    (IMAGE, {"x": (3, 8), "columns": ["flux", "wavelength", "good"]}),
    (IMAGE, {"bin": "wavelength", "statistic": "sum"}),
    (TABLE, {}),
    (TABLE, {"wavelength": (4.0, 4.1) * u.um}),
    (TABLE, {"x": (3, 8), "columns": ["flux", "wavelength", "good"]}),
    (TABLE, {"bin": "wavelength", "statistic": "sum"}),
]


@pytest.mark.parametrize(("name", "cutout"), CUTOUTS)
def test_cutouts_both_ways(
    remote: SpectralDB, local: SpectralDB, name: str, cutout: dict[str, Any]
) -> None:
    one, other = (db.retrieve(name, **cutout) for db in (remote, local))
    assert one.head == other.head
    for array, values in one.arrays.items():
        np.testing.assert_array_equal(np.asarray(values), np.asarray(other.arrays[array]))
    np.testing.assert_array_equal(one.good, other.good)
    assert one.good.shape == one.array("good" if "good" in one.arrays else "flux").shape
    assert one.table.colnames == other.table.colnames
    assert len(one.table) == len(other.table)


def test_arrays_are_quantities(db: SpectralDB, samples: Service) -> None:
    product = db.retrieve(CUBE)
    with fits.open(samples.find(file_name=CUBE).location) as file:
        np.testing.assert_array_equal(product["flux"].value, file["SCI"].data)
        np.testing.assert_array_equal(product["dq"], file["DQ"].data)
    assert product["flux"].unit == u.MJy / u.sr
    assert product["flux"].dtype == np.float32
    assert product["wavelength"].unit == u.um
    assert not isinstance(product["dq"], u.Quantity)
    assert product.columns["flux"].fits_ext == "SCI"
    assert product.columns["flux"].unit == "MJy/sr"
    assert (product.product_type, product.dispersion) == ("s3d", "z")


def test_array_that_does_not_exist(db: SpectralDB) -> None:
    product = db.retrieve(CUBE, z=1)
    with pytest.raises(KeyError, match=r"fluxx: No such array in .* Arrays: wavelength"):
        product["fluxx"]
    with pytest.raises(BadQueryError, match=r"fluxx: This array of .* was not retrieved"):
        product.array("fluxx")


def test_good_pixels(db: SpectralDB, samples: Service) -> None:
    product = db.retrieve(CUBE)
    with fits.open(samples.find(file_name=CUBE).location) as file:
        flux, error, dq = (file[name].data for name in ("SCI", "ERR", "DQ"))
    with np.errstate(invalid="ignore"):
        good = np.isfinite(flux) & (error > 0) & ((dq & 1) == 0)
    assert 0 < good.sum() < good.size
    np.testing.assert_array_equal(product.good, good)
    binned = db.retrieve(CUBE, bin="x,y")
    np.testing.assert_array_equal(binned.good, good.any(axis=(1, 2)))


def test_sky_of_a_cube(db: SpectralDB) -> None:
    product = db.retrieve(CUBE, x=(5, 20))
    assert isinstance(product.wcs, WCS)
    ra, dec = product.wcs.pixel_to_world_values(3, 4)
    assert ra % 360 == pytest.approx(product.array("ra")[4, 3], abs=1e-10)
    assert dec == pytest.approx(product.array("dec")[4, 3], abs=1e-10)
    assert db.retrieve(TABLE).wcs is None
