"""Options and arguments that several commands share, and the form of their help."""

from typing import Annotated

import typer

from spectraldb.cli.console import OutputFormat

LakeOption = Annotated[
    str | None,
    typer.Option(
        "--lake",
        metavar="PLACE",
        envvar="SPECTRALDB_LAKE",
        help="Folder of the lake, or s3://bucket/folder. \\[default: in the user's data folder]",
    ),
]
FormatOption = Annotated[
    OutputFormat,
    typer.Option("--format", help="What to print; auto is a table on a terminal, else json."),
]
ConditionsArgument = Annotated[
    list[str] | None,
    typer.Argument(help="Conditions as in the URL: column=value, column.gte=value, ..."),
]
ColumnsOption = Annotated[str | None, typer.Option(help="Further columns, by commas.")]
LimitOption = Annotated[int | None, typer.Option(help="Results at the most.")]
AfterOption = Annotated[str | None, typer.Option(help="Where to go on, as told before.")]


def example(*lines: str) -> str:
    """Return the end of a command's help: an example of each use."""
    return "Example:\n\n" + "\n\n".join(f"  {line}" for line in lines)
