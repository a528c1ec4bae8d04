"""The help of all commands, and the version."""

from pathlib import Path

import pytest

from spectraldb import __version__
from tests.support.command_line import run
from tests.support.docs_tables import commands

COMMANDS = (
    "ingest",
    "remove",
    "optimize",
    "serve",
    "search",
    "retrieve",
    "products",
    "info",
    "check",
    "sample",
    "fetch",
)


def test_help_lists_every_command_in_order(tmp_path: Path) -> None:
    output = run(tmp_path, "--help").output
    positions = [output.index(f"│ {command} ") for command in COMMANDS]
    assert positions == sorted(positions)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(command: str, tmp_path: Path) -> None:
    result = run(tmp_path, command, "--help")
    assert result.exit_code == 0
    assert "Example" in result.output
    assert f"spectraldb {command}" in result.output


def test_help_of_search_lists_columns_and_operators(tmp_path: Path) -> None:
    output = run(tmp_path, "search", "--help").output
    assert "derSnr" in output
    assert ".between" in output


def test_help_has_defaults(tmp_path: Path) -> None:
    assert "[default: one per core]" in run(tmp_path, "ingest", "--help").output


def test_version(tmp_path: Path) -> None:
    assert run(tmp_path, "--version").output == f"spectraldb {__version__}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_paragraphs_of_help_wrap(command: str) -> None:
    # The help keeps the line breaks of every paragraph but the first.
    _, *paragraphs = str(commands()[command].help).split("\n\n")
    assert all("\n" not in text and len(text) <= 78 for text in paragraphs)
