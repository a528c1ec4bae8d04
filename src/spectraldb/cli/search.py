"""The command `search`, which finds pixels."""

import typer

from spectraldb.cli.console import OutputFormat, err
from spectraldb.cli.open_service import open_service
from spectraldb.cli.options import (
    AfterOption,
    ColumnsOption,
    ConditionsArgument,
    FormatOption,
    LakeOption,
    LimitOption,
    example,
)
from spectraldb.cli.parameters import request_pairs
from spectraldb.cli.tables import print_search
from spectraldb.query.conditions import PARAMETERS
from spectraldb.query.operators import OPERATORS
from spectraldb.schema.columns import searchable_columns
from spectraldb.service.records import EMPTY_LAKE

app = typer.Typer()

OPTIONS = ("columns", "limit", "after", "format")
"""Parameters of the API that are options of the command."""


@app.command(
    epilog=example(
        "spectraldb search wavelength=1.2,1.3 flux.gte=10 derSnr.gt=5",
        "spectraldb search flux.gt=0.1 wavelength=3.2,3.4 sort_by=-flux --limit 10",
        "spectraldb search ra=150.1 dec=2.2 radius=5arcsec product=all",
        "spectraldb search 'wavelength=3,5&product=x1d,s3d&group=true&columns=targetName'",
    )
    + f"\n\nColumns: {', '.join(column.name for column in searchable_columns())}."
    + f"\n\nOperators: {', '.join('.' + key for key in OPERATORS)}."
    + f"\n\nOther parameters: {', '.join(name for name in PARAMETERS if name not in OPTIONS)}."
)
def search(
    conditions: ConditionsArgument = None,
    columns: ColumnsOption = None,
    limit: LimitOption = None,
    after: AfterOption = None,
    form: FormatOption = OutputFormat.AUTO,
    lake: LakeOption = None,
) -> None:
    """Find single pixels across all products."""
    with open_service(lake) as service:
        pairs = request_pairs(conditions, columns=columns, limit=limit, after=after)
        print_search(service.search(pairs), form.resolve())
        if not service.products():
            err.print(EMPTY_LAKE, highlight=False)
