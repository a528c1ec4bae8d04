"""Commands that show what the lake holds: products, info."""

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
from spectraldb.cli.tables import Row, print_rows, print_search
from spectraldb.lake.record import ProductRecord

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
"""Columns of every search for products that a table shows only if the command names them."""
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
    """List the products that the lake holds and where their files are, or find some of them."""
    with open_service(lake) as service:
        pairs = request_pairs(conditions, columns=columns, limit=limit, after=after)
        if pairs:
            hidden = [name for name in HIDDEN_COLUMNS if name not in str(pairs)]
            print_search(service.search_products(pairs), form.resolve(), hidden)
        else:
            _print_products(service.products(), form.resolve())


@app.command(epilog=example("spectraldb info"))
def info(form: FormatOption = OutputFormat.AUTO, lake: LakeOption = None) -> None:
    """Tell where the lake is, its versions, what it holds and how much room that takes."""
    with open_service(lake) as service:
        lake_info = service.info()
    _print_info(lake_info, form.resolve())


def _print_products(products: Sequence[ProductRecord], form: OutputFormat) -> None:
    """Print all products; the table has the main columns."""
    columns = list(PRODUCT_COLUMNS)
    if form is not OutputFormat.TABLE and products:
        columns = [name for name in products[0].values if name != "productId"]
    print_rows([{n: product[n] for n in columns} for product in products], columns, form)
    if not products:
        err.print("the lake is empty: run `spectraldb ingest PATH...`", highlight=False)


def _print_info(lake_info: Row, form: OutputFormat) -> None:
    """Print what a lake is and holds."""
    if form is OutputFormat.JSON:
        print_rows([lake_info], list(lake_info), form)
    elif form is OutputFormat.CSV:
        print_rows(lake_info["productTypes"], INFO_COLUMNS, form)
    else:
        _print_info_table(lake_info)


def _print_info_table(lake_info: Row) -> None:
    versions = f"{lake_info['version']}, back to {lake_info['oldestVersion']}"
    disk = f"{decimal(lake_info['bytes'])}, {decimal(lake_info['segmentBytes'])} of it segments"
    if lake_info["byWavelengthBytes"]:
        disk += f", {decimal(lake_info['byWavelengthBytes'])} by wavelength"
    lines = {"lake": lake_info["lake"], "version": versions, "disk": disk}
    for name, text in lines.items():
        out.print(f"{name:<8} {text}", highlight=False, soft_wrap=True)
    out.print()
    rows = [row | {"bytes": decimal(row["bytes"])} for row in lake_info["productTypes"]]
    print_rows(rows, INFO_COLUMNS, OutputFormat.TABLE)
    if lake_info["due"]:
        out.print(
            "`spectraldb optimize` makes searches fast: files of pixels without a segment: "
            f"{lake_info['due']:,}",
            style="yellow",
            soft_wrap=True,
        )
