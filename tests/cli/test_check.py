"""The command `check`."""

import json
import os
from pathlib import Path

import pytest

from spectraldb.cancellation import Cancellation
from spectraldb.service.service import Service
from tests.support.command_line import run
from tests.support.layouts import LAYOUTS, write_layout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a lake of three products and their files."""
    files = [write_layout(layout, tmp_path) for layout in LAYOUTS[2:5]]
    assert run(tmp_path / "lake", "ingest", *map(str, files)).exit_code == 0
    return tmp_path


def states(folder: Path) -> tuple[int, dict[str, str]]:
    result = run(folder / "lake", "check", "--format", "json")
    rows = json.loads(result.stdout)
    return result.exit_code, {Path(row["location"]).name: row["state"] for row in rows}


def test_files_that_are_intact(folder: Path) -> None:
    for path in folder.glob("*.fits"):
        os.utime(path, (1, 1))  # the content is the same
    assert states(folder) == (0, {})
    result = run(folder / "lake", "check", "--format", "table")
    assert result.stdout == ""
    assert result.stderr == "3 files checked, 0 with a problem.\n"


def test_files_that_vanished_or_changed(folder: Path) -> None:
    one, two, _ = sorted(folder.glob("*.fits"))
    one.unlink()
    content = bytearray(two.read_bytes())
    content[-1] ^= 1
    two.write_bytes(content)
    expected = {one.name: "vanished", two.name: "changed"}
    assert states(folder) == (1, expected)
    two.write_bytes(content[:-2880])
    assert states(folder) == (1, expected)


def test_interrupted_check(lake: Service, folder: Path) -> None:
    lake.ingest([folder])
    assert lake.check(cancel=Cancellation(lambda: True)) == []
