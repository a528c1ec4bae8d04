"""Packages import only from the layers below them, and no modules import each other in a cycle.

The layers are the contract in ``pyproject.toml``.
"""

from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parent.parent


@pytest.mark.filterwarnings("ignore::DeprecationWarning:importlinter")
def test_data_flows_one_way(capsys: pytest.CaptureFixture[str]) -> None:
    status = lint_imports(
        config_filenames=(str(ROOT / "pyproject.toml"),), no_cache=True, no_logo=True
    )
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_no_import_cycles() -> None:
    graph = grimp.build_graph("spectraldb", cache_dir=None)
    assert list(cycles(graph)) == []


def cycles(graph: grimp.ImportGraph) -> Iterator[list[str]]:
    """Yield the groups of modules that import each other, directly or indirectly.

    A module without imports, or that no module imports, is not part of a cycle. Such modules are
    removed until only cycles and the modules that connect them remain.
    """
    remaining = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    while True:
        imported = set().union(*remaining.values()) if remaining else set()
        outside = {n for n, names in remaining.items() if not names or n not in imported}
        if not outside:
            break
        remaining = {n: names - outside for n, names in remaining.items() if n not in outside}
    if remaining:
        yield sorted(remaining)
