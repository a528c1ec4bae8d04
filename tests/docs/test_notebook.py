"""The notebook of the documentation runs, and its output matches its server."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.page.conftest import served_samples
from tests.support import notebook


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the notebook as text after a run against the synthetic products."""
    folder = tmp_path_factory.mktemp("notebook")
    with served_samples(folder) as address:
        yield json.dumps(notebook.run(address, folder)).replace(address, notebook.ADDRESS)


def test_notebook_runs_with_output(ran: str) -> None:
    stored = json.loads(notebook.PATH.read_text("utf-8"))
    now = json.loads(ran)
    for before, after in zip(stored["cells"], now["cells"], strict=True):
        kinds = [
            [output["output_type"] for output in each.get("outputs", [])]
            for each in (before, after)
        ]
        assert kinds[0] == kinds[1], "".join(before["source"])
        for one, other in zip(before.get("outputs", []), after.get("outputs", []), strict=True):
            assert _text(one) == _text(other)


def test_notebook_has_plots(ran: str) -> None:
    pictures = [
        output
        for cell in json.loads(ran)["cells"]
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    assert len(pictures) == 3


def _text(output: dict[str, object]) -> str:
    data = output.get("data", {})
    text = output.get("text") or (data.get("text/plain") if isinstance(data, dict) else "")
    return "".join(text) if isinstance(text, list) else str(text)


def test_notebook_contains_no_local_path() -> None:
    text = Path(notebook.PATH).read_text("utf-8")
    assert "/home/" not in text
    assert str(notebook.PATH.parent.parent) not in text
    assert "/tmp/" not in text
