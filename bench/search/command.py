"""`python -m bench search`: lakes are built, unless they are kept, and searched."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path

from bench.biglake.build import Built, Plan, build
from bench.search import cone, lake, stream, tables
from bench.table import Table

PIXELS = [1e6, 10e6]
CUBE_PIXELS = 10e6


def add_options(parser: ArgumentParser) -> None:
    """Add the options of this part."""
    group = parser.add_argument_group("search")
    group.add_argument(
        "--pixels",
        type=float,
        nargs="+",
        default=PIXELS,
        metavar="N",
        help="pixels of the lakes of extracted spectra, such as 10e6 100e6",
    )
    group.add_argument(
        "--cube-pixels",
        type=float,
        default=CUBE_PIXELS,
        metavar="N",
        help="voxels of the lake of cubes",
    )
    group.add_argument(
        "--keep",
        type=Path,
        metavar="FOLDER",
        help="build lakes and rivals there, and use again what is there",
    )


def measure(options: Namespace, folder: Path) -> Iterator[Table]:
    """Measure everything, with a temporary folder to work in."""
    folder = (options.keep or folder).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    # The user that runs PostgreSQL has to reach its own folder in here.
    folder.chmod(folder.stat().st_mode | 0o011)
    runs = []
    for pixels in sorted(options.pixels):
        runs.append(_ask(folder, int(pixels), loop=pixels == max(options.pixels)))
        yield tables.rivals(runs[-1])
    if runs[-1].loop:
        yield runs[-1].loop
    yield tables.growth(runs)
    yield stream.measure(runs[-1].built)
    yield cone.measure(_build(folder, Plan("s3d", int(options.cube_pixels))))


def _ask(folder: Path, pixels: int, *, loop: bool) -> lake.LakeRun:
    built = _build(folder, Plan("x1d", pixels))
    return lake.ask(built, folder / "rivals", loop=loop)


def _build(folder: Path, plan: Plan) -> Built:
    return build(folder / plan.name, plan, lambda line: print(f"\r{line}", end="", flush=True))
