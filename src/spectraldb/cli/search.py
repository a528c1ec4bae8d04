"""The command `search`, which finds pixels."""

import typer

from spectraldb.cli.console import OutputFormat
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
from spectraldb.query.operators import OPERATORS
from spectraldb.schema.columns import searchable_columns

app = typer.Typer()


@app.command(
    epilog=example(
        "spectraldb search wavelength=1.2,1.3 flux.gte=10 derSnr.gt=5",
        "spectraldb search 'wavelength=3,5&product=x1d,s3d&group=True&columns=targetName'",
    )
    + f"\n\nColumns: {', '.join(column.name for column in searchable_columns())}."
    + f"\n\nOperators: {', '.join('.' + key for key in OPERATORS)}."
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
