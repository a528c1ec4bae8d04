"""The documentation is complete and correct: its tables match the code, and its code runs.

`test_readme.py` describes how code blocks are run.
"""

import re
import subprocess
import sys
import tomllib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import yaml  # type: ignore[import-untyped, unused-ignore]
from astropy import units
from astropy.io.votable.ucd import check_ucd
from fastapi import FastAPI

from spectraldb import __version__, errors
from spectraldb.api.app import create_app
from spectraldb.lake.layout import TABLES
from spectraldb.query.conditions import PARAMETERS
from spectraldb.query.match import MATCH_PARAMETERS
from spectraldb.query.operators import OPERATORS
from spectraldb.query.parse import parse_pixels
from spectraldb.schema.column import Column
from spectraldb.schema.columns import COLUMNS, columns_of, searchable_columns
from spectraldb.schema.tables import Table
from spectraldb.service.service import Service
from spectraldb.settings import Settings
from tests.docs.test_readme import OUTPUT, Bench, Block, Workshop, blocks, matches, open_workshop
from tests.support.docs_tables import (
    DOCS,
    GENERATORS,
    REFRESH,
    ROOT,
    client_names,
    commands,
    generate,
    pages,
    sections,
    statuses,
)

MARKDOWN = [*pages(), *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"))]
WRITTEN_BY_BENCH = ("performance.md", "performance-search.md")
"""Generated performance pages, whose blocks are not run."""

RUN_PAGES = [page for page in pages() if page.name not in WRITTEN_BY_BENCH and blocks(page)]
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_PICTURE = re.compile(r"(?:!\[[^\]]*\]\(|<img src=\")([^)\s\"]+)")
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
_INSTALL = re.compile(r"\bpip install ([^\s`]+)")
_CODE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)


def page(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    with open_workshop(tmp_path_factory.getbasetemp() / "documentation") as opened:
        yield opened


@pytest.fixture(scope="module")
def service(workshop: Workshop) -> Iterator[Service]:
    opened = Service(Settings(lake=workshop.lake))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def application(service: Service) -> FastAPI:
    return create_app(service)


# Tables


@pytest.mark.parametrize("path", pages(), ids=names(pages()))
def test_tables_match_the_code(path: Path) -> None:
    for name, body in sections(path.read_text("utf-8")):
        assert name in GENERATORS, f"{path.name}: nothing makes the section {name}"
        assert body == generate(name), (
            f"{path.name}: the section {name} is not what the code says; refresh it with: {REFRESH}"
        )


def test_every_table_is_on_one_page() -> None:
    found = [name for path in pages() for name, _ in sections(path.read_text("utf-8"))]
    assert sorted(found) == sorted(GENERATORS), f"add the missing section, then run: {REFRESH}"


# Completeness


def test_the_site_can_be_built(tmp_path: Path) -> None:
    """The build needs no internet access and emits no warning."""
    site = tmp_path / "html"
    arguments = ["-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", str(DOCS), str(site)]
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    reference = (site / "reference.html").read_text("utf-8")
    for name in client_names():
        for part in name.split("."):
            assert part in reference, f"docs/reference.md lacks {name}"
    assert "http" not in "".join(
        re.findall(r"<(?:script|link)[^>]+(?:src|href)=\"(https?:[^\"]+)", reference)
    )


def test_every_page_is_in_the_index() -> None:
    listed = set(_LINK.findall(page("index.md")))
    optional = {"index.md", *WRITTEN_BY_BENCH}
    assert {path.name for path in pages()} - optional <= listed


def test_every_endpoint_is_described(application: FastAPI) -> None:
    paths = list(application.openapi()["paths"])
    assert paths
    for path in paths:
        assert f"`{path}`" in page("server.md"), f"docs/server.md does not describe {path}"


def test_every_parameter_is_described(application: FastAPI) -> None:
    for path, methods in application.openapi()["paths"].items():
        where = "searching.md" if "/search" in path else "retrieving.md"
        for parameter in methods.get("get", {}).get("parameters", []):
            name = parameter["name"]
            assert f"| `{name}` |" in page(where), f"docs/{where} does not describe {name}"


def test_every_parameter_of_a_match_is_described() -> None:
    for name in MATCH_PARAMETERS:
        assert f"| `{name}` |" in page("searching.md")


def test_openapi_has_every_column_and_parameter(application: FastAPI) -> None:
    (search,) = (
        methods["get"]
        for path, methods in application.openapi()["paths"].items()
        if path.endswith("/search")
    )
    described = {parameter["name"]: parameter for parameter in search["parameters"]}
    assert set(described) == {column.name for column in searchable_columns()} | set(PARAMETERS)
    assert all(parameter["description"] for parameter in described.values())
    for operator in OPERATORS:
        assert f"`.{operator}`" in search["description"]


def test_every_parameter_of_a_product_url_is_described() -> None:
    scripts = (ROOT / "src" / "spectraldb" / "page" / "static" / "product").glob("*.js")
    text = "".join(path.read_text("utf-8") for path in scripts)
    arguments = set(re.findall(r"(?:\.get|\.getAll|\bsetting)\(\"(\w+)\"", text))
    assert {"uri", "wave", "with", "stretch", "aperture"} <= arguments
    for word in arguments:
        assert f"`{word}`" in page("web-page.md"), f"docs/web-page.md does not describe {word}"


def test_pictures_exist_and_are_used() -> None:
    shown = {name for path in pages() for name in _PICTURE.findall(path.read_text("utf-8"))}
    assert shown >= {f"pictures/{name}.png" for name in ("search", "spectrum", "image", "cube")}
    assert shown == {f"pictures/{path.name}" for path in (DOCS / "pictures").iterdir()}


def test_every_status_is_described(application: FastAPI) -> None:
    text = page("server.md")
    known = {str(status) for status in statuses()}
    for status in known:
        assert f"| `{status}` |" in text
    answered = {
        status
        for methods in application.openapi()["paths"].values()
        for method in methods.values()
        for status in method["responses"]
    }
    assert answered - {"200"} <= known
    raised = {str(error.status) for error in subclasses(errors.SpectralDBError)}
    assert raised <= known


def subclasses(error: type[errors.SpectralDBError]) -> Iterator[type[errors.SpectralDBError]]:
    yield error
    for child in error.__subclasses__():
        yield from subclasses(child)


def test_every_setting_is_described() -> None:
    for name in Settings.model_fields:
        assert f"| `SPECTRALDB_{name.upper()}` |" in page("server.md")


@pytest.mark.parametrize("name", list(commands()))
def test_every_command_and_option_is_described(name: str) -> None:
    text = page("cli.md")
    assert f"\n## {name}\n" in text
    chapter = text.split(f"\n## {name}\n", 1)[1].split("\n## ", 1)[0]
    assert re.search(rf"^\$? ?spectraldb {name}\b", chapter, re.MULTILINE), "it has no example"
    for parameter in commands()[name].params:
        is_option = parameter.param_type_name == "option"
        for word in parameter.opts if is_option else [parameter.name.upper()]:
            assert word in chapter, f"docs/cli.md does not describe {word} of {name}"


def test_every_column_is_described() -> None:
    for column in searchable_columns():
        for name in (column.name, *column.aliases):
            assert f"`{name}`" in page("searching.md")
    for column in COLUMNS:
        if column.table is Table.ARRAY:
            assert f"`{column.name}`" in page("retrieving.md")
    for table in TABLES:
        assert table.value in page("lake.md")


def test_every_package_is_described() -> None:
    for path in (ROOT / "src" / "spectraldb").iterdir():
        name = f"{path.name}/" if path.is_dir() else path.name
        if not name.startswith("_") and name != "py.typed":
            assert f"`{name}`" in page("architecture.md"), f"docs/architecture.md lacks {name}"


def test_every_derived_statistic_is_defined() -> None:
    copied = {"spectrum"}
    for column in columns_of(Table.SPECTRUM):
        named = column.name in copied or not column.searchable
        assert named or f"`{column.name}`" in page("derived.md")


# Correctness


@pytest.mark.parametrize("path", RUN_PAGES, ids=names(RUN_PAGES))
def test_code_blocks_print_the_shown_output(workshop: Workshop, tmp_path: Path, path: Path) -> None:
    bench: Bench = workshop.bench(tmp_path)
    for block in blocks(path):
        bench.check(block)


def test_pages_with_code_are_found() -> None:
    assert {path.name for path in RUN_PAGES} >= {
        "cli.md",
        "getting-started.md",
        "lake.md",
        "retrieving.md",
        "searching.md",
        "server.md",
    }


@pytest.mark.parametrize("path", RUN_PAGES, ids=names(RUN_PAGES))
def test_every_shown_output_follows_a_block(path: Path) -> None:
    """Output after a block that is not run, or after other output, would not be compared."""
    shown = re.findall(rf"^```(?:{'|'.join(OUTPUT)})$", path.read_text("utf-8"), re.MULTILINE)
    assert len(shown) == sum(bool(block.shown) for block in blocks(path))


def test_shown_output_is_compared() -> None:
    text = Block("bash", "", 1, "a ... c\n", "text")
    assert matches(text, "a b c\n")
    assert not matches(text, "a b d\n")
    json = Block("bash", "", 1, '{"a": [1, ...]}\n', "json")
    assert matches(json, '{"a":[1,2]}')
    assert not matches(json, '{"a":[2,1]}')


@pytest.mark.parametrize("operator", list(OPERATORS.values()), ids=lambda operator: operator.key)
def test_examples_of_operators_run(service: Service, operator: Any) -> None:
    name, _, value = operator.example.partition("=")
    assert service.search([(name, value), ("product", "all")]).rows is not None


@pytest.mark.parametrize("column", list(searchable_columns()), ids=lambda column: column.name)
def test_examples_of_columns_are_conditions(column: Column) -> None:
    assert column.example
    parse_pixels([(column.name, column.example)], Settings(lake=Path("nowhere")))


@pytest.mark.parametrize("path", MARKDOWN, ids=names(MARKDOWN))
def test_links_have_targets(path: Path) -> None:
    for link in _LINK.findall(_CODE.sub("", path.read_text("utf-8"))):
        if re.match(r"[a-z]+:", link):
            assert link.startswith("https://"), f"{path.name}: {link}"
            continue
        place, _, anchor = unquote(link).partition("#")
        target = (path.parent / place).resolve() if place else path
        assert target.is_file(), f"{path.name}: there is no {place}"
        if anchor:
            assert anchor in anchors(target), f"{path.name}: {place} has no heading #{anchor}"


def anchors(path: Path) -> set[str]:
    """Return the anchors of a page's headings, as on GitHub."""
    text = _CODE.sub("", path.read_text("utf-8"))
    return {
        re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        for heading in _HEADING.findall(text)
    }


def test_installation_commands_are_valid() -> None:
    """Installation is from a clone, with existing extras, because the package is on no index."""
    parts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    text = [*(path.read_text("utf-8") for path in MARKDOWN), (DOCS / "tutorial.ipynb").read_text()]
    arguments = [word for text in text for word in _INSTALL.findall(text)]
    named = [word for word in arguments if not re.fullmatch(r"'?(pysail|pyspark)\b.*", word)]
    assert len(named) > 5
    for word in named:
        own = re.fullmatch(r"'\.\[([\w,]+)\]'|\.", word)
        assert own, f"{word} is not installed from a clone"
        assert set((own[1] or "server").split(",")) <= set(parts)


# Columns


@pytest.mark.parametrize("column", [c for c in COLUMNS if c.ucd], ids=lambda column: column.name)
def test_ucd_is_valid(column: Column) -> None:
    assert check_ucd(column.ucd, check_controlled_vocabulary=True), (
        f"{column.name}: {column.ucd} is not a UCD1+"
    )


def test_searchable_columns_have_ucds() -> None:
    assert not [column.name for column in COLUMNS if column.searchable and not column.ucd]


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)
def test_unit_parses(column: Column) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        units.Unit(column.unit)


# Project files


def test_citation_is_valid() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert str(citation["cff-version"]) == "1.2.0"
    assert citation["version"] == __version__
    assert citation["license"] == "BSD-3-Clause"
    assert citation["authors"] == [{"name": "The Spectral DB developers"}]


def test_changelog_begins_with_unreleased_changes() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    headings = re.findall(r"^## \[(.+?)\]", text, re.MULTILINE)
    assert headings[0] == "Unreleased"
    parts = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert set(re.findall(r"^### (.+)$", text, re.MULTILINE)) <= parts
