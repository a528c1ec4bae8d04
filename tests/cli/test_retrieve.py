"""The command `retrieve`."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

from tests.support.command_line import run


@pytest.mark.parametrize("key", ["x1d-mos", "s2d-mos", "s3d-linear", "x1d-wfss-vector"])
def test_formats_agree(filled_lake: Path, file_names: dict[str, str], key: str) -> None:
    arguments = ("retrieve", file_names[key], "--format")
    answer = json.loads(run(filled_lake, *arguments, "json").stdout)
    rows = list(csv.DictReader(io.StringIO(run(filled_lake, *arguments, "csv").stdout)))
    flux = np.array(answer["data"]["flux"], "f8").ravel()
    assert len(rows) == flux.size
    printed = np.array([float(row["flux"]) if row["flux"] else np.nan for row in rows])
    printed[~np.isfinite(printed)] = np.nan
    np.testing.assert_array_equal(printed, flux)
    assert "wavelength" in run(filled_lake, *arguments, "table").output


def test_rows_of_a_cube(filled_lake: Path, file_names: dict[str, str]) -> None:
    arguments = ("retrieve", file_names["s3d-linear"], "--format")
    data = json.loads(run(filled_lake, *arguments, "json").stdout)["data"]
    rows = list(csv.DictReader(io.StringIO(run(filled_lake, *arguments, "csv").stdout)))
    nz, ny, nx = np.shape(data["flux"])
    z, y, x = (np.array([int(row[axis]) for row in rows]) for axis in "zyx")
    assert (z * ny * nx + y * nx + x).tolist() == list(range(nz * ny * nx))
    assert [float(row["ra"]) for row in rows] == np.array(data["ra"])[y, x].tolist()
    wavelength = np.array(data["wavelength"])[z]
    assert [float(row["wavelength"]) for row in rows] == wavelength.tolist()


def test_csv_of_several_slits_needs_a_spectrum(
    filled_lake: Path, file_names: dict[str, str]
) -> None:
    name = file_names["s2d-multislit"]
    result = run(filled_lake, "retrieve", name, "--format", "csv")
    assert result.exit_code == 2
    assert "spectrum=0" in result.stderr
    assert run(filled_lake, "retrieve", name, "spectrum=9", "--format", "csv").exit_code == 0


def test_derived_statistics(filled_lake: Path, file_names: dict[str, str]) -> None:
    arguments = ("retrieve", file_names["s2d-mos"], "--derived", "--format")
    rows = list(csv.DictReader(io.StringIO(run(filled_lake, *arguments, "csv").stdout)))
    assert [int(row["spectrum"]) for row in rows] == list(range(8))
    assert "derSnr" in run(filled_lake, *arguments, "table", columns=80).output
    answer = json.loads(run(filled_lake, *arguments, "json").stdout)
    assert answer["column_metadata"]["fluxMedian"]["units"] == "MJy"


def test_output_to_a_file(filled_lake: Path, file_names: dict[str, str], tmp_path: Path) -> None:
    arguments = ("retrieve", file_names["x1d-mos"])
    path = tmp_path / "flux.csv"
    assert run(filled_lake, *arguments, "--output", str(path)).exit_code == 0
    assert path.read_text() == run(filled_lake, *arguments, "--format", "csv").stdout
    assert list(tmp_path.iterdir()) == [path]


def test_output_that_cannot_be_written(
    filled_lake: Path, file_names: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "missing" / "x.fits"
    result = run(filled_lake, "retrieve", file_names["x1d-mos"], "--output", str(path))
    assert result.exit_code == 2
    message = f"error: --output: Cannot write {path}: No such file or directory."
    assert result.stderr.strip() == message


def test_output_is_reported(filled_lake: Path, file_names: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "x.fits"
    result = run(filled_lake, "retrieve", file_names["x1d-mos"], "--output", str(path))
    assert path.exists()
    assert result.stdout == f"written  {path}\n"


def test_word_that_is_no_cut_out(filled_lake: Path, file_names: dict[str, str]) -> None:
    result = run(filled_lake, "retrieve", file_names["x1d-mos"], "foo")
    assert result.stderr == "error: 'foo' is not a cut-out. Example: wavelength=5.1,5.2.\n"
