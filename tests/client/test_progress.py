"""Progress bars."""

import sys

import pytest

from spectraldb import SpectralDB
from spectraldb.client.progress import Progress


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw bars as on a terminal, also after tests that ran a notebook in this process."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)


def test_progress_of_a_retrieval(server_address: str, capsys: pytest.CaptureFixture[str]) -> None:
    with SpectralDB(server_address, progress=True) as db:
        names = list(db.search_products(product="x1d", limit=3).to_table()["uri"])
        db.retrieve(names)
    shown = capsys.readouterr().err
    assert "Products" in shown
    assert "retrieving" not in shown
    with SpectralDB(server_address, progress=False) as db:
        db.retrieve(names)
    assert capsys.readouterr().err == ""


def test_one_bar_at_a_time(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(shown=True)
    with progress.items("outer", 1), progress.bytes("inner", 1) as advance:
        advance(1)
    with progress.items("next", 1) as advance:
        advance(1)
    shown = capsys.readouterr().err
    assert "outer" in shown
    assert "inner" not in shown
    assert "next" in shown
