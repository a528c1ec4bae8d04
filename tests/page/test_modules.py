"""The JavaScript modules of the page: their imports and their layout."""

import re
from graphlib import TopologicalSorter
from pathlib import Path

from spectraldb.page.routes import STATIC

IMPORT = re.compile(r"""(?:\bfrom\s+|\bimport\s*\(?\s*)["'](\.{1,2}/[^"']+)["']""")
LITERAL = re.compile(r"""["'](\./[\w/]+\.js)["']""")
"""Paths of modules that `app.js` imports through a variable."""


def imports_of(module: Path) -> set[Path]:
    """Return the modules that a module imports, statically or on demand."""
    text = module.read_text()
    paths = IMPORT.findall(text) + LITERAL.findall(text)
    return {(module.parent / path).resolve() for path in paths}


def import_graph() -> dict[Path, set[Path]]:
    return {module: imports_of(module) for module in STATIC.resolve().rglob("*.js")}


def test_imported_modules_exist() -> None:
    graph = import_graph()
    missing = {path for paths in graph.values() for path in paths} - graph.keys()
    assert not missing


def test_no_import_cycle() -> None:
    TopologicalSorter(import_graph()).prepare()  # raises CycleError


def test_every_module_is_reachable_from_the_page() -> None:
    graph = import_graph()
    reached, pending = set[Path](), [STATIC.resolve() / "app.js"]
    while pending:
        module = pending.pop()
        if module not in reached:
            reached.add(module)
            pending += graph[module]
    assert reached == graph.keys()


def test_lines_have_at_most_100_characters() -> None:
    files = [path for suffix in ("js", "css") for path in STATIC.rglob(f"*.{suffix}")]
    long = [
        f"{path.name}:{number}"
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if len(line) > 100
    ]
    assert not long
