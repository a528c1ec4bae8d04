"""The commands `ingest` and `remove`."""

import re
from pathlib import Path

from tests.support.command_line import run
from tests.support.layouts import LAYOUTS, write_layout

X1D = next(layout for layout in LAYOUTS if layout.key == "x1d-mos")


def test_ingest_reports_each_file_and_counts(tmp_path: Path) -> None:
    path = write_layout(X1D, tmp_path)
    (tmp_path / "text.fits").write_text("none")
    result = run(tmp_path / "lake", "ingest", str(tmp_path))
    assert result.exit_code == 1
    assert f"ingested  {path}  mast:JWST/product/{path.name}" in result.output
    assert f"refused  {tmp_path / 'text.fits'}: The file is not a FITS file." in result.output
    assert re.search(r"^1 ingested, 1 refused; \d+ pixels written$", result.output, re.MULTILINE)
    again = run(tmp_path / "lake", "ingest", str(path))
    assert again.exit_code == 0
    assert "1 unchanged" in again.output


def test_ingest_without_files(tmp_path: Path) -> None:
    result = run(tmp_path / "lake", "ingest", str(tmp_path))
    assert result.exit_code == 1
    assert "No files found" in result.output
    (tmp_path / "link_x1d.fits").symlink_to(tmp_path / "nowhere")
    result = run(tmp_path / "lake", "ingest", str(tmp_path))
    assert "The file does not exist." in result.output


def test_remove(tmp_path: Path) -> None:
    path = write_layout(X1D, tmp_path)
    run(tmp_path / "lake", "ingest", str(path))
    result = run(tmp_path / "lake", "remove", path.name)
    assert result.output == f"removed  mast:JWST/product/{path.name}\n"
    assert run(tmp_path / "lake", "remove", path.name).exit_code == 2
