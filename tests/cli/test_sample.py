"""The command `sample`."""

from pathlib import Path

from tests.support.command_line import run


def test_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    result = run(tmp_path, "sample", str(tmp_path / "file" / "samples"))
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr
