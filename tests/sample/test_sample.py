"""The synthetic products: complete, labelled and reproducible."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from astropy.io import fits

from spectraldb.products.names import parse_level3
from spectraldb.sample import write_samples
from tests.sample.files import NAMES, Samples


def test_every_product_is_written_and_reported(samples: Samples, tmp_path: Path) -> None:
    (tmp_path / NAMES[0]).write_bytes(b"an older file of the same name")
    reported: list[Path] = []
    paths = write_samples(tmp_path, reported.append)
    assert reported == paths
    assert {path.name for path in paths} == set(NAMES)
    assert {path.name for path in tmp_path.iterdir()} == set(NAMES)
    assert all(path.read_bytes() == samples[path.name].read_bytes() for path in paths)
    assert sum(path.stat().st_size for path in paths) < 40e6


def test_every_product_type_is_present(samples: Samples) -> None:
    kinds = {found.product_type for name in samples if (found := parse_level3(name))}
    assert kinds == {"x1d", "c1d", "s2d", "s3d", "x1dints"}


@pytest.mark.parametrize("name", NAMES)
def test_a_product_is_valid_fits(samples: Samples, name: str) -> None:
    with fits.open(samples[name]) as hdus:
        hdus.verify("exception")
        assert parse_level3(name) is not None
        assert hdus[0].header["FILENAME"] == name
        assert hdus[0].data is None
        assert hdus[-1].name == "ASDF"
        named = [(hdu.name, hdu.ver) for hdu in hdus]
        assert len(set(named)) == len(named)


@pytest.mark.parametrize("name", NAMES)
def test_a_product_says_that_it_is_synthetic(samples: Samples, name: str) -> None:
    header = fits.getheader(samples[name])
    assert header["ORIGIN"] == "SPECTRAL DB SAMPLE"
    assert header["TITLE"].startswith("SYNTHETIC SAMPLE:")
    assert "not an observation" in str(header["HISTORY"])
    assert header["TARGPROP"].startswith("SYNTHETIC ")
    assert header["TARGNAME"].startswith("SYNTHETIC ") != (header["EXP_TYPE"] == "NRS_MSASPEC")
    assert 99001 <= int(header["PROGRAM"]) == int(name[2:7])


@pytest.mark.parametrize("name", NAMES)
def test_headers_are_complete_and_in_order(samples: Samples, name: str) -> None:
    header = fits.getheader(samples[name])
    assert header["TELESCOP"] == "JWST"
    assert header["INSTRUME"].lower() in name
    assert header["OBSERVTN"] == name[9:12]
    assert header["DATE-OBS"] == header["DATE-BEG"][:10]
    assert header["EXPSTART"] < header["EXPMID"] < header["EXPEND"]
    assert header["EFFEXPTM"] > 0
    assert header["S_PHOTOM"] == "COMPLETE"
    assert 0 <= header["TARG_RA"] < 360
    text = repr(header)
    assert text.index("Program information") < text.index("TITLE   =") < text.index("PROGRAM =")


def test_bytes_do_not_depend_on_the_hash_seed(samples: Samples, tmp_path: Path) -> None:
    code = "import sys, pathlib, spectraldb.sample as s; s.write_samples(pathlib.Path(sys.argv[1]))"
    environment = os.environ | {"PYTHONHASHSEED": "7"}
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, env=environment)
    for name, path in samples.items():
        assert (tmp_path / name).read_bytes() == path.read_bytes(), name


def test_a_failure_leaves_no_partial_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: fits.HDUList, path: Path, **_: Any) -> None:
        path.write_bytes(b"SIMPLE  =")
        raise OSError("no space left")

    monkeypatch.setattr(fits.HDUList, "writeto", full)
    with pytest.raises(OSError, match="no space left"):
        write_samples(tmp_path)
    assert list(tmp_path.iterdir()) == []
