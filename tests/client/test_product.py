"""Products by the client: arrays, tables, files, many at once."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy import units as u
from astropy.io import fits
from astropy.wcs import WCS

from spectraldb import SpectralDB
from spectraldb.client import Missing, ProductData
from spectraldb.errors import BadQueryError, NotHeldError
from spectraldb.service.service import Service

CUBE = "Level3_ch4-medium_s3d.fits"
IMAGE = "jw02736-o007_s06355_nirspec_f290lp-g395m_s2d.fits"
TABLE = "jw02736-o007_s06355_nirspec_f290lp-g395m_x1d.fits"

CUTS: list[dict[str, Any]] = [
    {},
    {"wavelength": (4.0, 4.1) * u.um},
    {"x": (3, 8), "columns": ["flux", "wavelength", "good"]},
    {"bin": "wavelength", "statistic": "sum"},
]


def test_every_product_both_ways(remote: SpectralDB, local: SpectralDB, real: Service) -> None:
    for row in real.products():
        one, other = remote.retrieve(row["uri"]), local.retrieve(row["uri"])
        assert one.head == other.head
        assert list(one.arrays) == list(other.arrays)
        with real.retrieve(row["uri"]) as retrieved:
            for column in retrieved.answer.columns:
                if column.ragged:
                    expected = list(column.chunks())
                    for found in (one.arrays[column.name], other.arrays[column.name]):
                        for image, slit in zip(found, expected, strict=True):
                            np.testing.assert_array_equal(image, slit)
                    continue
                values = column.read()
                for found in (one.arrays[column.name], other.arrays[column.name]):
                    np.testing.assert_array_equal(np.asarray(found), values)
                    if column.dtype != "string":
                        assert np.asarray(found).dtype == values.dtype


@pytest.mark.parametrize("words", CUTS)
@pytest.mark.parametrize("name", [CUBE, IMAGE, TABLE])
def test_parts_both_ways(
    remote: SpectralDB, local: SpectralDB, name: str, words: dict[str, Any]
) -> None:
    if name == CUBE and "wavelength" in words:
        words = {"wavelength": (21, 21.5)}
    one, other = (db.retrieve(name, **words) for db in (remote, local))
    assert one.head == other.head
    for array, values in one.arrays.items():
        np.testing.assert_array_equal(np.asarray(values), np.asarray(other.arrays[array]))
    np.testing.assert_array_equal(one.good, other.good)
    assert (
        one.good.shape == (one.array("good") if "good" in one.arrays else one.array("flux")).shape
    )
    assert one.table.colnames == other.table.colnames
    assert len(one.table) == len(other.table)


def test_arrays_are_quantities(db: SpectralDB, real: Service) -> None:
    product = db.retrieve(CUBE)
    with fits.open(real.find(file_name=CUBE)["location"]) as file:
        np.testing.assert_array_equal(product["flux"].value, file["SCI"].data)
        np.testing.assert_array_equal(product["dq"], file["DQ"].data)
    assert product["flux"].unit == u.MJy / u.sr
    assert product["flux"].dtype == np.float32
    assert product["wavelength"].unit == u.um
    assert not isinstance(product["dq"], u.Quantity)
    assert product.columns["flux"].fits_ext == "SCI"
    assert product.columns["flux"].unit == "MJy/sr"
    assert (product.product_type, product.dispersion) == ("s3d", "z")
    with pytest.raises(KeyError, match="has no array 'fluxx'; it has wavelength"):
        product["fluxx"]


def test_metadata(db: SpectralDB, real: Service) -> None:
    product = db.retrieve(TABLE)
    row = real.find(file_name=TABLE)
    assert product.meta["instrument"] == row["instrument"]
    assert product.meta["targetName"] == row["targetName"]
    assert product.uri == row["uri"]
    assert product.spectra_info[0]["nPixels"] == len(product.arrays["flux"])
    assert product.uri in repr(product)


def test_tables(db: SpectralDB) -> None:
    table = db.retrieve(TABLE).table
    assert table["wavelength"].unit == u.um
    assert table["flux"].unit == u.Jy
    assert table.meta["productType"] == "x1d"
    voxels = db.retrieve(CUBE, z=100, x=(3, 5), y=7).table
    assert [tuple(row[n] for n in "zyx") for row in voxels] == [(100, 7, x) for x in (3, 4, 5)]


def test_good(db: SpectralDB, real: Service) -> None:
    product = db.retrieve(CUBE)
    with fits.open(real.find(file_name=CUBE)["location"]) as file:
        flux, error, dq = (file[n].data for n in ("SCI", "ERR", "DQ"))
    with np.errstate(invalid="ignore"):
        good = np.isfinite(flux) & (error > 0) & ((dq & 1) == 0)
    np.testing.assert_array_equal(product.good, good)
    binned = db.retrieve(CUBE, bin="x,y")
    np.testing.assert_array_equal(binned.good, good.any(axis=(1, 2)))


def test_derived(db: SpectralDB, real: Service) -> None:
    expected = {c.name: c.read() for c in real.derived(file_name=TABLE).columns}
    for table in (db.derived(TABLE), db.retrieve(TABLE).derived):
        assert table["derSnr"].tolist() == expected["derSnr"].tolist()
        assert table["wavelengthMin"].unit == u.um


def test_files(db: SpectralDB, real: Service, tmp_path: Path) -> None:
    product = db.retrieve(TABLE, wavelength=(4, 4.1))
    original = Path(real.find(file_name=TABLE)["location"]).read_bytes()
    assert product.save(tmp_path) == tmp_path / TABLE
    assert (tmp_path / TABLE).read_bytes() == original
    assert product.save(tmp_path / "mine.fits").read_bytes() == original
    assert {path.name for path in tmp_path.iterdir()} == {TABLE, "mine.fits"}
    with product.fits() as file:
        assert file["EXTRACT1D"].data["FLUX"].size


def test_the_sky_of_a_cube(db: SpectralDB) -> None:
    product = db.retrieve(CUBE, x=(5, 20))
    assert isinstance(product.wcs, WCS)
    ra, dec = product.wcs.pixel_to_world_values(3, 4)
    assert ra % 360 == pytest.approx(product.array("ra")[4, 3], abs=1e-10)
    assert dec == pytest.approx(product.array("dec")[4, 3], abs=1e-10)
    assert db.retrieve(TABLE).wcs is None


# Many


def test_many_in_the_order_asked(db: SpectralDB, real: Service) -> None:
    uris = [row["uri"] for row in real.products() if row["productType"] in ("x1d", "c1d")]
    unknown = ["mast:JWST/product/none.fits", "no-such-file.fits"]
    asked = [*uris, *uris[:3], *unknown, unknown[0], TABLE]
    random.Random(5).shuffle(asked)
    found = db.retrieve(asked, columns=["wavelength", "flux"])
    assert len(found) == len(asked)
    for name, answer in zip(asked, found, strict=True):
        if name in unknown:
            assert isinstance(answer, Missing)
            assert not answer
            assert answer.name == name
            assert isinstance(answer.error, NotHeldError)
        else:
            assert isinstance(answer, ProductData)
            assert name in (answer.uri, answer.file_name)
            assert list(answer.arrays) == ["wavelength", "flux"]
    assert sorted(found.missing) == sorted(unknown)
    assert len(found.found) == len(asked) - 3
    assert "missing: " in repr(found)
    assert len(found[2:5]) == 3


def test_of_many_any_other_error_ends_it(db: SpectralDB) -> None:
    with pytest.raises(BadQueryError, match="bin"):
        db.retrieve([TABLE, CUBE], bin="w")


def test_none_of_none(db: SpectralDB) -> None:
    assert len(db.retrieve([])) == 0


def test_unknown(db: SpectralDB) -> None:
    with pytest.raises(NotHeldError, match="is not held here"):
        db.retrieve("none.fits")
