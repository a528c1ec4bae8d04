"""`python -m bench search`: build lakes, unless they exist, and search them."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path

from bench.biglake.build import Built, Plan, build
from bench.search import cone, lake, stream, tables
from bench.table import Table

PIXELS = [1e6, 10e6]
CUBE_PIXELS = 10e6


def add_options(parser: ArgumentParser) -> None:
    """Add the options of `python -m bench search`."""
    group = parser.add_argument_group("search")
    group.add_argument(
        "--pixels",
        type=float,
        nargs="+",
        default=PIXELS,
        metavar="N",
        help="sizes of the lakes of extracted spectra in pixels, such as 10e6 100e6",
    )
    group.add_argument(
        "--cube-pixels",
        type=float,
        default=CUBE_PIXELS,
        metavar="N",
        help="size of the lake of cubes in voxels",
    )
    group.add_argument(
        "--keep",
        type=Path,
        metavar="FOLDER",
        help="keep lakes and rival databases in this folder, and reuse those already there",
    )


def measure(options: Namespace, folder: Path) -> Iterator[Table]:
    """Measure all searches, in a temporary folder or the one that `--keep` names."""
    folder = (options.keep or folder).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    # The user that runs PostgreSQL needs access to its folder inside this one.
    folder.chmod(folder.stat().st_mode | 0o011)
    runs = []
    for pixels in sorted(options.pixels):
        plan = Plan("x1d", int(pixels))
        runs.append(_ask(folder, plan, loop=pixels == max(options.pixels)))
        yield tables.rivals(runs[-1])
    if runs[-1].loop:
        yield runs[-1].loop
    yield tables.growth(runs)
    yield stream.measure(runs[-1].built)
    cubes = Plan("s3d", int(options.cube_pixels))
    yield tables.rivals(_ask(folder, cubes, loop=False))
    yield cone.measure(_build(folder, cubes))


def _ask(folder: Path, plan: Plan, *, loop: bool) -> lake.LakeRun:
    built = _build(folder, plan)
    return lake.ask(built, folder / "rivals", loop=loop)


def _build(folder: Path, plan: Plan) -> Built:
    return build(folder / plan.name, plan, lambda line: print(f"\r{line}", end="", flush=True))
