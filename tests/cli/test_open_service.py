"""Commands on a lake that cannot be opened, or that is empty."""

import json
from pathlib import Path

import pytest

from tests.support.command_line import run


def test_invalid_setting(tmp_path: Path) -> None:
    result = run(tmp_path, "serve", "--port", "99999")
    assert result.exit_code == 2
    assert "--port: 99999 is too large; the maximum is 65535" in result.stderr


@pytest.mark.parametrize(
    "command", [["products"], ["info"], ["search"], ["retrieve", "x.fits"], ["remove", "x"]]
)
def test_lake_that_does_not_exist(tmp_path: Path, command: list[str]) -> None:
    result = run(tmp_path / "none", *command)
    assert result.exit_code == 2
    assert "spectraldb ingest" in result.stderr


def test_empty_lake(tmp_path: Path) -> None:
    run(tmp_path / "lake", "ingest", str(tmp_path))
    assert "spectraldb ingest" in run(tmp_path / "lake", "products").stderr
    assert "The lake is empty" in run(tmp_path / "lake", "products", "instrument=MIRI").output
    found = run(tmp_path / "lake", "search", "--format", "json")
    assert json.loads(found.stdout)["results"] == []
