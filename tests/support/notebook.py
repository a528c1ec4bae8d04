"""Runs the notebook of the documentation; `make notebook` keeps what it prints and draws."""

import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

PATH = Path(__file__).resolve().parents[2] / "docs" / "tutorial.ipynb"
ADDRESS = "http://127.0.0.1:8000"
"""Of the server in the notebook."""


def run(address: str, folder: Path) -> nbformat.NotebookNode:
    """Return the notebook as it is after a run against a server, in a folder."""
    text = PATH.read_text("utf-8").replace(ADDRESS, address)
    notebook: nbformat.NotebookNode = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    resources = {"metadata": {"path": str(folder)}}
    # What one cell prints is one output, however the kernel cuts it into pieces.
    client = NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources=resources, coalesce_streams=True
    )
    client.execute()
    return notebook


def main() -> None:
    """Run the notebook against a server of the synthetic products, and keep its output."""
    from tests.page.conftest import served_samples  # noqa: PLC0415 - of the tests

    with tempfile.TemporaryDirectory() as folder, served_samples(Path(folder)) as address:
        notebook = run(address, Path(folder))
        for cell in notebook.cells:
            cell.metadata.pop("execution", None)
        text = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
        PATH.write_text(text.replace(address, ADDRESS) + "\n", "utf-8")
    print(f"ran {PATH.name}", file=sys.stderr)


if __name__ == "__main__":
    main()
