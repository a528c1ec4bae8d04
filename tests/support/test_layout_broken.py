"""The generated broken files have the intended defects."""

import gzip
from pathlib import Path

import pytest
from astropy.io import fits
from astropy.utils.exceptions import AstropyUserWarning

from tests.support.layouts import BROKEN, write_layout
from tests.support.layouts.reading import (
    load,
    tables,
)


def broken_path(key: str, folder: Path) -> Path:
    return write_layout(next(one for one in BROKEN if one.key == key), folder)


@pytest.mark.parametrize("key", ["truncated-data", "truncated-header"])
def test_truncated(key: str, tmp_path: Path) -> None:
    path = broken_path(key, tmp_path)
    with pytest.warns(AstropyUserWarning), fits.open(path) as hdul:
        assert len(hdul) == (2 if key == "truncated-data" else 1)


def test_truncated_gzip(tmp_path: Path) -> None:
    path = broken_path("truncated-gzip", tmp_path)
    with pytest.raises(EOFError):
        gzip.decompress(path.read_bytes())
    # Astropy reports no error, and returns only the HDUs before the break.
    with fits.open(path) as hdul:
        assert [h.name for h in hdul] == ["PRIMARY"]


@pytest.mark.parametrize("key", ["empty", "text"])
def test_not_fits(key: str, tmp_path: Path) -> None:
    path = broken_path(key, tmp_path)
    assert (path.stat().st_size == 0) == (key == "empty")
    with pytest.raises(OSError, match=r"Empty|SIMPLE"):
        fits.open(path)


def test_broken_tables(tmp_path: Path) -> None:
    hubble = load("hubble", tmp_path)
    assert (hubble[0].header["TELESCOP"], len(hubble["EXTRACT1D"].data)) == ("HST", 40)
    assert len(load("no-rows", tmp_path)["EXTRACT1D"].data) == 0
    names = load("no-wavelength", tmp_path)["EXTRACT1D"].columns.names
    assert ("FLUX" in names, "WAVELENGTH" in names) == (True, False)
    absent = tables(load("all-absent", tmp_path))
    assert [list(t.data["N_ALONGDISP"]) for t in absent] == [[0, 0], [0, 0]]


def test_broken_images(tmp_path: Path) -> None:
    image = load("image", tmp_path)
    assert (image["SCI"].data.ndim, tables(image)) == (2, [])
    unequal = load("unequal-shapes", tmp_path)
    assert unequal["SCI"].shape != unequal["ERR"].shape
    assert unequal["SCI"].header["CTYPE3"] == "WAVE"
    blind = load("no-spectral-axis", tmp_path)
    assert blind["SCI"].shape == blind["ERR"].shape
    assert "CTYPE3" not in blind["SCI"].header
    assert "WCS-TABLE" not in blind


def test_every_broken_file_has_a_reason() -> None:
    assert all(one.reason == one.reason.lower() != "" for one in BROKEN)
    assert len(BROKEN) == 12
