"""Tests of FITS files: HDUs in order and by name, truncated and damaged files."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from spectraldb.errors import RefusedError
from spectraldb.fits.file import FitsFile
from spectraldb.fits.image import ImageHdu
from spectraldb.fits.table import TableHdu
from tests.support.product_files import ProductFile, for_files, path_of


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with two SCI images, an empty ERR extension and a table."""
    row = fits.Column("X", "D", array=np.arange(3.0))
    hdus = [
        fits.PrimaryHDU(),
        fits.ImageHDU(np.zeros((2, 3), "f4"), name="SCI", ver=1),
        fits.ImageHDU(np.ones((2, 3), "f4"), name="SCI", ver=2),
        fits.ImageHDU(name="ERR"),
        fits.BinTableHDU.from_columns([row], name="TABLE"),
    ]
    path = tmp_path / "file.fits"
    fits.HDUList(hdus).writeto(path)
    return path


@for_files()
def test_hdus_match_astropy(source: ProductFile, tmp_path: Path) -> None:
    path = path_of(source, tmp_path)
    with FitsFile(path) as file, fits.open(path) as hdus:
        assert [hdu.name for hdu in file.hdus[1:]] == [hdu.name for hdu in hdus[1:]]
        assert [hdu.version for hdu in file.hdus[1:]] == [hdu.ver for hdu in hdus[1:]]
        assert [hdu.data_offset for hdu in file.hdus] == [h.fileinfo()["datLoc"] for h in hdus]
        for ours, theirs in zip(file.hdus, hdus, strict=True):
            assert isinstance(ours, TableHdu) == isinstance(theirs, fits.BinTableHDU)
            assert isinstance(ours, ImageHdu) == (theirs.is_image and theirs.data is not None)


def test_find_by_name_and_version(path: Path) -> None:
    with FitsFile(path) as file:
        assert file.find("SCI") is file.hdus[1]
        assert file.find("SCI", 2) is file.hdus[2]
        assert file.find("SCI", 3) is None
        assert file.image("SCI", 2) is file.hdus[2]
        assert file.find("ERR") is file.hdus[3]
        assert file.image("ERR") is None  # it has no data
        assert file.table("TABLE") is file.hdus[4]
        assert file.table("SCI") is None
        assert file.image("TABLE") is None
        assert file.primary is file.hdus[0]
        assert [hdu.version for hdu in file.images()] == [1, 2]
        assert file.tables() == [file.hdus[4]]


def test_compressed_image_is_not_a_table(tmp_path: Path) -> None:
    path = tmp_path / "file.fits"
    image = fits.CompImageHDU(np.zeros((8, 8), "i2"), name="SCI")
    fits.HDUList([fits.PrimaryHDU(), image]).writeto(path)
    with FitsFile(path) as file:
        assert not file.tables()
        assert not file.images()


def test_bytes_after_the_last_extension_are_ignored(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0" * 2880)
    with FitsFile(path) as file:
        assert len(file.hdus) == 5


@pytest.mark.parametrize("size", [0, 1, 80, 2960, 5760, 11520])
@pytest.mark.parametrize("packed", [False, True])
def test_truncated_files_are_refused(path: Path, size: int, packed: bool) -> None:
    content = path.read_bytes()
    path = path.with_name("file.fits.gz") if packed else path
    path.write_bytes(gzip.compress(content[:size]) if packed else content[:size])
    with pytest.raises(RefusedError, match=r"truncated|not a FITS file|empty"):
        FitsFile(path)


@pytest.mark.parametrize(
    "content", [b"text", gzip.compress(bytes(9999), mtime=0)[:-20]], ids=["text", "truncated"]
)
def test_damaged_gzip_files_are_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file.fits.gz"
    path.write_bytes(content)
    with pytest.raises(RefusedError, match=r"gzip|not a FITS file"):
        FitsFile(path)


def test_file_truncated_after_opening(path: Path) -> None:
    with FitsFile(path) as file:
        image = file.image("SCI", 2)
        assert image is not None
        path.write_bytes(path.read_bytes()[: image.data_offset + 4])
        with pytest.raises(RefusedError, match="the data of extension SCI are incomplete"):
            image.read()
