"""Options and arguments that several commands share, and the examples in their help."""

from typing import Annotated

import typer

from spectraldb.cli.console import OutputFormat
from spectraldb.settings import Settings


def default(setting: str) -> str:
    """Return the default of a setting and its environment variable, for the help of an option."""
    value = Settings.model_fields[setting].default
    shown = f"{value:g}" if isinstance(value, float) else value
    return f"SPECTRALDB_{setting.upper()}, or {shown}"


LakeOption = Annotated[
    str | None,
    typer.Option(
        "--lake",
        metavar="LOCATION",
        envvar="SPECTRALDB_LAKE",
        help="Folder of the lake, or s3://bucket/folder. \\[default: in the user's data folder]",
    ),
]
FormatOption = Annotated[
    OutputFormat,
    typer.Option("--format", help="Output format. auto is a table on a terminal, otherwise JSON."),
]
ConditionsArgument = Annotated[
    list[str] | None,
    typer.Argument(help="Conditions as in a URL: column=value, column.gte=value, ..."),
]
ColumnsOption = Annotated[str | None, typer.Option(help="More columns, separated by commas.")]
LimitOption = Annotated[
    int | None,
    typer.Option(help=f"Maximum number of results. \\[default: {default('default_limit')}]"),
]
AfterOption = Annotated[str | None, typer.Option(help="Page token from the previous page.")]


def example(*lines: str) -> str:
    """Return the examples at the end of the help of a command."""
    return "Example:\n\n" + "\n\n".join(f"  {line}" for line in lines)
