"""The command line, as a person and as a script use it."""

import csv
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from spectraldb import __version__
from spectraldb.cli import app
from spectraldb.service.service import Service
from spectraldb.settings import Settings
from tests.support.layouts import LAYOUTS, write_layout

BY_KEY = {layout.key: layout for layout in LAYOUTS}
COMMANDS = ("ingest", "remove", "serve", "search", "retrieve", "products", "info", "sample")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    for key in ("x1d-mos", "s2d-mos", "s3d-linear", "s2d-multislit", "x1d-wfss-vector"):
        write_layout(BY_KEY[key], folder)
    place = tmp_path_factory.mktemp("lake")
    result = run(place, "ingest", str(folder))
    assert result.exit_code == 0, result.output
    return place


def run(lake: Path, *words: str) -> Result:
    return CliRunner().invoke(app, words, env={"SPECTRALDB_LAKE": str(lake), "COLUMNS": "200"})


def name_of(key: str) -> str:
    return BY_KEY[key].file_name


def test_wrong_settings_say_so(tmp_path: Path) -> None:
    result = run(tmp_path, "serve", "--port", "99999")
    assert result.exit_code == 2
    assert "port: Input should be less than or equal to 65535" in result.stderr


def test_help_of_search_lists_columns(tmp_path: Path) -> None:
    output = run(tmp_path, "search", "--help").output
    assert "derSnr" in output
    assert ".between" in output


def test_help_tells_defaults(tmp_path: Path) -> None:
    assert "[default: one a core]" in run(tmp_path, "ingest", "--help").output


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_an_example(command: str, tmp_path: Path) -> None:
    result = run(tmp_path, command, "--help")
    assert result.exit_code == 0
    assert "Example" in result.output
    assert f"spectraldb {command}" in result.output


def test_version(tmp_path: Path) -> None:
    assert run(tmp_path, "--version").output == f"spectraldb {__version__}\n"


def test_search_formats_agree(lake: Path) -> None:
    words = ("search", "wavelength.gt=0", "--columns", "flux", "--limit", "5")
    answer = json.loads(run(lake, *words, "--format", "json").stdout)
    rows = answer["results"]
    assert len(rows) == 5
    assert answer["query"].startswith("SELECT ")
    text = run(lake, *words, "--format", "csv").stdout
    assert [float(r["wavelength"]) for r in csv.DictReader(io.StringIO(text))] == [
        row["wavelength"] for row in rows
    ]
    table = run(lake, *words, "--format", "table").output
    assert "fileName" in table
    assert rows[0]["fileName"] in table


def test_search_goes_on_after_a_page(lake: Path) -> None:
    words = ["search", "product=all&wavelength.gt=0", "--format", "json"]
    whole = json.loads(run(lake, *words).stdout)["results"]
    first = run(lake, *words, "--limit", "40")
    token = re.search(r"--after (\S+)", first.stderr)
    assert token
    rest = run(lake, *words, "--after", token[1])
    assert json.loads(first.stdout)["results"] + json.loads(rest.stdout)["results"] == whole


def test_wrong_search_says_what_to_do(lake: Path) -> None:
    for words, message in (
        (["derSNR.gt=5"], "did you mean 'derSnr'?"),
        (["flux"], "no condition"),
        (["--limit", "0"], "limit: from 1 to"),
    ):
        result = run(lake, "search", *words)
        assert result.exit_code == 2
        assert message in result.stderr
        assert "Traceback" not in result.output


@pytest.mark.parametrize("key", ["x1d-mos", "s2d-mos", "s3d-linear", "x1d-wfss-vector"])
def test_retrieve_formats_agree(lake: Path, key: str) -> None:
    answer = json.loads(run(lake, "retrieve", name_of(key), "--format", "json").stdout)
    text = run(lake, "retrieve", name_of(key), "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    flux = np.array(answer["data"]["flux"], "f8").ravel()
    assert len(rows) == flux.size
    assert_numbers([row["flux"] for row in rows], flux)
    assert "wavelength" in run(lake, "retrieve", name_of(key), "--format", "table").output
    if key == "s3d-linear":
        shape = np.shape(answer["data"]["flux"])
        z, y, x = (np.array([int(row[axis]) for row in rows]) for axis in "zyx")
        assert (z * shape[1] * shape[2] + y * shape[2] + x).tolist() == list(range(flux.size))
        ra = np.array(answer["data"]["ra"])[y, x]
        assert [float(row["ra"]) for row in rows] == ra.tolist()
        wavelength = np.array(answer["data"]["wavelength"])[z]
        assert [float(row["wavelength"]) for row in rows] == wavelength.tolist()


def assert_numbers(
    texts: list[str], expected: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
) -> None:
    got = np.array([float(text) if text else np.nan for text in texts])
    got[~np.isfinite(got)] = np.nan
    np.testing.assert_array_equal(got, expected)


def test_several_slits_as_csv_need_a_spectrum(lake: Path) -> None:
    name = name_of("s2d-multislit")
    result = run(lake, "retrieve", name, "--format", "csv")
    assert result.exit_code == 2
    assert "spectrum=0" in result.stderr
    assert run(lake, "retrieve", name, "spectrum=9", "--format", "csv").exit_code == 0


def test_derived_figures(lake: Path) -> None:
    words = ("retrieve", name_of("s2d-mos"), "--derived")
    rows = list(csv.DictReader(io.StringIO(run(lake, *words, "--format", "csv").stdout)))
    assert [int(row["spectrum"]) for row in rows] == list(range(8))
    table = CliRunner().invoke(
        app, [*words, "--format", "table"], env={"SPECTRALDB_LAKE": str(lake), "COLUMNS": "80"}
    )
    assert "derSnr" in table.output
    answer = json.loads(run(lake, *words, "--format", "json").stdout)
    assert answer["column_metadata"]["fluxMedian"]["units"] == "MJy"


def test_products_and_info(lake: Path, tmp_path: Path) -> None:
    rows = json.loads(run(lake, "products", "--format", "json").stdout)
    assert {"uri", "fileName", "productType", "location"} <= set(rows[0])
    assert all(Path(row["location"]).exists() for row in rows)
    told = json.loads(run(lake, "info", "--format", "json").stdout)
    assert sum(t["products"] for t in told[0]["productTypes"]) == len(rows)
    assert name_of("x1d-mos") in run(lake, "products", "--format", "table").output
    assert str(told[0]["version"]) in run(lake, "info", "--format", "table").output


def test_products_by_conditions(lake: Path) -> None:
    words = ["products", "product.ne=s3d", "nGood.gt=0", "sort_by=-matchedSpectra"]
    answer = json.loads(run(lake, *words, "--format", "json").stdout)
    counts = [row["matchedSpectra"] for row in answer["results"]]
    assert len(counts) == 4
    assert counts == sorted(counts, reverse=True)
    first = run(lake, *words, "--columns", "title", "--limit", "3", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(first.stdout)))
    token = re.search(r"--after (\S+)", first.stderr)
    assert token
    rest = run(lake, *words, "--columns", "title", "--after", token[1], "--format", "csv")
    rows += csv.DictReader(io.StringIO(rest.stdout))
    assert [row["uri"] for row in rows] == [row["uri"] for row in answer["results"]]
    assert "title" in rows[0]


def test_table_of_products_has_what_was_asked_for(lake: Path) -> None:
    words = ["products", "instrument.like=*", "--format", "table"]
    head = run(lake, *words).output.splitlines()[0].split()
    assert {"uri", "instrument", "matchedSpectra"} <= set(head)
    assert "targetRA" not in head
    assert "targetRA" in run(lake, *words, "--columns", "targetRA").output.splitlines()[0]


def test_products_by_wrong_conditions(lake: Path) -> None:
    result = run(lake, "products", "flux.gt=1")
    assert result.exit_code == 2
    assert "`search` with group=True" in result.stderr


def test_no_lake_and_empty_lake(tmp_path: Path) -> None:
    for command in (["products"], ["info"], ["search"], ["retrieve", "x.fits"], ["remove", "x"]):
        result = run(tmp_path / "none", *command)
        assert result.exit_code == 2
        assert "spectraldb ingest" in result.stderr
    run(tmp_path / "lake", "ingest", str(tmp_path))
    assert "spectraldb ingest" in run(tmp_path / "lake", "products").stderr
    assert "the lake is empty" in run(tmp_path / "lake", "products", "instrument=MIRI").output
    empty = run(tmp_path / "lake", "search", "--format", "json")
    assert json.loads(empty.stdout)["results"] == []


def test_ingest_tells_each_file_and_counts(tmp_path: Path) -> None:
    path = write_layout(BY_KEY["x1d-mos"], tmp_path)
    (tmp_path / "text.fits").write_text("none")
    result = run(tmp_path / "lake", "ingest", str(tmp_path))
    assert result.exit_code == 1
    assert f"taken  {path}  mast:JWST/product/{path.name}" in result.output
    assert f"refused  {tmp_path / 'text.fits'}: not a FITS file" in result.output
    assert re.search(r"^1 taken, 1 refused; \d+ pixels written$", result.output, re.MULTILINE)
    again = run(tmp_path / "lake", "ingest", str(path))
    assert again.exit_code == 0
    assert "1 unchanged" in again.output


def test_ingest_of_nothing_says_so(tmp_path: Path) -> None:
    result = run(tmp_path / "lake", "ingest", str(tmp_path))
    assert result.exit_code == 1
    assert "no file found" in result.output
    (tmp_path / "link_x1d.fits").symlink_to(tmp_path / "nowhere")
    result = run(tmp_path / "lake", "ingest", str(tmp_path))
    assert "there is no such file" in result.output


def test_remove(tmp_path: Path) -> None:
    path = write_layout(BY_KEY["x1d-mos"], tmp_path)
    run(tmp_path / "lake", "ingest", str(path))
    result = run(tmp_path / "lake", "remove", path.name)
    assert result.output == f"removed  mast:JWST/product/{path.name}\n"
    assert run(tmp_path / "lake", "remove", path.name).exit_code == 2


def test_sample_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    result = run(tmp_path, "sample", str(tmp_path / "file" / "samples"))
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


@pytest.fixture
def server(lake: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "spectraldb", "serve", "--port", str(port), "--lake", str(lake)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=dict(os.environ),
    )
    assert process.stdout
    while b"answers at" not in (line := process.stdout.readline()):
        assert line, "the server ended"
    yield f"http://127.0.0.1:{port}"
    process.send_signal(signal.SIGTERM)
    output = process.communicate(timeout=30)[0]
    assert b"Traceback" not in output


def test_serve(server: str) -> None:
    with urllib.request.urlopen(f"{server}/spectra/api/v0.1/search?limit=3") as response:
        answer = json.load(response)
    assert len(answer["results"]) == 3
    with urllib.request.urlopen(answer["next"]) as response:
        assert json.load(response)["status"] == 1
    request = urllib.request.Request(f"{server}/spectra/api/v0.1/search.csv", method="HEAD")
    with urllib.request.urlopen(request) as response:
        assert response.headers["content-type"].startswith("text/csv")
        assert response.read() == b""


def test_serve_where_the_port_is_taken(server: str, lake: Path) -> None:
    port = server.rsplit(":", 1)[1]
    words = [sys.executable, "-m", "spectraldb", "serve", "--port", port, "--lake", str(lake)]
    result = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 2
    assert result.stderr.startswith(f"error: cannot listen on 127.0.0.1, port {port}")
    assert "answers at" not in result.stdout


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Service]:
    """Give an empty lake that a test may fill."""
    service = Service(Settings(lake=tmp_path / "own"), create=True)
    yield service
    service.close()


@pytest.mark.parametrize("form", ["json", "csv", "table"])
def test_info_of_a_lake_without_anything(own: Service, form: str) -> None:
    result = run(own.lake.folder, "info", "--format", form)
    assert result.exit_code == 0, result.output
    assert "productType" in result.output


def test_optimize_tells_what_it_did(own: Service, real_folder: Path) -> None:
    for path in sorted(real_folder.glob("*x1d.fits"))[:2]:
        own.ingest([path])
    first = run(own.lake.folder, "optimize")
    assert first.exit_code == 0, first.output
    assert "4 files merged, 1 segments written" in first.output
    assert "kept for an hour" in first.output
    assert "freed" in run(own.lake.folder, "optimize", "--at-once").output
    assert "nothing was to be done" in run(own.lake.folder, "optimize").output


def test_optimize_of_a_lake_that_may_not_be_written(own: Service) -> None:
    (own.lake.folder / "optimize.lock").mkdir()
    result = run(own.lake.folder, "optimize")
    assert result.exit_code == 2
    assert "the lake cannot be written" in result.stderr
