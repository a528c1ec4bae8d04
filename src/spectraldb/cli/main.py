"""The command-line application: all commands, and the global options."""

import io
import sys
from typing import Annotated

import typer

from spectraldb import __version__
from spectraldb.cli import check, fetch, holdings, ingest, optimize, retrieve, sample, search, serve
from spectraldb.cli.console import out

app = typer.Typer(
    name="spectraldb",
    help="Search and retrieve the pixels of JWST level-3 spectra.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
# In the order in which the help lists them.
for group in (ingest, optimize, serve, search, retrieve, holdings, check, sample, fetch):
    app.add_typer(group.app)


@app.callback(invoke_without_command=True)
def main(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Search and retrieve the pixels of JWST level-3 spectra."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # for file names that are not UTF-8
    if version:
        out.print(f"spectraldb {__version__}", highlight=False)
        raise typer.Exit
