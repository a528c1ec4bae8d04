"""Run the notebook of the documentation; `make notebook` saves its output."""

import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

PATH = Path(__file__).resolve().parents[2] / "docs" / "tutorial.ipynb"
ADDRESS = "http://127.0.0.1:8000"
"""Address of the server in the notebook."""


def run(address: str, folder: Path) -> nbformat.NotebookNode:
    """Return the notebook after a run in a folder, with the server at `address`."""
    text = PATH.read_text("utf-8").replace(ADDRESS, address)
    notebook: nbformat.NotebookNode = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    resources = {"metadata": {"path": str(folder)}}
    # Merge the text of each cell into one output, however the kernel splits it.
    client = NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources=resources, coalesce_streams=True
    )
    client.execute()
    return notebook


def main() -> None:
    """Run the notebook against a server of the synthetic products, and save its output."""
    from tests.page.conftest import served_samples  # noqa: PLC0415 - of the tests

    with tempfile.TemporaryDirectory() as folder, served_samples(Path(folder)) as address:
        notebook = run(address, Path(folder))
        for cell in notebook.cells:
            cell.metadata.pop("execution", None)
        text = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
        PATH.write_text(text.replace(address, ADDRESS) + "\n", "utf-8")
    print(f"Ran {PATH.name}.", file=sys.stderr)


if __name__ == "__main__":
    main()
