"""The command `optimize`."""

from pathlib import Path

from spectraldb.service.service import Service
from tests.support.command_line import run


def test_optimize_reports_what_it_did(lake: Service, sample_folder: Path) -> None:
    for path in sorted(sample_folder.glob("*x1d.fits"))[:2]:
        lake.ingest([path])
    folder = lake.lake.folder
    first = run(folder, "optimize")
    assert first.exit_code == 0, first.output
    assert "4 files merged, 1 segment written" in first.output
    assert "remain for an hour" in first.output
    assert "freed" in run(folder, "optimize", "--at-once").output
    assert "Nothing to optimize." in run(folder, "optimize").output


def test_optimize_of_a_lake_that_cannot_be_written(lake: Service) -> None:
    (lake.lake.folder / "optimize.lock").mkdir()
    result = run(lake.lake.folder, "optimize")
    assert result.exit_code == 2
    assert "The lake cannot be written" in result.stderr
