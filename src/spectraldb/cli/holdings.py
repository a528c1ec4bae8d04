"""The commands `products` and `info`, which describe the contents of the lake."""

from collections.abc import Sequence

import typer
from rich.filesize import decimal

from spectraldb.cli.console import OutputFormat, err, out
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
from spectraldb.cli.summaries import optimize_hint
from spectraldb.cli.tables import print_rows, print_search
from spectraldb.lake.record import ProductRecord
from spectraldb.schema.arrow import SCHEMAS
from spectraldb.schema.tables import Table
from spectraldb.service.records import EMPTY_LAKE, LakeInfo

app = typer.Typer()

PRODUCT_COLUMNS = (
    "uri",
    "productType",
    "targetName",
    "instrument",
    "nSpectra",
    "nStored",
    "location",
)
"""The columns of the table of all products."""
HIDDEN_COLUMNS = (
    "fileName",
    "targetRA",
    "targetDec",
    "filter",
    "grating",
    "channel",
    "productWavelengthMin",
    "productWavelengthMax",
    "nStored",
)
"""Columns of every product search that a table shows only on request."""
INFO_COLUMNS = ("productType", "products", "spectra", "pixels", "files", "segments", "bytes")


@app.command(
    epilog=example(
        "spectraldb products --format json",
        "spectraldb products instrument=MIRI derSnr.gt=5 sort_by=-matchedSpectra",
    )
)
def products(
    conditions: ConditionsArgument = None,
    columns: ColumnsOption = None,
    limit: LimitOption = None,
    after: AfterOption = None,
    form: FormatOption = OutputFormat.AUTO,
    lake: LakeOption = None,
) -> None:
    """List all products with the locations of their files, or find products by metadata."""
    with open_service(lake) as service:
        pairs = request_pairs(conditions, columns=columns, limit=limit, after=after)
        if pairs:
            hidden = [name for name in HIDDEN_COLUMNS if name not in str(pairs)]
            print_search(service.search_products(pairs), form.resolve(), hidden)
        else:
            _print_products(service.products(), form.resolve())


@app.command(epilog=example("spectraldb info"))
def info(form: FormatOption = OutputFormat.AUTO, lake: LakeOption = None) -> None:
    """Print the location of the lake, its versions, contents and size."""
    with open_service(lake) as service:
        lake_info = service.info()
    _print_info(lake_info, form.resolve())


def _print_products(products: Sequence[ProductRecord], form: OutputFormat) -> None:
    """Print all products; the table has the main columns."""
    columns = list(PRODUCT_COLUMNS)
    if form is not OutputFormat.TABLE:
        columns = [name for name in SCHEMAS[Table.PRODUCT].names if name != "productId"]
    print_rows([{n: product[n] for n in columns} for product in products], columns, form)
    if not products:
        err.print(EMPTY_LAKE, highlight=False)


def _print_info(lake_info: LakeInfo, form: OutputFormat) -> None:
    """Print the location, contents and size of a lake."""
    if form is OutputFormat.JSON:
        row = lake_info.as_dict()
        print_rows([row], list(row), form)
    elif form is OutputFormat.CSV:
        print_rows(lake_info.type_rows(), INFO_COLUMNS, form)
    else:
        _print_info_table(lake_info)


def _print_info_table(lake_info: LakeInfo) -> None:
    files = lake_info.files
    newest, oldest = lake_info.holdings.version, lake_info.oldest_version
    versions = f"{newest}" if newest == oldest else f"{newest} (oldest available: {oldest})"
    disk = f"{decimal(files.bytes)}, {decimal(files.segment_bytes)} of it segments"
    if files.sorted_copy_bytes:
        disk += f", {decimal(files.sorted_copy_bytes)} by wavelength"
    lines = {"lake": lake_info.address, "version": versions, "disk": disk}
    for name, text in lines.items():
        out.print(f"{name:<8} {text}", highlight=False, soft_wrap=True)
    out.print()
    sizes = {name: decimal(each.bytes) for name, each in files.types.items()}
    rows = [row | {"bytes": sizes[str(row["productType"])]} for row in lake_info.type_rows()]
    print_rows(rows, INFO_COLUMNS, OutputFormat.TABLE)
    if files.pending_optimization:
        out.print(optimize_hint(files.pending_optimization), style="yellow", soft_wrap=True)
