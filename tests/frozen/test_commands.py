"""The command line: commands, options and exit codes."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from tests.frozen.adapter import command_line
from tests.frozen.commands import run
from tests.frozen.recorded import check

X1D = "jw99008-o001_t001-s000000001_nirspec_f100lp-g140m-s1600a1_x1d.fits"
INVOCATIONS = (
    "",
    "--help",
    "-h",
    "--version",
    "--versio",
    "nosuch",
    "search --help",
    "search flux.gt=0 --lake LAKE",
    "search flux.gt=0&product=all --limit 2 --lake LAKE",
    "search derSNR.gt=5 --lake LAKE",
    "search flux --lake LAKE",
    "search flux.gt=a --lake LAKE",
    "search --limit 0 --lake LAKE",
    "search --limit few --lake LAKE",
    "search --format yaml --lake LAKE",
    "search --after nonsense --lake LAKE",
    "search --nosuch --lake LAKE",
    "search --lake FOLDER/nowhere",
    "search version=99999 --lake LAKE",
    "search --format table --limit 1 --lake LAKE",
    "search --format csv --limit 1 --lake LAKE",
    "search --format auto --limit 1 --lake LAKE",
    "products --lake LAKE",
    "products instrument=NIRSPEC --lake LAKE",
    "products flux.gt=1 --lake LAKE",
    "products --lake FOLDER/nowhere",
    "retrieve X1D --lake LAKE",
    "retrieve mast:JWST/product/X1D wavelength=1.1,1.2 --lake LAKE",
    "retrieve X1D --derived --format csv --lake LAKE",
    "retrieve X1D spectrum=99 --lake LAKE",
    "retrieve X1D --output FOLDER/one.csv --lake LAKE",
    "retrieve X1D --output FOLDER/one.nosuch --lake LAKE",
    "retrieve X1D --output FOLDER/one.csv --format json --lake LAKE",
    "retrieve X1D --derived x=1,2 --lake LAKE",
    "retrieve X1D nosuch=1 --lake LAKE",
    "retrieve X1D x=a --lake LAKE",
    "retrieve nosuch.fits --lake LAKE",
    "retrieve",
    "info --lake LAKE",
    "info --format csv --lake LAKE",
    "info --lake FOLDER/nowhere",
    "ingest",
    "ingest FOLDER/nothing --lake FOLDER/new",
    "ingest FOLDER/empty --lake FOLDER/new",
    "ingest FOLDER/broken_x1d.fits --lake FOLDER/new",
    "ingest SAMPLES/X1D --lake FOLDER/new",
    "ingest SAMPLES/X1D --lake FOLDER/new --copy",
    "ingest SAMPLES --workers 0",
    "ingest SAMPLES/X1D --lake http://example.org/lake",
    "optimize --lake FOLDER/new",
    "optimize --at-once --keep-days 0 --lake FOLDER/new",
    "optimize --keep-days -1",
    "optimize --lake FOLDER/nowhere",
    "remove nosuch.fits --lake FOLDER/new",
    "remove X1D --lake FOLDER/new",
    "remove",
    "sample FOLDER/broken_x1d.fits",
    "serve --port 99999 --lake LAKE",
    "serve --port some",
    "serve --engine nosuch --lake LAKE",
    "serve --processes 0",
    "fetch --lake FOLDER/new",
    "fetch --workers 99",
    "fetch --type nosuch --program 1 --lake LAKE",
)
"""In this order, because commands may need the results of earlier ones."""


def test_exit_codes(samples: Path, lake: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken_x1d.fits").write_text("not FITS")
    stands_for = {"LAKE": lake, "FOLDER": tmp_path, "SAMPLES": samples, "X1D": X1D}
    found = {}
    for invocation in INVOCATIONS:
        arguments = invocation.split()
        for name, value in stands_for.items():
            arguments = [word.replace(name, str(value)) for word in arguments]
        found[invocation] = run(*arguments).exit_code
    check("exit_codes", found)


@pytest.mark.parametrize(("word", "code"), [("--version", 0), ("--nosuch", 2)])
def test_module_is_the_command(word: str, code: int) -> None:
    arguments = [sys.executable, "-m", "spectraldb", word]
    done = subprocess.run(arguments, capture_output=True, check=False)
    assert done.returncode == code


def test_options() -> None:
    group = typer.main.get_command(command_line)
    commands: dict[str, Any] = {"": group, **getattr(group, "commands", {})}
    found = {
        name: [_parameter(parameter) for parameter in command.params]
        for name, command in sorted(commands.items())
    }
    check("options", found)


def _parameter(parameter: Any) -> str:
    """Return the spelling and default of a parameter, and whether it is required or repeatable."""
    is_option = parameter.param_type_name == "option"
    arguments = parameter.opts if is_option else [parameter.name.upper()]
    notes = [
        "required" if parameter.required else f"default {parameter.default}",
        "several" if parameter.nargs == -1 or parameter.multiple else "",
        f"from {parameter.envvar}" if parameter.envvar else "",
    ]
    return f"{' '.join(arguments)}: {', '.join(note for note in notes if note)}"
