"""Refused files have a reason, and do not stop the ingest of others."""

import os
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from spectraldb.errors import LakeError
from spectraldb.ingest.outcome import Action
from spectraldb.products.open import open_products
from spectraldb.products.product import Product
from spectraldb.service.service import Service
from tests.ingest.products import wavelengths
from tests.support.layouts import BROKEN, Broken, write_layout


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.key)
def test_broken_file_is_refused_with_its_reason(
    lake: Service, api: TestClient, x1d: Path, tmp_path: Path, broken: Broken
) -> None:
    (tmp_path / "broken").mkdir()
    path = write_layout(broken, tmp_path / "broken")
    summary = lake.ingest([path, x1d])
    left_out = Action.SKIPPED if broken.key in ("hubble", "image") else Action.REFUSED
    assert [o.action for o in summary.outcomes] == [left_out, Action.INGESTED]
    assert broken.reason in summary.outcomes[0].reason.lower()
    assert wavelengths(api)


def test_a_missing_file_is_refused(lake: Service, tmp_path: Path) -> None:
    summary = lake.ingest([tmp_path / "nothing.fits"])
    assert [o.reason for o in summary.refused] == ["The file does not exist."]


def test_unreadable_file_is_refused(
    lake: Service, x1d: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("spectraldb.ingest.worker.checksum", denied)
    assert lake.ingest([x1d]).refused[0].reason == "The file cannot be read: Permission denied"


def test_name_must_agree_with_content(lake: Service, x1d: Path) -> None:
    wrong = x1d.with_name(x1d.name.replace("_x1d", "_c1d"))
    x1d.rename(wrong)
    assert "has the product type c1d" in lake.ingest([wrong]).refused[0].reason


def test_file_that_changes_while_it_is_read_is_refused(
    lake: Service, x1d: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def changing(path: Path, layout: str | None) -> list[Product]:
        os.utime(x1d, (1, 1))
        return open_products(path, layout)

    monkeypatch.setattr("spectraldb.ingest.worker.open_products", changing)
    assert "changed while it was read" in lake.ingest([x1d]).refused[0].reason
    assert lake.products() == []


def test_odd_names_are_refused(lake: Service, x1d: Path, tmp_path: Path) -> None:
    odd = tmp_path / os.fsdecode(b"odd\xff.fits")
    odd.write_bytes(b"")
    names = [str(odd), "x" * 300, "~nobody-of-that-name/x.fits", str(x1d)]
    summary = lake.ingest(names)
    assert [o.action for o in summary.outcomes].count(Action.REFUSED) == 3
    assert summary.count(Action.INGESTED) == 1


def test_full_disk_is_an_error_of_the_lake(
    lake: Service, x1d: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pyarrow.parquet.ParquetWriter.write_table", full)
    with pytest.raises(LakeError, match="No space left on device"):
        lake.ingest([x1d])
    assert not list(lake.lake.folder.rglob("*.parquet*"))
