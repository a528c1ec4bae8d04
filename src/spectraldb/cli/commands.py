"""The commands; each calls one function of the service."""

import io
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qsl

import typer
from pydantic import ValidationError

from spectraldb import __version__
from spectraldb.cancellation import cancel_on_interrupt
from spectraldb.cli.progress import following, following_steps, print_optimized, print_summary
from spectraldb.cli.show import (
    LESSER_COLUMNS,
    OutputFormat,
    err,
    out,
    print_arrays,
    print_derived,
    print_info,
    print_rows,
    print_search,
    write_arrays,
)
from spectraldb.cutouts.request import Cutout
from spectraldb.errors import BadQueryError, SpectralDBError
from spectraldb.formats.arrays import ARRAY_FORMATS
from spectraldb.lake.lake import GRACE_SECONDS
from spectraldb.lake.record import ProductRecord
from spectraldb.query.operators import OPERATORS
from spectraldb.query.retrieval import parse_retrieval
from spectraldb.results import ArraysAnswer
from spectraldb.schema.columns import searchable_columns
from spectraldb.service.service import Service
from spectraldb.settings import Settings
from spectraldb.storage.objects import is_object

app = typer.Typer(
    name="spectraldb",
    help="Search and retrieve the pixels of JWST level-3 spectra.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

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
Conditions = Annotated[
    list[str] | None,
    typer.Argument(help="Conditions as in the URL: column=value, column.gte=value, ..."),
]
ColumnsOption = Annotated[str | None, typer.Option(help="Further columns, by commas.")]
LimitOption = Annotated[int | None, typer.Option(help="Results at the most.")]
AfterOption = Annotated[str | None, typer.Option(help="Where to go on, as told before.")]


def example(*lines: str) -> str:
    """Return the end of a command's help."""
    return "Example:\n\n" + "\n\n".join(f"  {line}" for line in lines)


@contextmanager
def opened(lake: str | None, *, create: bool = False, **settings: Any) -> Iterator[Service]:  # noqa: ANN401
    """Open the lake; an error on the way is a message and exit status 2."""
    given = {"lake": lake, **settings}
    service = None
    try:
        chosen = Settings(**{name: value for name, value in given.items() if value is not None})
        service = Service(chosen, create=create)
        yield service
    except ValidationError as error:
        told = "; ".join(f"{p['loc'][0]}: {p['msg']}" for p in error.errors())
        err.print(f"error: settings (option or SPECTRALDB_...): {told}", style="red", markup=False)
        raise typer.Exit(2) from error
    except (SpectralDBError, ValueError) as error:
        err.print(f"error: {error}", style="red", highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(2) from error
    finally:
        if service is not None:
            service.close()


@app.callback(invoke_without_command=True)
def main(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Search and retrieve the pixels of JWST level-3 spectra."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # for file names that are no UTF-8
    if version:
        out.print(f"spectraldb {__version__}", highlight=False)
        raise typer.Exit


@app.command(epilog=example("spectraldb ingest ~/jwst 'downloads/*_x1d.fits'"))
def ingest(
    paths: Annotated[
        list[str], typer.Argument(help="Files, folders (at any depth), globs, s3:// places.")
    ],
    copy: Annotated[
        bool, typer.Option("--copy", help="Keep a copy of each file in the lake.")
    ] = False,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes that read. \\[default: one a core]")
    ] = None,
    lake: LakeOption = None,
) -> None:
    """Take FITS files into the lake.

    Files keep their place. What is held already is left alone, what changed is replaced. Exit
    status 1 says that files were refused or none was found, 130 that it was stopped.
    """
    with cancel_on_interrupt() as cancel, opened(lake, create=True, workers=workers) as service:
        files = service.files(paths)
        with following(len(files)) as report:
            summary = service.ingest(files, copy=copy, report=report, cancel=cancel)
        print_summary(summary, service.due())
    if summary.stopped:
        raise typer.Exit(130)
    if summary.refused or not summary.outcomes:
        raise typer.Exit(1)


@app.command(
    epilog=example(
        "spectraldb remove mast:JWST/product/jw01128-o002_t016_nirspec_prism-clear_x1d.fits"
    )
)
def remove(
    products: Annotated[list[str], typer.Argument(help="URIs or file names.")],
    lake: LakeOption = None,
) -> None:
    """Take products out of the lake; their files are left alone."""
    with opened(lake) as service:
        for uri in service.remove(products):
            out.print(f"removed  {uri}", highlight=False, soft_wrap=True)


@app.command(epilog=example("spectraldb optimize"))
def optimize(
    keep_days: Annotated[
        float | None,
        typer.Option(
            min=0, help="Days for which older versions are kept. \\[default: 7, or the setting]"
        ),
    ] = None,
    at_once: Annotated[
        bool,
        typer.Option("--at-once", help="Delete replaced files now: no search may be running."),
    ] = False,
    by_wavelength: Annotated[
        bool,
        typer.Option(
            "--by-wavelength",
            help="Also write the pixels once more, in the order of their wavelengths, for "
            "searches on a cluster.",
        ),
    ] = False,
    lake: LakeOption = None,
) -> None:
    """Make searches fast: merge the lake's files, drop what nothing sees, write segments.

    Searches and ingests may go on meanwhile. Exit status 130 says that it was stopped.
    """
    with cancel_on_interrupt() as cancel, opened(lake) as service:
        with following_steps() as report:
            grace = 0.0 if at_once else GRACE_SECONDS
            done = service.optimize(
                keep_days=keep_days,
                grace=grace,
                by_wavelength=by_wavelength,
                report=report,
                cancel=cancel,
            )
        print_optimized(done, at_once=at_once)
    if done.stopped:
        raise typer.Exit(130)


@app.command(epilog=example("spectraldb serve --port 8000"))
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    processes: Annotated[
        int | None, typer.Option(min=1, help="Processes that serve. \\[default: 1, or the setting]")
    ] = None,
    engine: Annotated[
        str | None, typer.Option(help="What searches run on: duckdb or spark. \\[default: duckdb]")
    ] = None,
    spark: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Spark Connect: sc://host:port.")
    ] = None,
    lake: LakeOption = None,
) -> None:
    """Answer `retrieve` and `search` over HTTP, with documentation at /spectra/docs."""
    from spectraldb.api.server import run_server  # noqa: PLC0415 - other commands need none

    words = {"host": host, "port": port, "processes": processes, "engine": engine, "spark": spark}
    with opened(lake, create=True, **words) as service:
        run_server(service)


@app.command(
    epilog=example(
        "spectraldb search wavelength=1.2,1.3 flux.gte=10 derSnr.gt=5",
        "spectraldb search 'wavelength=3,5&product=x1d,s3d&group=True&columns=targetName'",
    )
    + f"\n\nColumns: {', '.join(column.name for column in searchable_columns())}."
    + f"\n\nOperators: {', '.join('.' + key for key in OPERATORS)}."
)
def search(
    conditions: Conditions = None,
    columns: ColumnsOption = None,
    limit: LimitOption = None,
    after: AfterOption = None,
    form: FormatOption = OutputFormat.AUTO,
    lake: LakeOption = None,
) -> None:
    """Find single pixels across all products."""
    with opened(lake) as service:
        pairs = _request(conditions, columns=columns, limit=limit, after=after)
        print_search(service.search(pairs), form.chosen())


def _request(words: list[str] | None, **options: object) -> list[tuple[str, str]]:
    """Return the parameters that words and options of the command line are."""
    pairs = [pair for word in words or [] for pair in _pairs(word)]
    return pairs + [(name, str(value)) for name, value in options.items() if value is not None]


def _pairs(text: str) -> list[tuple[str, str]]:
    """Return names and values of a condition, or of a whole query as a URL has it."""
    if "=" not in text:
        raise BadQueryError(f"{text!r} is no condition; write it as in wavelength=1.2,1.3")
    is_url = "?" in text.partition("=")[0]
    is_query = "&" in text and all("=" in part for part in text.split("&"))
    if is_url or is_query:
        return parse_qsl(text.partition("?")[2] if is_url else text, keep_blank_values=True)
    name, _, value = text.partition("=")
    return [(name.strip(), value)]


@app.command(
    epilog=example(
        "spectraldb retrieve jw01128-o002_t016_nirspec_prism-clear_x1d.fits --format csv",
        "spectraldb retrieve Level3_ch1-short_s3d.fits bin=x,y --output mean.fits",
    )
)
def retrieve(
    product: Annotated[str, typer.Argument(help="URI or file name.")],
    part: Annotated[
        list[str] | None,
        typer.Argument(
            help="What part of it, as in spectrum=0, wavelength=5.1,5.2, x=3,8 or bin=x,y."
        ),
    ] = None,
    derived: Annotated[
        bool, typer.Option("--derived", help="The derived figures in place of the arrays.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            help=f"Write a file, in the format of its ending: {', '.join(ARRAY_FORMATS)}."
        ),
    ] = None,
    form: FormatOption = OutputFormat.AUTO,
    lake: LakeOption = None,
) -> None:
    """Print all pixel arrays of a product, or of a part of it."""
    pairs = [("uri" if ":" in product else "filename", product)]
    with opened(lake) as service:
        asked = parse_retrieval(pairs + _request(part))
        if derived:
            _check_derived(asked.cutout)
            answer = service.derived(asked.uri, asked.file_name, asked.cutout.spectrum)
            _print_or_write(answer, print_derived, form, output)
            return
        with service.retrieve(asked.uri, asked.file_name, asked.cutout) as retrieved:
            _print_or_write(retrieved.answer, print_arrays, form, output)


def _check_derived(cutout: Cutout) -> None:
    if cutout != Cutout(spectrum=cutout.spectrum):
        raise BadQueryError("--derived: figures are of whole spectra; leave out what cuts them")


def _print_or_write(
    answer: ArraysAnswer,
    show: Callable[[ArraysAnswer, OutputFormat], None],
    form: OutputFormat,
    output: Path | None,
) -> None:
    if output is None:
        show(answer, form.chosen())
        return
    if form is not OutputFormat.AUTO:
        raise BadQueryError("--output: its ending says the format; leave --format out")
    write_arrays(answer, output)


@app.command(
    epilog=example(
        "spectraldb products --format json",
        "spectraldb products instrument=MIRI derSnr.gt=5 sort_by=-matchedSpectra",
    )
)
def products(
    conditions: Conditions = None,
    columns: ColumnsOption = None,
    limit: LimitOption = None,
    after: AfterOption = None,
    form: FormatOption = OutputFormat.AUTO,
    lake: LakeOption = None,
) -> None:
    """List the products that the lake holds and where their files are, or find some of them."""
    with opened(lake) as service:
        pairs = _request(conditions, columns=columns, limit=limit, after=after)
        if pairs:
            hidden = [name for name in LESSER_COLUMNS if name not in str(pairs)]
            print_search(service.search_products(pairs), form.chosen(), hidden)
        else:
            _list_products(service.products(), form.chosen())


def _list_products(products: Sequence[ProductRecord], form: OutputFormat) -> None:
    """Print all products; the table has the main columns."""
    columns = ["uri", "productType", "targetName", "instrument", "nSpectra", "nStored", "location"]
    if form is not OutputFormat.TABLE and products:
        columns = [name for name in products[0].values if name != "productId"]
    print_rows([{n: product[n] for n in columns} for product in products], columns, form)
    if not products:
        err.print("the lake is empty: run `spectraldb ingest PATH...`", highlight=False)


@app.command(epilog=example("spectraldb info"))
def info(form: FormatOption = OutputFormat.AUTO, lake: LakeOption = None) -> None:
    """Tell where the lake is, its versions, what it holds and how much room that takes."""
    with opened(lake) as service:
        told = service.info()
    print_info(told, form.chosen())


@app.command(epilog=example("spectraldb sample samples && spectraldb ingest samples"))
def sample(
    folder: Annotated[
        Path | None,
        typer.Argument(help="Where to write them. \\[default: in the lake's folder, or here]"),
    ] = None,
    lake: LakeOption = None,
) -> None:
    """Write a small set of synthetic products, one of every kind, to try things with."""
    from spectraldb.sample import write_samples  # noqa: PLC0415 - other commands need none

    try:
        target = folder or _lake_folder(lake) / "samples"
        paths = write_samples(target, lambda path: print(path, flush=True))  # noqa: T201
    except (OSError, ValidationError) as error:
        err.print(f"error: the samples cannot be written: {error}", style="red", markup=False)
        raise typer.Exit(2) from error
    print(f"{len(paths)} synthetic products; take them in with: spectraldb ingest {target}")  # noqa: T201


def _lake_folder(lake: str | None) -> Path:
    """Return the folder of the lake; the one where the user is for a lake in a bucket."""
    place = lake or Settings().lake
    return Path() if is_object(place) else Path(place).expanduser()
