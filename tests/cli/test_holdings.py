"""The commands `products` and `info`."""

import csv
import io
import json
import re
from pathlib import Path

import pytest

from spectraldb.service.service import Service
from tests.support.command_line import run


def test_products_and_info(filled_lake: Path, file_names: dict[str, str]) -> None:
    rows = json.loads(run(filled_lake, "products", "--format", "json").stdout)
    assert {"uri", "fileName", "productType", "location"} <= set(rows[0])
    assert all(Path(row["location"]).exists() for row in rows)
    (info,) = json.loads(run(filled_lake, "info", "--format", "json").stdout)
    assert sum(each["products"] for each in info["productTypes"]) == len(rows)
    assert file_names["x1d-mos"] in run(filled_lake, "products", "--format", "table").output
    assert str(info["version"]) in run(filled_lake, "info", "--format", "table").output


def test_products_that_meet_conditions(filled_lake: Path) -> None:
    arguments = ["products", "product.ne=s3d", "nGood.gt=0", "sort_by=-matchedSpectra"]
    answer = json.loads(run(filled_lake, *arguments, "--format", "json").stdout)
    counts = [row["matchedSpectra"] for row in answer["results"]]
    assert len(counts) == 4
    assert counts == sorted(counts, reverse=True)
    arguments += ["--columns", "title", "--format", "csv"]
    first = run(filled_lake, *arguments, "--limit", "3")
    token = re.search(r"--after (\S+)", first.stderr)
    assert token
    rest = run(filled_lake, *arguments, "--after", token[1])
    rows = [row for page in (first, rest) for row in csv.DictReader(io.StringIO(page.stdout))]
    assert [row["uri"] for row in rows] == [row["uri"] for row in answer["results"]]
    assert "title" in rows[0]


def test_table_of_products_has_the_requested_columns(filled_lake: Path) -> None:
    arguments = ["products", "instrument.like=*", "--format", "table"]
    head = run(filled_lake, *arguments).output.splitlines()[0].split()
    assert {"uri", "instrument", "matchedSpectra"} <= set(head)
    assert "targetRA" not in head
    requested = run(filled_lake, *arguments, "--columns", "targetRA")
    assert "targetRA" in requested.output.splitlines()[0]


def test_condition_on_pixels_is_refused(filled_lake: Path) -> None:
    result = run(filled_lake, "products", "flux.gt=1")
    assert result.exit_code == 2
    assert "`search` with group=true" in result.stderr


@pytest.mark.parametrize("form", ["json", "csv", "table"])
def test_info_of_an_empty_lake(lake: Service, form: str) -> None:
    result = run(lake.lake.folder, "info", "--format", form)
    assert result.exit_code == 0, result.output
    assert "productType" in result.output
