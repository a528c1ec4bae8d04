"""The local engine: which segments a search reads."""

from pathlib import Path

import pytest

from spectraldb.segments import spectra as spectra_module
from spectraldb.segments.spectra import SpectrumTable
from spectraldb.service.service import Service
from spectraldb.settings import Settings


def test_searches_of_different_files_share_one_table_of_spectra(
    sample_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = sorted(sample_folder.glob("*_x1d.fits"))
    service = Service(Settings(lake=tmp_path / "lake"), create=True)
    for path in paths[:3]:  # a file of pixels each, since files of equal size are merged
        service.ingest([path])
    monkeypatch.setattr("spectraldb.maintenance.optimize._Optimization.compact_table", _skip)
    assert service.optimize().segments == 3
    tables: list[SpectrumTable] = []
    create = SpectrumTable.__init__

    def counting(self: SpectrumTable, *arguments: object) -> None:
        tables.append(self)
        create(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(spectra_module.SpectrumTable, "__init__", counting)
    service.search([("wavelength.gt", "0")])
    found = {
        row["fileName"]
        for text in ("0.5,2", "2,6", "6,30")
        for row in service.search([("wavelength", text), ("group", "true")]).rows.to_pylist()
    }
    service.close()
    assert len(found) > 1
    assert len(tables) == 1


def _skip(*_: object) -> None:
    """Merge nothing."""
