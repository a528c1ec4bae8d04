"""Downloads in parallel, and a fetch that is cancelled."""

import threading

import pytest

from spectraldb.cancellation import Cancellation
from spectraldb.cli import fetch as command
from tests.support.archive_server import FakeArchive
from tests.support.fetch_command import Fetch, Held


def test_number_of_parallel_downloads(fetch: Fetch, archive: FakeArchive) -> None:
    archive.gate = threading.Barrier(2)  # four files, so the last has a partner too
    assert fetch("--program", "99001", "--workers", "2").exit_code == 0
    assert len(archive.downloads) == 4
    assert archive.max_waiting == 2


def test_cancelled_fetch_is_resumed(
    fetch: Fetch, held: Held, archive: FakeArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files that were downloaded are ingested, and are not downloaded again."""

    class Interrupt:
        """Ctrl-C after two downloads."""

        def __enter__(self) -> Cancellation:
            return Cancellation(lambda: len(archive.downloads) >= 2)

        def __exit__(self, *_: object) -> None:
            """Nothing was changed."""

    with monkeypatch.context() as patch:
        patch.setattr(command, "cancel_on_interrupt", Interrupt)
        result = fetch("--program", "99003", "--workers", "1")
    assert result.exit_code == 130
    assert "Run the same command again to continue" in result.output
    assert 0 < len(held()) < 5
    assert fetch("--program", "99003").exit_code == 0
    assert len(held()) == 5
    names = [name for name, _ in archive.downloads]
    assert names.count(names[0]) == 1
