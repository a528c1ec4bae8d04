"""The command `search`."""

import csv
import io
import json
import re
from pathlib import Path

import pytest

from tests.support.command_line import run


def test_formats_agree(filled_lake: Path) -> None:
    arguments = ("search", "wavelength.gt=0", "--columns", "flux", "--limit", "5")
    answer = json.loads(run(filled_lake, *arguments, "--format", "json").stdout)
    rows = answer["results"]
    assert len(rows) == 5
    assert answer["query"].startswith("SELECT ")
    text = run(filled_lake, *arguments, "--format", "csv").stdout
    assert [float(row["wavelength"]) for row in csv.DictReader(io.StringIO(text))] == [
        row["wavelength"] for row in rows
    ]
    table = run(filled_lake, *arguments, "--format", "table").output
    assert "fileName" in table
    assert rows[0]["fileName"] in table


def test_next_page(filled_lake: Path) -> None:
    arguments = ["search", "product=all&wavelength.gt=0", "--format", "json"]
    whole = json.loads(run(filled_lake, *arguments).stdout)["results"]
    first = run(filled_lake, *arguments, "--limit", "40")
    token = re.search(r"--after (\S+)", first.stderr)
    assert token
    rest = run(filled_lake, *arguments, "--after", token[1])
    assert json.loads(first.stdout)["results"] + json.loads(rest.stdout)["results"] == whole


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["derSNR.gt=5"], "Did you mean 'derSnr'?"),
        (["flux"], "'flux' is not a condition"),
        (["--limit", "0"], "limit: Must be between 1 and"),
    ],
)
def test_message_of_invalid_search(filled_lake: Path, arguments: list[str], message: str) -> None:
    result = run(filled_lake, "search", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.output
