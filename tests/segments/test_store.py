"""The segments of a lake: damaged ones are skipped, and all are opened early."""

import time
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spectraldb.arrays import ARRAY_FILES
from spectraldb.cancellation import Cancellation
from spectraldb.errors import LimitError
from spectraldb.lake.layout import segment_folder
from spectraldb.segments.format import FORMAT, MANIFEST
from spectraldb.segments.reader import Segment
from spectraldb.segments.store import Segments
from spectraldb.service.service import Service


@pytest.fixture
def optimized(lake: Service, sample_folder: Path) -> Service:
    """Return a lake of one small product with a segment."""
    lake.ingest([next(sample_folder.glob("*niriss*x1d.fits"))])
    lake.optimize(grace=0)
    return lake


@pytest.mark.parametrize("damage", ["format", "cut", "missing", "nonsense"])
def test_damaged_segment_is_skipped(optimized: Service, damage: str) -> None:
    before = optimized.search([("limit", "9")]).rows
    assert len(before) == 9
    (file,) = optimized.lake.snapshot().pixels["x1d"]
    folder = segment_folder(optimized.lake.folder, file)
    damage_segment(folder, damage)
    assert Segments(optimized.lake.store).of_file(file) is None
    with closing(Service(optimized.settings)) as service:
        assert service.search([("limit", "9")]).rows.equals(before)
        assert service.optimize().segments == 1  # written again
        assert service.search([("limit", "9")]).rows.equals(before)


def damage_segment(folder: Path, damage: str) -> None:
    """Damage the files of a segment."""
    manifest, flux = folder / MANIFEST, folder / "flux.npy"
    if damage == "format":
        text = manifest.read_text()
        assert f'"format":{FORMAT}' in text
        manifest.write_text(text.replace(f'"format":{FORMAT}', '"format":0'))
    elif damage == "cut":
        flux.write_bytes(flux.read_bytes()[:-8])
    elif damage == "missing":
        flux.unlink()
    else:
        manifest.write_text("{")


def test_server_opens_segments_before_the_first_request(
    optimized: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []
    open_segment = Segment.open

    def note(folder: Path) -> Segment:
        opened.append(folder)
        return open_segment(folder)

    (file,) = optimized.lake.snapshot().pixels["x1d"]
    with closing(Service(optimized.settings)) as service:
        monkeypatch.setattr(Segment, "open", note)
        service.warm()
        assert opened == [segment_folder(optimized.lake.folder, file)]
        assert service.count([]).pixels
        assert len(opened) == 1


def test_time_limit_includes_the_download_of_segments(
    optimized: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless_download(path: Path, cancel: Cancellation) -> bool:
        for _ in range(2000):
            cancel.check()
            time.sleep(0.01)
        return False

    quick = optimized.settings.model_copy(update={"time_limit": 0.2})
    with closing(Service(quick)) as service:
        monkeypatch.setattr(service.lake.store, "localize_folder", endless_download)
        with pytest.raises(LimitError):
            service.search([])


def test_one_thread_at_a_time_reads_an_array_file(
    optimized: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked: list[bool] = []
    load = np.load

    def observed(*arguments: Any, **options: Any) -> object:
        locked.append(ARRAY_FILES.locked())
        return load(*arguments, **options)

    monkeypatch.setattr(np, "load", observed)
    (file,) = optimized.lake.snapshot().pixels["x1d"]
    assert Segments(optimized.lake.store).of_file(file) is not None
    assert locked
    assert all(locked)
