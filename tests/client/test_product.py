"""Products as tables and files, and their metadata."""

from pathlib import Path

import pytest
from astropy import units as u

from spectraldb import SpectralDB
from spectraldb.errors import NotHeldError
from spectraldb.service.service import Service
from tests.client import CUBE, TABLE


def test_metadata(db: SpectralDB, samples: Service) -> None:
    product = db.retrieve(TABLE)
    record = samples.find(file_name=TABLE)
    assert product.meta["instrument"] == record["instrument"]
    assert product.meta["targetName"] == record["targetName"]
    assert product.uri == record.uri
    assert product.spectra_info[0]["nPixels"] == len(product.arrays["flux"])
    assert product.uri in repr(product)


def test_tables(db: SpectralDB) -> None:
    table = db.retrieve(TABLE).table
    assert table["wavelength"].unit == u.um
    assert table["flux"].unit == u.Jy
    assert table.meta["productType"] == "x1d"
    voxels = db.retrieve(CUBE, z=100, x=(3, 5), y=7).table
    assert [tuple(row[n] for n in "zyx") for row in voxels] == [(100, 7, x) for x in (3, 4, 5)]


def test_derived_statistics(db: SpectralDB, samples: Service) -> None:
    expected = {c.name: c.read() for c in samples.derived(file_name=TABLE).columns}
    for table in (db.derived(TABLE), db.retrieve(TABLE).derived):
        assert table["derSnr"].tolist() == expected["derSnr"].tolist()
        assert table["wavelengthMin"].unit == u.um


def test_files(db: SpectralDB, samples: Service, tmp_path: Path) -> None:
    product = db.retrieve(TABLE, wavelength=(4, 4.1))
    original = Path(samples.find(file_name=TABLE).location).read_bytes()
    assert product.save(tmp_path) == tmp_path / TABLE
    assert (tmp_path / TABLE).read_bytes() == original
    assert product.save(tmp_path / "mine.fits").read_bytes() == original
    assert {path.name for path in tmp_path.iterdir()} == {TABLE, "mine.fits"}
    with product.fits() as file:
        assert file["EXTRACT1D"].data["FLUX"].size


def test_unknown_product(db: SpectralDB) -> None:
    with pytest.raises(NotHeldError, match="in the lake"):
        db.retrieve("none.fits")
