"""A lake of a few small products, and the fixtures of `fetch`."""

from pathlib import Path

import pytest

from tests.support.command_line import run
from tests.support.fetch_command import archive, fetch, held
from tests.support.layouts import LAYOUTS, write_layout

__all__ = ["archive", "fetch", "file_names", "filled_lake", "held"]

KEYS = ("x1d-mos", "s2d-mos", "s3d-linear", "s2d-multislit", "x1d-wfss-vector")


@pytest.fixture(scope="session")
def file_names() -> dict[str, str]:
    """Return the names of the files in the lake by the keys of their layouts."""
    return {layout.key: layout.file_name for layout in LAYOUTS if layout.key in KEYS}


@pytest.fixture(scope="session")
def filled_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a lake that tests must not change."""
    folder = tmp_path_factory.mktemp("files")
    for layout in LAYOUTS:
        if layout.key in KEYS:
            write_layout(layout, folder)
    lake = tmp_path_factory.mktemp("lake")
    result = run(lake, "ingest", str(folder))
    assert result.exit_code == 0, result.output
    return lake
